"""Runs of the method lora: a small adapter beside a parent that stays as it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import small_run
import torch

from engine import jobs
from engine.events import Event, Failed, Finished, Metric, Started
from engine.gpt import adapter
from engine.gpt.model import GPT
from engine.jobs import JobContext
from engine.training import checkpoint
from engine.training.jobs import train


def run(params: dict[str, Any]) -> list[Event]:
    torch.set_num_threads(1)
    return list(jobs.run(train, params, JobContext()))


def last(events: list[Event]) -> Any:
    assert isinstance(events[-1], Finished | Failed)
    return events[-1]


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    return small_run.write_parent(tmp_path / "parent")


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    return small_run.write_talks(tmp_path / "talks.jsonl")


def test_the_adapter_learns_and_the_parent_stays(parent: Path, talks: Path, tmp_path: Path) -> None:
    before = (parent / "model.safetensors").read_bytes()
    keys = {"steps": 60, "batch_size": 4, "lora.rank": 4, "learning_rate": 0.02}
    events = run(small_run.finetuning("lora", talks, parent, out=str(tmp_path / "run"), **keys))
    assert last(events).reason == "done", events[-1]
    started = next(event for event in events if isinstance(event, Started))
    assert started.data["trained"] < started.data["parameters"] / 3
    losses = [event.values["loss"] for event in events if isinstance(event, Metric)]
    assert losses[-1] < 0.5 * losses[0]
    assert (parent / "model.safetensors").read_bytes() == before
    point = checkpoint.newest(tmp_path / "run" / "checkpoints")
    assert all(name.endswith((".a", ".b")) for name in point.model)

    folder = tmp_path / "run" / "model"
    assert json.loads((folder / "adapter_config.json").read_text())["r"] == 4
    opened, _ = adapter.load(folder)
    ids = torch.arange(20)[None]
    assert (opened(ids) - GPT.load(parent)(ids)).abs().max() > 0.1


def test_the_merged_model_is_the_parent_and_the_adapter(parent: Path, talks: Path, tmp_path: Path) -> None:
    keys = {"steps": 6, "lora.rank": 2, "learning_rate": 0.02}
    for name, merge in (("adapter", False), ("merged", True)):
        out = str(tmp_path / name)
        events = run(small_run.finetuning("lora", talks, parent, out=out, **keys, **{"lora.merge": merge}))
        assert last(events).reason == "done", events[-1]
    ids = torch.arange(20)[None]
    alone, _ = adapter.load(tmp_path / "adapter" / "model")
    torch.testing.assert_close(alone(ids), GPT.load(tmp_path / "merged" / "model")(ids), atol=1e-4, rtol=0)


def test_over_a_parent_in_few_bits(parent: Path, talks: Path, tmp_path: Path) -> None:
    keys = {"steps": 3, "lora.rank": 2, "lora.bits": 4}
    events = run(small_run.finetuning("lora", talks, parent, out=str(tmp_path / "run"), **keys))
    assert last(events).reason == "done", events[-1]
    adapter.load(tmp_path / "run" / "model")


def test_another_parent_is_refused(parent: Path, talks: Path, tmp_path: Path) -> None:
    params = small_run.finetuning("lora", talks, parent, out=str(tmp_path / "run"), steps=2)
    assert last(run(params)).reason == "done"
    small_run.write_parent(parent, shape="gpt2")
    assert last(run({**params, "resume": True})).code == "parent_changed"


def test_a_matrix_that_is_not_there_is_named(parent: Path, talks: Path, tmp_path: Path) -> None:
    params = small_run.finetuning("lora", talks, parent, out=str(tmp_path / "run"), **{"lora.targets": ["q_prj"]})
    end = last(run(params))
    assert (end.code, end.data["target"]) == ("lora_target", "q_prj")
    assert not (tmp_path / "run").exists()
