"""Whether a training fits this machine: known before it starts, with the batches that fit chosen for the person.

The recipe's batch, `batch_size * accumulation`, stays; it is cut into the largest micro-batches that fit. Where not
even one item at a time fits, blocks are computed again on the way back, and what does not fit then is refused. All of
it is decided before the first step and written into the run's recipe, so that a resumed run cannot decide otherwise.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from engine import hardware, settings
from engine.data.items import Batch, Data, Items
from engine.errors import EngineError
from engine.gpt.config import GPTConfig, parameters
from engine.gpt.tokenizer import Tokenizer
from engine.phrases import phrase
from engine.processes import rank_and_size
from engine.training import recipe as recipes
from engine.training.methods.base import Objective
from engine.training.optimizers import Optimizer
from engine.training.recipe import Recipe
from engine.training.rehearsal import StepMemory, gathered, rehearse

# Bytes a process takes beside its tensors once it trains: libraries' buffers, and the code they make for each shape.
_LIBRARIES = 60_000_000
# How much more than the tensors that come and go within a step the C library takes for them, because a freed stretch
# seldom fits what comes next (docs/fit.md; handing all back to the system takes next to none, and twice the time).
_FRAGMENTS = 0.55
CHOSEN = ("batch_size", "accumulation", "recompute")  # keys of a recipe
_CHECKPOINTS = 4  # the last two, the best one, and the one being written


@dataclass(frozen=True)
class Prediction:
    """Bytes at the largest moment of a run. base: of the process before it trains. data: its tokens, mapped.

    before: the most it has taken while the run was prepared. sparing: no freed memory is kept while it trains.
    """

    base: int
    data: int
    step: StepMemory
    before: int = 0
    sparing: bool = False

    @property
    def total(self) -> int:
        beside = self.base + self.data + _LIBRARIES + round(self.step.activations * (0 if self.sparing else _FRAGMENTS))
        return max(self.before, beside + self.step.total)

    def parts(self) -> dict[str, int]:
        """By what takes them, for a person to read; they add up to the total."""
        step = self.step
        named = {
            "weights": step.weights,
            "gradients": step.gradients,
            "optimizer": step.optimizer,
            "activations": step.activations,
            "data": self.data,
        }
        return {**named, "program": self.total - sum(named.values())}


def available(device: str) -> int:
    """Bytes that a training may take: of main memory the share in the settings, as far as it is free.

    On cuda, what the driver has free.
    """
    if device == "cuda":
        return int(torch.cuda.mem_get_info()[0])
    memory, percent = hardware.memory(), settings.stored("memory_percent")
    assert isinstance(percent, int)
    return min(memory.total * percent // 100, memory.available + hardware.resident())


def check_parent(name: str, config: GPTConfig) -> None:
    """Refuse a parent that cannot even be opened, in float32. Raises EngineError `fit_model`."""
    needed, limit = 4 * parameters(config), available("cpu")
    if needed > limit:
        raise EngineError("fit_model", name=name, **_sizes(needed, limit))


def parts_of(recipe: Recipe) -> int:
    """In how many parts the model is held, each in a process of its own."""
    return rank_and_size()[1] if recipe.parallel == "shard" else 1


def choose(
    recipe: Recipe, config: GPTConfig, tokenizer: Tokenizer, data: Data, size: int, passing: int, limit: int
) -> tuple[Recipe, Prediction]:
    """The recipe with micro-batches and recomputing that fit into `limit` bytes, and what they come to.

    size: bytes of the tokens. passing: bytes that this process holds now and gives back before it trains.
    Raises EngineError `fit_length` or `fit_model`, which say what would fit.
    """

    items = data.training()

    def predict(candidate: Recipe, length: int | None = None) -> Prediction:
        batch = items.batch(longest(items, candidate.batch_size))
        step = rehearse(candidate, config, tokenizer, data, batch if length is None else _cut(batch, length))
        if (parts := parts_of(recipe)) > 1:
            step = step.among(parts, gathered(config))
        if candidate.device != "cpu":
            return Prediction(0, 0, step, sparing=True)
        base = hardware.resident() - passing  # once rehearsed, torch has loaded what it trains with
        return Prediction(base, size, step, hardware.most_resident(), parts > 1 or bool(candidate.recompute))

    first: Prediction | None = None
    smallest = recipe
    for candidate in _candidates(recipe):
        prediction, smallest = predict(candidate), candidate
        first = first or prediction
        if prediction.total <= limit:
            return _explained(candidate, recipe, first, limit), prediction
    sizes = _sizes(prediction.total, limit)
    for length in _shorter(recipe.max_length):
        if predict(smallest, length).total <= limit:
            raise EngineError("fit_length", max_length=recipe.max_length, length=length, **sizes)
    raise EngineError("fit_model", name=recipe.name, **sizes)


def _candidates(recipe: Recipe) -> Iterator[Recipe]:
    """Micro-batches from the largest down, first without recomputing, each with the same batch."""
    wanted = recipe.batch_size * recipe.accumulation
    for recompute in (recipe.recompute,) if "recompute" in recipe.given() else (False, True):
        for rows in range(recipe.batch_size, 0, -1):
            even = rows == recipe.batch_size or wanted // rows % parts_of(recipe) == 0
            if wanted % rows == 0 and even:
                evaluated = recipe.evaluate_batches * recipe.batch_size
                values = recipe.given() | {
                    "batch_size": rows,
                    "accumulation": wanted // rows,
                    "evaluate_batches": -(-evaluated // rows),
                    "recompute": recompute,
                }
                yield recipes.make(values, recipe.reasons)


def _explained(chosen: Recipe, asked: Recipe, whole: Prediction, limit: int) -> Recipe:
    """With the reasons of what was chosen. whole: what the batch in one piece would take."""
    reasons, size = dict(chosen.reasons), hardware.size_text
    because = phrase(
        "all at once would take {needed}, and there are {available}", needed=size(whole.total), available=size(limit)
    )
    if chosen.batch_size != asked.batch_size:
        reasons |= dict.fromkeys(("batch_size", "accumulation"), because)
        reasons["evaluate_batches"] = phrase("as many items as before are evaluated")
    if "recompute" not in asked.given():
        reasons["recompute"] = because if chosen.recompute else phrase("there is room to keep everything")
    return recipes.make(chosen.given(), reasons)


def _shorter(length: int) -> Iterator[int]:
    """Half, a quarter and so on, of at least 16."""
    while (length := length // 2) >= 16:
        yield length


def _cut(batch: Batch, length: int) -> Batch:
    return tuple(part[:, :length] if part.ndim == 2 else part for part in batch)


def _sizes(needed: int, limit: int) -> dict[str, str]:
    return {"needed": hardware.size_text(needed), "available": hardware.size_text(limit)}


# --- batches to measure with ------------------------------------------------------------------------------------------


def longest(items: Items, rows: int) -> NDArray[np.int64]:
    """The micro-batch that takes most: the longest items; (rows,)."""
    return np.resize(_by_length(items)[::-1][:rows], rows)


def typical(items: Items, rows: int) -> NDArray[np.int64]:
    """A micro-batch of middling length; (rows,)."""
    order = _by_length(items)
    start = max(0, (len(order) - rows) // 2)
    return np.resize(order[start : start + rows], rows)


def _by_length(items: Items) -> NDArray[np.int64]:
    return np.arange(len(items)) if items.lengths is None else np.argsort(items.lengths, kind="stable")


# --- time and disk ----------------------------------------------------------------------------------------------------


def dry_run(recipe: Recipe, items: Items, objective: Objective, optimizer: Optimizer) -> tuple[float, float]:
    """(seconds a step takes, tokens per second), measured on a typical and on the longest micro-batch.

    Parameters keep their bits, because the optimizer's steps have no length, and it forgets its state: so this is only
    for a run that has not begun.
    """
    tokens, taken = [], []
    for choice in (longest,) if items.lengths is None else (longest, typical):
        batch = items.batch(choice(items, recipe.batch_size))
        for _ in range(2):  # the first time also makes the code for this shape
            began = time.perf_counter()
            objective.backward(batch, objective.count(batch))
            seconds = time.perf_counter() - began
        taken.append(seconds)
        tokens.append(batch[0].size)
    optimizer.step(0.0)
    began = time.perf_counter()
    optimizer.step(0.0)
    update = time.perf_counter() - began
    optimizer.forget()
    optimizer.zero_gradients()
    mean = _mean_tokens(items, recipe.batch_size, tokens[0])
    share = (tokens[0] - mean) / (tokens[0] - tokens[-1]) if tokens[0] > tokens[-1] else 0.0
    step = recipe.accumulation * (taken[0] - share * (taken[0] - taken[-1])) + update
    return step, recipe.accumulation * mean / step


def _mean_tokens(items: Items, rows: int, most: int) -> float:
    """Of a micro-batch, padding included: items of like length come together."""
    lengths = items.lengths
    return float(most) if lengths is None else rows * float(np.mean(lengths))


def disk_needed(step: StepMemory, data: int, parts: int = 1) -> int:
    """Bytes that a run takes at most: its checkpoints, its model and its tokens. parts: in which the model is held."""
    whole = _CHECKPOINTS * (step.gradients + step.optimizer) + max(step.weights, step.gradients)
    return parts * whole + data
