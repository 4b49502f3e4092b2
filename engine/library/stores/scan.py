"""All models that other programs have here, each once, and what is broken among them with its reason.

Nothing is modified, and what is broken in one store does not keep the rest from being listed.
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import EngineError
from engine.library.stores import folder, hub, looking, ollama
from engine.library.stores.candidate import LLAMAFILE, Candidate
from engine.library.stores.judging import Judged, identity, judge
from engine.library.stores.system import System
from engine.runtime.gguf_header import shown

_PROGRAMS = (ollama, hub)
_CANDIDATES = {store.NAME: store.candidates for store in (*_PROGRAMS, folder)}
_LONGEST_NAME = 90  # of those that the library takes, with room for a number


@dataclass(frozen=True)
class Found:
    """A model that another program has, or a thing in its store that cannot be opened; `problem` says why."""

    name: str  # as the person knows it there
    path: Path
    kind: str  # as of `ModelEntry`
    store: str  # "ollama", "lmstudio", "jan", "gpt4all", "hub", "llama.cpp", "llamafile" or "folder"
    size_bytes: int
    problem: str | None = None


def scan(folders: Iterable[str | Path] = (), system: System | None = None) -> Iterator[Found]:
    """The models in the stores of other programs, then those in folders that a person named. Raises no EngineError."""
    seen: set[Hashable] = set()
    for store, place in _places(system or System.here(), folders):
        for candidate in _candidates(store, place):
            key, judged = _looked_at(candidate)
            if judged is None or key in seen:
                continue
            seen.add(key)
            name = shown(candidate.name, _LONGEST_NAME)
            by = "llamafile" if candidate.path.suffix.lower() == LLAMAFILE else store
            problem = None if judged.problem is None else str(judged.problem)
            yield Found(name, candidate.path, judged.kind, by, judged.size_bytes, problem)


def _places(system: System, folders: Iterable[str | Path]) -> Iterator[tuple[str, Path]]:
    for program in _PROGRAMS:
        for place in dict.fromkeys(program.places(system)):
            if _is_there(place):
                yield program.NAME, place
    for named in folders:
        yield from folder.stores_at(Path(os.path.abspath(system.expanded(str(named)))))


def _is_there(place: Path) -> bool:
    """Whether to look into a store: also where that will fail, so that it is said why."""
    try:
        looking.status_of(place)
    except EngineError as error:
        return error.code != "not_found"
    return True


def _candidates(store: str, place: Path) -> Iterator[Candidate]:
    try:
        yield from _CANDIDATES[store](place)
    except EngineError as error:
        yield Candidate(place.name, place, error)


def _looked_at(candidate: Candidate) -> tuple[Hashable, Judged | None]:
    """What tells it from all others, and what it is."""
    try:
        if candidate.error is not None:
            raise candidate.error
        return identity(candidate.path), judge(candidate.path)
    except EngineError as error:
        return str(candidate.path), Judged("gguf", 0, error)
