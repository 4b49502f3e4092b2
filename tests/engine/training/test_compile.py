"""Compiled steps: where they are taken, what is said where they cannot be, and that compiling finds one whole graph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import small_run
import torch
from random_gpt import random_gpt

from engine import jobs
from engine.errors import EngineError
from engine.events import Failed, Finished
from engine.jobs import JobContext
from engine.training import defaults, machine, objectives, run
from engine.training import recipe as recipes
from engine.training.defaults import Facts
from engine.training.jobs import train
from engine.training.recipe import Recipe


def resolved(compiler: bool, **keys: Any) -> Recipe:
    return defaults.resolve(
        recipes.make({"method": "pretrain", "data": "a.txt", **keys}), Facts(1000, compiler=compiler)
    )


def test_it_is_off_by_default() -> None:
    assert resolved(True).compile == "no"


@pytest.mark.parametrize(("compiler", "chosen", "found"), [(True, "yes", "a C++"), (False, "no", "no C++")])
def test_auto_is_decided_before_the_first_step_and_says_why(compiler: bool, chosen: str, found: str) -> None:
    recipe = resolved(compiler, compile="auto")
    assert recipe.compile == chosen
    assert recipe.reasons["compile"] == f"{found} compiler is found here"


def test_without_a_compiler_it_is_refused_in_a_sentence() -> None:
    with pytest.raises(EngineError, match=r"compile \(yes\) needs a C\+\+ compiler"):
        resolved(False, compile="yes")


def test_a_run_compiles_what_it_repeats_and_is_resumed_only_where_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = []

    def note(function: Callable[..., Any]) -> Callable[..., Any]:
        compiled.append(function.__name__)
        return function

    monkeypatch.setattr(torch, "compile", note)
    monkeypatch.setattr(machine, "has_compiler", lambda: True)
    params = small_run.recipe(small_run.write_text(tmp_path / "text.txt"), compile="auto", out=str(tmp_path / "run"))
    assert isinstance(list(jobs.run(train, params, JobContext()))[-1], Finished)
    assert compiled == ["hidden"]
    assert 'compile = "yes"' in (tmp_path / "run" / "recipe.toml").read_text()
    assert run.Run.open(tmp_path / "run").info["compile"] == "yes"

    monkeypatch.setattr(machine, "has_compiler", lambda: False)
    ended = list(jobs.run(train, {"out": str(tmp_path / "run"), "resume": True}, JobContext()))[-1]
    assert isinstance(ended, Failed)
    assert ended.data["key"] == "compile"


@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")  # torch does, while it traces
@pytest.mark.parametrize("shape", ["gpt2", "qwen3"])
def test_the_model_is_one_graph_that_computes_the_same(shape: str) -> None:
    """With the backend that only traces, which needs no compiler."""
    torch.set_num_threads(1)
    model = random_gpt(shape).train()
    ids, labels = torch.randint(0, 416, (2, 2, 40), generator=torch.Generator().manual_seed(1))

    def gradients(hidden: Callable[..., torch.Tensor]) -> list[torch.Tensor]:
        model.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            objectives.backward(model.head, hidden(ids), labels, labels.numel())
        return [p.grad.clone() for p in model.parameters() if p.grad is not None]

    plain = gradients(model.hidden)
    traced = gradients(torch.compile(model.hidden, backend="eager", fullgraph=True))
    for one, other in zip(plain, traced, strict=True):
        torch.testing.assert_close(other, one, rtol=1e-3, atol=1e-4)
