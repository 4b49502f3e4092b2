"""Random models with an adapter that means something, and ids to try them on."""

from __future__ import annotations

from typing import Any

import torch
from random_gpt import random_gpt

from engine.gpt import lora
from engine.gpt.lora import LoRAConfig
from engine.gpt.model import GPT

IDS = torch.arange(40).view(2, 20) * 7 % 400


def adapted(shape: str = "qwen3", config: LoRAConfig | None = None, **changes: Any) -> GPT:
    """A random model with an adapter that is not zero. changes: as in `random_gpt`."""
    model = random_gpt(shape, **changes)
    lora.attach(model, config or LoRAConfig(rank=4, alpha=6), seed=1)
    draw = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for layer in lora.layers(model).values():
            layer.b.normal_(0, 0.1, generator=draw)
    return model
