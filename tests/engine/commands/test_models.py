"""`seedling models` on real model files."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.commands import models
from engine.events import Finished

Seedling = Callable[..., subprocess.CompletedProcess[str]]
Events = Callable[..., list[dict[str, Any]]]


def test_the_starter_comes_first_in_both_forms(events: Events) -> None:
    first, second, *_, last = events("models", "list")
    assert (first["name"], first["backend"], first["bundled"]) == ("starter", "llama", True)
    assert (second["name"], second["backend"], second["bundled"]) == ("starter (in-house)", "gpt", True)
    assert (last["event"], last["stats"]["models"]) == ("Finished", 2)


def test_add_list_info_remove(events: Events, tiny_model: Path, home: Path) -> None:
    added, _ = events("models", "add", tiny_model, "--name", "mine")
    assert (added["name"], added["kind"], added["problem"]) == ("mine", "folder", None)
    assert [e["name"] for e in events("models", "list") if e["event"] == "Model"][2:] == ["mine"]
    (info, _) = events("models", "info", "mine")
    assert info["details"]["architecture"] == "qwen3"
    assert info["details"]["context"] == 256
    assert events("models", "remove", "mine") == [{"event": "Finished", "reason": "done", "stats": {}}]
    assert len(events("models", "list")) == 3
    assert (tiny_model / "model.safetensors").exists()


def test_info_of_a_path_needs_no_adding(events: Events, tiny_model: Path, home: Path) -> None:
    (info, _) = events("models", "info", tiny_model)
    assert info["details"]["parameters"] > 10_000
    assert "problem" not in info["details"]
    assert not (home / "models.json").exists()


def test_info_tells_what_a_model_takes(events: Events, seedling: Seedling) -> None:
    long, short = (
        events("models", "info", "starter", "--memory", *more)[0]["details"] for more in ([], ["--context", 256])
    )
    assert long["memory_bytes"]["cache"] == 4 * short["memory_bytes"]["cache"]
    assert (long["memory_verdict"], long["largest_context"]) == ("fits", 1024)
    assert "MB weights" in seedling("models", "info", "starter", "--memory", "--cache-type", "q8_0").stdout


def test_people_read_a_table(seedling: Seedling, tiny_model: Path) -> None:
    done = seedling("models", "info", tiny_model)
    assert done.returncode == 0
    assert str(tiny_model) in done.stdout
    assert "size bytes" in done.stdout
    assert "{" not in done.stdout
    assert "None" not in done.stdout


def test_a_model_that_went_away_stays_in_the_list_with_its_reason(
    seedling: Seedling, events: Events, tiny_model: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(tiny_model, tmp_path / "copy")
    events("models", "add", copy, "--name", "gone")
    shutil.rmtree(copy)
    row = events("models", "list")[2]
    assert row["name"] == "gone"
    assert row["problem"]
    assert "cannot be opened" in seedling("models", "list").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("info", "no such model"),
        ("add", "/no/such/file.gguf"),
        ("add", "/no/such/file.gguf", "--copy"),
        ("remove", "no such model"),
        ("remove", "starter"),
        ("remove", "starter", "--delete"),
        ("rename", "starter", "x"),
        ("rename", "no such model", "x"),
        ("verify", "no such model"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(seedling: Seedling, home: Path, arguments: tuple[str, ...]) -> None:
    done = seedling("models", *arguments)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert not (home / "models.json").exists()


def test_a_file_that_is_no_model_is_refused_and_nothing_changes(seedling: Seedling, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(b"this is not a model")
    done = seedling("models", "add", path)
    assert done.returncode == 1
    assert "x.gguf" in done.stderr
    assert not (home / "models.json").exists()


def test_copy_rename_verify_delete(seedling: Seedling, events: Events, tiny_model: Path, home: Path) -> None:
    *_, row, last = events("models", "add", tiny_model, "--copy", "--name", "mine")
    assert (row["name"], row["path"], row["details"]) == ("mine", str(home / "models" / "mine"), {"origin": "copied"})
    assert last["stats"]["bytes"] == sum(path.stat().st_size for path in tiny_model.iterdir())
    assert events("models", "rename", "mine", "ours")[0]["name"] == "ours"
    assert events("models", "verify", "ours")[-1]["stats"]["verdict"] == "good"
    weights = home / "models" / "mine" / "model.safetensors"
    raw = bytearray(weights.read_bytes())
    raw[-1] ^= 1
    weights.write_bytes(raw)
    done = seedling("models", "verify", "ours")
    assert done.returncode == 1
    assert done.stderr.startswith("seedling: ours has changed: model.safetensors.")
    (freed,) = events("models", "remove", "ours", "--delete")
    assert freed["stats"]["freed_bytes"] > last["stats"]["bytes"]
    assert list((home / "models").iterdir()) == []
    assert (tiny_model / "model.safetensors").exists()


def test_only_what_seedling_put_there_is_deleted(seedling: Seedling, events: Events, tiny_model: Path) -> None:
    events("models", "add", tiny_model, "--name", "theirs")
    done = seedling("models", "remove", "theirs", "--delete")
    assert done.returncode == 1
    assert "was not put on this computer by Seedling" in done.stderr
    assert events("models", "list")[2]["name"] == "theirs"


def test_info_of_a_broken_model_says_why(events: Events, seedling: Seedling, tiny_model: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(tiny_model, tmp_path / "broken")
    events("models", "add", broken)
    (broken / "tokenizer.json").unlink()
    row, _ = events("models", "info", "broken")
    assert row["details"]["error"]["code"] == "missing_file"
    assert row["details"]["error"]["remedy"] == "Download or export the model again."
    assert row["details"]["architecture"] == "qwen3"
    shown = seedling("models", "info", "broken").stdout
    assert "cannot be opened" in shown
    assert "{" not in shown


def test_scan_lists_what_can_be_opened_and_what_cannot(
    seedling: Seedling, events: Events, tiny_model: Path, tmp_path: Path
) -> None:
    named = tmp_path / "models"
    shutil.copytree(tiny_model, named / "a folder")
    (named / "broken.gguf").write_bytes(b"")
    *rows, last = events("models", "scan", "--folder", named)
    found = {row["name"]: row for row in rows if row["details"]["store"] == "folder"}
    assert found["a folder"]["kind"] == "folder"
    assert found["a folder"]["problem"] is None
    assert "is empty" in found["broken"]["problem"]
    assert last["stats"]["models"] >= 1
    done = seedling("models", "scan", "--folder", named, HOME=str(tmp_path / "nobody"))
    assert done.returncode == 0
    assert "cannot be opened: " in done.stdout


def test_scan_says_when_there_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    models.show(Finished("done", {"models": 0}))
    assert capsys.readouterr().out == "No models of other programs were found that can be opened.\n"
    models.show(Finished("done"))
    assert capsys.readouterr().out == ""
