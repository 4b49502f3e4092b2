"""Training an adapter instead of all weights: what the recipe's `lora` table means for a model."""

from __future__ import annotations

from torch import nn

from engine.gpt import adapter, hf, lora, opening
from engine.gpt.lora import LoRAConfig
from engine.gpt.model import GPT
from engine.gpt.quantized import quantize
from engine.gpt.tokenizer import Tokenizer
from engine.training.recipe import Recipe
from engine.training.run import Run


def attach(model: GPT, recipe: Recipe) -> None:
    """Freeze the model, in fewer bits where the recipe says so, and put a fresh adapter beside its matrices.

    In a run that computes in bfloat16 frozen matrices are kept in it: autocast would round them again at every step.
    Raises EngineError `lora_target`.
    """
    if recipe.lora.bits is not None:
        quantize(model, recipe.lora.bits)
    if recipe.precision == "bf16":
        for parameter in model.parameters():
            parameter.data = parameter.data.bfloat16() if parameter.dim() > 1 else parameter.data
    lora.attach(model, _config(recipe), recipe.seed)


def save(model: nn.Module, tokenizer: Tokenizer, run: Run, card: str) -> None:
    """The adapter as the run's model, which opens together with the parent; `merged/`, where the recipe asks for it,
    is the parent as it is on the disk, not rounded as for training, with the adapter merged in.
    """
    assert isinstance(model, GPT)
    adapter.save(model, _config(run.recipe), tokenizer, run.info["parent"], run.model, card)
    if run.recipe.lora.merge:
        merged, _ = opening.open_model(run.model)
        hf.save(merged, tokenizer, run.folder / "merged", card)


def _config(recipe: Recipe) -> LoRAConfig:
    table = recipe.lora
    return LoRAConfig(table.rank, table.alpha, table.dropout, table.targets, table.rslora)
