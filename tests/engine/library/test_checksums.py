"""Is a model still what it was? By the name of a blob, by the note of a copy, by what the list keeps."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from gguf_files import GGUF

from engine import jobs, paths
from engine.events import Event, Failed, Finished, Progress
from engine.library import checksums, model_list, models

Data = Callable[[str], Path]


@pytest.fixture
def mini(data: Data, tmp_path: Path) -> Path:
    return Path(shutil.copy(data("malformed-models/gguf/valid-mini.gguf"), tmp_path / "mini.gguf"))


def run(job: str, **params: object) -> list[Event]:
    return list(jobs.run(jobs.find(job), params, jobs.JobContext()))


def verdict(model: str | Path) -> str:
    *_, last = run("verify", model=str(model))
    assert isinstance(last, Finished), last
    found: str = last.stats["verdict"]
    return found


def flip(path: Path, place: int) -> None:
    """Change one bit and let no time tell."""
    times = path.stat()
    raw = bytearray(path.read_bytes())
    raw[place] ^= 4
    path.write_bytes(raw)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_a_blob_of_ollamas(mini: Path, tmp_path: Path) -> None:
    blobs = tmp_path / "blobs"
    blobs.mkdir()
    blob = mini.rename(blobs / f"sha256-{hashlib.sha256(mini.read_bytes()).hexdigest()}")
    assert verdict(blob) == "good"
    flip(blob, -50)
    assert verdict(blob) == "changed"


def test_files_of_the_hubs_cache(mini: Path, data: Data, tmp_path: Path) -> None:
    snapshot, blobs = tmp_path / "models--a--b/snapshots/c0ffee", tmp_path / "models--a--b/blobs"
    snapshot.mkdir(parents=True)
    blobs.mkdir()
    weights = data("malformed-models/safetensors/valid.safetensors").read_bytes()
    small = {"config.json": b'{"model_type": "qwen3"}', "tokenizer.json": b"{}"}
    for name, content in {**small, "model.safetensors": weights}.items():
        git = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        blob = blobs / (git if name in small else hashlib.sha256(content).hexdigest())
        blob.write_bytes(content)
        (snapshot / name).symlink_to(blob)
    *_, last = run("verify", model=str(snapshot))
    assert isinstance(last, Finished)
    assert {file["name"]: file["verdict"] for file in last.stats["files"]} == dict.fromkeys(
        ("config.json", "tokenizer.json", "model.safetensors"), "good"
    )
    assert last.stats["verdict"] == "good"
    flip((snapshot / "tokenizer.json").resolve(), 0)
    assert verdict(snapshot) == "changed"
    models.add(snapshot, "hub")
    *_, last = run("verify", model="hub")
    assert isinstance(last, Finished)
    assert [file["name"] for file in last.stats["files"] if file["verdict"] == "changed"] == ["tokenizer.json"]


def test_a_copy_knows_from_the_start(mini: Path) -> None:
    run("copy_model", path=str(mini), name="mine")
    assert verdict("mine") == "good"
    flip(models.find("mine").path, -50)
    assert verdict("mine") == "changed"


def test_anything_else_is_known_from_the_first_time_on(mini: Path) -> None:
    models.add(mini)
    *events, last = run("verify", model="mini")
    assert isinstance(last, Finished)
    assert last.stats["verdict"] == "unknown"
    assert last.stats["sha256"] == hashlib.sha256(mini.read_bytes()).hexdigest()
    assert [event.done for event in events if isinstance(event, Progress)] == [mini.stat().st_size]
    assert verdict("mini") == "good"
    flip(mini, -50)
    assert verdict("mini") == "changed"
    models.add(mini)  # adding once more does not forgive what no time tells of
    assert verdict("mini") == "changed"
    flip(mini, -50)
    assert verdict("mini") == "good"
    os.utime(mini, ns=(1, 1))
    models.add(mini)  # a new version by the person's word
    assert verdict("mini") == "unknown"


def test_a_change_at_its_edges_is_seen_even_the_first_time(mini: Path) -> None:
    models.add(mini)
    flip(mini, -1)
    assert verdict("mini") == "changed"
    assert "sha256" not in model_list.read()["mini"].recorded


def test_every_part_is_read(mini: Path, tmp_path: Path) -> None:
    parts = GGUF.read(mini).write_split(tmp_path, "large", 3)
    models.add(parts[0])
    assert verdict("large") == "unknown"
    assert verdict("large") == "good"
    flip(parts[2], -40)
    *_, last = run("verify", model="large")
    assert isinstance(last, Finished)
    assert [file["verdict"] for file in last.stats["files"]] == ["good", "good", "changed"]


def test_what_is_not_on_the_list_is_not_kept(mini: Path) -> None:
    assert verdict(mini) == verdict(mini) == "unknown"
    assert not (paths.home() / "models.json").exists()


def test_a_model_that_is_gone(mini: Path) -> None:
    models.add(mini)
    mini.unlink()
    *_, last = run("verify", model="mini")
    assert isinstance(last, Failed)
    assert last.code == "model_gone"


def test_it_can_be_stopped(mini: Path) -> None:
    models.add(mini)
    context = jobs.JobContext()
    context.cancelled.set()
    assert list(jobs.run(jobs.find("verify"), {"model": "mini"}, context))[-1] == Finished("cancelled")
    assert "sha256" not in model_list.read()["mini"].recorded


def test_any_flipped_bit_is_found(mini: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "CHUNK_BYTES", 100)
    models.add(mini)
    assert verdict("mini") == "unknown"
    size = mini.stat().st_size
    for place in range(0, size, size // 20):
        flip(mini, place)
        if mini.read_bytes()[:4] == b"GGUF":
            assert verdict("mini") == "changed"
        flip(mini, place)
    assert verdict("mini") == "good"
