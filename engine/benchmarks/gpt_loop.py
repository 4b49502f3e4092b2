"""What our own GPT's runtime is compared with: the model and its cache in a plain loop."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import torch

from engine.benchmarks.replies import Reply
from engine.benchmarks.turns import CancelledError
from engine.gpt import opening
from engine.gpt.model import KVCache
from engine.runtime.gpt import pick_device


class GPTLoop:
    """The likeliest token after all that stands there, again and again. Call it from one thread."""

    def __init__(self, folder: Path, context: int) -> None:
        self._device = pick_device()
        model, _ = opening.open_model(folder)
        self._model = model.to(self._device)
        self._cache = KVCache(self._model.config, 1, context, device=self._device)

    @torch.inference_mode()
    def reply(self, ids: Sequence[int], count: int, cancelled: threading.Event) -> Reply:
        """So many tokens after `ids`, whatever they are."""
        self._cache.truncate(0)
        began = perf_counter()
        written = [self._likeliest(ids)]
        first = perf_counter()
        while len(written) < count:
            if cancelled.is_set():
                raise CancelledError
            written.append(self._likeliest(written[-1:]))
        return Reply(len(ids), len(written), first - began, perf_counter() - first)

    def _likeliest(self, ids: Sequence[int]) -> int:
        hidden = self._model.hidden(torch.tensor([list(ids)], device=self._device), self._cache)
        return int(self._model.head(hidden[0, -1]).argmax())

    def close(self) -> None:
        """Nothing to free but memory."""
