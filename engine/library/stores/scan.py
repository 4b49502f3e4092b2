"""All models that other programs have here, each once, and what is broken among them with its reason.

Nothing is modified, and what is broken in one store does not keep the rest from being listed.
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine import paths
from engine.errors import EngineError
from engine.library.stores import folder, gpt4all, hub, jan, llama_cpp, llamafile, lmstudio, looking, ollama
from engine.library.stores.candidate import LLAMAFILE, Candidate
from engine.library.stores.judging import Judged, identity, judge
from engine.library.stores.system import System
from engine.runtime.gguf_header import shown

_PROGRAMS = (ollama, lmstudio, jan, gpt4all, hub, llama_cpp, llamafile)
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
    note: str = ""  # what opening it will take


def scan(folders: Iterable[str | Path] = (), system: System | None = None) -> Iterator[Found]:
    """The models in the stores of other programs, then those in folders that a person named. Raises no EngineError."""
    seen: set[Hashable] = set()
    for store, candidate in _candidates(system or System.here(), folders):
        key, judged = _looked_at(candidate)
        if judged is None or key in seen:
            continue
        seen.add(key)
        name = shown(candidate.name, _LONGEST_NAME)
        by = llamafile.NAME if candidate.path.suffix.lower() == LLAMAFILE else store
        problem = None if judged.problem is None else str(judged.problem)
        yield Found(name, candidate.path, judged.kind, by, judged.size_bytes, problem, judged.note)


def _candidates(system: System, folders: Iterable[str | Path]) -> Iterator[tuple[str, Candidate]]:
    for store, place, found in _stores(system, folders):
        try:
            for candidate in found:
                yield store, candidate
        except EngineError as error:
            yield store, Candidate(place.name if store == folder.NAME else store, place, error)


def _stores(system: System, folders: Iterable[str | Path]) -> Iterator[tuple[str, Path, Iterator[Candidate]]]:
    """(program, place, what lies there); of another computer's disk only what a person names."""
    for program in _PROGRAMS:
        for place in dict.fromkeys(program.places(system)):
            if _is_elsewhere(place, system):
                error = EngineError("network_path", place=looking.place(place))
                yield program.NAME, place, iter([Candidate(program.NAME, place, error)])
            elif place.is_absolute() and _is_there(place):  # else a setting that names nothing certain
                yield program.NAME, place, program.candidates(place)
    for named in folders:
        for store, place in folder.stores_at(Path(os.path.abspath(system.expanded(str(named))))):
            yield store, place, _CANDIDATES[store](place)


def _is_elsewhere(place: Path, system: System) -> bool:
    """Told from names alone, as far as they tell: looking at a share may take for ever."""
    try:
        paths.local(str(place))
    except EngineError:
        return True
    return system.is_elsewhere(place) or system.is_elsewhere(Path(os.path.realpath(place)))


def _is_there(place: Path) -> bool:
    """Whether to look into a store: also where that will fail, so that it is said why."""
    try:
        looking.status_of(place)
    except EngineError as error:
        return error.code != "not_found"
    return True


def _looked_at(candidate: Candidate) -> tuple[Hashable, Judged | None]:
    """What tells it from all others, and what it is."""
    try:
        if candidate.error is not None:
            raise candidate.error
        return identity(candidate.path), judge(candidate.path)
    except EngineError as error:
        return str(candidate.path), Judged("gguf", 0, error)
