"""Looking at folders of other programs: with bounds, without changing anything, and with a sentence for what is broken.

Only ordinary files are ever opened. Links are followed, but not to a network share: looking at one already signs in to
its server.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from engine import paths
from engine.errors import EngineError, from_os_error
from engine.phrases import phrase
from engine.runtime.gguf_header import shown

DEEPEST = 8  # folders within folders
MOST_ENTRIES = 200_000  # files and folders looked at below one place
_LONGEST_PLACE = 300
_MOST_LINKS = 40  # one behind the other, as Linux has it
_WHERE_LINKS_LEAD = re.compile(r"\\\\\?\\(?=[A-Za-z]:)")  # how Windows begins a local target


@dataclass(frozen=True)
class Folder:
    """One folder: the names in it that are no folders, sorted; or why it, or the rest, was not looked at."""

    path: Path
    files: tuple[str, ...] = ()
    error: EngineError | None = None


def folders(root: Path, deepest: int = DEEPEST) -> Iterator[Folder]:
    """A folder and those in it, each once whatever links there are; hidden ones are left out.

    Raises EngineError where not even the folder itself can be looked at.
    """
    waiting, seen, left = [(root, 0)], set(), MOST_ENTRIES
    while waiting:
        path, depth = waiting.pop()
        try:
            status = status_of(path)
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(path) as found:
                entries = list(islice(found, left))
        except (EngineError, OSError) as complaint:
            error = complaint if isinstance(complaint, EngineError) else from_os_error(complaint)
            if depth == 0:
                raise error from None
            yield Folder(path, error=error)
            continue
        inner = {entry.name for entry in entries if _is_folder(entry)}
        yield Folder(path, tuple(sorted({entry.name for entry in entries} - inner)))
        if depth < deepest:
            next_ones = sorted((name for name in inner if not name.startswith(".")), reverse=True)
            waiting += [(path / name, depth + 1) for name in next_ones]
        left -= len(entries)
        if left <= 0:
            yield Folder(root, error=EngineError("too_many_files", place=place(root), limit=MOST_ENTRIES))
            return


def inside(folder: Path) -> list[Path]:
    """The folders right in a folder, hidden ones left out. Raises EngineError."""
    status_of(folder)
    try:
        with os.scandir(folder) as found:
            entries = list(islice(found, MOST_ENTRIES))
    except OSError as error:
        raise from_os_error(error) from None
    return sorted(Path(entry.path) for entry in entries if _is_folder(entry) and not entry.name.startswith("."))


def is_folder(path: Path) -> bool:
    """Whether there is a folder that can be looked at, as far as this computer may tell without asking a server."""
    try:
        return stat.S_ISDIR(status_of(path).st_mode)
    except EngineError:
        return False


def status_of(path: Path) -> os.stat_result:
    """What lies at a path, links followed.

    Raises EngineError `network_path`, `link_nowhere`, `link_circle`, `not_found`, or the system's complaint.
    """
    _refuse_shares(path)
    try:
        return os.stat(path)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise EngineError("link_circle", place=place(path)) from None
        if isinstance(error, FileNotFoundError) and os.path.islink(path):
            raise EngineError("link_nowhere", place=place(path)) from None
        raise from_os_error(error) from None
    except ValueError:  # a name that no file can have
        raise EngineError("not_found", place=place(path)) from None


def file_status(path: Path) -> os.stat_result:
    """The same of an ordinary file with something in it. Raises EngineError, `not_a_file` and `empty_file` too."""
    status = status_of(path)
    if not stat.S_ISREG(status.st_mode):
        raise EngineError("not_a_file", place=place(path))
    if not status.st_size:
        raise EngineError("empty_file", place=place(path))
    return status


def small_file(path: Path, most_bytes: int) -> bytes:
    """What a settings file or a manifest holds. Raises EngineError, `file_too_large` too."""
    if file_status(path).st_size > most_bytes:
        raise EngineError("file_too_large", place=place(path), limit=most_bytes)
    try:
        with open(path, "rb") as file:
            return file.read(most_bytes)
    except OSError as error:
        raise from_os_error(error) from None


def small_json(path: Path, most_bytes: int) -> dict[str, Any]:
    """The JSON object in a settings file or a manifest. Raises EngineError, `bad_json` too."""
    try:
        data = json.loads(small_file(path, most_bytes).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise EngineError("bad_json", place=place(path), reason=shown(error, 200)) from None
    if not isinstance(data, dict):
        raise EngineError("bad_json", place=place(path), reason=phrase("it is not an object"))
    return data


def place(path: Path | str) -> str:
    """A path for a sentence."""
    return shown(path, _LONGEST_PLACE)


def _refuse_shares(path: Path) -> None:
    """Follow links by their text alone; those of folders on the way are the system's to follow."""
    paths.local(str(path))
    for _ in range(_MOST_LINKS):
        try:
            target = _WHERE_LINKS_LEAD.sub("", os.readlink(path))
        except (OSError, ValueError):  # no link
            return
        paths.local(target)
        path = path.parent / target


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Links to shares count, so that they are said to be such."""
    try:
        if entry.is_symlink():
            return stat.S_ISDIR(status_of(Path(entry.path)).st_mode)
        return entry.is_dir()
    except EngineError as error:
        return error.code == "network_path"
    except OSError:
        return False
