"""Tiny models, each with bytes of its own, to be put into stores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from gguf_files import GGUF

Make = Callable[[str], bytes]


@pytest.fixture
def gguf(data: Callable[[str], Path]) -> Make:
    """`gguf(name)`: a model that llama.cpp opens, unlike that of any other name."""
    source = GGUF.read(data("malformed-models/gguf/valid-mini.gguf"))
    return lambda name: source.set("general.name", "text", name).bytes()


@pytest.fixture
def folder(data: Callable[[str], Path]) -> dict[str, bytes | Path]:
    """The files that a model folder has at the least, a qwen3's."""
    config = b'{"model_type": "qwen3", "max_position_embeddings": 64, "vocab_size": 300}'
    weights = data("malformed-models/safetensors/valid.safetensors")
    return {"config.json": config, "tokenizer.json": b"{}", "model.safetensors": weights}
