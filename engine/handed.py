"""What a double-click or a link hands to a start of Seedling: files of this computer, and addresses of ours.

Whoever named the file or wrote the link may be a stranger. So each is read strictly and as a whole, told from its text
alone before anything looks at a disk, and what is none of the two is refused with one sentence. The only address there
is names a model of the hub, whose page is shown: `seedling:model/ORGANISATION/NAME`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine import paths, processes
from engine.errors import EngineError

SCHEME = "seedling:"
MOST = 200  # things at once
LONGEST = 20_000  # characters of all of them together
TOO_MUCH = ("",) * (MOST + 1)  # stands for what is more, where there is no room for it

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # of two letters at least: C: is a disk
_MODEL = re.compile(r"(?i:seedling):model/([A-Za-z0-9._-]{1,96}/[A-Za-z0-9._-]{1,96})")
_FILE = re.compile(r"(?i:file)://(?:localhost)?(/[^?#]*)")
_DRIVE = re.compile(r"/[A-Za-z]:")
_SQLITE = b"SQLite format 3\0"


class Handed(NamedTuple):
    """What is to be opened: files and folders by their absolute paths, and a repository of the hub or ""."""

    paths: tuple[Path, ...] = ()
    repo: str = ""


class Start(NamedTuple):
    """How a window is wanted. handed: what it is to open, as `read` takes it."""

    safely: bool = False
    handed: tuple[str, ...] = ()


def start_of(arguments: Sequence[str]) -> Start | None:
    """What these arguments of the program want of a window; None where they are for the command line.

    A bare word is a command. A file is told by a folder before it, or by a dot in its name where it is there.
    """
    safely = processes.SAFELY in arguments[:1]
    rest = arguments[safely:]
    if not all(map(_is_handed, rest)):
        return None
    return Start(safely, tuple(text if _SCHEME.match(text) else os.path.abspath(text) for text in rest))


def _is_handed(argument: str) -> bool:
    if argument.startswith("-"):
        return False
    has_folder = "/" in argument or os.sep in argument
    return bool(_SCHEME.match(argument)) or has_folder or ("." in argument and os.path.lexists(argument))


def read(texts: Sequence[object]) -> Handed:
    """What these texts name, without looking at any of it.

    Raises EngineError: `handed_too_much`, `handed_address` for what is no file and no address of ours, `repo_name`,
    `network_path`. Then nothing of it is to be opened.
    """
    if len(texts) > MOST or sum(len(text) for text in texts if isinstance(text, str)) > LONGEST:
        raise EngineError("handed_too_much", most=MOST)
    found, repo = [], ""
    for text in texts:
        if isinstance(text, str) and text[: len(SCHEME)].lower() == SCHEME:
            repo = _repo(text)
        else:
            found.append(_path(text))
    return Handed(tuple(found), repo)


def _repo(address: str) -> str:
    from engine.library.download.names import check_repo

    match = _MODEL.fullmatch(address)
    if match is None:
        raise _no_address(address)
    check_repo(match[1])
    return match[1]


def _path(text: object) -> Path:
    if not isinstance(text, str):
        raise _no_address(text)
    place = _decoded(text) if _SCHEME.match(text) else text
    path = paths.local(place)
    if "\0" in place or not path.is_absolute():
        raise _no_address(text)
    return path


def _decoded(address: str) -> str:
    """The path of a file of this computer, as its address has it. Raises EngineError `handed_address`."""
    from urllib.parse import unquote_to_bytes

    match = _FILE.fullmatch(address)
    if match is None:
        raise _no_address(address)
    text = os.fsdecode(unquote_to_bytes(match[1]))
    return text[1:] if sys.platform == "win32" and _DRIVE.match(text) else text


def _no_address(text: object) -> EngineError:
    from engine.runtime.gguf_header import shown

    return EngineError("handed_address", address=shown(text))


def check(path: Path) -> None:
    """Raises EngineError where there is no file or folder that could be a model or data, and OSError."""
    if not path.exists():
        raise EngineError("not_found", place=str(path))
    if not path.is_file() and not path.is_dir():  # reading a device or a pipe may never end
        raise EngineError("handed_device", place=str(path))
    if path.resolve() == (paths.home() / "settings.json").resolve():
        raise EngineError("handed_settings", place=str(path))
    if path.is_file() and _begins_as_database(path):
        raise EngineError("handed_database", place=str(path))


def _begins_as_database(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE
