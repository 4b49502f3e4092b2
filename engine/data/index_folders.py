"""Where indexes lie: under the home, by what they are of, each whole or absent; the least recently used go.

An index is begun in a folder that no other process writes, `<key>-<process>-<number>`, so that one being written can be
read and one cut off harms nothing: `card.json`, written last, makes it whole, and the key finds it again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine import files, paths
from engine.data.index import ABOUT, CARD, REJECTED, ROWS, STARTS, read_card, read_json

VERSION = 1  # of the files of an index; others are made anew
KEPT_BYTES = 4 << 30  # of all indexes together
_EDGE_BYTES = 1 << 20  # bytes at the beginning and end of a file by which it is known again


def source(params: dict[str, Any], data: Sequence[Path], evaluation: Sequence[Path]) -> dict[str, Any]:
    """What an index is of: the files of a dataset, what was asked of it, and the `key` of all this.

    A file is known by its name, size, time and edges: many are too large to be read once more for it. Raises OSError.
    """
    asked = {name: params.get(name) or None for name in ("columns", "kind", "held_back")}
    known = [_known_by(file) for file in data]
    all_of_it = [VERSION, asked, known, [_known_by(file) for file in evaluation]]
    key = hashlib.sha256(json.dumps(all_of_it, sort_keys=True).encode()).hexdigest()[:32]
    return {"key": key, "files": [str(file.resolve()) for file in data], "known": known, **asked}


def is_unchanged(of: dict[str, Any]) -> bool:
    """Whether the files of a `source` are still what they were."""
    try:
        return bool(of["known"] == [_known_by(Path(file)) for file in of["files"]])
    except (OSError, KeyError):
        return False


def place(of: dict[str, Any], folder: str | None = None) -> tuple[Path, dict[str, Any] | None]:
    """Where the index of a source lies, and its card if it is whole. Raises OSError."""
    found = whole(of["key"]) if folder is None else Path(folder)
    if found is not None:
        card = read_card(found)
        if card is not None and card.get("key") == of["key"]:
            return found, card
    if folder is None:
        return begin(of), None
    remove(Path(folder))
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder), None


def whole(key: str) -> Path | None:
    """The folder of a finished index, which counts as used now."""
    for card in sorted(paths.indexes().glob(f"{key}-*/{CARD}")):
        if read_json(card) is not None:
            os.utime(card)
            return card.parent
    return None


def begin(of: dict[str, Any]) -> Path:
    """A new folder for an index. Raises OSError."""
    number = 0
    while True:
        folder = paths.indexes() / f"{of['key']}-{os.getpid()}-{number}"
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            number += 1


def tidy(keep: Path, most_bytes: int | None = None) -> None:
    """Remove what killed processes left, and whole indexes, the least recently used first, beyond `most_bytes`."""
    room = KEPT_BYTES if most_bytes is None else most_bytes
    used: list[tuple[float, Path]] = []
    for folder in _folders(paths.indexes()):
        if folder == keep:
            room -= _size(folder)
        elif (folder / CARD).exists():
            used.append(((folder / CARD).stat().st_mtime, folder))
        elif not _is_being_written(folder):
            remove(folder)
    for _, folder in sorted(used, reverse=True):
        room -= _size(folder)
        if room < 0:
            remove(folder)


def remove(folder: Path) -> None:
    """The card first: half an index is none. Nothing else is touched; what the system holds on to is left for later."""
    with contextlib.suppress(OSError):
        for name in (CARD, ABOUT):  # a killed process may have left halves of these
            files.settle(folder / name)
        for name in (CARD, ABOUT, ROWS, STARTS, REJECTED):
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()


def _known_by(file: Path) -> list[Any]:
    edges = hashlib.sha256()
    with open(file, "rb") as opened:
        stat = os.fstat(opened.fileno())
        edges.update(opened.read(_EDGE_BYTES))
        opened.seek(max(opened.tell(), stat.st_size - _EDGE_BYTES))
        edges.update(opened.read(_EDGE_BYTES))
    return [file.name, stat.st_size, stat.st_mtime_ns, edges.hexdigest()]


def _folders(place: Path) -> list[Path]:
    return [entry for entry in place.iterdir() if entry.is_dir()] if place.is_dir() else []


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def _is_being_written(folder: Path) -> bool:
    import psutil  # not worth loading as long as nothing lies about

    process = folder.name.split("-")[1:2]
    return process != [] and process[0].isdecimal() and psutil.pid_exists(int(process[0]))
