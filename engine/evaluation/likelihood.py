"""How likely a model finds a text: bits per byte, which compares models of any vocabulary, and perplexity."""

from __future__ import annotations

import math
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError
from engine.events import Event, Progress
from engine.gpt.tokenizer import END
from engine.phrases import phrase
from engine.runtime.base import Runtime

WINDOW = 512  # positions at once: what small models of ours are pretrained with, and llama.cpp's own measure takes
_LOGITS_AT_ONCE = 2**26  # numbers, 256 MB of them
_ENDS = (END, "<|end_of_text|>")  # of a text, in GPT-2 and its many heirs, and in Llama 3
_ROWS = 64  # positions whose logits are widened to float64 at a time


@dataclass(frozen=True)
class Likelihood:
    """What the texts cost altogether, each with the token that ends it."""

    nats: float
    tokens: int
    size_bytes: int  # of the texts alone, in UTF-8

    @property
    def bits_per_byte(self) -> float:
        return self.nats / math.log(2) / self.size_bytes

    @property
    def perplexity(self) -> float:
        """exp of the mean loss of a token; infinite where it is beyond numbers."""
        mean = self.nats / self.tokens
        return math.exp(mean) if mean < 700 else math.inf


def measure(
    runtime: Runtime, texts: Sequence[str], cancelled: threading.Event, window: int = WINDOW
) -> Generator[Event, None, Likelihood | None]:
    """Each text by itself, between the tokens of `marks`, as the model was pretrained.

    Every token is predicted once, from at least half a window of what stands before it, as far as the text has that.
    Returns None when cancelled. Raises EngineError as `Runtime.evaluate` does, `not_a_number`, and `no_end_token` when
    the model has no such token.
    """
    window = max(2, min(window, runtime.info.context, _LOGITS_AT_ONCE // runtime.info.vocabulary))
    begin, end = marks(runtime)
    nats, tokens, size = 0.0, 0, 0
    for number, text in enumerate(texts):
        if cancelled.is_set():
            return None
        yield Progress(number, len(texts), "documents", phrase("Reading the text"))
        ids = [begin, *runtime.tokenize(text, special=False), end]
        nats += sum(_cost(runtime, ids[start:stop], new) for start, stop, new in windows(len(ids) - 1, window))
        tokens += len(ids) - 1
        size += len(text.encode("utf-8", "replace"))
    return Likelihood(nats, tokens, size)


def windows(predictions: int, size: int) -> Iterator[tuple[int, int, int]]:
    """(start, stop, new) over `predictions` + 1 ids: evaluate ids[start : stop - 1] to predict the last `new` ones.

    Each window but the first goes on from the middle of the one before.
    """
    scored = 0
    while scored < predictions:
        new = min(size if not scored else size - size // 2, predictions - scored)
        stop = scored + new + 1
        yield max(0, stop - 1 - size), stop, new
        scored += new


def marks(runtime: Runtime) -> tuple[int, int]:
    """The tokens before and behind a text: what begins one if the model puts that, else what ended the one before; and
    what ends a text.

    A chat model's own end token ends a turn; what ended its pretraining texts is then found by its usual names.
    Raises EngineError `no_end_token`.
    """
    info = runtime.info
    end = next((id for token in (*_ENDS, info.eos_token) if (id := _single(runtime, token)) is not None), None)
    begin = _single(runtime, info.bos_token) if info.adds_bos else None
    if end is None:
        raise EngineError("no_end_token", name=info.name)
    return end if begin is None else begin, end


def _single(runtime: Runtime, token: str) -> int | None:
    ids = runtime.tokenize(token, special=True) if token else []
    return ids[0] if len(ids) == 1 else None


def _cost(runtime: Runtime, ids: Sequence[int], new: int) -> float:
    """-log p of the last `new` ids after those before them, in nats; float64 sums."""
    logits = runtime.evaluate(ids[:-1], "all")[-new:]
    targets = np.asarray(ids[-new:])
    total = 0.0
    for start in range(0, new, _ROWS):
        total += _cross_entropy(logits[start : start + _ROWS], targets[start : start + _ROWS])
    if not math.isfinite(total):
        raise EngineError("not_a_number", place=runtime.info.name)
    return total


def _cross_entropy(logits: NDArray[np.float32], targets: NDArray[np.int64]) -> float:
    """Sum over rows of log(sum(exp(logits))) - logits[target]; logits (N, vocabulary), targets (N,)."""
    wide = logits.astype(np.float64)
    peak = wide.max(axis=1)
    log_sum = peak + np.log(np.exp(wide - peak[:, None]).sum(axis=1))
    return float((log_sum - wide[np.arange(len(wide)), targets]).sum())
