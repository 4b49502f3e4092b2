"""`bench train`: operations are counted right, and steps come when they are asked for."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.benchmarks import training
from engine.benchmarks.shapes import SHAPES, Shape
from engine.benchmarks.training import PRODUCT, Product, config_of, measure_shapes, operations, shares
from engine.events import Event, Finished, Measured, Metric, Started
from engine.gpt.config import default_config, product_weights
from engine.gpt.model import GPT
from engine.jobs import JobContext, run
from engine.training import loop

TINY = Shape(vocabulary=400, width=64, layers=1, heads=2, feed_forward=64, batch=1, context=32)


@pytest.fixture(autouse=True)
def small_product(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "SIZE", 64)


def test_operations_of_a_known_shape() -> None:
    """By hand: 6 blocks with four matrices of 384 x 384 and three of 384 x 1024, a head of 4096 x 384; T = 512."""
    weights = 6 * (4 * 384 * 384 + 3 * 384 * 1024) + 4096 * 384
    assert weights == 12_189_696
    assert operations(config_of(SHAPES["12M"])) == 6 * weights + 12 * 6 * 384 * 512 == 87_293_952


@pytest.mark.parametrize("shape", ["qwen3", "gpt2", "llama"])
@pytest.mark.parametrize("tied", [True, False])
def test_weights_used_in_products_are_those_of_linear_layers_and_head(shape: str, tied: bool) -> None:
    from dataclasses import replace

    from torch import nn

    model = GPT(replace(default_config(shape, 400, 64, 2, 64, 4), tied=tied), seed=0)
    linear = sum(module.weight.numel() for name, module in model.named_modules()
                 if isinstance(module, nn.Linear) and name != "output")  # fmt: skip
    assert product_weights(model.config) == linear + 400 * 64


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_are_called_by_their_parameters(name: str) -> None:
    from engine.gpt.config import parameters

    assert round(parameters(config_of(SHAPES[name])) / 1e6) == int(name.removesuffix("M"))


def test_the_recipe_makes_the_model_that_is_counted(tmp_path: Path) -> None:
    with training.Steps(TINY, tmp_path / "a", threading.Event(), {}):
        from engine.training.run import Run

        opened = Run.open(tmp_path / "a" / "run")
        assert opened.config == config_of(TINY)


def test_the_share_is_of_the_best_product() -> None:
    assert shares("12M", [40.0, 50.0, 60.0], 100.0) == Measured(
        "share", "12M", "of the best product", 0.5, pytest.approx(0.2), [0.4, 0.5, 0.6]
    )


def test_a_product_is_timed_by_its_fastest(monkeypatch: pytest.MonkeyPatch) -> None:
    product = Product("float32")
    clock = iter([0.0, 5.0, 10.0, 14.0, 20.0, 22.0, 30.0, 33.0, 40.0, 49.0])
    monkeypatch.setattr(training.time, "perf_counter", lambda: next(clock))
    assert product.turn() == {"computing": 2 * 64**3 / 2.0 / 1e9}


def measured(shapes: dict[str, Shape], context: JobContext, rounds: int = 2) -> list[Event]:
    with ExitStack() as opened:
        params: dict[str, Any] = {}
        return list(run(lambda *_: measure_shapes(shapes, rounds, context.cancelled, opened, {}), params, context))


def test_shapes_and_product_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    product, step = Product.turn, training.Steps.turn
    monkeypatch.setattr(Product, "turn", lambda self: said.append("product") or product(self))
    monkeypatch.setattr(training.Steps, "turn", lambda self: said.append("step") or step(self))
    events = measured({"one": TINY, "two": TINY}, JobContext())
    assert said == ["product", "step", "step"] * (3 + 2)
    rows = {(event.what, event.who): event for event in events if isinstance(event, Measured)}
    assert set(rows) == {
        ("computing", PRODUCT), *[(what, who) for what in ("speed", "computing", "share") for who in ("one", "two")],
    }  # fmt: skip
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.stats["operations_per_token"] == dict.fromkeys(("one", "two"), operations(config_of(TINY)))
    best = max(rows["computing", PRODUCT].values)
    assert end.stats["best_product"] == best
    speeds = rows["speed", "one"].values
    assert rows["share", "one"].values == [one * operations(config_of(TINY)) / 1e9 / best for one in speeds]


def test_time_between_steps_is_no_part_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def tick() -> float:
        now[0] += 1.0
        return now[0]

    monkeypatch.setattr(loop, "time", SimpleNamespace(perf_counter=tick, strftime=time.strftime))
    with training.Steps(TINY, tmp_path / "a", threading.Event(), {}) as steps:
        before = steps.turn()
        now[0] += 1000.0
        assert steps.turn() == before == {"speed": 32.0, "computing": 32 * operations(config_of(TINY)) / 1e9}


def test_ctrl_c_between_turns_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training.tempfile, "tempdir", str(tmp_path))
    context = JobContext()
    turn = Product.turn
    monkeypatch.setattr(Product, "turn", lambda self: context.cancelled.set() or turn(self))
    monkeypatch.setattr(training, "SHAPES", {"4M": TINY})
    events = list(run(training.measure, {"shapes": ["4M"]}, context))
    assert events[-1] == Finished("cancelled")
    assert not any(isinstance(event, Measured | Metric) for event in events)
    assert not list(tmp_path.iterdir())


def test_ctrl_c_while_the_data_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "SHAPES", {"4M": TINY})
    context = JobContext()
    context.cancelled.set()
    events = list(run(training.measure, {"shapes": ["4M"]}, context))
    assert events[-1] == Finished("cancelled")
    assert not any(isinstance(event, Started) for event in events)
