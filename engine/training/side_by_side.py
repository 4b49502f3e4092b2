"""Whether models have room in memory beside each other, as `memory_fit` counts what each takes; needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine import hardware
from engine.library import facts, learned, memory_fit
from engine.library.forms import base_of
from engine.library.models import ModelEntry
from engine.runtime.base import DEFAULT_CONTEXT
from engine.runtime.gguf_parts import read_model

_PROCESS = 400_000_000  # bytes of a worker that only asks a server
_HALF = 2  # bytes of a weight in a file that does not say how many it has


def fit_together(entries: Sequence[ModelEntry], available: int | None = None) -> bool:
    """available: bytes; by default what is free now. Raises EngineError where the base of an adapter is missing, or a
    file cannot be read.
    """
    free = hardware.memory().available if available is None else available
    return sum(_needed(entry) for entry in entries) <= free


def _needed(entry: ModelEntry) -> int:
    """Bytes that a worker takes with this model."""
    if entry.remote:
        return _PROCESS
    place = base_of(entry.path) if entry.kind == "adapter" else entry.path
    if place.is_file():
        return learned.corrected(memory_fit.needed(read_model(place), context=DEFAULT_CONTEXT)).total
    beside = facts.weight_bytes(entry.path) if entry.kind == "adapter" else 0
    return memory_fit.rough_folder(_parameters(place), DEFAULT_CONTEXT).total + beside


def _parameters(folder: Path) -> int:
    return facts.of_folder(folder).get("parameters") or facts.weight_bytes(folder) // _HALF
