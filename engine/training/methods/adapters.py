"""Training an adapter instead of all weights: what the recipe's `lora` table means for a model."""

from __future__ import annotations

from torch import nn

from engine.gpt import adapter, hf, lora
from engine.gpt.lora import LoRAConfig
from engine.gpt.model import GPT
from engine.gpt.quantized import quantize
from engine.gpt.tokenizer import Tokenizer
from engine.training.recipe import Recipe
from engine.training.run import Run


def attach(model: GPT, recipe: Recipe) -> None:
    """Freeze the model, in fewer bits where the recipe says so, and put a fresh adapter beside its matrices.

    Raises EngineError `lora_target`.
    """
    if recipe.lora.bits is not None:
        quantize(model, recipe.lora.bits)
    lora.attach(model, _config(recipe), recipe.seed)


def save(model: nn.Module, tokenizer: Tokenizer, run: Run, card: str) -> None:
    """The adapter, which opens together with the parent, or the parent with the adapter merged in."""
    assert isinstance(model, GPT)
    if run.recipe.lora.merge:
        lora.merge(model)
        hf.save(model, tokenizer, run.model, card)
    else:
        adapter.save(model, _config(run.recipe), tokenizer, run.info["parent"], run.model, card)


def _config(recipe: Recipe) -> LoRAConfig:
    table = recipe.lora
    return LoRAConfig(table.rank, table.alpha, table.dropout, table.targets, table.rslora)
