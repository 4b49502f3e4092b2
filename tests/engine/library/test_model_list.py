"""`models.json`: lists of older and newer versions, several writers at once, and files that cannot be read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import files, paths
from engine.errors import EngineError
from engine.library import model_list, models
from engine.library.model_list import Row

ROOT = Path(models.__file__).parents[2]


def write(document: Any) -> Path:
    path = paths.home() / "models.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_lists_of_older_versions_open(tmp_path: Path) -> None:
    write({"models": [{"name": "a", "path": str(tmp_path / "a.gguf")}, {"name": "b", "path": str(tmp_path)}]})
    rows = list(model_list.read().values())
    assert [(row.name, row.origin, row.kind, row.recorded) for row in rows] == [
        ("a", "added", "", {}),
        ("b", "added", "", {}),
    ]
    assert [entry.kind for entry in models.entries()[2:]] == ["gguf", "folder"]


def test_what_a_newer_version_knows_survives() -> None:
    newer = {"name": "a", "path": "/a.gguf", "origin": "moon", "kind": "gguf", "tags": ["x"], "recorded": {"y": 1}}
    path = write({"version": 9, "models": [newer], "folders": {"z": 2}})
    with model_list.changing() as rows:
        rows["b"] = Row("b", "/b.gguf")
    models.rename("a", "c")
    document = json.loads(path.read_text())
    assert document["version"] == 9
    assert document["folders"] == {"z": 2}
    assert document["models"][0] == newer | {"name": "c"}
    assert document["models"][1] == {"name": "b", "path": "/b.gguf", "origin": "added", "kind": ""}


def test_nothing_is_written_where_nothing_changed() -> None:
    path = write({"models": [{"name": "a", "path": "/a.gguf"}]})
    before = path.stat().st_mtime_ns, path.read_bytes()
    with model_list.changing() as rows:
        rows["a"] = rows["a"]
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before


def test_a_list_that_cannot_be_read_is_not_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    path = write({"models": [{"name": "a", "path": "/a.gguf"}]})
    before = path.read_bytes()
    read = Path.read_bytes

    def refuse(place: Path) -> bytes:
        if place == path:
            raise PermissionError(13, "no", str(place))
        return read(place)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert len(models.entries()) == 2
    with pytest.raises(PermissionError), model_list.changing() as rows:
        rows["b"] = Row("b", "/b.gguf")
    monkeypatch.undo()
    assert path.read_bytes() == before


def test_who_waits_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_list, "PATIENCE_S", 0.05)
    descriptor = files.lock(paths.home() / "models.lock")
    assert descriptor is not None
    with pytest.raises(EngineError, match="Another Seedling is writing the list"):
        models.rename("a", "b")
    os.close(descriptor)
    with pytest.raises(EngineError, match="There is no model called a"):
        models.rename("a", "b")


def test_a_disk_without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> int | None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(files, "lock", refuse)
    with model_list.changing() as rows:
        rows["a"] = Row("a", "/a.gguf")
    assert list(model_list.read()) == ["a"]


_ADD = """
import sys
from pathlib import Path
from engine.library import model_settings, models
for path in sorted(Path(sys.argv[1]).glob("*.gguf")):
    name = f"{sys.argv[2]} {path.stem}"
    models.add(path, name)
    model_settings.save(name, model_settings.ModelSettings(context=64))
    if path.stem == "0":
        models.remove(name)
    if path.stem == "1":
        models.rename(name, f"{name} renamed")
"""


def test_several_processes_lose_nothing(data: Callable[[str], Path], tmp_path: Path) -> None:
    mini = data("malformed-models/gguf/valid-mini.gguf").read_bytes()
    for number in range(8):
        (tmp_path / f"{number}.gguf").write_bytes(mini)
    command = [sys.executable, "-c", _ADD, str(tmp_path)]
    writers = [subprocess.Popen([*command, who], cwd=ROOT) for who in ("a", "b", "c")]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    wanted = {f"{who} {number}" for who in "abc" for number in range(2, 8)} | {f"{who} 1 renamed" for who in "abc"}
    assert set(model_list.read()) == wanted
    assert set(json.loads((paths.home() / "model_settings.json").read_text())["models"]) == wanted


def test_several_threads_lose_nothing() -> None:
    def add(who: int) -> None:
        for number in range(20):
            with model_list.changing() as rows:
                rows[f"{who} {number}"] = Row(f"{who} {number}", "/x.gguf")

    threads = [threading.Thread(target=add, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(model_list.read()) == 80


def test_a_home_that_is_carried_around_keeps_its_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stick is mounted elsewhere; what lies outside of it stays where it was."""
    monkeypatch.delenv("SEEDLING_HOME", raising=False)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "stick" / "Seedling" / "seedling"))
    home, outside = tmp_path / "stick" / "Seedling" / "seedling-data", tmp_path / "outside.gguf"
    (home / "hub").mkdir(parents=True)
    with model_list.changing() as rows:
        rows["carried"] = Row("carried", str(home / "hub" / "a b.gguf"))
        rows["outside"] = Row("outside", str(outside))
    assert model_list.read()["carried"].path == str(home / "hub" / "a b.gguf")
    (tmp_path / "stick").rename(tmp_path / "other stick")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "other stick" / "Seedling" / "seedling"))
    moved = paths.home() / "hub" / "a b.gguf"
    assert moved.is_relative_to(tmp_path / "other stick")
    assert {row.path for row in model_list.read().values()} == {str(moved), str(outside)}


def test_a_home_that_stays_is_written_as_before(home: Path) -> None:
    with model_list.changing() as rows:
        rows["here"] = Row("here", str(home / "hub" / "a.gguf"))
    assert json.loads((home / "models.json").read_text())["models"][0]["path"] == str(home / "hub" / "a.gguf")
