"""How fast training is: tokens/s of the real loop, and how near that comes to what matrix products reach here.

The product is measured in turn with the steps, in the number format that the run computes in. Operations of a token
are counted as 6 a weight it is multiplied by, the head's included, and 12 L C T for attention (L layers of width C, T
tokens of context; Chowdhery et al. 2022, arXiv:2204.02311, appendix B).
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from engine import hardware
from engine.benchmarks import turns
from engine.benchmarks.quiet import Others
from engine.benchmarks.shapes import SHAPES, Shape
from engine.benchmarks.turns import CancelledError, Contender
from engine.events import TERMINAL, Event, Finished, Measured, Metric, Progress, Started
from engine.gpt.config import GPTConfig, default_config, product_weights
from engine.jobs import JobContext, find

E = TypeVar("E", bound=Event)

PRODUCT = "matrix product"
SIZE = 2048  # of the product's matrices, each way
UNITS = {"speed": "tokens/s", "computing": "GFLOP/s"}
SHARE, OF_THE_BEST = "share", "of the best product"
_WARM_UP = 3  # rounds: memory that the first steps fetch is kept, and some compile
_PRODUCTS = 5  # one after the other in a turn, of which the fastest counts


def measure(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: shapes, names of `SHAPES`; compile: true or false; threads, rounds.

    Yields Started, Progress, a Measured for every figure, Log warnings, and Finished.
    """
    shapes = {name: SHAPES[name] for name in params.get("shapes") or ("4M", "12M")}
    keys = {"compile": "yes"} if params.get("compile") else {}
    keys |= {"threads": params["threads"]} if params.get("threads") else {}
    with ExitStack() as opened:
        try:
            rounds = params.get("rounds") or turns.ROUNDS
            yield from measure_shapes(shapes, rounds, context.cancelled, opened, keys)
        except CancelledError:
            yield Finished("cancelled")


def measure_shapes(
    shapes: Mapping[str, Shape], rounds: int, cancelled: threading.Event, opened: ExitStack, keys: Mapping[str, Any]
) -> Iterator[Event]:
    """The events of `measure`. opened: closes the trainings. keys: further ones of the recipe."""
    hardware.choose_idle_threads()  # before torch is loaded
    place = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="seedling-bench-")))
    runs: dict[str, Steps] = {}
    for number, (name, shape) in enumerate(shapes.items()):
        yield Progress(number, len(shapes), "shapes", name)
        runs[name] = opened.enter_context(Steps(shape, place / name, cancelled, keys))
    first = next(iter(runs.values()))
    product = Product(first.precision)
    contenders: dict[str, Contender] = {PRODUCT: product.turn} | {name: run.turn for name, run in runs.items()}
    about = {"precision": first.precision, "threads": first.threads, "device": product.device}
    yield Started("bench train", {**about, "who": list(contenders)})
    others = Others()
    figures = yield from turns.in_turn(contenders, rounds, cancelled, _WARM_UP)
    rows = list(turns.measured(figures, UNITS, beside={}))
    best = max(figures[PRODUCT]["computing"])
    rows += [shares(name, figures[name]["computing"], best) for name in runs]
    yield from rows
    counted = {name: operations(config_of(shape)) for name, shape in shapes.items()}
    yield from turns.ending(rows, others, **about, best_product=best, operations_per_token=counted)


def shares(who: str, computing: list[float], best: float) -> Measured:
    """What a training reaches of the best product of the run, both in GFLOP/s."""
    return turns.row(SHARE, who, OF_THE_BEST, [one / best for one in computing], {})


def operations(config: GPTConfig) -> int:
    """Floating-point operations of a token that is trained on; see the top of this file."""
    return 6 * product_weights(config) + 12 * config.layers * config.heads * config.head_dim * config.context


def config_of(shape: Shape) -> GPTConfig:
    """The model that `recipe_of` makes."""
    sizes = (shape.vocabulary, shape.context, shape.layers, shape.width, shape.heads)
    return replace(default_config("qwen3", *sizes), kv_heads=shape.heads, feed_forward=shape.feed_forward)


def recipe_of(shape: Shape, folder: Path) -> dict[str, Any]:
    """Keys of a recipe that trains for ever and does nothing else, and its text, written to the folder."""
    draw = random.Random(0)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(draw.choices(letters, k=draw.randint(4, 12))) for _ in range(max(400, shape.vocabulary // 4))]
    text = folder / "text.txt"
    text.write_text(" ".join(word for _ in range(8) for word in draw.sample(words, len(words))), encoding="utf-8")
    return {
        "method": "pretrain",
        "data": str(text),
        "out": str(folder / "run"),
        "shape": "qwen3",
        "layers": shape.layers,
        "width": shape.width,
        "heads": shape.heads,
        "kv_heads": shape.heads,
        "feed_forward": shape.feed_forward,
        "vocabulary": shape.vocabulary,
        "context": shape.context,
        "batch_size": shape.batch,
        "stride": shape.context // 2,
        "optimizer": "adamw",
        "steps": 1_000_000,
        "log_every": 1,
        "sample_every": 0,
        "evaluate_every": 1_000_000,
        "checkpoint_every": 1_000_000,
    }


class Steps:
    """A training of a shape, which waits until it is asked for its next step; a context that ends it."""

    def __init__(self, shape: Shape, folder: Path, cancelled: threading.Event, keys: Mapping[str, Any]) -> None:
        """Prepares the data and builds the model. Raises CancelledError, and EngineError as the train job does."""
        folder.mkdir(parents=True)
        self._operations = operations(config_of(shape))
        self._events = find("train")({**recipe_of(shape, folder), **keys}, JobContext(cancelled))
        started = self._until(Started)
        self.precision, self.threads = str(started.data["precision"]), int(started.data["threads"])

    def turn(self) -> Mapping[str, float]:
        """One step: tokens a second as the run itself notes them, and the GFLOP/s these are."""
        speed = float(self._until(Metric).values["tokens_per_second"])
        return {"speed": speed, "computing": speed * self._operations / 1e9}

    def _until(self, kind: type[E]) -> E:
        for event in self._events:
            if isinstance(event, kind):
                return event
            if isinstance(event, TERMINAL):
                break
        raise CancelledError

    def __enter__(self) -> Steps:
        return self

    def __exit__(self, *_: object) -> None:
        close = getattr(self._events, "close", None)
        if close is not None:
            close()


class Product:
    """Products of two square matrices, where and in the number format in which training computes."""

    def __init__(self, precision: str) -> None:
        import torch

        from engine.training import machine

        self.device = machine.device()
        kind = torch.bfloat16 if precision == "bf16" else torch.float32
        draw = partial(torch.randn, SIZE, SIZE, dtype=kind, device=self.device)
        self._one, self._other, self._result = draw(), draw(), draw()

    def turn(self) -> Mapping[str, float]:
        """The fastest of a few, in GFLOP/s."""
        return {"computing": 2 * SIZE**3 / min(self._seconds() for _ in range(_PRODUCTS)) / 1e9}

    def _seconds(self) -> float:
        import torch

        began = time.perf_counter()
        torch.mm(self._one, self._other, out=self._result)
        float(self._result[0, 0])  # waits for a device
        return time.perf_counter() - began
