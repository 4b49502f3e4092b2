"""A small model that guesses for a large one of the same vocabulary."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from engine.errors import EngineError
from engine.runtime.base import common_prefix
from engine.runtime.gguf_header import GGUFHeader
from engine.runtime.llama_context import Context
from engine.runtime.llama_library import load
from engine.runtime.llama_options import LlamaOptions
from engine.runtime.llama_vocabulary import Vocabulary
from engine.runtime.preflight import check_model

_LONGEST = 16
_SURE = 0.4  # a token below this probability ends the guess before it


class DraftModel:
    """Takes its likeliest tokens. Each time it reads what was written since it was last asked."""

    def __init__(self, header: GGUFHeader, options: LlamaOptions) -> None:
        model = load(header, options.layers_on_gpu(), options.load_mode())
        self._vocabulary = Vocabulary(header, model)
        try:
            self._context = Context(self._vocabulary.model, header, options, header.path.stem, self._vocabulary.size)
        except BaseException:
            self._vocabulary.close()
            raise

    def propose(self, ids: list[int], most: int, cancelled: threading.Event) -> list[int]:
        most = min(most, _LONGEST, self._context.limit - len(ids))
        if most < 1 or max(ids[common_prefix(self._context.ids, ids) :], default=0) >= self._vocabulary.size:
            return []  # no room, or a token that only the other model has, at the end of its vocabulary
        for _ in self._context.read(ids):
            if cancelled.is_set():
                return []
        guess: list[int] = []
        while True:
            id = _likeliest(self._context.logits(1)[0])
            if id is None:
                return guess
            guess.append(id)
            if len(guess) == most:
                return guess
            self._context.evaluate([id])

    def close(self) -> None:
        self._context.close()
        self._vocabulary.close()


def check_draft(path: Path, header: GGUFHeader) -> GGUFHeader:
    """The header of a model that may draft for that of `header`.

    Raises EngineError as opening a model does, and `draft_unlike` unless both mean the same by an id. One may have
    further tokens at its end: vocabularies are padded.
    """
    draft = check_model(path)
    theirs, ours = ([*one.metadata["tokenizer.ggml.tokens"].raw_strings()] for one in (draft, header))
    shared = min(len(theirs), len(ours))
    kinds = [one.text("tokenizer.ggml.model") for one in (draft, header)]
    same = common_prefix(theirs, ours)
    if kinds[0] != kinds[1] or same < shared:
        raise EngineError("draft_unlike", place=draft.path.name, model=header.path.name, same=same, shared=shared)
    return draft


def _likeliest(logits: np.ndarray) -> int | None:
    """The likeliest token, unless even that is unlikely."""
    id = int(logits.argmax())
    share = 1 / np.exp(logits - logits[id]).sum()
    return id if share >= _SURE else None
