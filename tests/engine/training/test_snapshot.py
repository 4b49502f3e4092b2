"""A checkpoint as a model of its own, of every method that writes text or labels."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import torch
from small_run import of_method

from engine.errors import EngineError
from engine.events import Finished
from engine.gpt.opening import open_model
from engine.jobs import JobContext
from engine.training import checkpoint, loop
from engine.training import recipe as recipes
from engine.training.runs import checkpoints
from engine.training.snapshot import snapshot


def trained(method: str, tmp_path: Path) -> Path:
    values = of_method(method, tmp_path)
    folder = tmp_path / "run"
    for _ in loop.train(recipes.make(values), folder, threading.Event()):
        pass
    return folder


@pytest.mark.parametrize("method", ["pretrain", "full", "lora"])
def test_a_checkpoint_becomes_a_model_that_stays(method: str, tmp_path: Path) -> None:
    run = trained(method, tmp_path)
    step, place = checkpoints(run)[-2]
    (ending,) = [e for e in snapshot({"run": str(run), "step": step}, JobContext()) if isinstance(e, Finished)]
    found = Path(ending.stats["model"])
    model, _ = open_model(found)
    learnt = checkpoint.load(place).model
    if method != "lora":
        assert all(torch.equal(model.state_dict()[name], tensor) for name, tensor in learnt.items())
    for path in place.iterdir():
        path.unlink()  # as when the run clears it away
    (ending,) = snapshot({"run": str(run), "step": step}, JobContext())
    assert isinstance(ending, Finished)
    assert ending.stats["model"] == str(found)


def test_a_checkpoint_that_is_gone_is_named(tmp_path: Path) -> None:
    run = trained("pretrain", tmp_path)
    with pytest.raises(EngineError, match="step-00000999"):
        list(snapshot({"run": str(run), "step": 999}, JobContext()))
    assert list((run / "snapshots").glob("*")) == []
