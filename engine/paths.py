"""Where things lie: everything Seedling writes is under one home, everything it ships under resources.

The home goes with the program where the person has made a folder `seedling-data` beside its executables. Chats,
models and runs may have been moved elsewhere in the settings; whoever asks here follows them there.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from engine.errors import EngineError

# \\server\share, //server/share, \\?\UNC\..., \??\...: looking at such a path already signs in to its server.
_ELSEWHERE = re.compile(r"[\\/]{2}|\\\?\?\\")
_SOURCE = Path(__file__).resolve().parent.parent
PORTABLE = "seedling-data"  # the folder beside a frozen program's executables that makes it carry its home
MOVABLE = ("chats_folder", "models_folder", "runs_folder")  # options of `engine.settings`


def home() -> Path:
    """The folder of all that Seedling writes: `SEEDLING_HOME`, else that beside the program, else the platform's."""
    chosen = os.environ.get("SEEDLING_HOME")
    if chosen:
        return Path(chosen).expanduser()
    if (beside := portable_home()) is not None:
        return beside
    import platformdirs

    return Path(platformdirs.user_data_dir("Seedling", appauthor=False))


def portable_home() -> Path | None:
    """The folder beside a frozen program's executables that holds all it writes, where the person has made one."""
    if not getattr(sys, "frozen", False):
        return None
    beside = Path(sys.executable).parent / PORTABLE
    return beside if beside.is_dir() else None


def is_kept_together() -> bool:
    """Whether all that Seedling writes belongs under the home, also what other programs could share."""
    return bool(os.environ.get("SEEDLING_HOME")) or portable_home() is not None


def database() -> Path:
    return folder("chats_folder") / "seedling.db"


def models() -> Path:
    return folder("models_folder")


def runs() -> Path:
    return folder("runs_folder")


def folder(option: str) -> Path:
    """Where the folder of this option lies now. Asking makes nothing."""
    from engine.settings import stored  # it needs this module for its own place

    chosen = stored(option)
    return Path(str(chosen)) if chosen else usual(option)


def usual(option: str) -> Path:
    """Where the folder of this option lies unless it was moved: under the home, and the chats in the home itself."""
    return home() if option == "chats_folder" else home() / option.removesuffix("_folder")


def writable(place: Path) -> Path:
    """The same folder, if it may be written to: one that was chosen must be there, perhaps on a disk now unplugged.

    Raises EngineError `folder_missing`, where making it would hide what lies in the real one.
    """
    if place.is_dir() or place in map(usual, MOVABLE):
        return place
    raise EngineError("folder_missing", place=str(place))


def local(text: str) -> Path:
    """The path, refused before anything looks at it. Raises EngineError `network_path`."""
    if _ELSEWHERE.match(text):
        raise EngineError("network_path", place=text)
    return Path(text)


def cache() -> Path:
    """What can be made again, and may be deleted at any time."""
    return home() / "cache"


def backups() -> Path:
    return home() / "backups"


def indexes() -> Path:
    """What was found out about dropped files; all of it can be found out again."""
    return home() / "indexes"


def updates() -> Path:
    """The last list of a newer version that was believed, and what is fetched of it."""
    return home() / "updates"


def logs() -> Path:
    return home() / "logs"


def resource(name: str) -> Path:
    """A shipped file or folder, in source, wheel and frozen program alike."""
    frozen = getattr(sys, "_MEIPASS", None)
    return (Path(frozen) if frozen else _SOURCE) / "resources" / name
