"""A model from nothing, from one number: its size, or the time there is, or only the text it learns from.

Depth is the dial (nanochat): width, heads, vocabulary, tokens and batch follow from it and from the text. `defaults.py`
takes the sizes of a recipe that names none from here, so a form, a recipe and the command line agree. Needs no torch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.gpt.config import FRESH_SHAPES, GPTConfig, default_config, parameters, product_weights
from engine.phrases import Phrase, phrase
from engine.training.markdown import duration_text

_ASPECT = 64  # of the width to the depth, as nanochat has it (scripts/base_train.py)
_WIDTH_STEP = 256  # so that K-quants fit
_HEAD = 64
_DEEPEST = 32
# From so many bytes of text on, a model of so many blocks: deeper ones learn small texts by heart.
_DEPTHS = ((0, 2), (200_000, 4), (10_000_000, 6), (50_000_000, 8))
_LARGE_TEXT = 2_000_000  # bytes from which on there is enough to learn from 512 tokens at once
# Words of a text grow about with the square root of its length (Heaps 1978), and so does what is worth a token; but a
# table of tokens is to take no more than half of what the blocks take, since small models want small ones (Tao et al.
# 2024, arXiv:2407.13623). Tokens for each root of a byte, the least and the most: measured, benchmarks/from_nothing.py.
_TOKENS_A_ROOT, _FEWEST_TOKENS, _MOST_TOKENS = 2, 512, 32_768
# Tokens a parameter is worth: 20 by Hoffmann et al. 2022 (arXiv:2203.15556); nanochat takes 12 of matrices and head.
_TOKENS_PER_PARAMETER = 20
# Text that is read up to four times is about as good as new (Muennighoff et al. 2023, arXiv:2305.16264).
_PASSES = 4
_LEARNT_FROM = 0.95  # of the text; the rest is held back
# A batch of 2^19 tokens for 1.3e9 tokens in all, and tokens^0.383 around it (nanochat; Bergsma et al. 2025,
# arXiv:2505.13738), but at least so many steps: below what that law was measured on, steps are what is short.
_BATCH, _BATCH_TOKENS, _BATCH_POWER, _FEWEST_STEPS = 2**19, 1.3e9, 0.383, 400
_ROWS = (8, 64)  # windows of a step, at least and, in one micro-batch, at most
# Of the time that is given: what is spent before the first step, and the share of steps in what follows; the rest is
# for evaluations, samples and checkpoints.
_START_SECONDS, STEPPING = 5.0, 0.85


@dataclass(frozen=True)
class Size:
    """Of a fresh model."""

    layers: int
    width: int
    vocabulary: int
    context: int

    @property
    def heads(self) -> int:
        return heads(self.width)

    @property
    def config(self) -> GPTConfig:
        return default_config(FRESH_SHAPES[0], self.vocabulary, self.context, self.layers, self.width, self.heads)

    @property
    def parameters(self) -> int:
        return parameters(self.config)


@dataclass(frozen=True)
class Setting:
    """What the dial stands for. passes: over the text. reasons: why, of each key in `keys`."""

    size: Size
    rows: int
    accumulation: int
    steps: int
    tokens: int
    passes: float
    reasons: dict[str, Phrase]

    @property
    def keys(self) -> dict[str, Any]:
        """Of a recipe."""
        size = self.size
        return {
            "layers": size.layers,
            "width": size.width,
            "vocabulary": size.vocabulary,
            "context": size.context,
            "batch_size": self.rows,
            "accumulation": self.accumulation,
            "steps": self.steps,
        }


def for_text(size_bytes: int) -> Size:
    """Of a model that learns from so much text, where nothing else is said."""
    return size_of(next(depth for least, depth in reversed(_DEPTHS) if size_bytes >= least), size_bytes)


def size_of(depth: int, size_bytes: int) -> Size:
    """Of a model of `depth` blocks, with what follows from the text."""
    return Size(depth, width(depth), vocabulary(size_bytes, depth), 512 if size_bytes >= _LARGE_TEXT else 256)


def for_parameters(wanted: int, size_bytes: int) -> Setting:
    """The dial at a size: the depth that comes nearest to it, trained as long as its parameters are worth."""
    size = min(_sizes(size_bytes), key=lambda size: abs(math.log(size.parameters / wanted)))
    worth, there = _TOKENS_PER_PARAMETER * size.parameters, _PASSES * tokens_in(size_bytes, size.vocabulary)
    why = phrase("{layers} blocks come nearest to {wanted} parameters", layers=size.layers, wanted=_short(wanted))
    if worth <= there:
        enough = phrase(
            "{count} tokens a parameter are what it is worth (arXiv:2203.15556)", count=_TOKENS_PER_PARAMETER
        )
        return _setting(size, size_bytes, worth, why, enough)
    limit = phrase(
        "the text is read {count} times; more often it would be learnt by heart (arXiv:2305.16264)", count=_PASSES
    )
    return _setting(size, size_bytes, there, why, limit)


def for_seconds(seconds: float, flops: float, size_bytes: int) -> Setting:
    """The dial at a time: the size that gets most out of it.

    flops: floating-point operations a second that training comes to on this machine. A small model reads much and a
    large one little in the same time; it is the one that comes nearest to reading 20 tokens a parameter, or, where the
    text is shorter, to reading it four times, and that is not larger than the text asks for.
    """
    work = max(1.0, seconds - _START_SECONDS) * STEPPING * flops
    plain = for_text(size_bytes).layers

    def enough(size: Size) -> float:
        return min(_TOKENS_PER_PARAMETER * size.parameters, _PASSES * tokens_in(size_bytes, size.vocabulary))

    fitting = [
        size
        for size in _sizes(size_bytes)
        if size.layers <= plain or enough(size) == _TOKENS_PER_PARAMETER * size.parameters
    ]
    chosen = min(fitting, key=lambda size: abs(math.log(work / operations(size.config) / enough(size))))
    tokens = int(work / operations(chosen.config))
    longest = int(4 * _PASSES * _LEARNT_FROM * tokens_in(size_bytes, chosen.vocabulary))
    about = phrase(
        "a model of {layers} blocks reads {tokens} tokens in {duration} here",
        layers=chosen.layers,
        tokens=_short(tokens),
        duration=duration_text(seconds),
    )
    then = phrase("that is the time there is")
    if tokens > longest:
        tokens = longest
        then = phrase("the text is then read {count} times, and more teaches nothing", count=4 * _PASSES)
    return _setting(chosen, size_bytes, tokens, about, then)


def expected(parameters: int, tokens: float, size_bytes: int) -> str:
    """What the texts of a model from nothing will be like, by what it reads and what that is drawn from: of EXPECTED.

    `stories` need some 500 MB of plain stories and a few million parameters (Eldan and Li 2023, arXiv:2305.07759),
    `articles` what GPT-2 had, 40 GB and 124 million (Radford et al. 2019). A megabyte of plays gives lines of which
    four in five words are words of the text (benchmarks/from_nothing.py); the steps between are ours.
    """
    for name, least_parameters, least_tokens, least_bytes in reversed(_EXPECTED):
        if parameters >= least_parameters and tokens >= least_tokens and size_bytes >= least_bytes:
            return name
    return EXPECTED[0]


_EXPECTED = (  # parameters, tokens read and bytes of text, at least
    ("words", 0, 250_000, 50_000),
    ("sentences", 3_000_000, 20_000_000, 5_000_000),
    ("stories", 3_000_000, 200_000_000, 200_000_000),
    ("articles", 100_000_000, 2_000_000_000, 2_000_000_000),
)
EXPECTED = ("pieces", *(name for name, *_ in _EXPECTED))


def _setting(size: Size, size_bytes: int, tokens: float, why: Phrase, long: Phrase) -> Setting:
    at_once = min(_BATCH * (tokens / _BATCH_TOKENS) ** _BATCH_POWER, tokens / _FEWEST_STEPS)
    rows = max(_ROWS[0], 2 ** round(math.log2(max(1.0, at_once / size.context))))
    parts = -(-rows // _ROWS[1])
    steps = max(1, round(tokens / (rows * size.context)))
    text = _short(size_bytes)
    batch = phrase(
        "{step} tokens a step suit {tokens} in all (arXiv:2505.13738)",
        step=_short(rows * size.context),
        tokens=_short(tokens),
    )
    reasons = {
        "layers": why,
        "width": phrase("{aspect} for each block, in steps of {step}", aspect=_ASPECT, step=_WIDTH_STEP),
        "vocabulary": phrase("{size} bytes of text have so many pieces worth a token (Heaps 1978)", size=text),
        "context": phrase("{size} bytes of text hold enough stretches of this length", size=text),
        "batch_size": batch,
        "accumulation": batch,
        "steps": phrase("they read {tokens} tokens: {long}", tokens=_short(tokens), long=long),
    }
    return Setting(
        size, rows // parts, parts, steps, round(tokens), tokens / tokens_in(size_bytes, size.vocabulary), reasons
    )


def _sizes(size_bytes: int) -> Iterator[Size]:
    return (size_of(depth, size_bytes) for depth in range(2, _DEEPEST + 1))


def width(depth: int) -> int:
    """64 for each block, to the nearest 256, and at least that."""
    return _WIDTH_STEP * max(1, math.ceil(depth * _ASPECT / _WIDTH_STEP - 0.5))


def heads(width: int) -> int:
    """Heads of 64; narrow models get two or one."""
    if width % _HEAD == 0 and width >= 2 * _HEAD:
        return width // _HEAD
    return 2 if width % 4 == 0 else 1


def vocabulary(size_bytes: int, depth: int) -> int:
    """The power of two nearest to twice the square root of the text's length, within what the blocks allow."""
    wanted = 1 << round(math.log2(_TOKENS_A_ROOT * math.sqrt(max(1, size_bytes))))
    allowed = 1 << math.floor(math.log2(6 * depth * width(depth)))  # blocks have 12 numbers for each of width squared
    return max(_FEWEST_TOKENS, min(_MOST_TOKENS, wanted, allowed))


def tokens_in(size_bytes: int, vocabulary: int) -> int:
    """About how many tokens a text has: each stands for log2(vocabulary) / 3.8 bytes (measured on English stories and
    plays, with vocabularies of 512 to 50,000).
    """
    return max(1, round(size_bytes * 3.8 / math.log2(vocabulary)))


def operations(config: GPTConfig) -> float:
    """Floating-point operations of a token that is trained on: 6 a parameter of matrices and head, and what attention
    takes, of which half is masked (Chowdhery et al. 2022, arXiv:2204.02311, appendix B).
    """
    return 6 * product_weights(config) + 6 * config.layers * config.heads * config.head_dim * config.context


def _short(number: float) -> str:
    """Two figures: 3.4M, 120k."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.2g}{unit}" if number < 100 * size else f"{number / size:.0f}{unit}"
    return f"{number:.0f}"
