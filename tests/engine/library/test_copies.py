"""Copies in our own folder: whole or not at all. Killed at every call: tests/faults/models.py."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from gguf_files import GGUF

from engine import files, hardware, jobs, paths
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Progress
from engine.library import copies, models
from engine.library.forms import COPY_NOTE
from engine.library.models import ModelEntry

Data = Callable[[str], Path]


@pytest.fixture
def mini(data: Data, tmp_path: Path) -> Path:
    return Path(shutil.copy(data("malformed-models/gguf/valid-mini.gguf"), tmp_path / "mini.gguf"))


def run(job: str, context: jobs.JobContext | None = None, **params: object) -> list[Event]:
    return list(jobs.run(jobs.find(job), params, context or jobs.JobContext()))


def copied(path: Path, name: str | None = None) -> ModelEntry:
    *_, last = run("copy_model", path=str(path), **({"name": name} if name else {}))
    assert isinstance(last, Finished), last
    assert last.reason == "done"
    return next(entry for entry in models.entries() if entry.name == last.stats["name"])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def ours() -> list[str]:
    """What lies in our folder, hidden things too."""
    return sorted(os.listdir(paths.models())) if paths.models().exists() else []


def test_a_copy_is_the_same_and_listed(mini: Path) -> None:
    events = run("copy_model", path=str(mini), name="Mine: 1")
    size = mini.stat().st_size
    assert [event.done for event in events if isinstance(event, Progress)] == [size]
    entry = models.entries()[-1]
    assert (entry.name, entry.origin, entry.path) == ("Mine: 1", "copied", paths.models() / "Mine- 1" / "mini.gguf")
    assert events[-1] == Finished("done", {"name": "Mine: 1", "path": str(entry.path), "bytes": size})
    assert entry.path.read_bytes() == mini.read_bytes()
    mini.unlink()
    assert models.resolve("Mine: 1").problem is None
    assert models.trouble(entry) is None


def test_all_parts_of_a_split_model_and_all_of_a_folder(mini: Path, data: Data, tmp_path: Path) -> None:
    parts = GGUF.read(mini).write_split(tmp_path, "large", 3)
    entry = copied(parts[1])
    assert [path.name for path in sorted(entry.path.parent.glob("*.gguf"))] == [path.name for path in parts]
    folder = tmp_path / "little"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "qwen3"}')
    (folder / "tokenizer.json").write_text("{}")
    (folder / "LICENSE").write_text("yours")
    shutil.copy(data("malformed-models/safetensors/valid.safetensors"), folder / "model.safetensors")
    entry = copied(folder)
    found = contents(entry.path)
    del found[COPY_NOTE]
    assert found == contents(folder)


def test_a_blob_gets_a_name(mini: Path, tmp_path: Path) -> None:
    blob = mini.rename(tmp_path / f"sha256-{'0' * 64}")
    link = tmp_path / "link"
    link.symlink_to(blob)
    for path in (blob, link):
        entry = copied(path, "qwen")
        assert (entry.path.suffix, entry.path.is_symlink()) == (".gguf", False)
    assert [entry.name for entry in models.entries()[2:]] == ["qwen", "qwen (2)"]


@pytest.mark.parametrize("name", ["..", "../x", "a/b", "con", "NUL.x", "x.", "a\\b", "c:d", "ä" * 300, "\x1b", " "])
def test_no_name_leads_out_of_our_folder(mini: Path, name: str) -> None:
    run("copy_model", path=str(mini), name=name)
    assert len(ours()) == 1
    assert ours()[0].lower() not in ("con", "nul.x")
    assert not ours()[0].endswith((".", " "))
    assert set(os.listdir(paths.models().parent)) <= {"models", "models.json", "models.lock", "copies.lock"}


def test_what_is_no_model_is_not_copied(data: Data) -> None:
    *_, last = run("copy_model", path=str(data("malformed-models/gguf/truncated-data.gguf")))
    assert isinstance(last, Failed)
    assert last.code == "gguf_broken"
    assert ours() == []


def test_no_room(mini: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "disk_free", lambda path: 1000)
    *_, last = run("copy_model", path=str(mini))
    assert isinstance(last, Failed)
    assert (last.code, last.data["free"]) == ("folder_no_room", "1.0 kB")
    assert ours() == []


def test_stopping_leaves_nothing(mini: Path) -> None:
    context = jobs.JobContext()
    context.cancelled.set()
    assert run("copy_model", context, path=str(mini))[-1] == Finished("cancelled")
    assert ours() == []
    assert len(models.entries()) == 2


def test_a_copy_that_cannot_be_listed_goes_again(mini: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise EngineError("list_busy")

    monkeypatch.setattr(models, "add_as", refuse)
    *_, last = run("copy_model", path=str(mini))
    assert isinstance(last, Failed)
    assert last.code == "list_busy"
    assert ours() == []


def test_one_copies_at_a_time(mini: Path) -> None:
    lock = files.lock(paths.home() / "copies.lock")
    assert lock is not None
    *_, last = run("copy_model", path=str(mini))
    assert isinstance(last, Failed)
    assert last.code == "copy_running"
    os.close(lock)
    assert copied(mini).origin == "copied"


def test_what_lies_there_without_being_a_copy_is_left(mini: Path) -> None:
    theirs = paths.models() / "theirs"
    theirs.mkdir(parents=True)
    shutil.copy(mini, theirs / "mini.gguf")
    (theirs / "copied.json").write_text("[]")
    run("library")
    assert copied(mini, "theirs").path.parent.name == "theirs (2)"
    assert copies.of(theirs / "mini.gguf") is None
    assert (theirs / "mini.gguf").exists()


def test_a_whole_copy_that_was_never_listed_is_swept(mini: Path) -> None:
    entry = copied(mini, "kept")
    made = copies.of(entry.path)
    assert made is not None
    lost = paths.models() / "lost"
    shutil.copytree(made.folder, lost)
    note = json.loads((lost / COPY_NOTE).read_text())
    (lost / COPY_NOTE).write_text(json.dumps(note | {"listed": False}))
    lock = files.lock(paths.home() / "copies.lock")
    assert lock is not None
    run("library")
    assert ours() == ["kept", "lost"]  # somebody may be about to list it
    os.close(lock)
    run("library")
    assert ours() == ["kept"]


def test_a_copy_that_the_list_names_is_kept_whatever_its_note_says(mini: Path) -> None:
    """As after a kill between the two."""
    entry = copied(mini, "kept")
    note = entry.path.parent / COPY_NOTE
    note.write_text(json.dumps(json.loads(note.read_text()) | {"listed": False}))
    run("library")
    assert ours() == ["kept"]
    assert json.loads(note.read_text())["listed"] is True
