"""A checkpoint is whole or absent, and damage is noticed. On a disk that fails: tests/faults/models.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from engine.errors import EngineError
from engine.training import checkpoint
from engine.training.checkpoint import Checkpoint, State


def point(step: int) -> Checkpoint:
    weights = torch.arange(6.0) + step
    return Checkpoint({"w": weights}, {"w.step": torch.tensor(float(step))}, State(step, best_val_loss=1 / 3))


def steps(folder: Path) -> list[int]:
    return sorted(int(path.name[5:]) for path in folder.iterdir())


def test_round_trip(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, point(7))
    found = checkpoint.newest(tmp_path)
    assert found.state == point(7).state
    assert torch.equal(found.model["w"], point(7).model["w"])
    assert torch.equal(found.optimizer["w.step"], torch.tensor(7.0))


@pytest.mark.parametrize("file", ["model.safetensors", "optimizer.safetensors", "state.json", "manifest.json"])
@pytest.mark.parametrize("harm", ["flip", "cut", "remove"])
def test_a_damaged_one_is_passed_over(tmp_path: Path, file: str, harm: str) -> None:
    checkpoint.save(tmp_path, point(1))
    path = checkpoint.save(tmp_path, point(2)) / file
    data = path.read_bytes()
    if harm == "remove":
        path.unlink()
    else:
        middle = len(data) // 2
        path.write_bytes(data[:middle] + (bytes([data[middle] ^ 1]) + data[middle + 1 :] if harm == "flip" else b""))
    with pytest.raises(EngineError) as caught:
        checkpoint.at(tmp_path, 2)
    assert caught.value.code == "checkpoint_damaged"
    assert checkpoint.newest(tmp_path).state.step == 1


def test_a_manifest_that_names_less_is_no_proof(tmp_path: Path) -> None:
    path = checkpoint.save(tmp_path, point(1)) / "manifest.json"
    path.write_text(json.dumps({"state.json": json.loads(path.read_text())["state.json"]}))
    with pytest.raises(EngineError, match="no whole checkpoint"):
        checkpoint.newest(tmp_path)


def test_prune_keeps_the_last_two_and_the_best(tmp_path: Path) -> None:
    for step in (0, 2, 4, 6, 8):
        checkpoint.save(tmp_path, point(step))
    (tmp_path / ".step-00000009.1.partial").mkdir()
    checkpoint.prune(tmp_path, 8, best_step=2)
    assert steps(tmp_path) == [2, 6, 8]


def test_prune_keeps_what_was_just_saved_where_later_ones_were_damaged(tmp_path: Path) -> None:
    for step in (1, 2, 3, 4):
        checkpoint.save(tmp_path, point(step))
    checkpoint.prune(tmp_path, 2, best_step=1)
    assert steps(tmp_path) == [1, 2]
