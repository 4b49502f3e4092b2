"""Small models with random weights of a size that makes their logits mean something, and tokenizers for them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import torch

from engine.gpt.config import default_config
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.paths import resource


@cache
def english_tokenizer(vocabulary: int = 400, pattern: str = "qwen2") -> Tokenizer:
    return Tokenizer.train([resource("check.txt").read_text(encoding="utf-8")], vocabulary, pattern)


def random_gpt(shape: str, seed: int = 0, **changes: Any) -> GPT:
    """A model of 2 layers, width 64 and context 64, in evaluation mode. changes: fields of its configuration.

    Fresh weights are so small that logits hardly differ; these give logits of about 4 on either side of zero, biases
    and norms that matter, and a different choice at almost every position.
    """
    sizes = {"vocabulary": 416, "context": 64, "layers": 2, "width": 64, "heads": 4}
    sizes |= {name: changes.pop(name) for name in list(changes) if name in sizes}
    model = GPT(replace(default_config(shape, **sizes), **changes), seed=seed)
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:
                parameter.add_(torch.randn(parameter.shape, generator=draw), alpha=0.2)
            elif name.endswith("bias"):
                parameter.normal_(0, 0.3, generator=draw)
            elif name.startswith("blocks"):
                parameter.normal_(0, parameter.shape[1] ** -0.5, generator=draw)
            else:
                parameter.normal_(0, 4 * model.config.width**-0.5, generator=draw)
    return model.eval()
