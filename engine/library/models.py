"""The models this machine knows: the starter, and GGUF files and model folders that a person added.

Only a list is kept (`models.json` under the home); the files stay where they are. Imports neither torch nor llama_cpp.
Nothing inside a file is followed: names, paths and addresses in it are only shown.
"""

from __future__ import annotations

import json
import logging
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine import files, paths
from engine.errors import EngineError
from engine.library import facts
from engine.runtime.gguf_header import MAGIC, shown

log = logging.getLogger(__name__)

_STARTER, _STARTER_FOLDER = "starter", "starter (in-house)"
_BACKENDS = {"gguf": "llama", "folder": "gpt"}
ADAPTER_CONFIG = "adapter_config.json"
_PICKLES = (".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_PICKLE_STARTS = (b"\x80", b"PK\x03\x04")  # a pickle, and the archive torch.save puts one in
_LONGEST_NAME = 100


@dataclass(frozen=True)
class ModelEntry:
    """A model to open. `problem` says in a sentence why it cannot be opened, as far as a glance tells; else None."""

    name: str
    path: Path
    kind: str  # "gguf", "folder" or "adapter" (a folder that is opened together with the model it was made for)
    backend: str  # "llama" or "gpt"
    bundled: bool
    problem: str | None = None


# --- which model is meant --------------------------------------------------------------------------------------------


def resolve(model: str | Path, backend: str | None = None) -> ModelEntry:
    """The model of this path or name. A path that exists comes before a name, except before `starter`.

    backend: "llama" or "gpt"; None takes the one that fits.
    Raises EngineError when there is no such model, when it is not one, or when it does not fit the backend.
    """
    if backend not in (None, *_BACKENDS.values()):
        raise EngineError("unknown_backend", backend=backend, known=" and ".join(_BACKENDS.values()))
    if model == _STARTER:
        return _usable(_starter_folder() if backend == "gpt" else _starter_file(), backend)
    path = Path(model)
    if _exists(path):
        return _usable(_at_path(path, backend), backend)
    listed = next((entry for entry in entries() if entry.name == str(model)), None)
    if listed is not None:
        return _usable(listed, backend)
    code = "not_found" if isinstance(model, Path) or _looks_like_path(str(model)) else "unknown_model"
    raise EngineError(code, place=str(model), name=str(model))


def _usable(entry: ModelEntry, backend: str | None) -> ModelEntry:
    if entry.problem is not None:
        raise EngineError("model_unusable", name=entry.name, problem=entry.problem)
    if backend not in (None, entry.backend):
        code = "gguf_needs_llama" if entry.kind == "gguf" else "folder_needs_gpt"
        raise EngineError(code, place=str(entry.path))
    return entry


def _at_path(path: Path, backend: str | None = None) -> ModelEntry:
    """What lies at an existing path, judged by its content. Raises EngineError with a sentence for anything else."""
    if path.is_dir():
        path = _in_folder(path, backend)
    if path.is_dir():
        return ModelEntry(path.resolve().name, path, "adapter" if is_adapter(path) else "folder", "gpt", False)
    if facts.first_bytes(path, 4) == MAGIC:
        return ModelEntry(path.stem, path, "gguf", "llama", False)
    raise _not_a_model(path)


def _in_folder(folder: Path, backend: str | None) -> Path:
    """The folder itself when it is a model folder or an adapter whose model is here, or the one GGUF file in it."""
    ggufs = sorted(folder.glob("*.gguf"))
    is_model_folder = (folder / "config.json").is_file() or facts.is_litgpt(folder)
    if len(ggufs) == 1 and (not is_model_folder or backend == "llama"):
        return ggufs[0]
    if is_model_folder:
        return folder
    if ggufs:
        raise EngineError("several_ggufs", place=str(folder), example=shown(ggufs[0].name))
    if is_adapter(folder):
        base_of(folder)
        return folder
    raise EngineError("folder_without_config", place=str(folder))


def is_adapter(folder: Path) -> bool:
    """Whether a folder holds an adapter and no whole model."""
    return (folder / ADAPTER_CONFIG).is_file() and not (folder / "config.json").is_file()


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
    listed = {**_read_list(), _STARTER: str(_starter_folder().path)}
    places = [Path(name)] if Path(name).is_absolute() else []
    places += [Path(listed[known]) for known in (name, last) if known in listed]
    places += [Path(path) for path in listed.values() if Path(path).name == last]
    places += [folder.resolve().parent / last] if last not in ("", ".", "..") else []
    for place in places:
        if _exists(place) and is_base(place):
            return place
    raise EngineError("adapter_base", place=str(folder), base=shown(name))


def is_base(place: Path) -> bool:
    """Whether an adapter can lie over what is there: a model folder, one of LitGPT's, or a GGUF file."""
    if place.is_dir():
        return (place / "config.json").is_file() or facts.is_litgpt(place)
    return facts.first_bytes(place, len(MAGIC)) == MAGIC


def _not_a_model(path: Path) -> EngineError:
    start = facts.first_bytes(path, 9)
    place = str(path)
    if not start:
        return EngineError("empty_file", place=place)
    if path.suffix == ".gguf":
        return EngineError("gguf_not", place=path.name)
    # The length before a safetensors header can look like a pickle; the header itself is JSON.
    safetensors = path.suffix == ".safetensors" and start[8:] == b"{"
    if path.suffix.lower() in _PICKLES or (start.startswith(_PICKLE_STARTS) and not safetensors):
        return EngineError("pickled_weights", place=place)
    if path.suffix == ".safetensors":
        return EngineError("weights_alone", place=place)
    return EngineError("not_a_model", place=place)


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
    added = [_listed(name, Path(path)) for name, path in _read_list().items()]
    return [_starter_file(), _starter_folder(), *added]


def add(path: str | Path, name: str | None = None) -> ModelEntry:
    """Put a GGUF file or model folder on the list, after checking that it can be opened.

    Without a name it gets that of the file, made unique. What is on the list already is only returned.
    Raises EngineError when it is no model, or when the name is taken or no name.
    """
    path = Path(path)
    if not _exists(path):
        raise EngineError("not_found", place=str(path))
    entry = _at_path(path)
    entry = replace(entry, path=Path(os.path.abspath(entry.path)))
    facts.check(base_of(entry.path) if entry.kind == "adapter" else entry.path)
    listed = _read_list()
    if name is None:
        known = next((name for name, place in listed.items() if Path(place) == entry.path), None)
        entry = replace(entry, name=known or _free_name(shown(entry.name, _LONGEST_NAME - 10), listed))
    else:
        entry = replace(entry, name=_checked_name(name, entry.path, listed))
    _write_list(listed | {entry.name: str(entry.path)})
    return entry


def add_as(path: str | Path, name: str) -> ModelEntry:
    """As `add`, called `name`, or that with a number behind it where it is taken; one on the list keeps its name."""
    place, listed = os.path.abspath(path), _read_list()
    if place in listed.values():
        return add(path)
    return add(path, _free_name(shown(name, _LONGEST_NAME - 10), listed))


def remove(name: str) -> None:
    """Take a model off the list; its file stays. Raises EngineError for a bundled or unknown one."""
    if name in (_STARTER, _STARTER_FOLDER):
        raise EngineError("model_bundled", name=name)
    listed = _read_list()
    if name not in listed:
        raise EngineError("unknown_model", name=name)
    del listed[name]
    _write_list(listed)


def relocated(source: Path, target: Path) -> None:
    """Follow a folder that has moved: what lay in it is listed at its new place."""
    listed = _read_list()
    moved = {name: str(_follow(Path(path), source, target)) for name, path in listed.items()}
    if moved != listed:
        _write_list(moved)


def _follow(path: Path, source: Path, target: Path) -> Path:
    return target / path.relative_to(source) if path.is_relative_to(source) else path


def describe(entry: ModelEntry) -> dict[str, Any]:
    """What there is to know about a model without loading it: sizes, types, licence, and what is wrong with it.

    Raises EngineError when not even its header can be read.
    """
    if entry.kind == "adapter":
        base = facts.of(base_of(entry.path))
        return base | {"size_bytes": base["size_bytes"] + facts.weight_bytes(entry.path)}
    return facts.of(entry.path)


def _listed(name: str, path: Path) -> ModelEntry:
    """An entry of the list with what a glance at the file tells."""
    try:
        if not _exists(path):
            raise EngineError("not_found", place=str(path))
        return replace(_at_path(path, "llama" if path.suffix == ".gguf" else None), name=name)
    except EngineError as error:
        kind = "gguf" if path.suffix == ".gguf" else "folder"
        return ModelEntry(name, path, kind, _BACKENDS[kind], False, str(error))


def _starter_file() -> ModelEntry:
    return _bundled(_STARTER, paths.resource("starter") / "starter-q8_0.gguf", "gguf")


def _starter_folder() -> ModelEntry:
    return _bundled(_STARTER_FOLDER, paths.resource("starter"), "folder")


def _bundled(name: str, path: Path, kind: str) -> ModelEntry:
    there = path.is_file() if kind == "gguf" else (path / "config.json").is_file()
    problem = None if there else str(EngineError("starter_missing"))
    return ModelEntry(name, path, kind, _BACKENDS[kind], True, problem)


def _checked_name(name: str, path: Path, listed: dict[str, str]) -> str:
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise EngineError("bad_model_name", longest=_LONGEST_NAME)
    if name in (_STARTER, _STARTER_FOLDER) or listed.get(name, str(path)) != str(path):
        raise EngineError("model_name_taken", name=name)
    return name


def _free_name(name: str, listed: dict[str, str]) -> str:
    taken = {_STARTER, _STARTER_FOLDER, *listed}
    free, number = name, 2
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def _read_list() -> dict[str, str]:
    """Name -> path. A list that cannot be read is moved aside, so that nothing of it is lost, and reported."""
    path = paths.home() / "models.json"
    try:
        rows = json.loads(path.read_bytes())["models"]
        return {str(row["name"]): str(row["path"]) for row in rows}
    except FileNotFoundError:
        return {}
    except OSError as error:
        log.warning("the list of models cannot be read: %s", error)
        return {}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        aside = path.with_name(f"models.broken-{time.strftime('%Y%m%d-%H%M%S')}.json")
        log.warning("the list of models is damaged (%s); it was moved to %s", error, aside)
        try:
            os.replace(path, aside)
        except OSError as failure:
            log.warning("%s could not be moved: %s", path, failure)
        return {}


def _write_list(listed: dict[str, str]) -> None:
    rows = [{"name": name, "path": path} for name, path in listed.items()]
    files.write_json(paths.home() / "models.json", {"models": rows})
