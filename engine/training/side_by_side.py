"""Whether models have room in memory beside each other. By the sizes of their files alone; needs no torch."""

from __future__ import annotations

from collections.abc import Sequence

from engine import hardware
from engine.library import facts
from engine.library.forms import base_of
from engine.library.models import ModelEntry

_PROCESS = 400_000_000  # bytes of a worker with its libraries, and of a cache
_GPT = 2  # weights of a folder are float32 in memory, and may be half of that in the file


def fit_together(entries: Sequence[ModelEntry], available: int | None = None) -> bool:
    """available: bytes; by default what is free now. Raises EngineError where the base of an adapter is missing."""
    free = hardware.memory().available if available is None else available
    return sum(needed(entry) for entry in entries) <= free


def needed(entry: ModelEntry) -> int:
    """About how many bytes a worker takes with this model."""
    if entry.remote:
        return _PROCESS
    places = [entry.path, base_of(entry.path)] if entry.kind == "adapter" else [entry.path]
    return _PROCESS + sum(facts.weight_bytes(place) * (_GPT if entry.backend == "gpt" else 1) for place in places)
