"""The models of the library with what their files say of them, read off the window's thread."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from engine.errors import EngineError
from engine.library import models
from engine.library.models import ModelEntry


def look() -> list[tuple[ModelEntry, dict[str, Any]]]:
    """The models, each with what its file says of itself; nothing for one that cannot be read."""
    return [(entry, _facts_of(entry)) for entry in models.entries()]


def _facts_of(entry: ModelEntry) -> dict[str, Any]:
    try:
        return _described(entry, entry.path.stat().st_mtime_ns)
    except (EngineError, OSError):
        return {}


@lru_cache(maxsize=200)
def _described(entry: ModelEntry, changed_ns: int) -> dict[str, Any]:
    """Read once for every change of the file: pickers ask whenever they open."""
    return models.describe(entry)
