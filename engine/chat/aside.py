"""A database makes room for another one: it is moved, with its log, to a name that is free and is told.

A damaged one is followed by a new, empty one, which notes what was put aside for it. The new one is whole before
anything moves; once it is there, the move is decided: killed at any instant, the next start completes it.
"""

from __future__ import annotations

import time
from pathlib import Path

import apsw

from engine import files
from engine.chat import migrations

_PARTS = ("-wal", "-shm", "")  # the log first: a new database must never meet the log of an old one


def free_name(database: Path, label: str) -> Path:
    """Where a database can be kept beside its place, by the time and what it is: nothing is overwritten."""
    stamp, number = time.strftime("%Y%m%d-%H%M%S"), 1
    while (place := database.with_name(f"{database.stem}-{label}-{stamp}-{number}{database.suffix}")).exists():
        number += 1
    return place


def move(database: Path, place: Path) -> None:
    """Move a database with its log. Called again after a kill, it moves what is left. Raises OSError."""
    for suffix in _PARTS:
        part = database.with_name(database.name + suffix)
        if part.exists():
            files.rename(part, place.with_name(place.name + suffix))


def begin_anew(database: Path) -> Path:
    """Put a damaged database aside and an empty one into its place; where the damaged one is now.

    Raises apsw.Error or OSError; unless the new one could be written, nothing has moved.
    """
    place = free_name(database, "damaged")
    with files.whole_file(_new(database)) as partial:
        _build(partial, place)
    _complete(database, place)
    return place


def settle(database: Path) -> None:
    """Complete what a kill has cut short. Raises apsw.Error or OSError."""
    new = _new(database)
    if new.exists():
        try:
            place = _noted(new)
        except (apsw.Error, ValueError):  # damaged itself
            new.unlink()
        else:
            _complete(database, place)


def _new(database: Path) -> Path:
    return database.with_name(f".{database.name}.new")


def _noted(new: Path) -> Path:
    connection = apsw.Connection(str(new), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        ((place,),) = connection.execute("SELECT place FROM kept_aside WHERE salvaged IS NULL").fetchall()
        return Path(str(place))
    finally:
        connection.close()


def _complete(database: Path, place: Path) -> None:
    move(database, place)
    files.rename(_new(database), database)


def _build(path: Path, place: Path) -> None:
    """An empty database whose ids begin above all that the old one can have had, so that its rows can come back.

    Seconds are more than one program ever stores rows; ids stay below 2^31, which Qt's signals carry, until 2085.
    """
    first = max(1_000_000, int(time.time()) - 1_500_000_000)
    connection = apsw.Connection(str(path))
    connection.pragma("synchronous", "OFF")  # it is flushed as a whole
    connection.pragma("journal_mode", "MEMORY")
    try:
        migrations.migrate(connection)
        with connection:
            connection.execute("INSERT INTO kept_aside (place) VALUES (?)", (str(place.absolute()),))
            for table in ("chats", "messages"):
                connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, first))
    finally:
        connection.close()
