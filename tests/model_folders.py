"""Small models and a tokenizer, to be written as model folders."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import torch

from engine.gpt.config import GPTConfig, default_config
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer

GPT2 = default_config("gpt2", vocabulary=320, context=32, layers=2, width=32, heads=4)
QWEN3 = default_config("qwen3", vocabulary=320, context=32, layers=2, width=32, heads=4)
CONFIGS = {
    "gpt2": GPT2,
    "gpt2 qkv bias": replace(GPT2, qkv_bias=True, dropout=0.1, norm_epsilon=1e-3),
    "gpt2 untied": replace(GPT2, tied=False, feed_forward=48),
    "qwen3": QWEN3,
    "qwen3 untied": replace(QWEN3, tied=False, rope_theta=500.0, norm_epsilon=1e-2),
    "qwen3 wide heads": replace(QWEN3, head_dim=24, heads=3, kv_heads=3, dropout=0.2),
}


@cache
def seeds_tokenizer() -> Tokenizer:
    return Tokenizer.train(["Once upon a time, little seeds grow. " * 30], 300)


def random_model(config: GPTConfig) -> GPT:
    """Every parameter random: the initial ones are zero in places, where a mistake would not show."""
    model = GPT(config, seed=0).eval()
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0.0, 0.2, generator=generator)
    return model


def same(first: GPT, second: GPT) -> bool:
    a, b = first.state_dict(), second.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)
