"""What lies at a path that a store names: its kind, its size, and what is wrong with it, told from headers alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from engine import hardware
from engine.errors import EngineError, describe, from_os_error
from engine.library import facts, forms
from engine.library.stores import looking
from engine.runtime import gguf_parts
from engine.runtime.gguf_header import GGUFHeader, read_type
from engine.runtime.llamafile import ALIGNMENT
from engine.runtime.preflight import check_adapter, check_model

_NO_MODELS = ("mmproj", "imatrix")  # GGUF files that lie beside models, as they call themselves
_OPENED = (".json", ".safetensors", ".bin", ".pth")  # files that are opened to judge a folder


@dataclass(frozen=True)
class Judged:
    """kind: as of `ModelEntry`. problem: why it cannot be opened."""

    kind: str
    size_bytes: int
    problem: EngineError | None = None
    note: str = ""  # what opening it will take


def identity(path: Path) -> Hashable:
    """Equal for the same file, or the same weights of a folder, by whatever path. Raises EngineError."""
    files = facts.weight_files(path) if looking.is_folder(path) else [path]
    return frozenset(map(_identity, files)) or str(path)


def judge(path: Path) -> Judged | None:
    """None for a file that is no model of its own. Raises EngineError where there is nothing that could be opened."""
    return _folder(path) if stat.S_ISDIR(looking.status_of(path).st_mode) else _file(path)


def _file(path: Path) -> Judged | None:
    files = gguf_parts.parts(path)
    size = sum(looking.file_status(file).st_size for file in files if file == path or os.path.lexists(file))
    try:
        kind = read_type(path)
        if kind in _NO_MODELS:
            return None
        if kind == "adapter":
            check_adapter(path)
            return Judged("adapter-gguf", size)
        header = check_model(path)
    except EngineError as error:
        return Judged("gguf", size, error)
    return Judged("gguf", size, note=_note(header))


def _note(header: GGUFHeader) -> str:
    if not header.start % ALIGNMENT:
        return ""
    size = hardware.size_text(header.file_size)
    return describe("llamafile_copied", {"place": looking.place(header.path.name), "size": size})


def _folder(path: Path) -> Judged:
    kind = "folder"
    try:
        with os.scandir(path) as entries:
            opened = [Path(entry.path) for entry in entries if entry.name.endswith(_OPENED)]
        for file in sorted(opened):  # before anybody opens them
            looking.file_status(file)
        size = facts.weight_bytes(path)
    except OSError as error:
        return Judged(kind, 0, from_os_error(error))
    except EngineError as error:
        return Judged(kind, 0, error)
    if forms.is_adapter(path):
        return Judged("adapter", size)
    kind = "classifier" if forms.is_classifier(path) else "folder"
    try:
        facts.check_folder(path)
    except EngineError as error:
        return Judged(kind, size, error)
    return Judged(kind, size)


def _identity(file: Path) -> Hashable:
    status = looking.status_of(file)
    return (status.st_dev, status.st_ino) if status.st_ino else os.path.realpath(file)
