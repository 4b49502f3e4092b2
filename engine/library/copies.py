"""Copies of models in our own folder, made when a person asks for one.

A copy is a folder that appears whole, with `copied.json` in it: what was copied, from where, with which hashes. So what
lies there is known to be ours to delete. One process copies at a time and holds a lock; what a killed one left, half a
copy or a whole one that is not on the list yet, is swept by the next.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from engine import files, hardware, paths
from engine.errors import EngineError
from engine.library import forms, model_list

_CHUNK_BYTES = 8 << 20
_ROOM_BYTES = 64 << 20  # that stays free beside a copy
_LONGEST_NAME = 80
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # names that Windows gives to no file


@dataclass(frozen=True)
class Copy:
    """hashes: SHA-256 of each file by its name. source: what was copied. listed: whether it has reached the list."""

    folder: Path
    hashes: dict[str, str]
    source: str
    listed: bool

    def write(self, folder: Path) -> None:
        files.write_json(
            folder / forms.COPY_NOTE, {"source": self.source, "listed": self.listed, "sha256": self.hashes}
        )


def of(place: Path) -> Copy | None:
    """The copy that a model in our folder is; None for anything else."""
    folder = place if place.is_dir() else place.parent
    if folder.parent.resolve() != paths.models().resolve():
        return None
    return _read(folder)


@contextmanager
def alone() -> Iterator[None]:
    """Be the only one who copies, from before `copy` until after `listed`. Raises EngineError `copy_running`."""
    with ExitStack() as stack:
        try:
            stack.enter_context(files.exclusive(_lock(), patience_s=0.3))
        except TimeoutError:
            raise EngineError("copy_running") from None
        yield


def copy(place: Path, kind: str, name: str) -> Generator[tuple[int, int, Path]]:
    """Bring a model into our folder, whole or not at all. Yields (bytes done, of all, the copy's place).

    Nothing of it is there before the last has been yielded and asked beyond. Then the caller lists it and says so with
    `listed`. Raises EngineError `folder_no_room`, `folder_missing`, `model_gone`, and OSError.
    """
    found = forms.files_of(place, kind)
    gone = next((path for path in found if not path.is_file()), None)
    if gone is not None:
        raise EngineError("model_gone", place=str(gone))
    total, done, root = forms.disk_bytes(found), 0, paths.writable(paths.models())
    if (free := hardware.disk_free(root)) < total + _ROOM_BYTES:
        room = {"free": hardware.size_text(free), "needed": hardware.size_text(total + _ROOM_BYTES)}
        raise EngineError("folder_no_room", place=str(root), **room)
    folder = _free_folder(root, name)
    named = {path: path.name for path in found}
    if place.is_file() and found == [place] and not place.suffix:  # a blob
        named[place] = f"{folder.name}.gguf"
    to = folder / named[place] if place.is_file() else folder
    hashes: dict[str, str] = {}
    with files.whole_folder(folder) as partial:
        for path in found:
            target, digest = named[path], hashlib.sha256()
            with open(path, "rb") as reader, open(partial / target, "wb") as writer:
                while chunk := reader.read(_CHUNK_BYTES):
                    writer.write(chunk)
                    digest.update(chunk)
                    done += len(chunk)
                    writer.flush()
                    files.sync(writer.fileno())  # so that progress is what the disk has, and no flush is long
                    yield done, max(done, total), to
            hashes[target] = digest.hexdigest()
        Copy(folder, hashes, str(place), listed=False).write(partial)


def listed(place: Path) -> None:
    """The copy at this place is on the list now."""
    made = of(place)
    if made is not None:
        replace(made, listed=True).write(made.folder)


def is_on_the_list(place: Path) -> bool:
    """Whether the list names this copy, or a file of it."""
    there = [Path(row.path) for row in model_list.read().values()]
    return any(place == path or place in path.parents for path in there)


def sweep() -> None:
    """Clear away what killed processes left in our folder, unless somebody copies now."""
    root = paths.models()
    if not root.is_dir():
        return
    try:
        lock = files.lock(_lock())
    except OSError:  # without locks nobody knows whether somebody does
        return
    if lock is None:
        return
    try:
        files.sweep(root)
        for folder in root.iterdir():
            made = _read(folder)
            if made is None or made.listed:
                continue
            if is_on_the_list(folder):  # killed before it could say so
                listed(folder)
            else:
                files.remove(folder)
    finally:
        os.close(lock)


def _lock() -> Path:
    return paths.home() / "copies.lock"


def _read(folder: Path) -> Copy | None:
    try:
        note = json.loads((folder / forms.COPY_NOTE).read_bytes())
        hashes = {str(name): str(value) for name, value in note["sha256"].items()}
        if any(name != Path(name).name or "\\" in name for name in hashes):  # of no copy of ours
            return None
        return Copy(folder, hashes, str(note["source"]), bool(note["listed"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _free_folder(root: Path, name: str) -> Path:
    """A folder that is not there yet, by a name that every file system takes."""
    plain = re.sub(r"[^\w .()+-]", "-", name)[:_LONGEST_NAME].strip(" .") or "model"
    plain = f"model {plain}" if _DEVICES.fullmatch(plain) else plain
    free, number = root / plain, 2
    while free.exists():
        free, number = root / f"{plain} ({number})", number + 1
    return free
