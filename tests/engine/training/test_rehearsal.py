"""A step rehearsed without memory takes, byte for byte, what its tensors take when it runs."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from random_gpt import english_tokenizer

from engine.data.items import Batch
from engine.gpt.config import GPTConfig, default_config
from engine.gpt.model import GPT
from engine.training import defaults
from engine.training import recipe as recipes
from engine.training.defaults import DataFacts, Facts
from engine.training.recipe import Recipe
from engine.training.rehearsal import StepMemory, gathered, rehearse

TOKENS = 3 * 40
NOTHING: Any = None  # data: of text, a model knows nothing before it is trained


def config(shape: str = "qwen3", layers: int = 2, **more: Any) -> GPTConfig:
    return default_config(shape, english_tokenizer().vocabulary, 64, layers, 32, 2, **more)


def recipe(**more: Any) -> Recipe:
    asked = recipes.make({"method": "pretrain", "data": "a", "precision": "float32", "recompute": False, **more})
    return defaults.resolve_data(defaults.resolve(asked, Facts(1000)), DataFacts(10))


def batch(rows: int = 3, length: int = 40) -> Batch:
    return np.zeros((rows, length), np.int64), np.zeros((rows, length), np.int64)


@cache
def rehearsed(layers: int = 2, shape: str = "qwen3", rows: int = 3, **more: Any) -> StepMemory:
    return rehearse(recipe(**more), config(shape, layers), english_tokenizer(), NOTHING, batch(rows))


def kept(shape: str, layers: int) -> int:
    """Bytes that a real forward pass keeps for the way back, beside the weights."""
    model = GPT(config(shape, layers), 0)
    own = {t.untyped_storage().data_ptr() for t in [*model.parameters(), *model.buffers()]}
    found: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        found[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        hidden = model.hidden(torch.zeros(3, 40, dtype=torch.long))
    assert hidden.requires_grad
    return sum(size for storage, size in found.items() if storage not in own)


@pytest.mark.parametrize("shape", ["gpt2", "qwen3"])
def test_counts_what_a_real_pass_keeps(shape: str) -> None:
    one, three = rehearsed(1, shape), rehearsed(3, shape)
    assert three.backward - one.backward == pytest.approx(kept(shape, 3) - kept(shape, 1), rel=0.02)


def test_the_formula() -> None:
    c = config()
    w, q, kv, f = c.width, c.heads * c.head_dim, c.kv_heads * c.head_dim, c.feed_forward
    numbers = {"qwen3": 4 * w + 3 * q + 3 * kv + 4 * f + 2 * c.heads + c.kv_heads + 2}
    numbers["gpt2"] = 8 * w + 2 * config("gpt2").feed_forward + c.heads + 4
    for shape, each in numbers.items():
        assert (kept(shape, 3) - kept(shape, 1)) / 2 == 4 * TOKENS * each


@pytest.mark.parametrize(("optimizer", "numbers"), [("adamw", 2), ("muon", 1)])
def test_weights_gradients_and_optimizer(optimizer: str, numbers: int) -> None:
    found = rehearsed(optimizer=optimizer)
    model = GPT(config())
    inside = 4 * sum(p.numel() for name, p in model.named_parameters() if name.startswith("blocks.") and p.ndim == 2)
    everything = 4 * sum(p.numel() for p in model.parameters())
    assert found.gradients == everything
    assert found.weights == everything + sum(buffer.nbytes for buffer in model.buffers())
    steps = 4 * len(list(model.parameters()))  # AdamW counts its steps in a number for each parameter
    assert found.optimizer == pytest.approx(2 * everything - (2 - numbers) * inside, abs=steps)
    assert found.total >= found.weights + found.gradients + found.optimizer
    assert found.activations > 0


def test_a_deep_model_is_rehearsed_by_few_blocks() -> None:
    deep = rehearse(recipe(), config(layers=5), english_tokenizer(), NOTHING, batch())
    one, two = (rehearse(recipe(), config(layers=n), english_tokenizer(), NOTHING, batch()) for n in (1, 2))
    assert deep == one.and_again(two, 4)


def test_recomputing_keeps_next_to_nothing_of_a_block() -> None:
    def a_block(**more: Any) -> int:
        return rehearsed(2, **more).backward - rehearsed(1, **more).backward

    block = (rehearsed(2).gradients - rehearsed(1).gradients) + 4 * 32 * TOKENS
    assert a_block(recompute=True) < a_block() / 3
    assert a_block(recompute=True) == pytest.approx(block, rel=0.35)


def test_rows_and_micro_batches() -> None:
    assert rehearsed(rows=6).activations == pytest.approx(2 * rehearsed(rows=3).activations, rel=0.1)
    assert rehearsed(accumulation=2).backward > rehearsed().backward


def test_a_part_of_a_model() -> None:
    whole = StepMemory(weights=1000, gradients=400, optimizer=801, backward=900, update=500)
    assert whole.among(2, 100) == StepMemory(500, 200, 401, backward=900 - 200 + 2 * 100, update=300)
    layers = [gathered(config(layers=number)) for number in (1, 2, 3, 9)]
    assert layers[0] == 4 * sum(parameter.numel() for parameter in GPT(config(layers=1)).parameters())
    assert layers[0] < layers[1] == layers[2] == layers[3], "of its blocks two are whole at once"
