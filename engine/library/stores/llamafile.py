"""Llamafiles: programs with a GGUF inside. They belong to no program's folder, so what was downloaded is looked at.

On macOS the system would ask the person whether Seedling may look into Downloads; there they name the folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.library.stores import looking
from engine.library.stores.candidate import LLAMAFILE, Candidate, broken, model_files, relative_name
from engine.library.stores.system import System

NAME = "llamafile"


def places(system: System) -> list[Path]:
    return [] if system.platform == "darwin" else [system.home / "Downloads"]


def candidates(place: Path) -> Iterator[Candidate]:
    for folder in looking.folders(place, deepest=0):
        if folder.error is not None:
            yield broken(folder)
        yield from (Candidate(relative_name(place, file), file) for file in model_files(folder, (LLAMAFILE,)))
