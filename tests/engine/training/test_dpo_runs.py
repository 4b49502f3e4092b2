"""Runs of the method dpo: the reference, what is measured, and that the preference is learnt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_run
import torch
from random_gpt import random_gpt

from engine import jobs
from engine.data.items import NO_LOSS
from engine.events import Event, Failed, Finished, Metric
from engine.gpt import lora
from engine.gpt.model import GPT
from engine.jobs import JobContext
from engine.training import objectives
from engine.training.jobs import train
from engine.training.machine import Compute
from engine.training.methods.preferences import Preferences
from engine.training.methods.table import method_of
from engine.training.run import Run

CPU = Compute(torch.device("cpu"), "float32")


def run(params: dict[str, Any]) -> list[Event]:
    torch.set_num_threads(1)
    return list(jobs.run(train, params, JobContext()))


def last(events: list[Event]) -> Any:
    assert isinstance(events[-1], Finished | Failed)
    return events[-1]


def batch() -> tuple[np.ndarray[Any, Any], ...]:
    """Two pairs: first the chosen, then the rejected replies."""
    chance = np.random.Generator(np.random.PCG64(1))
    ids, labels = chance.integers(0, 400, (4, 9)), chance.integers(0, 400, (4, 9))
    labels[:, :3] = NO_LOSS
    labels[0, 6:] = NO_LOSS
    return ids, labels


@pytest.mark.parametrize("train_what", ["full", "lora"])
def test_the_preference_is_learnt(train_what: str, tmp_path: Path) -> None:
    keys = {"steps": 40, "batch_size": 4, "evaluate_every": 10, "validation_share": 0.25, "sample_every": 0}
    rate = {"learning_rate": 0.001 if train_what == "full" else 0.01}
    params = small_run.of_method("dpo", tmp_path, **keys, **rate, out=str(tmp_path / "run"))
    events = run({**params, "dpo.train": train_what})
    end = last(events)
    assert end.reason == "done", end
    metrics = [event.values for event in events if isinstance(event, Metric)]
    assert metrics[0]["loss"] == pytest.approx(np.log(2), abs=0.02), "model and reference are the same at first"
    assert metrics[0]["reward_margin"] == pytest.approx(0, abs=0.05)
    for values in metrics:
        margin = values["chosen_reward"] - values["rejected_reward"]
        assert values["reward_margin"] == pytest.approx(margin, abs=1e-4)
    assert end.stats["scores"]["val_reward_accuracy"] >= 0.8
    assert end.stats["scores"]["val_reward_margin"] > 0.1
    assert (tmp_path / "run" / "data" / "reference.npy").exists() == (train_what == "full")
    assert (tmp_path / "run" / "model" / "adapter_config.json").exists() == (train_what == "lora")


def test_the_reference_is_what_the_parent_thinks(tmp_path: Path) -> None:
    params = small_run.of_method("dpo", tmp_path, steps=1, out=str(tmp_path / "run"))
    assert last(run(params)).reason == "done"
    opened = Run.open(tmp_path / "run")
    data = method_of(opened.recipe).load(opened.folder / "data", opened.info["data"], opened.recipe)
    parent = GPT.load(tmp_path / "parent")
    for items in (data.training(), data.held_back()):
        ids, labels, reference = items.batch(np.arange(len(items)))
        with torch.no_grad():
            found = objectives.log_probabilities(
                parent.head, parent.hidden(torch.from_numpy(ids)), torch.from_numpy(labels)
            )
        np.testing.assert_allclose(reference, found.view(2, -1).T.numpy(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", ["sigmoid", "ipo", "normalised"])
def test_without_its_adapter_the_model_is_its_own_reference(kind: str) -> None:
    model = random_gpt("qwen3")
    plain = [t.clone() for t in Preferences(model, CPU, kind, 0.5).log_p(*CPU.tensors(batch()))]
    lora.attach(model, lora.LoRAConfig(4), seed=1)
    objective = Preferences(model, CPU, kind, 0.5)
    at_first = objective.evaluate([batch()])
    assert at_first["val_reward_margin"] == 0
    with torch.no_grad():
        for name, parameter in lora.trained(model).items():
            if name.endswith(".b"):
                parameter.normal_(0, 0.1, generator=torch.Generator().manual_seed(2))
    found = objective.log_p(*CPU.tensors(batch()))
    h = (found[0] - plain[0]) - (found[1] - plain[1])
    after = objective.evaluate([batch()])
    assert after["val_reward_margin"] == pytest.approx((0.5 * h).mean().item(), rel=1e-4)
    assert after["val_reward_accuracy"] == pytest.approx((h > 0).float().mean().item())
    summed = objective.backward(batch(), 2)
    assert summed["loss"] / 2 == pytest.approx(after["val_loss"], rel=1e-5)


@pytest.mark.parametrize(("kind", "scale"), [("sigmoid", 1), ("normalised", 6)])
def test_means_where_the_loss_wants_them(kind: str, scale: int) -> None:
    model = random_gpt("qwen3")
    ids, labels = CPU.tensors(batch())
    sums = objectives.log_probabilities(model.head, model.hidden(ids), labels)
    found = Preferences(model, CPU, kind, 1.0).log_p(ids, labels)
    torch.testing.assert_close(found[1] * scale, sums[2:], rtol=1e-5, atol=1e-5)


def test_a_key_of_an_adapter_wants_one(tmp_path: Path) -> None:
    params = small_run.of_method("dpo", tmp_path, steps=1, out=str(tmp_path / "run"))
    end = last(run({**params, "dpo.train": "full", "lora.rank": 2}))
    assert (end.code, end.data["key"]) == ("recipe_conflict", "lora.rank")
    assert 'dpo.train = "lora"' in end.data["reason"]
    assert last(run({**params, "lora.rank": 2})).reason == "done"
    assert Run.open(tmp_path / "run").recipe.dpo.train == "lora"
