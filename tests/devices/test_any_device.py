"""What must hold on every device: training, going on, export and both backends.

`make test` runs this on the processor, `make test-gpu` on the graphics processor, and fails where there is none.
"""

from __future__ import annotations

import math
import threading
from pathlib import Path
from typing import Any

import pytest
import small_run
import torch

from engine import jobs
from engine.errors import EngineError
from engine.events import Event, Finished, Metric
from engine.gpt.export import export
from engine.jobs import JobContext
from engine.runtime.base import Runtime, Sampling, open_runtime
from engine.runtime.gpt import GPTRuntime
from engine.training import loop, machine, recipe

METHODS = ("pretrain", "continue", "full", "lora", "dpo", "classify")
GREEDY = Sampling(temperature=0)


@pytest.fixture
def device(request: pytest.FixtureRequest) -> str:
    if not request.config.getoption("--gpu"):
        torch.set_num_threads(1)
        return "cpu"
    found = machine.device()
    assert found != "cpu", "torch finds no graphics processor here"
    return found


def train(params: dict[str, Any], out: Path, stop_after: int | None = None) -> list[Event]:
    """All events; with `stop_after` the run is stopped behind that step, and otherwise goes on where it was."""
    cancelled, events = threading.Event(), list[Event]()
    for event in loop.train(recipe.make(params), out, cancelled, resume=True):
        events.append(event)
        if isinstance(event, Metric) and event.step == stop_after:
            cancelled.set()
    return events


def losses(events: list[Event]) -> dict[int, float]:
    return {event.step: event.values["loss"] for event in events if isinstance(event, Metric)}


@pytest.mark.parametrize("method", METHODS)
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(device: str, method: str, tmp_path: Path) -> None:
    """Bit for bit on a processor; on others sums may be taken in another order."""
    params = small_run.of_method(method, tmp_path, device=device, log_every=1, sample_every=0)
    whole = train(params, tmp_path / "whole")
    first = train(params, tmp_path / "halved", stop_after=6)
    rest = train(params, tmp_path / "halved")
    assert [events[-1].reason for events in (whole, first, rest)] == ["done", "cancelled", "done"]  # type: ignore[attr-defined]
    wanted, found = losses(whole), losses(first) | losses(rest)
    assert found.keys() == wanted.keys() == set(range(1, 13))
    assert all(math.isfinite(loss) for loss in wanted.values())
    if device == "cpu":
        assert found == wanted
    else:
        assert found == pytest.approx(wanted, rel=1e-3)


@pytest.fixture
def trained(device: str, tmp_path: Path) -> Path:
    params = small_run.of_method("pretrain", tmp_path, device=device, max_length=64, steps=40)
    assert isinstance(train(params, tmp_path / "run")[-1], Finished)
    return tmp_path / "run" / "model"


def written(runtime: Runtime, count: int = 12) -> list[int]:
    ids = runtime.tokenize("The cat sat", special=False)
    return [token.id for token, _ in zip(runtime.generate(ids, GREEDY), range(count), strict=False)]


def test_what_was_trained_is_exported_and_says_the_same_in_both_backends(
    device: str, trained: Path, tmp_path: Path
) -> None:
    out = tmp_path / "model.gguf"
    *_, end = jobs.run(export, {"model": str(trained), "out": str(out), "to": "gguf", "check": True}, JobContext())
    assert isinstance(end, Finished), end
    said = {}
    for place in ("cpu", device):
        gpt = GPTRuntime(trained, device=place)
        said[f"gpt on {place}"] = written(gpt)
        gpt.close()
    llama = open_runtime(out, "llama", threads=1)
    said["llama"] = written(llama)
    llama.close()
    assert len({tuple(ids) for ids in said.values()}) == 1, said


def test_llama_cpp_holds_all_layers_on_the_graphics_processor(device: str, trained: Path, tmp_path: Path) -> None:
    """Where it is built for one; elsewhere asking for it is refused in words."""
    from engine.runtime import llama_library

    out = tmp_path / "model.gguf"
    *_, end = jobs.run(export, {"model": str(trained), "out": str(out), "to": "gguf"}, JobContext())
    assert isinstance(end, Finished), end
    here = open_runtime(out, "llama", threads=1, gpu_layers=0)
    wanted = written(here)
    here.close()
    if not llama_library.has_gpu:
        with pytest.raises(EngineError) as caught:
            open_runtime(out, "llama", gpu_layers=99)
        assert str(caught.value).endswith(".")
        return
    there = open_runtime(out, "llama", gpu_layers=99)
    assert written(there) == wanted
    there.close()
