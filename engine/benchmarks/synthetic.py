"""A model for speed alone: a real shape, weights that mean nothing, a reply that never ends by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from engine.gpt import gguf, hf
from engine.gpt.config import GPTConfig, default_config
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.paths import resource

# 110 million parameters: GPT-2's depth and width in a Qwen3, every head with keys and values of its own.
SHAPE = replace(default_config("qwen3", vocabulary=32_000, context=4096, layers=12, width=768, heads=12), kv_heads=12)


def write(folder: Path, type: str | None, shape: GPTConfig = SHAPE) -> Path:
    """A GGUF of this type in the folder, or without a type a model folder; the path. The vocabulary is the starter's,
    filled up with tokens that are never meant.

    What blocks compute adds nothing to the stream, so the likeliest token is always the one before: text that any
    tokenizer can write, for ever. It takes as long as weights that mean something.
    """
    model, tokenizer = GPT(shape, seed=0), Tokenizer.load(resource("starter"))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(("attention.output.weight", "feed_forward.down.weight")):
                parameter.zero_()
    if type is None:
        hf.save(model, tokenizer, folder / "synthetic")
        return folder / "synthetic"
    gguf.write_gguf(model, tokenizer, folder / f"synthetic-{type}.gguf", type)
    return folder / f"synthetic-{type}.gguf"
