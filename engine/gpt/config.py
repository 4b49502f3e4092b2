"""The numbers that define a model of ours. Imports nothing heavy, so forms can show sizes without loading torch."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

from engine.errors import EngineError
from engine.phrases import Phrase, phrase

# Families whose models are opened, by their `model_type` in Hugging Face's config.json, and those a model may be begun
# in from nothing: the others are for finetuning what somebody else has trained.
SHAPES = (
    "gpt2",
    "qwen3",
    "llama",
    "qwen2",
    "mistral",
    "gemma2",
    "gemma3_text",
    "olmo2",
    "gpt_neox",
    "starcoder2",
    "phi3",
)
FRESH_SHAPES = ("qwen3", "gpt2", "llama")

_GEMMA = ("gemma2", "gemma3_text")
# Fields that only some shapes have (elsewhere they stay off), and those they cannot be without.
_OPTIONAL = {
    "qkv_bias": ("gpt2", "qwen2", "gpt_neox", "starcoder2"),
    "rotary_share": ("gpt_neox", "phi3"),
    "rope_scaling": ("llama", "gemma3_text"),
    "window": ("mistral", "starcoder2", "phi3", *_GEMMA),
    "global_every": _GEMMA,
    "local_rope_theta": ("gemma3_text",),
    "query_scalar": _GEMMA,
    "attention_softcap": ("gemma2",),
    "logit_softcap": ("gemma2",),
}
_REQUIRED = {
    "qkv_bias": ("qwen2", "gpt_neox", "starcoder2"),
    "tied": ("gemma2",),
    "window": _GEMMA,
    "global_every": _GEMMA,
    "local_rope_theta": ("gemma3_text",),
    "query_scalar": _GEMMA,
    "attention_softcap": ("gemma2",),
    "logit_softcap": ("gemma2",),
}
# Shapes whose heads together may be wider or narrower than the stream.
_FREE_HEADS = ("qwen3", "llama", "mistral", *_GEMMA)
# Shapes whose heads do not share keys and values.
_ALL_HEADS_ALIKE = ("gpt2", "gpt_neox")
ROPE_SCALINGS = ("", "linear", "llama3")

# Shapes with two matrices in the feed-forward network instead of three.
_PLAIN_FEED_FORWARD = ("gpt2", "gpt_neox", "starcoder2")
# What a shape usually has beyond its sizes.
_USUAL: dict[str, dict[str, Any]] = {
    "gpt2": {"norm_epsilon": 1e-5},
    "llama": {"norm_epsilon": 1e-5},
    "qwen2": {"qkv_bias": True},
    "mistral": {"norm_epsilon": 1e-5},
    "olmo2": {"rope_theta": 5e5},
    "gpt_neox": {"norm_epsilon": 1e-5, "qkv_bias": True, "rotary_share": 0.25},
    "starcoder2": {"norm_epsilon": 1e-5, "qkv_bias": True},
    "phi3": {"norm_epsilon": 1e-5},
    "gemma2": {"window": 4096, "global_every": 2, "attention_softcap": 50.0, "logit_softcap": 30.0},
    "gemma3_text": {"window": 512, "global_every": 6, "rope_theta": 1e6, "local_rope_theta": 1e4},
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
    "window": 2**31,
    "global_every": 1024,
    "query_scalar": 2**17,
}
_LARGEST_ROTATION = 2**28  # numbers in the table of rotary angles: a million positions of 256
# Numbers that may be 0, which means without.
_ROPE_NUMBERS = ("rope_factor", "rope_low_factor", "rope_high_factor", "rope_original_context")
_OFF_AT_ZERO = (
    *_ROPE_NUMBERS, "window", "global_every", "local_rope_theta", "query_scalar", "attention_softcap", "logit_softcap",
)  # fmt: skip


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
    rotary_share: the part of each head that rotates.
    rope_scaling: how rotations are slowed for a longer context: "" (not), "linear" or "llama3" (see
        `RotaryPositions`); rope_factor, rope_low_factor, rope_high_factor and rope_original_context are its numbers.
    window: how many positions a query sees, itself included; 0 for all. global_every: each so many layers there is one
        without a window; 0 for none. local_rope_theta: base of the rotary frequencies in layers with a window, where
        it differs.
    query_scalar: scores are divided by its root; 0 for head_dim.
    attention_softcap, logit_softcap: what scores and logits stay below, see `cap`.
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
    rotary_share: float = 1.0
    rope_scaling: str = ""
    rope_factor: float = 0.0
    rope_low_factor: float = 0.0
    rope_high_factor: float = 0.0
    rope_original_context: int = 0
    window: int = 0
    global_every: int = 0
    local_rope_theta: float = 0.0
    query_scalar: int = 0
    attention_softcap: float = 0.0
    logit_softcap: float = 0.0

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise _bad(
                "shape",
                phrase("is {found}, but must be one of {known}", found=repr(self.shape), known=", ".join(SHAPES)),
            )
        for field in fields(self):
            value = getattr(self, field.name)
            _check(field.name, value, str(field.type))
            if value != field.default and self.shape not in _OPTIONAL.get(field.name, SHAPES):
                raise _bad(field.name, phrase("must be left out in the shape {shape}", shape=self.shape))
        if self.heads % self.kv_heads:
            raise _bad(
                "kv_heads",
                phrase("({found}) must divide the heads ({heads})", found=self.kv_heads, heads=self.heads),
            )
        for name, shapes in _REQUIRED.items():
            if not getattr(self, name) and self.shape in shapes:
                raise _bad(name, phrase("must be on in the shape {shape}", shape=self.shape))
        if self.shape not in _FREE_HEADS and self.heads * self.head_dim != self.width:
            numbers = {"heads": self.heads, "head_dim": self.head_dim, "width": self.width}
            raise _bad("heads", phrase("({heads}) times head_dim ({head_dim}) must be the width ({width})", **numbers))
        if self.shape in _ALL_HEADS_ALIKE and self.kv_heads != self.heads:
            numbers = {"found": self.kv_heads, "heads": self.heads}
            reason = phrase("({found}) must equal heads ({heads}) in the shape {shape}", **numbers, shape=self.shape)
            raise _bad("kv_heads", reason)
        if self.shape != "gpt2" and (self.rotary_dim < 2 or self.rotary_dim % 2):
            name, size = ("head_dim", self.head_dim) if self.rotary_share == 1 else ("rotary_share", self.rotary_share)
            reason = phrase("({found}) must give an even number, because positions rotate pairs of numbers", found=size)
            raise _bad(name, reason)
        if self.shape != "gpt2" and self.context * self.head_dim > _LARGEST_ROTATION:
            numbers = {"found": self.context, "head_dim": self.head_dim, "most": _LARGEST_ROTATION}
            raise _bad("context", phrase("({found}) times head_dim ({head_dim}) is above {most:,}", **numbers))
        self._check_rope_scaling()

    @property
    def rotary_dim(self) -> int:
        """How many numbers of each head rotate."""
        return int(self.head_dim * self.rotary_share)

    def windowed(self, layer: int) -> bool:
        """Whether queries of this layer see only `window` positions."""
        return bool(self.window) and not (self.global_every and (layer + 1) % self.global_every == 0)

    def _check_rope_scaling(self) -> None:
        if self.rope_scaling not in ROPE_SCALINGS:
            reason = phrase("is {found}, but must be linear or llama3", found=repr(self.rope_scaling))
            raise _bad("rope_scaling", reason)
        needed = {"": (), "linear": ("rope_factor",)}.get(self.rope_scaling, _ROPE_NUMBERS)
        for name in needed:
            if not getattr(self, name):
                raise _bad(name, phrase("must be above 0 where rope_scaling is {kind}", kind=self.rope_scaling))
        if self.rope_scaling == "llama3" and self.rope_high_factor <= self.rope_low_factor:
            numbers = {"found": self.rope_high_factor, "low": self.rope_low_factor}
            reason = phrase("({found}) must be above rope_low_factor ({low})", **numbers)
            raise _bad("rope_high_factor", reason)


def default_config(shape: str, vocabulary: int, context: int, layers: int, width: int, heads: int) -> GPTConfig:
    """The usual proportions around these sizes. Raises EngineError `bad_config`.

    With a width that is a multiple of 256 every row of every matrix is too, so that K-quants are what they say
    (llama.cpp quantizes rows in blocks of 256 and silently takes another type where they do not fit).
    """
    for name, value in (("width", width), ("heads", heads)):
        _check(name, value, "int")
    if width % heads:
        raise _bad("heads", phrase("({found}) must divide the width ({width})", found=heads, width=width))
    plain, alike = shape in _PLAIN_FEED_FORWARD, shape in _ALL_HEADS_ALIKE
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
        kv_heads=heads if alike else shared,
        head_dim=width // heads,
        feed_forward=4 * width if plain else gated,
        query_scalar=width // heads if shape in _REQUIRED["query_scalar"] else 0,
        **_USUAL.get(shape, {}),
    )


def parameters(config: GPTConfig) -> int:
    """About how many parameters a model of this configuration has: its matrices and embeddings."""
    heads = config.head_dim * (2 * config.heads + 2 * config.kv_heads)
    matrices = 2 if config.shape == "gpt2" else 3
    embeddings = config.vocabulary * (1 if config.tied else 2) + (config.context if config.shape == "gpt2" else 0)
    return config.width * (config.layers * (heads + matrices * config.feed_forward) + embeddings)


def product_weights(config: GPTConfig) -> int:
    """Those of the parameters that every token is multiplied by: all matrices and the head, but no table of
    embeddings or positions in which it is only looked up.
    """
    looked_up = (0 if config.tied else config.vocabulary) + (config.context if config.shape == "gpt2" else 0)
    return parameters(config) - config.width * looked_up


def _check(name: str, value: object, kind: str) -> None:
    if kind == "int":
        if not isinstance(value, int) or isinstance(value, bool):
            raise _bad(name, phrase("must be a whole number, not {found}", found=repr(value)))
        least = 0 if name in _OFF_AT_ZERO else 1
        if not least <= value <= _LARGEST[name]:
            reason = phrase(
                "must be from {least} to {most:,}, not {found}", least=least, most=_LARGEST[name], found=value
            )
            raise _bad(name, reason)
    elif kind == "float":
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
            raise _bad(name, phrase("must be a number, not {found}", found=repr(value)))
        if name == "dropout" and not 0 <= value < 1:
            raise _bad(name, phrase("must be at least 0 and below 1, not {found}", found=value))
        if name == "rotary_share" and value > 1:
            raise _bad(name, phrase("must be at most 1, not {found}", found=value))
        if value < 0 or (value == 0 and name != "dropout" and name not in _OFF_AT_ZERO):
            raise _bad(name, phrase("must be above 0, not {found}", found=value))
    elif kind == "bool" and not isinstance(value, bool):
        raise _bad(name, phrase("must be true or false, not {found}", found=repr(value)))
    elif kind == "str" and not isinstance(value, str):
        raise _bad(name, phrase("must be text, not {found}", found=repr(value)))


def _bad(field: str, reason: Phrase) -> EngineError:
    return EngineError("bad_config", place=phrase("The model's configuration"), field=field, reason=reason)
