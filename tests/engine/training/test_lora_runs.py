"""Runs of the method lora: a small adapter beside a parent that stays as it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import small_run
import torch
from random_gpt import random_gpt

from engine import jobs
from engine.events import Event, Failed, Finished, Log, Metric, Started
from engine.gpt import adapter, litgpt, opening
from engine.gpt.gguf import write_gguf
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.jobs import JobContext
from engine.training import checkpoint, loop
from engine.training.jobs import train
from engine.training.run import Run


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
    opened, _ = opening.open_model(folder)
    ids = torch.arange(20)[None]
    assert (opened(ids) - GPT.load(parent)(ids)).abs().max() > 0.1


@pytest.mark.parametrize("bits", [None, 4])
def test_the_merged_model_is_the_parent_itself_and_the_adapter(
    bits: int | None, parent: Path, talks: Path, tmp_path: Path
) -> None:
    """Not the parent as it was rounded for the training."""
    keys = {"steps": 6, "lora.rank": 2, "learning_rate": 0.02, "lora.merge": True, "precision": "bf16"}
    keys |= {} if bits is None else {"lora.bits": bits}
    events = run(small_run.finetuning("lora", talks, parent, out=str(tmp_path / "run"), **keys))
    assert last(events).reason == "done", events[-1]
    ids = torch.arange(20)[None]
    apart = GPT.load(parent)
    adapter.attach(apart, tmp_path / "run" / "model")
    with torch.no_grad():
        torch.testing.assert_close(apart(ids), GPT.load(tmp_path / "run" / "merged")(ids), atol=1e-4, rtol=0)
        assert (apart(ids) - GPT.load(parent)(ids)).abs().max() > 0.01


def test_frozen_matrices_are_kept_in_bfloat16_where_it_computes_in_it(
    parent: Path, talks: Path, tmp_path: Path
) -> None:
    params = small_run.finetuning("lora", talks, parent, out=str(tmp_path / "run"), steps=1, precision="bf16")
    assert last(run(params)).reason == "done"
    model = loop.Trainer(Run.open(tmp_path / "run")).model
    for name, parameter in model.named_parameters():
        rounded = parameter.dim() > 1 and not parameter.requires_grad
        assert parameter.dtype == (torch.bfloat16 if rounded else torch.float32), name


def test_computing_blocks_again_changes_no_bit(parent: Path, talks: Path, tmp_path: Path) -> None:
    found = []
    for recompute in (False, True):
        out = tmp_path / f"{recompute}"
        keys = {"steps": 3, "lora.dropout": 0.3, "precision": "float32", "recompute": recompute}
        assert last(run(small_run.finetuning("lora", talks, parent, out=str(out), **keys))).reason == "done"
        found.append((out / "model" / adapter.WEIGHTS).read_bytes())
    assert found[0] == found[1]


def test_an_adapter_is_a_parent_but_not_of_another_adapter(parent: Path, talks: Path, tmp_path: Path) -> None:
    first = small_run.finetuning("lora", talks, parent, out=str(tmp_path / "first"), steps=2, learning_rate=0.02)
    assert last(run(first)).reason == "done"
    full = small_run.finetuning("full", talks, tmp_path / "first", out=str(tmp_path / "full"), steps=1)
    assert last(run(full)).reason == "done"
    end = last(run(small_run.finetuning("lora", talks, tmp_path / "first", out=str(tmp_path / "second"), steps=1)))
    assert end.code == "adapter_on_adapter"
    assert not (tmp_path / "second").exists()


def test_over_a_parent_in_few_bits(parent: Path, talks: Path, tmp_path: Path) -> None:
    keys = {"steps": 3, "lora.rank": 2, "lora.bits": 4}
    events = run(small_run.finetuning("lora", talks, parent, out=str(tmp_path / "run"), **keys))
    assert last(events).reason == "done", events[-1]
    opening.open_model(tmp_path / "run" / "model")


def test_another_parent_is_refused(parent: Path, talks: Path, tmp_path: Path) -> None:
    params = small_run.finetuning("lora", talks, parent, out=str(tmp_path / "run"), steps=2)
    assert last(run(params)).reason == "done"
    small_run.write_parent(parent, shape="gpt2")
    assert last(run({**params, "resume": True})).code == "parent_changed"


@pytest.mark.parametrize("form", ["gguf", "litgpt"])
def test_over_a_base_that_is_no_model_folder(form: str, parent: Path, talks: Path, tmp_path: Path) -> None:
    """It learns, goes on where it was, opens again, is merged, and notices another base."""
    base, out = tmp_path / ("base.gguf" if form == "gguf" else "base"), tmp_path / "run"

    def write(model: GPT) -> None:
        if form == "gguf":
            write_gguf(model, Tokenizer.load(parent), base)
        else:
            litgpt.save(model, Tokenizer.load(parent), base, "base", torch.float32, "")

    write(GPT.load(parent))
    keys = {"learning_rate": 0.02, "lora.rank": 4, "lora.merge": True, "precision": "float32"}
    params = small_run.finetuning("lora", talks, base, out=str(out), steps=4, **keys)
    assert last(run(params)).reason == "done"
    assert json.loads((out / "model" / "adapter_config.json").read_text())["base_model_name_or_path"] == str(base)
    opened, _ = opening.open_model(opening.find(out))
    ids = torch.arange(20)[None]
    with torch.no_grad():
        assert (opened(ids) - GPT.load(parent)(ids)).abs().max() > 0.01
        torch.testing.assert_close(opened(ids), GPT.load(out / "merged")(ids), atol=1e-4, rtol=0)
    loop.Trainer(Run.open(out))  # opens the base again

    write(random_gpt("qwen3", width=32, heads=2, seed=9))
    assert last(run({**params, "resume": True})).code == "parent_changed"


@pytest.mark.parametrize(("share", "leaked"), [(0.1, 3), (0.0, 0)])
def test_rows_that_also_stand_in_the_held_back_share_are_told(
    share: float, leaked: int, parent: Path, tmp_path: Path
) -> None:
    """Else the run's own evaluation looks better than it is."""
    rows = [f"question {number}" for number in range(36)]
    rows += [rows[0], rows[1], rows[2], "something else"]  # the last tenth of forty
    talks = tmp_path / "talks.jsonl"
    talks.write_text("".join(json.dumps({"prompt": row, "completion": "yes"}) + "\n" for row in rows), "utf-8")
    params = small_run.finetuning("lora", talks, parent, out=str(tmp_path / "run"), steps=1, validation_share=share)
    events = run(params)
    assert last(events).reason == "done", events[-1]
    told = [event.text for event in events if isinstance(event, Log) and "evaluation data" in event.text]
    assert told == ([f"{leaked} rows also stand in the evaluation data, first talks.jsonl, line 1."] if leaked else [])


def test_a_matrix_that_is_not_there_is_named(parent: Path, talks: Path, tmp_path: Path) -> None:
    params = small_run.finetuning("lora", talks, parent, out=str(tmp_path / "run"), **{"lora.targets": ["q_prj"]})
    end = last(run(params))
    assert (end.code, end.data["target"]) == ("lora_target", "q_prj")
    assert not (tmp_path / "run").exists()
