"""Held-out text: the bits per byte of a model against those of a 5-gram model of the same training text."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np

from engine.data import text as texts
from engine.errors import EngineError
from engine.evaluation import likelihood
from engine.evaluation.ngram import NGram
from engine.events import Event, Log, Progress
from engine.phrases import phrase
from engine.runtime.base import Runtime, open_runtime

TRAINING, HELD_OUT = "text.txt", "held-out.txt"
DEFAULT_FOLDER = Path(__file__).resolve().parent.parent.parent / "build" / "starter"  # of a checkout


def compare(
    model: str, folder: str | Path | None, cancelled: threading.Event
) -> Generator[Event, None, dict[str, Any] | None]:
    """{"model", "ngram", "documents", "bytes"}: both in bits per byte, counted over the same tokens and ends.

    folder: holds text.txt, which the model was trained on but for its tail, and that tail, held-out.txt; without it
    DEFAULT_FOLDER, and None with a warning where that lacks them. None when cancelled. Raises EngineError where a file
    of `folder` cannot be read, and `not_the_tail`.
    """
    place = Path(folder) if folder is not None else DEFAULT_FOLDER
    if folder is None and not all((place / name).is_file() for name in (TRAINING, HELD_OUT)):
        left_out = phrase(
            "Bits per byte are left out: {place} lacks {training} or {held_out}.",
            place=str(place),
            training=TRAINING,
            held_out=HELD_OUT,
        )
        yield Log("warning", left_out)
        return None
    learnt, held = read(place)
    runtime = open_runtime(model, "gpt")
    try:
        found = yield from likelihood.measure(runtime, held, cancelled)
        if found is None:
            return None
        yield Progress(0, 0, "", phrase("Counting the 5-grams"))
        ngram_bits = train(runtime, learnt).bits(runtime.tokenize(text, special=False) for text in held)
    finally:
        runtime.close()
    return {
        "model": found.bits_per_byte,
        "ngram": ngram_bits / found.size_bytes,
        "documents": len(held),
        "bytes": found.size_bytes,
    }


def read(folder: Path) -> tuple[list[str], list[str]]:
    """The documents to learn from, repeated as they are in a mix, and those held out. Raises EngineError."""
    every, held = (texts.documents(folder / name) for name in (TRAINING, HELD_OUT))
    if len(held) >= len(every) or every[-len(held) :] != held:
        raise EngineError("not_the_tail", place=str(folder / HELD_OUT), whole=str(folder / TRAINING))
    return every[: -len(held)], held


def train(runtime: Runtime, documents: list[str]) -> NGram:
    """The 5-gram model of the documents, over the tokens of the runtime.

    A document that the mix repeats is counted once, with its repetitions as weight: on the starter's mix this gave
    the n-grams 1.420 bits per byte, and equal weights 1.448.
    """
    often = Counter(documents)
    ids = [np.asarray(runtime.tokenize(text, special=False), np.int32) for text in often]
    return NGram.train(ids, runtime.info.vocabulary, likelihood.marks(runtime)[1], list(often.values()))
