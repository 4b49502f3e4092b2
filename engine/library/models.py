"""The models this machine knows: the starter, and what a person added, copied, downloaded or trained.

Only a list is kept (`model_list`); the files stay where they are. Imports neither torch nor llama_cpp. Nothing inside a
file is followed: names, paths and addresses in it are only shown.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine import paths
from engine.errors import EngineError
from engine.library import facts, forms, model_list, model_settings
from engine.library.forms import ADAPTER_CONFIG, BACKENDS
from engine.library.model_list import Row, Rows
from engine.runtime.gguf_header import shown

_STARTER, _STARTER_FOLDER = "starter", "starter (in-house)"
_LONGEST_NAME = 100


@dataclass(frozen=True)
class ModelEntry:
    """A model to open. `problem` says in a sentence why it cannot be opened, as far as a glance tells; else None."""

    name: str
    path: Path  # of a split GGUF its first file
    kind: str  # "gguf", "folder", "classifier", or, to be laid over another model, "adapter" (a folder), "adapter-gguf"
    backend: str  # "llama" or "gpt"
    bundled: bool
    problem: str | None = None
    origin: str = "added"  # or "bundled", "copied", "downloaded", "trained", or the store of another program it lies in


# --- which model is meant --------------------------------------------------------------------------------------------


def resolve(model: str | Path, backend: str | None = None) -> ModelEntry:
    """As `find`, of a model that can be opened as far as a glance tells.

    Raises EngineError as `find` does, and when the model is broken or does not fit the backend.
    """
    if backend not in (None, *BACKENDS.values()):
        raise EngineError("unknown_backend", backend=backend, known="llama and gpt")
    entry = find(model, backend)
    if entry.problem is not None:
        raise EngineError("model_unusable", name=entry.name, problem=entry.problem)
    if backend not in (None, entry.backend):
        raise EngineError("gguf_needs_llama" if entry.backend == "llama" else "folder_needs_gpt", place=str(entry.path))
    return entry


def find(model: str | Path, backend: str | None = None) -> ModelEntry:
    """The model of this path or name, broken ones too. A path that exists comes before a name, except before `starter`.

    backend: "llama" or "gpt", where a place holds both forms.
    Raises EngineError when there is no such model, or when what lies at the path is none.
    """
    if model == _STARTER:
        return _starter_folder() if backend == "gpt" else _starter_file()
    path = Path(model)
    if _exists(path):
        return _at_path(path, backend)
    listed = next((entry for entry in entries() if entry.name == str(model)), None)
    if listed is not None:
        return listed
    code = "not_found" if isinstance(model, Path) or _looks_like_path(str(model)) else "unknown_model"
    raise EngineError(code, place=str(model), name=str(model))


def _at_path(path: Path, backend: str | None = None, kind: str | None = None) -> ModelEntry:
    place, kind = forms.form_at(path, backend, kind)
    if kind == "adapter":
        base_of(place)
    return ModelEntry(forms.name_of(place), place, kind, BACKENDS[kind], False)


def base_of(folder: Path) -> Path:
    """Where the model lies that an adapter was made for, as adapter_config.json names it: by an absolute path, the
    name of a model in the library, or a repository whose folder is in the library or beside the adapter's.

    Raises EngineError `bad_json`, and `adapter_base` when it is not on this computer.
    """
    name = facts.read_json(folder / ADAPTER_CONFIG).get("base_model_name_or_path")
    if not isinstance(name, str) or not name.strip():
        raise EngineError("adapter_base", place=str(folder), base="a model it does not name")
    if name.startswith(("\\\\", "//")):  # opening a share would tell its server who asks
        raise EngineError("network_path", place=shown(name))
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    listed = {name: row.path for name, row in model_list.read().items()} | {_STARTER: str(_starter_folder().path)}
    places = [Path(name)] if Path(name).is_absolute() else []
    places += [Path(listed[known]) for known in (name, last) if known in listed]
    places += [Path(path) for path in listed.values() if Path(path).name == last]
    places += [folder.resolve().parent / last] if last not in ("", ".", "..") else []
    for place in places:
        if _exists(place) and forms.is_base(place):
            return place
    raise EngineError("adapter_base", place=str(folder), base=shown(name))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _looks_like_path(text: str) -> bool:
    return any(mark in text for mark in (os.sep, "/", ".gguf"))


# --- the list --------------------------------------------------------------------------------------------------------


def entries() -> list[ModelEntry]:
    """All models: the bundled ones first, then those added. One that cannot be opened has a `problem`."""
    return [_starter_file(), _starter_folder(), *map(_listed, model_list.read().values())]


def add(path: str | Path, name: str | None = None, origin: str = "added") -> ModelEntry:
    """Put a model on the list, after checking that it can be opened; it is used where it lies.

    Without a name it gets that of the file, made unique. What is on the list already is only returned.
    origin: as of `ModelEntry`. Raises EngineError when it is no model, or when the name is taken or no name.
    """
    entry = _to_be_listed(path, origin)
    with model_list.changing() as rows:
        place = str(entry.path)
        known = next((row for row in rows.values() if row.path == place), None)
        if name is not None:
            entry = replace(entry, name=_checked_name(name, place, rows))
        elif known is not None:
            entry = replace(entry, name=known.name, origin=known.origin)
        else:
            entry = replace(entry, name=_free_name(shown(entry.name, _LONGEST_NAME - 10), rows))
        before = rows.get(entry.name) or Row(entry.name, place)
        rows[entry.name] = replace(before, origin=entry.origin, kind=entry.kind)
    return entry


def add_as(path: str | Path, name: str, origin: str = "added") -> ModelEntry:
    """As `add`, called `name`, or that with a number behind it where it is taken; one on the list keeps its name."""
    place, rows = str(_to_be_listed(path, origin).path), model_list.read()
    if any(row.path == place for row in rows.values()):
        return add(path, origin=origin)
    return add(path, _free_name(shown(name, _LONGEST_NAME - 10), rows), origin)


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
    """What there is to know about a model without loading it: sizes, types, licence, and what is wrong with it.

    Raises EngineError when not even its header can be read.
    """
    if entry.kind == "adapter":
        base = facts.of(base_of(entry.path))
        return base | {"size_bytes": base["size_bytes"] + facts.weight_bytes(entry.path)}
    return facts.of(entry.path)


def _to_be_listed(path: str | Path, origin: str) -> ModelEntry:
    """What lies there, checked, by its absolute path."""
    path = Path(path)
    if not _exists(path):
        raise EngineError("not_found", place=str(path))
    entry = _at_path(path)
    facts.check(base_of(entry.path) if entry.kind == "adapter" else entry.path)
    place = Path(os.path.abspath(entry.path))
    if origin == "added" and _of_a_run(place):
        origin = "trained"
    return replace(entry, path=place, origin=origin)


def _of_a_run(place: Path) -> bool:
    return any((folder / "run.json").is_file() for folder in list(place.parents)[:2])


def _listed(row: Row) -> ModelEntry:
    """An entry of the list with what a glance at the file tells."""
    path = Path(row.path)
    try:
        if not _exists(path):
            raise EngineError("not_found", place=str(path))
        entry = _at_path(path, "llama" if path.suffix == ".gguf" else None, row.kind)
        return replace(entry, name=row.name, origin=row.origin)
    except EngineError as error:
        kind = row.kind if row.kind in BACKENDS else "gguf" if path.suffix == ".gguf" else "folder"
        return ModelEntry(row.name, path, kind, BACKENDS[kind], False, str(error), row.origin)


def _starter_file() -> ModelEntry:
    return _bundled(_STARTER, paths.resource("starter") / "starter-q8_0.gguf", "gguf")


def _starter_folder() -> ModelEntry:
    return _bundled(_STARTER_FOLDER, paths.resource("starter"), "folder")


def _bundled(name: str, path: Path, kind: str) -> ModelEntry:
    there = path.is_file() if kind == "gguf" else (path / "config.json").is_file()
    problem = None if there else str(EngineError("starter_missing"))
    return ModelEntry(name, path, kind, BACKENDS[kind], True, problem, "bundled")


def _changeable(name: str, rows: Rows) -> Row:
    if name in (_STARTER, _STARTER_FOLDER):
        raise EngineError("model_bundled", name=name)
    if name not in rows:
        raise EngineError("unknown_model", name=name)
    return rows[name]


def _checked_name(name: str, path: str, rows: Rows) -> str:
    """The name without white space around it, if it may be that of the model at this path."""
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise EngineError("bad_model_name", longest=_LONGEST_NAME)
    if name in (_STARTER, _STARTER_FOLDER) or (name in rows and rows[name].path != path):
        raise EngineError("model_name_taken", name=name)
    return name


def _free_name(name: str, rows: Rows) -> str:
    taken = {_STARTER, _STARTER_FOLDER, *rows}
    free, number = name, 2
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free
