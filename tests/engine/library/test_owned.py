"""What may be deleted, and what only leaves the list."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import files, jobs, paths
from engine.errors import EngineError
from engine.events import Finished, Model
from engine.library import copies, model_settings, models, owned
from engine.library.model_settings import ModelSettings
from engine.library.models import ModelEntry

Data = Callable[[str], Path]


@pytest.fixture
def mini(data: Data, tmp_path: Path) -> Path:
    return Path(shutil.copy(data("malformed-models/gguf/valid-mini.gguf"), tmp_path / "mini.gguf"))


@pytest.fixture
def folder(data: Data, tmp_path: Path) -> Path:
    path = tmp_path / "little"
    path.mkdir()
    (path / "config.json").write_text('{"model_type": "qwen3"}')
    (path / "tokenizer.json").write_text("{}")
    shutil.copy(data("malformed-models/safetensors/valid.safetensors"), path / "model.safetensors")
    return path


@pytest.fixture
def run_folder(folder: Path) -> Path:
    """A run that ended, with its model."""
    run = paths.runs() / "tales"
    run.mkdir(parents=True)
    about = {"state": "done", "data": {"files": []}, "parameters": 7, "steps": 3, "parent": None}
    (run / "run.json").write_text(json.dumps(about))
    (run / "recipe.toml").write_text('method = "full"\nsteps = 3\n')
    shutil.copytree(folder, run / "model")
    return run


def copied(path: Path, name: str) -> ModelEntry:
    list(jobs.run(jobs.find("copy_model"), {"path": str(path), "name": name}, jobs.JobContext()))
    return models.find(name)


def refused(entry: ModelEntry) -> str:
    with pytest.raises(EngineError) as caught:
        owned.delete(entry)
    return caught.value.code


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_what_a_person_added_is_not_ours(mini: Path, folder: Path) -> None:
    inside = paths.models() / "mine" / "mini.gguf"
    inside.parent.mkdir(parents=True)
    shutil.copy(mini, inside)
    entries = [models.add(mini), models.add(folder), models.add(inside, "inside"), models.add(mini, origin="ollama")]
    for entry in entries:
        assert owned.freed_by_deleting(entry) is None
        assert refused(entry) == "model_not_ours"
    assert mini.exists()
    assert inside.exists()
    assert (folder / "model.safetensors").exists()
    for entry in models.entries()[:2]:
        assert owned.freed_by_deleting(entry) is None
        assert refused(entry) == "model_bundled"


def test_a_copy_goes_with_all_its_names_and_settings(mini: Path) -> None:
    entry = copied(mini, "mine")
    models.add(entry.path, "again")
    model_settings.save("again", ModelSettings(context=64))
    size = size_of(entry.path.parent)
    assert owned.freed_by_deleting(entry) == size
    assert owned.delete(entry) == size
    assert list(paths.models().iterdir()) == []
    assert len(models.entries()) == 2
    assert model_settings.load("again") == ModelSettings()
    assert mini.exists()


def test_what_a_person_put_beside_a_copy_stays(mini: Path) -> None:
    entry = copied(mini, "mine")
    note = entry.path.with_name("notes.txt")
    note.write_text("mine")
    owned.delete(entry)
    assert [path.name for path in note.parent.iterdir()] == ["notes.txt"]


def test_a_link_in_our_folder_leads_nowhere(mini: Path, tmp_path: Path) -> None:
    entry = copied(mini, "mine")
    elsewhere = tmp_path / "elsewhere"
    shutil.move(entry.path.parent, elsewhere)
    entry.path.parent.symlink_to(elsewhere)
    assert owned.freed_by_deleting(entry) is None
    assert refused(entry) == "model_not_ours"
    assert (elsewhere / "mini.gguf").exists()


def test_a_note_that_names_files_elsewhere(mini: Path, tmp_path: Path) -> None:
    entry = copied(mini, "mine")
    precious = tmp_path / "precious"
    precious.write_text("x")
    note = {"source": "", "listed": True, "sha256": {"mini.gguf": "", "../../../precious": "", str(precious): ""}}
    entry.path.with_name(copies.NOTE).write_text(json.dumps(note))
    assert owned.freed_by_deleting(entry) is None
    assert precious.exists()


def test_ownership_follows_a_folder_that_moved(mini: Path, tmp_path: Path) -> None:
    copied(mini, "mine")
    old, new = paths.models(), tmp_path / "new place"
    shutil.move(old, new)
    (paths.home() / "settings.json").write_text(json.dumps({"models_folder": str(new)}))
    models.relocated(old, new)
    entry = models.find("mine")
    assert entry.path == new / "mine" / "mini.gguf"
    assert entry.problem is None
    assert owned.delete(entry) > 0
    assert list(new.iterdir()) == []


def test_the_model_of_a_run(run_folder: Path) -> None:
    entry = models.add(run_folder / "model", "tales")
    assert entry.origin == "trained"
    size = size_of(run_folder / "model")
    assert owned.freed_by_deleting(entry) == size
    lock = files.lock(run_folder / "run.lock")
    assert lock is not None
    assert refused(entry) == "run_in_use"
    os.close(lock)
    assert owned.delete(entry) == size
    assert sorted(path.name for path in run_folder.iterdir()) == ["recipe.toml", "run.json", "run.lock"]
    assert len(models.entries()) == 2


def test_what_lies_beside_a_run_is_not_its_model(run_folder: Path, mini: Path, folder: Path) -> None:
    beside = shutil.copy(mini, run_folder / "export.gguf")
    assert owned.freed_by_deleting(models.add(beside)) is None
    shutil.rmtree(run_folder / "model")
    (run_folder / "model").symlink_to(folder)
    assert owned.freed_by_deleting(models.add(run_folder / "model", "linked")) is None
    (run_folder / "model").unlink()
    shutil.copytree(folder, run_folder / "model")
    (run_folder / "run.json").write_text('{"tool": "of somebody else"}')
    assert owned.freed_by_deleting(models.find("linked")) is None


def test_the_library_says_what_each_would_free(mini: Path, folder: Path, run_folder: Path) -> None:
    models.add(mini, "one")
    models.add(mini, "two")
    models.add(folder)
    copied(mini, "mine")
    models.add(run_folder / "model", "tales")
    *rows, last = jobs.run(jobs.find("library"), {}, jobs.JobContext())
    found = {row.name: row for row in rows if isinstance(row, Model)}
    freed = {name: row.details["freed_bytes"] for name, row in found.items() if not row.bundled}
    assert freed == {
        "one": None,
        "two": None,
        "little": None,
        "mine": size_of(paths.models()),
        "tales": size_of(run_folder / "model"),
    }
    assert {row.details["origin"] for row in found.values()} == {"bundled", "added", "copied", "trained"}
    assert isinstance(last, Finished)
    assert last.stats["models"] == 7
    assert last.stats["freed_bytes"] == freed["mine"] + freed["tales"]
    bundled = sum(row.details["disk_bytes"] for row in found.values() if row.bundled)
    assert last.stats["disk_bytes"] == bundled + 2 * mini.stat().st_size + 2 * size_of(folder)
    assert last.stats["disk_free"] > 0


def test_broken_models_are_rows_of_the_library(mini: Path, folder: Path) -> None:
    models.add(mini)
    models.add(folder)
    mini.write_bytes(mini.read_bytes()[:-100])
    (folder / "model.safetensors").write_bytes(b"\xff" * 20)
    rows = [row for row in jobs.run(jobs.find("library"), {}, jobs.JobContext()) if isinstance(row, Model)][2:]
    assert [row.details["error"]["code"] for row in rows] == ["gguf_broken", "bad_weights"]
    for row in rows:
        assert row.problem
        assert row.details["error"]["remedy"]
        assert row.details["error"]["remedy"] in row.problem
