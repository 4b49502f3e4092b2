"""The numbers that define a model of ours. Imports nothing heavy, so forms can show sizes without loading torch."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

from engine.errors import EngineError

# Families whose models are opened, by their `model_type` in Hugging Face's config.json, and those a model may be begun
# in from nothing: the others are for finetuning what somebody else has trained.
SHAPES = ("gpt2", "qwen3", "llama", "qwen2")
FRESH_SHAPES = ("qwen3", "gpt2", "llama")

# Fields that only some shapes have (elsewhere they stay off), and those they cannot be without.
_OPTIONAL = {
    "qkv_bias": ("gpt2", "qwen2"),
    "rope_scaling": ("llama",),
}
_REQUIRED = {"qkv_bias": ("qwen2",)}
# Shapes whose heads together may be wider or narrower than the stream.
_FREE_HEADS = ("qwen3", "llama")
ROPE_SCALINGS = ("", "linear", "llama3")

# What a shape usually has beyond its sizes.
_USUAL: dict[str, dict[str, Any]] = {
    "gpt2": {"norm_epsilon": 1e-5},
    "llama": {"norm_epsilon": 1e-5},
    "qwen2": {"qkv_bias": True},
}

# Above every model anyone trains, below what would exhaust a machine before the weights are even looked at.
_LARGEST = {
    "vocabulary": 2**24,
    "context": 2**21,
    "width": 2**17,
    "layers": 1024,
    "heads": 2**12,
    "kv_heads": 2**12,
    "head_dim": 2**12,
    "feed_forward": 2**19,
    "rope_original_context": 2**21,
}
# Numbers that may be 0, which means without.
_OFF_AT_ZERO = ("rope_factor", "rope_low_factor", "rope_high_factor", "rope_original_context")


@dataclass(frozen=True)
class GPTConfig:
    """The shape of a model and its sizes. Raises EngineError `bad_config`, which names the field.

    shape: the family its modules come from: one of `SHAPES`; `gpt2` is the textbook model.
    vocabulary: rows of the embedding; at least the tokenizer's, may be padded.
    context: positions the model is trained for; it is never run beyond them.
    width: size of the residual stream.
    heads, kv_heads: query heads, and the key/value heads they share (grouped-query attention).
    head_dim: size of one head; in some shapes heads * head_dim need not be the width.
    feed_forward: inner size of the feed-forward network.
    dropout: probability for attention weights and residuals, in training only.
    qkv_bias: biases on queries, keys and values.
    tied: the output layer is the embedding itself.
    rope_theta: base of the rotary frequencies (all shapes but gpt2).
    rope_scaling: how rotations are slowed for a longer context: "" (not), "linear" or "llama3" (see
        `RotaryPositions`); rope_factor, rope_low_factor, rope_high_factor and rope_original_context are its numbers.
    """

    shape: str
    vocabulary: int
    context: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    feed_forward: int
    dropout: float = 0.0
    qkv_bias: bool = False
    tied: bool = True
    rope_theta: float = 10_000.0
    norm_epsilon: float = 1e-6
    rope_scaling: str = ""
    rope_factor: float = 0.0
    rope_low_factor: float = 0.0
    rope_high_factor: float = 0.0
    rope_original_context: int = 0

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise _bad("shape", f"is {self.shape!r}, but must be one of {', '.join(SHAPES)}")
        for field in fields(self):
            _check(field.name, getattr(self, field.name), str(field.type))
        if self.heads % self.kv_heads:
            raise _bad("kv_heads", f"({self.kv_heads}) must divide the heads ({self.heads})")
        for name, shapes in _OPTIONAL.items():
            if getattr(self, name) and self.shape not in shapes:
                raise _bad(name, f"must be off in the shape {self.shape}")
        for name, shapes in _REQUIRED.items():
            if not getattr(self, name) and self.shape in shapes:
                raise _bad(name, f"must be on in the shape {self.shape}")
        if self.shape not in _FREE_HEADS and self.heads * self.head_dim != self.width:
            raise _bad("heads", f"({self.heads}) times head_dim ({self.head_dim}) must be the width ({self.width})")
        if self.shape == "gpt2":
            if self.kv_heads != self.heads:
                raise _bad("kv_heads", f"({self.kv_heads}) must equal heads ({self.heads}) in the shape gpt2")
        elif self.head_dim % 2:
            raise _bad("head_dim", f"({self.head_dim}) must be even, because positions rotate pairs of numbers")
        self._check_rope_scaling()

    def _check_rope_scaling(self) -> None:
        if self.rope_scaling not in ROPE_SCALINGS:
            raise _bad("rope_scaling", f"is {self.rope_scaling!r}, but must be linear or llama3")
        needed = {"": (), "linear": ("rope_factor",)}.get(self.rope_scaling, _OFF_AT_ZERO)
        for name in needed:
            if not getattr(self, name):
                raise _bad(name, f"must be above 0 where rope_scaling is {self.rope_scaling}")
        if self.rope_scaling == "llama3" and self.rope_high_factor <= self.rope_low_factor:
            reason = f"({self.rope_high_factor}) must be above rope_low_factor ({self.rope_low_factor})"
            raise _bad("rope_high_factor", reason)


def default_config(shape: str, vocabulary: int, context: int, layers: int, width: int, heads: int) -> GPTConfig:
    """The usual proportions around these sizes. Raises EngineError `bad_config`.

    With a width that is a multiple of 256 every row of every matrix is too, so that K-quants are what they say
    (llama.cpp quantizes rows in blocks of 256 and silently takes another type where they do not fit).
    """
    for name, value in (("width", width), ("heads", heads)):
        _check(name, value, "int")
    if width % heads:
        raise _bad("heads", f"({heads}) must divide the width ({width})")
    gpt2 = shape == "gpt2"
    # A gated network has three matrices instead of two: 8/3 of the width costs what 4 widths cost ungated.
    step = 256 if width % 256 == 0 else 64
    gated = math.ceil(8 * width / 3 / step) * step
    # Pairs of heads share keys and values (half the cache), as long as at least two groups remain.
    shared = heads // 2 if heads % 4 == 0 else heads
    return GPTConfig(
        shape=shape,
        vocabulary=vocabulary,
        context=context,
        width=width,
        layers=layers,
        heads=heads,
        kv_heads=heads if gpt2 else shared,
        head_dim=width // heads,
        feed_forward=4 * width if gpt2 else gated,
        **_USUAL.get(shape, {}),
    )


def _check(name: str, value: object, kind: str) -> None:
    if kind == "int":
        if not isinstance(value, int) or isinstance(value, bool):
            raise _bad(name, f"must be a whole number, not {value!r}")
        least = 0 if name in _OFF_AT_ZERO else 1
        if not least <= value <= _LARGEST[name]:
            raise _bad(name, f"must be from {least} to {_LARGEST[name]:,}, not {value}")
    elif kind == "float":
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
            raise _bad(name, f"must be a number, not {value!r}")
        if name == "dropout" and not 0 <= value < 1:
            raise _bad(name, f"must be at least 0 and below 1, not {value}")
        if value < 0 or (value == 0 and name != "dropout" and name not in _OFF_AT_ZERO):
            raise _bad(name, f"must be above 0, not {value}")
    elif kind == "bool" and not isinstance(value, bool):
        raise _bad(name, f"must be true or false, not {value!r}")
    elif kind == "str" and not isinstance(value, str):
        raise _bad(name, f"must be text, not {value!r}")


def _bad(field: str, reason: str) -> EngineError:
    return EngineError("bad_config", place="The model's configuration", field=field, reason=reason)
