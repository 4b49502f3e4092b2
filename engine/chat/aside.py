"""A database makes room for another one: it is moved, with its log, to a name that is free.

The other one is whole before anything moves, and its name says where the old one goes: from then on the move is
decided, and killed at any instant it is completed by the next start. A move that fails is taken back.

One that takes the place of a damaged database is empty, and notes what was put aside for it.
"""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote_to_bytes

import apsw

from engine import files
from engine.chat import migrations

_PARTS = ("-journal", "-wal", "-shm", "")  # logs first: a new database must never meet one of an old one
_ADDRESS = "file://"
_WRITES = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE


def name_of(path: Path) -> str:
    """What SQLite calls this file. Names that are no Unicode, which Linux allows, pass as an address only."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return path.absolute().as_uri()
    return str(path.absolute())


def path_of(name: str) -> Path:
    """The file of which `name_of` gave this name."""
    if name.startswith(_ADDRESS):
        return Path(os.fsdecode(unquote_to_bytes(name.removeprefix(_ADDRESS))))
    return Path(name)


def opened(path: Path, flags: int = _WRITES) -> apsw.Connection:
    """A connection to this file, whatever it is called. flags: SQLite's. Raises apsw.Error."""
    return apsw.Connection(name_of(path), flags=flags | apsw.SQLITE_OPEN_URI)


def _free_name(database: Path, label: str) -> Path:
    """Where a database can be kept beside its place, by the time and what it is: nothing is overwritten."""
    stamp, number = time.strftime("%Y%m%d-%H%M%S"), 1
    while True:
        place = database.with_name(f"{database.stem}-{label}-{stamp}-{number}{database.suffix}")
        if not any(part.exists() for part in _parts(place)):
            return place
        number += 1


def take_its_place(database: Path, label: str, write: Callable[[Path, Path], None]) -> Path:
    """Put a database aside, if there is one, and another into its place; where the old one is kept.

    write: called with the path at which to write the other one, and where the old one goes. Raises what it raises, or
    OSError; the old one then is where it was. Where not even that could be done, `settle` completes the move.
    """
    place = _free_name(database, label)
    written = database.with_name(f".{database.name}.written")
    with files.whole_file(written) as partial:
        write(partial, place)
    try:
        files.rename(written, _successor(place))
        _complete(database, place)
    except OSError:
        with suppress(OSError):
            written.unlink(missing_ok=True)
            _take_back(database, place)
        raise
    return place


def begin_anew(database: Path) -> Path:
    """Put a damaged database aside and an empty one into its place; where the damaged one is now.

    Raises apsw.Error or OSError; nothing has moved then.
    """
    return take_its_place(database, "damaged", _build)


def settle(database: Path) -> None:
    """Complete what a kill has cut short. Raises OSError."""
    for new in sorted(database.parent.glob("." + glob.escape(database.stem) + "-*.next")):
        _complete(database, database.with_name(new.name.removeprefix(".").removesuffix(".next")))


def _successor(place: Path) -> Path:
    """What takes the place of a database that goes here, until it is there."""
    return place.with_name(f".{place.name}.next")


def _parts(database: Path) -> list[Path]:
    return [database.with_name(database.name + suffix) for suffix in _PARTS]


def _move(database: Path, place: Path) -> None:
    """With its log. Called again after a kill, it moves what is left."""
    for part, target in zip(_parts(database), _parts(place), strict=True):
        if part.exists():
            files.rename(part, target)


def _complete(database: Path, place: Path) -> None:
    _move(database, place)
    files.rename(_successor(place), database)


def _take_back(database: Path, place: Path) -> None:
    """Until the end the other one lies where `settle` finds it: no log meets a database that is not its own."""
    if place.exists() and not _successor(place).exists():  # all was moved, and only not flushed
        files.rename(database, _successor(place))
    _move(place, database)
    _successor(place).unlink(missing_ok=True)
    files.flush_folder(database.parent)


def _build(path: Path, place: Path) -> None:
    """An empty database whose ids begin above all that the old one can have had, so that its rows can come back.

    Seconds are more than one program ever stores rows; ids stay below 2^31, which Qt's signals carry, until 2085.
    """
    first = max(1_000_000, int(time.time()) - 1_500_000_000)
    connection = opened(path)
    connection.pragma("synchronous", "OFF")  # it is flushed as a whole
    connection.pragma("journal_mode", "MEMORY")
    try:
        migrations.migrate(connection)
        with connection:
            connection.execute("INSERT INTO kept_aside (place) VALUES (?)", (name_of(place),))
            for table in ("chats", "messages"):
                connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, first))
    finally:
        connection.close()
