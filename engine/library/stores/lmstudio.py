"""LM Studio: `PUBLISHER/REPOSITORY/FILE.gguf` below its models folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.errors import EngineError
from engine.library.stores import looking
from engine.library.stores.candidate import Candidate, by_folder
from engine.library.stores.system import System

NAME = "lmstudio"
_LARGEST_SETTINGS = 4 << 20


def places(system: System) -> list[Path]:
    """The folder that the settings name, as they lie with newer and older versions, and the usual one."""
    home = home_of(system)
    named = [_named(folder / "settings.json", system) for folder in (home, system.settings() / "LM Studio")]
    return [place for place in named if place is not None] + [home / "models"]


def home_of(system: System) -> Path:
    """Where a file in the person's home points; else the older place if it is there, else the newer one."""
    try:
        pointer = looking.small_file(system.home / ".lmstudio-home-pointer", _LARGEST_SETTINGS)
        lines = pointer.decode("utf-8", "replace").split("\n")
        if lines[0].strip():
            return system.expanded(lines[0].strip())
    except EngineError:  # most have none
        pass
    older = system.home / ".cache" / "lm-studio"
    return older if looking.is_folder(older) else system.home / ".lmstudio"


def candidates(place: Path) -> Iterator[Candidate]:
    yield from by_folder(place)


def _named(settings: Path, system: System) -> Path | None:
    try:
        folder = looking.small_json(settings, _LARGEST_SETTINGS).get("downloadsFolder")
    except EngineError:  # the usual place is looked at anyway
        return None
    return system.expanded(folder) if isinstance(folder, str) and folder.strip() else None
