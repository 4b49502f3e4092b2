"""What a training will take, by arithmetic: quick, and good to about a third. What `fit.py` finds is exact."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.gpt.config import GPTConfig, parameters
from engine.training import dial
from engine.training.recipe import Recipe

_PROGRAM = 550_000_000  # bytes of a process that trains, beside what it trains
_CHECKPOINTS = 4
_HALF = 0.6  # of the activations of a block are half as large in bf16; products keep what enters them in it
_HEAD_ROWS = 1024  # tokens that pass the head at once


@dataclass(frozen=True)
class Estimate:
    """memory, disk: bytes. seconds: of the steps and what lies between them. speed: tokens a second."""

    memory: int
    disk: int
    seconds: float
    speed: float
    parameters: int
    trained: int


def estimate(
    recipe: Recipe, config: GPTConfig, lengths: tuple[float, float], flops: float, size_bytes: int
) -> Estimate:
    """recipe: resolved. lengths: tokens of an item, usually and at most. flops: a second, here (`speed.py`)."""
    whole = parameters(config)
    learning = trained(recipe, config)
    longest = min(recipe.max_length, config.context, math.ceil(lengths[1]))
    length = min(lengths[0], longest)
    sequences = recipe.batch_size * (2 if recipe.method == "dpo" else 1)
    weights = whole * (2 if recipe.precision == "bf16" and learning < whole else 4)
    if recipe.lora.bits is not None:
        weights = whole * recipe.lora.bits // 8
    optimizer = learning * (8 if recipe.optimizer == "adamw" else 4)
    kept = 4 * sequences * longest * _kept(config) * (_HALF if recipe.precision == "bf16" else 1)
    blocks = kept / config.layers + sequences * longest * config.width * 4 * config.layers if recipe.recompute else kept
    head = 12 * min(_HEAD_ROWS, sequences * longest) * config.vocabulary
    tokens = recipe.batch_size * recipe.accumulation * length * (2 if recipe.method == "dpo" else 1)
    work = tokens * dial.operations(config) * _share(recipe, config)
    disk = _CHECKPOINTS * (4 * learning + optimizer) + max(weights, 4 * learning) + size_bytes
    return Estimate(
        memory=int(_PROGRAM + weights + 4 * learning + optimizer + blocks + head),
        disk=int(disk),
        seconds=recipe.steps * work / flops / dial.STEPPING,
        speed=tokens / (work / flops),
        parameters=whole,
        trained=learning,
    )


def trained(recipe: Recipe, config: GPTConfig) -> int:
    """About how many parameters learn."""
    whole = parameters(config)
    if recipe.method == "classify" and isinstance(recipe.classify.layers, int):
        return round((whole - config.width * config.vocabulary) * recipe.classify.layers / config.layers)
    if "lora.rank" not in recipe.given():
        return whole
    attention = config.head_dim * (config.heads + config.kv_heads)
    sides = (
        4 * config.width + 2 * attention + (3 if config.shape != "gpt2" else 2) * (config.width + config.feed_forward)
    )
    return int(config.layers * recipe.lora.rank * sides)


def _kept(config: GPTConfig) -> int:
    """Numbers that all blocks keep of a token for the way back (`rehearsal.py` says which)."""
    width, feed_forward, heads, groups = config.width, config.feed_forward, config.heads, config.kv_heads
    if config.shape == "gpt2":
        return config.layers * (8 * width + 2 * feed_forward + heads + 4)
    of_heads = config.head_dim * (3 * heads + 3 * groups)
    return config.layers * (4 * width + of_heads + 4 * feed_forward + 2 * heads + groups + 2)


def _share(recipe: Recipe, config: GPTConfig) -> float:
    """Of the operations of pretraining: forward is a third, and what does not learn has no gradient, another third."""
    if recipe.method == "classify" and isinstance(recipe.classify.layers, int):
        return 1 / 3 + 2 / 3 * recipe.classify.layers / config.layers
    if "lora.rank" not in recipe.given():
        return 1.0
    return 1.0 if recipe.method == "dpo" else 2 / 3  # the reference of a pair is a forward more
