"""The models this machine knows: the starter, what was added, copied, downloaded or trained, and those of providers.

Only a list is kept (`model_list`); the files stay where they are. Imports neither torch nor llama_cpp. Nothing inside a
file is followed: names, paths and addresses in it are only shown. Models of providers (`remote_models`) have no files
here; whatever needs some refuses them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine import paths
from engine.errors import EngineError
from engine.library import checksums, description, forms, lineage, model_list, model_settings
from engine.library.forms import BACKENDS, STARTER, base_of
from engine.library.model_list import Row, Rows
from engine.phrases import listed
from engine.providers import remote_models
from engine.providers.base import Provider, RemoteModel
from engine.runtime.gguf_header import shown

_STARTER_FOLDER = f"{STARTER} (in-house)"
_LONGEST_NAME = 100
REMOTE = "remote"
LISTED_ALTHOUGH = ("embedding_model",)  # whole, but nothing that Seedling can talk to


@dataclass(frozen=True)
class ModelEntry:
    """A model to open. `problem` says in a sentence why it cannot be opened, as far as a glance tells; else None."""

    name: str
    path: Path  # of a split GGUF its first file; of a remote one its name, and nothing lies there
    kind: str  # "gguf", "folder", "classifier", "remote", or, to lie over others, "adapter" (a folder), "adapter-gguf"
    backend: str  # "llama", "gpt" or "remote"
    bundled: bool
    problem: str | None = None
    origin: str = "added"  # or "bundled", "copied", "downloaded", "trained", the store of another program, or provider

    @property
    def remote(self) -> bool:
        """Whether it belongs to a provider."""
        return self.backend == REMOTE

    @property
    def address(self) -> str:
        """What `load` is given: its path, or the name of a model that a provider has."""
        return self.name if self.remote else str(self.path)


# --- which model is meant --------------------------------------------------------------------------------------------


def resolve(model: str | Path, backend: str | None = None) -> ModelEntry:
    """As `find_here`, of a model that can be opened as far as a glance tells.

    Raises EngineError as `find_here` does, and when the model is broken or does not fit the backend.
    """
    if backend not in (None, *BACKENDS.values()):
        raise EngineError("unknown_backend", backend=backend, known=listed(("llama", "gpt")))
    entry = find_here(model, backend)
    if entry.problem is not None:
        raise EngineError("model_unusable", name=entry.name, problem=entry.problem)
    if backend not in (None, entry.backend):
        raise EngineError("gguf_needs_llama" if entry.backend == "llama" else "folder_needs_gpt", place=str(entry.path))
    return entry


def find_here(model: str | Path, backend: str | None = None) -> ModelEntry:
    """As `find`, of a model whose files are on this computer. Raises EngineError `model_remote` for another one."""
    entry = find(model, backend)
    check_here(entry)
    return entry


def check_here(entry: ModelEntry) -> None:
    """Raises EngineError `model_remote` for a model of a provider."""
    if entry.remote:
        raise EngineError("model_remote", name=entry.name, provider=entry.origin)


def find(model: str | Path, backend: str | None = None) -> ModelEntry:
    """The model of this path or name, broken ones too. A path that exists comes before a name, except before `starter`,
    and the list before what providers have; of those also what they do not list.

    backend: "llama" or "gpt", where a place holds both forms; "remote" for a model of a provider and nothing else.
    Raises EngineError when there is no such model, or when what lies at the path is none.
    """
    if backend == REMOTE:
        return _remote(*remote_models.meant(str(model)))
    if model == STARTER:
        return _starter_folder() if backend == "gpt" else _starter_file()
    path = Path(model)
    if forms.exists(path):
        return _at_path(path, backend)
    listed = next((entry for entry in entries() if entry.name == str(model)), None)
    if listed is not None:
        return listed
    if isinstance(model, str) and (found := remote_models.find(model)) is not None:
        return _remote(*found)
    code = "not_found" if isinstance(model, Path) or _looks_like_path(str(model)) else "unknown_model"
    raise EngineError(code, place=str(model), name=str(model))


def _at_path(path: Path, backend: str | None = None, kind: str | None = None) -> ModelEntry:
    place, kind = forms.form_at(path, backend, kind)
    if kind == "adapter":
        base_of(place)
    return ModelEntry(forms.name_of(place), place, kind, BACKENDS[kind], False)


def _looks_like_path(text: str) -> bool:
    return any(mark in text for mark in (os.sep, "/", ".gguf"))


# --- the list --------------------------------------------------------------------------------------------------------


def entries() -> list[ModelEntry]:
    """All models: the bundled ones, those added, and those of providers. One that cannot be opened has a `problem`."""
    here = [_starter_file(), _starter_folder(), *map(_listed, model_list.read().values())]
    return here + [_remote(provider, model) for provider, model in remote_models.every()]


def add(path: str | Path, name: str | None = None, origin: str = "added") -> ModelEntry:
    """Put a model on the list, after checking that it is whole; it is used where it lies.

    Without a name it gets that of the file, made unique. Of what is on the list already it is noted what its files are
    like now. origin: as of `ModelEntry`. Raises EngineError when it is no model, or when the name is taken or no name.
    """
    entry = _to_be_listed(path, origin)
    with model_list.changing() as rows:
        if name is None:
            return _put(_named(entry, entry.name, rows), rows)
        return _put(replace(entry, name=_checked_name(name, str(entry.path), rows)), rows)


def add_as(path: str | Path, name: str, origin: str = "added") -> ModelEntry:
    """As `add`, called `name`, or that with a number behind it where it is taken; one on the list keeps its name."""
    entry = _to_be_listed(path, origin)
    with model_list.changing() as rows:
        return _put(_named(entry, name, rows), rows)


def _named(entry: ModelEntry, name: str, rows: Rows) -> ModelEntry:
    """As it is called on the list already, else by this name or the next one that is free."""
    known = next((row for row in rows.values() if row.path == str(entry.path)), None)
    if known is not None:
        return replace(entry, name=known.name, origin=known.origin)
    return replace(entry, name=_free_name(name, rows))


def _put(entry: ModelEntry, rows: Rows) -> ModelEntry:
    before = rows.get(entry.name) or Row(entry.name, str(entry.path))
    recorded = checksums.record(entry.path, entry.kind, before.recorded)
    rows[entry.name] = replace(before, origin=entry.origin, kind=entry.kind, recorded=recorded)
    return entry


def remove(name: str) -> None:
    """Take a model off the list, and its settings with it; its file stays.

    Raises EngineError for a bundled or unknown one.
    """
    with model_list.changing() as rows:
        del rows[_changeable(name, rows).name]
    model_settings.forget(name)


def rename(old: str, new: str) -> ModelEntry:
    """Call a model of the list otherwise; it keeps its place there and its settings.

    Raises EngineError for a bundled or unknown one, and when the new name is taken or no name.
    """
    with model_list.changing() as rows:
        row = _changeable(old, rows)
        others = {name: each for name, each in rows.items() if name != old}
        renamed = replace(row, name=_checked_name(new, "", others))
        changed = {renamed.name if name == old else name: renamed if name == old else rows[name] for name in rows}
        rows.clear()
        rows.update(changed)
    model_settings.rename(old, renamed.name)
    return _listed(renamed)


def relocated(source: Path, target: Path) -> None:
    """Follow a folder that has moved: what lay in it is listed, and named in settings, at its new place."""

    def follow(path: str) -> str:
        place = Path(path)
        return str(target / place.relative_to(source)) if place.is_relative_to(source) else path

    with model_list.changing() as rows:
        for name, row in rows.items():
            rows[name] = replace(row, path=follow(row.path))
    model_settings.follow(follow)


def describe(entry: ModelEntry) -> dict[str, Any]:
    """What there is to know about a model without loading it; see `description.of`.

    Raises EngineError when not even its header can be read, or when it is a remote one.
    """
    check_here(entry)
    return description.of(entry.path, entry.kind)


def trouble(entry: ModelEntry) -> EngineError | None:
    """Why a model cannot be opened, as far as can be told without loading it."""
    if entry.bundled:
        return EngineError("starter_missing") if entry.problem else None
    if entry.remote:
        return remote_models.trouble(*remote_models.meant(entry.name))
    try:
        _glance(entry.path, entry.kind)
    except EngineError as error:
        return error
    return description.trouble(entry.path, entry.kind)


def _to_be_listed(path: str | Path, origin: str) -> ModelEntry:
    """What lies there, checked, by its absolute path."""
    path = Path(path)
    if not forms.exists(path):
        raise EngineError("not_found", place=str(path))
    entry = _at_path(path)
    error = description.trouble(entry.path, entry.kind)
    if error is not None and error.code not in LISTED_ALTHOUGH:
        raise error
    place = Path(os.path.abspath(entry.path))
    if origin == "added" and lineage.run_of(place):
        origin = "trained"
    return replace(entry, path=place, origin=origin)


def _listed(row: Row) -> ModelEntry:
    """An entry of the list with what a glance at the file tells."""
    path = Path(row.path)
    try:
        return replace(_glance(path, row.kind), name=row.name, origin=row.origin)
    except EngineError as error:
        kind = row.kind if row.kind in BACKENDS else "gguf" if path.suffix == ".gguf" else "folder"
        return ModelEntry(row.name, path, kind, BACKENDS[kind], False, str(error), row.origin)


def _glance(path: Path, kind: str) -> ModelEntry:
    if not forms.exists(path):
        raise EngineError("model_gone", place=str(path))
    return _at_path(path, "llama" if path.suffix == ".gguf" else None, kind)


def _remote(provider: Provider, model: RemoteModel) -> ModelEntry:
    trouble = remote_models.trouble(provider, model)
    problem = None if trouble is None else str(trouble)
    return ModelEntry(model.name, Path(model.name), REMOTE, REMOTE, False, problem, provider.name)


def _starter_file() -> ModelEntry:
    return _bundled(STARTER, paths.resource("starter") / "starter-q8_0.gguf", "gguf")


def _starter_folder() -> ModelEntry:
    return _bundled(_STARTER_FOLDER, paths.resource("starter"), "folder")


def _bundled(name: str, path: Path, kind: str) -> ModelEntry:
    there = path.is_file() if kind == "gguf" else (path / "config.json").is_file()
    problem = None if there else str(EngineError("starter_missing"))
    return ModelEntry(name, path, kind, BACKENDS[kind], True, problem, "bundled")


def _changeable(name: str, rows: Rows) -> Row:
    if name in (STARTER, _STARTER_FOLDER):
        raise EngineError("model_bundled", name=name)
    if name not in rows:
        if (found := remote_models.find(name)) is not None:
            check_here(_remote(*found))
        raise EngineError("unknown_model", name=name)
    return rows[name]


def _checked_name(name: str, path: str, rows: Rows) -> str:
    """The name without white space around it, if it may be that of the model at this path."""
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise EngineError("bad_model_name", longest=_LONGEST_NAME)
    taken = name in (STARTER, _STARTER_FOLDER) or (name in rows and rows[name].path != path)
    if taken or remote_models.find(name) is not None:
        raise EngineError("model_name_taken", name=name)
    return name


def _free_name(name: str, rows: Rows) -> str:
    taken = {STARTER, _STARTER_FOLDER, *rows}
    name = shown(name, _LONGEST_NAME - 10)
    free, number = name, 2
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free
