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
from engine.library import model_list, model_settings, models
from engine.library.model_list import Row
from engine.library.model_settings import ModelSettings

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


# --- settings --------------------------------------------------------------------------------------------------------

ALL = ModelSettings(
    context=2048, gpu_layers=-1, threads=2, batch=64, cache_type="q8_0", flash_attention=True, mmap=False, mlock=True,
    speculation="draft", draft_model="tiny", adapters=(("/a.gguf", 1.0), ("/b.gguf", 0.5)), template="{{ messages }}",
)  # fmt: skip


def test_settings_come_back_as_they_were() -> None:
    assert model_settings.load("a") == ModelSettings()
    model_settings.save("a", ALL)
    assert model_settings.load("a") == ALL
    model_settings.save("a", ModelSettings(mmap=False))
    assert model_settings.load("a") == ModelSettings(mmap=False)
    model_settings.save("a", ModelSettings())
    assert "a" not in (paths.home() / "model_settings.json").read_text()


def test_options_are_those_that_are_set() -> None:
    assert ModelSettings().options() == {}
    assert ModelSettings(context=64, mmap=False, template="x").options() == {
        "context": 64,
        "mmap": False,
        "template": "x",
    }
    assert set(ALL.options("gpt")) == {"context", "threads", "template"}
    assert ALL.options()["adapters"] == (("/a.gguf", 1.0), ("/b.gguf", 0.5))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("context", 0),
        ("context", True),
        ("threads", 1.5),
        ("gpu_layers", -2),
        ("batch", "many"),
        ("cache_type", "q9"),
        ("flash_attention", 1),
        ("mlock", "yes"),
        ("speculation", "magic"),
        ("draft_model", ""),
        ("adapters", (("/a.gguf",),)),
        ("adapters", (("/a.gguf", float("nan")),)),
        ("adapters", ((7, 1.0),)),
        ("adapters", [["/a.gguf", 1.0]]),
        ("template", 7),
        ("template", "x" * (2**20 + 1)),
    ],
)
def test_values_that_cannot_be(name: str, value: Any, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(EngineError) as caught:
        ModelSettings(**{name: value})
    assert caught.value.code == "bad_option"
    if name == "adapters" and isinstance(value, list):
        return  # JSON has no tuples
    kept = {"a": {name: value, "seen": 3, "batch" if name != "batch" else "threads": 32}}
    (paths.home() / "model_settings.json").write_text(json.dumps({"models": kept}))
    with caplog.at_level("WARNING"):
        assert set(model_settings.load("a").options().values()) == {32}
    assert name in caplog.text or "strength" in caplog.text


def test_keys_of_newer_versions_survive() -> None:
    path = paths.home() / "model_settings.json"
    path.write_text('{"version": 9, "models": {"a": {"context": 64, "rope": "new"}, "b": {"x": 1}}}')
    model_settings.save("a", ModelSettings(threads=3))
    assert json.loads(path.read_text()) == {"version": 9, "models": {"a": {"rope": "new", "threads": 3}, "b": {"x": 1}}}


@pytest.mark.parametrize("content", [b"", b"[]", b'{"models": 7}', b'{"models": {"a": 7}}', b"\xff", b"[" * 100_000])
def test_damaged_settings_are_moved_aside(content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path = paths.home() / "model_settings.json"
    path.write_bytes(content)
    with caplog.at_level("WARNING"):
        assert model_settings.load("a") == ModelSettings()
    assert [file.read_bytes() for file in paths.home().glob("model_settings.broken-*.json")] == [content]
    model_settings.save("a", ALL)
    assert model_settings.load("a") == ALL


def test_settings_follow_a_model(data: Callable[[str], Path]) -> None:
    models.add(data("malformed-models/gguf/valid-mini.gguf"), "tiny")
    model_settings.save("tiny", ModelSettings(context=64))
    model_settings.save("large", ALL)
    models.rename("tiny", "small")
    assert model_settings.load("small") == ModelSettings(context=64)
    assert model_settings.load("tiny") == ModelSettings()
    assert model_settings.load("large").draft_model == "small"
    model_settings.duplicate("large", "small")
    assert model_settings.load("small") == model_settings.load("large")
    models.remove("small")
    assert model_settings.load("small") == ModelSettings()


def test_paths_in_settings_follow_a_folder_that_moved(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    wanted = ModelSettings(draft_model=str(old / "draft.gguf"), adapters=((str(old / "a.gguf"), 0.5), ("/b", 1.0)))
    model_settings.save("a", wanted)
    model_settings.save("b", ModelSettings(draft_model="a"))
    models.relocated(old, new)
    moved = model_settings.load("a")
    assert moved.draft_model == str(new / "draft.gguf")
    assert moved.adapters == ((str(new / "a.gguf"), 0.5), ("/b", 1.0))
    assert model_settings.load("b").draft_model == "a"
