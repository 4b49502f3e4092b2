"""What tells runs apart: the keys of their recipes that differ, and their scores. Needs no torch."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.training import recipe as recipes
from engine.training import runs

_NOT_COMPARED = ("out", "name", "confusion", "step")  # what says nothing about what was done, or is no number
_FIRST = ("method", "model", "data")


@dataclass(frozen=True)
class Comparison:
    """keys, scores: for each name one value a run, None where it has none; keys only where they differ."""

    names: tuple[str, ...]
    keys: dict[str, tuple[Any, ...]]
    scores: dict[str, tuple[Any, ...]]


def compare(folders: Sequence[Path]) -> Comparison:
    """Runs side by side, in the order given. A recipe that cannot be read has no keys."""
    recipes = [_recipe(folder) for folder in folders]
    infos = [runs.run_info(folder) for folder in folders]
    scores = [
        {"best_val_loss": info.best, "steps": info.done or None, "seconds": info.seconds or None, **(info.scores or {})}
        for info in infos
    ]
    keys = {name: values for name, values in _aligned(recipes).items() if any(value != values[0] for value in values)}
    first = {name: keys[name] for name in _FIRST if name in keys}
    return Comparison(tuple(info.name for info in infos), first | keys, _aligned(scores))


def _recipe(folder: Path) -> dict[str, Any]:
    try:
        return recipes.flat(tomllib.loads((folder / "recipe.toml").read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def _aligned(tables: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Any, ...]]:
    names = dict.fromkeys(name for table in tables for name in table if name not in _NOT_COMPARED)
    return {name: tuple(table.get(name) for table in tables) for name in names}
