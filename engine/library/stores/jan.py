"""Jan: `llamacpp/models/ORG/REPOSITORY/model.yml` says where the GGUF lies, also one that was linked from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import yaml

from engine import paths
from engine.errors import EngineError
from engine.library.stores import looking
from engine.library.stores.candidate import Candidate, broken, model_files, relative_name
from engine.library.stores.system import System
from engine.phrases import phrase
from engine.runtime.gguf_header import shown

NAME = "jan"
_LARGEST_FILE = 64 << 10  # theirs have a few hundred bytes
_MODEL_FILE = "model.yml"
_MODELS = ("llamacpp/models", "models")  # of newer and of older versions, below the data folder


def places(system: System) -> list[Path]:
    """Data folders: the one that the settings name, and the usual one."""
    root = system.variable("JAN_DATA_ROOT") or (system.settings() if system.platform == "win32" else system.data())
    named = [_named(folder / "Jan" / "settings.json", system) for folder in (root, system.settings())]
    known = [system.variable("JAN_DATA_FOLDER"), *named, root / "Jan" / "data"]
    return [place for place in known if place is not None]


def candidates(place: Path) -> Iterator[Candidate]:
    """What the files model.yml name, and GGUF files in folders without one."""
    for models in (place / each for each in _MODELS):
        if not looking.is_folder(models):
            continue
        for folder in looking.folders(models):
            if folder.error is not None:
                yield broken(folder)
            if _MODEL_FILE in folder.files:
                yield _of_model_file(place, models, folder.path / _MODEL_FILE)
            else:
                yield from (Candidate(relative_name(models, file), file) for file in model_files(folder))


def _of_model_file(place: Path, models: Path, file: Path) -> Candidate:
    name = file.parent.relative_to(models).as_posix()
    try:
        about = _read(file)
        called, path = about.get("name"), about.get("model_path")
        if isinstance(called, str) and called.strip():
            name = called
        if not isinstance(path, str) or not path.strip():
            raise EngineError("jan_model", place=looking.place(file), reason=phrase("it names no model_path"))
        return Candidate(name, _in_data_folder(place, path, file))
    except EngineError as error:
        return Candidate(name, file, error)


def _in_data_folder(place: Path, path: str, file: Path) -> Path:
    """A linked file may lie anywhere on this computer, any other only in Jan's own folder."""
    named = paths.local(path)
    if named.is_absolute():
        return named
    inside = PurePosixPath(path.replace("\\", "/"))
    if ".." in inside.parts or PureWindowsPath(path).anchor:
        reason = phrase("{path} leads out of Jan's folder", path=shown(path))
        raise EngineError("jan_model", place=looking.place(file), reason=reason)
    return place / inside


def _read(file: Path) -> dict[str, Any]:
    try:
        about = yaml.safe_load(looking.small_file(file, _LARGEST_FILE))
    except (yaml.YAMLError, ValueError, RecursionError):
        about = None
    if not isinstance(about, dict):
        raise EngineError("jan_model", place=looking.place(file), reason=phrase("it is no YAML with keys"))
    return about


def _named(settings: Path, system: System) -> Path | None:
    try:
        folder = looking.small_json(settings, _LARGEST_FILE).get("data_folder")
    except EngineError:  # the usual place is looked at anyway
        return None
    return system.expanded(folder) if isinstance(folder, str) and folder.strip() else None
