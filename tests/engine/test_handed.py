"""What a double-click or a link may hand over: files of this computer, one form of address, and nothing else."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from engine import handed
from engine.__main__ import COMMANDS, main
from engine.errors import EngineError
from engine.handed import LONGEST, MOST, TOO_MUCH, Handed, Start, read, start_of

HOSTILE_ADDRESSES = [
    "seedling:",
    "seedling:model/",
    "seedling:model/x",
    "seedling:model/a/b/c",
    "seedling:model//b",
    "seedling:model/a/",
    "seedling:model/a/b?download=1",
    "seedling:model/a/b#x",
    "seedling:model/a/b\n",
    "seedling:model/a/b ",
    "seedling: model/a/b",
    "seedling:MODEL/a/b",
    "seedling://model/a/b",
    "seedling:/model/a/b",
    "seedling:model/a%2Fb/c",
    "seedling:model/a/b%00",
    "seedling:model/ä/b",
    "seedling:model/a/b\u202e",
    "seedling:run/a/b",
    "seedling:file:///etc/passwd",
    "seedling:model/" + "a" * 97 + "/b",
    "seedling:--safe",
    "http://example.com/a.gguf",
    "https://huggingface.co/a/b",
    "javascript:alert(1)",
    "data:text/html,x",
    "file:a.gguf",
    "file:/tmp/a.gguf",
    "file://host/share/a.gguf",
    "file:///tmp/a.gguf?x",
    "file:///tmp/a.gguf#x",
    "file:///tmp/a%00.gguf",
    "a.gguf",
    "../a.gguf",
    "",
    "/tmp/a\0b",
    None,
    7,
    ["/tmp/a"],
    {"path": "/tmp/a"},
]
BAD_REPOS = ["../etc", "a/..", "..a/b", "a--b/c", "a/b--c", "-a/b", "a/b-", ".a/b", "a/b.", "a/b.git"]


@pytest.mark.parametrize("text", HOSTILE_ADDRESSES, ids=repr)
def test_what_is_no_file_and_no_address_of_ours_is_refused(text: Any) -> None:
    with pytest.raises(EngineError) as caught:
        read([text])
    assert caught.value.code == "handed_address"
    sentence = str(caught.value)
    assert len(sentence) < 300
    assert sentence.isprintable()


@pytest.mark.parametrize("repo", BAD_REPOS)
def test_a_name_that_the_hub_never_gives_is_refused(repo: str) -> None:
    with pytest.raises(EngineError) as caught:
        read([f"seedling:model/{repo}"])
    assert caught.value.code in ("repo_name", "handed_address")


@pytest.mark.parametrize("text", ["//server/share/a.gguf", r"\\server\share\a.gguf", "file:////server/share/a.gguf"])
def test_a_file_of_another_computer_is_refused_unseen(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "stat", lambda *_, **__: pytest.fail("looked at"))
    monkeypatch.setattr(os, "lstat", lambda *_, **__: pytest.fail("looked at"))
    with pytest.raises(EngineError) as caught:
        read([text])
    assert caught.value.code == "network_path"


def test_the_one_form_of_address_names_a_repository() -> None:
    assert read(["seedling:model/Qwen/Qwen3-0.6B-GGUF"]) == Handed((), "Qwen/Qwen3-0.6B-GGUF")
    assert read(["SEEDLING:model/a_b/c.d"]).repo == "a_b/c.d"


def test_files_come_as_paths_or_as_addresses_of_files() -> None:
    named = ["/tmp/a b.gguf", "file:///tmp/%C3%A4%20b.gguf", "file://localhost/tmp/x%23.jsonl"]
    assert read(named).paths == (Path("/tmp/a b.gguf"), Path("/tmp/ä b.gguf"), Path("/tmp/x#.jsonl"))


def test_a_name_of_bytes_that_are_no_text_is_kept() -> None:
    assert os.fsencode(read(["file:///tmp/%FF.gguf"]).paths[0]) == b"/tmp/\xff.gguf"


def test_a_drive_of_windows_is_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert handed._decoded("file:///C:/a%20b.gguf") == "C:/a b.gguf"


@pytest.mark.parametrize("texts", [["/a"] * (MOST + 1), ["/" + "a" * LONGEST], TOO_MUCH])
def test_too_much_is_refused(texts: list[str]) -> None:
    with pytest.raises(EngineError) as caught:
        read(texts)
    assert caught.value.code == "handed_too_much"


def test_one_that_is_refused_leaves_none_of_the_others() -> None:
    with pytest.raises(EngineError):
        read(["/tmp/a.gguf", "http://example.com"])


# --- arguments -------------------------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_start_without_arguments_is_a_window() -> None:
    assert start_of([]) == Start()
    assert start_of(["--safe"]) == Start(True)


def test_a_file_is_told_by_its_folder_or_by_a_dot_where_it_is_there(here: Path) -> None:
    (here / "a.gguf").touch()
    (here / "notes").touch()
    assert start_of(["a.gguf"]) == Start(False, (str(here / "a.gguf"),))
    assert start_of(["./notes", "/x/y"]) == Start(False, (str(here / "notes"), "/x/y"))
    assert start_of(["--safe", "/x/y"]) == Start(True, ("/x/y",))
    assert start_of(["seedling:model/a/b"]) == Start(False, ("seedling:model/a/b",))
    for arguments in (["notes"], ["b.gguf"], ["--worker"], ["/x/y", "--json"], ["-x/y"]):
        assert start_of(arguments) is None


def test_a_command_is_a_command_whatever_lies_here(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        (here / command).touch()
        assert start_of([command]) is None
    with pytest.raises(SystemExit) as ended:
        main(["chat", "--help"])
    assert ended.value.code == 0


def test_a_command_with_a_path_behind_it_opens_no_window(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.__main__.open_window", lambda _: pytest.fail("a window"))
    with pytest.raises(SystemExit):
        main(["data", "--nonsense", "./a.jsonl"])


# --- what lies there -------------------------------------------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(EngineError) as caught:
        handed.check(path)
    return caught.value.code


def test_what_can_be_no_model_and_no_data_is_named(home: Path, tmp_path: Path) -> None:
    (home / "settings.json").write_text("{}")
    os.mkfifo(tmp_path / "pipe.gguf")
    sqlite3.connect(tmp_path / "chats.gguf").execute("CREATE TABLE x (y)").connection.close()
    assert refused(tmp_path / "gone.gguf") == "not_found"
    assert refused(tmp_path / "pipe.gguf") == "handed_device"
    assert refused(Path("/dev/zero")) == "handed_device"
    assert refused(tmp_path / "chats.gguf") == "handed_database"
    assert refused(home / "settings.json") == "handed_settings"
    (tmp_path / "talks.jsonl").write_text("{}")
    handed.check(tmp_path / "talks.jsonl")
    handed.check(tmp_path)
