"""What is damaged in a database beside its rows: the search indexes hold nothing of their own, and are made anew.

Opening looks at the rows only, as looking through the indexes would take long; so it tries whether one can write.
Damage that is met later is noted, and the next start looks closer.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import apsw

from engine.chat import migrations
from engine.errors import EngineError
from engine.phrases import phrase

Value = TypeVar("Value")


def suspicion(path: Path) -> Path:
    """A file whose being there says that damage was met while the database was in use."""
    return path.with_name(f".{path.name}.suspected")


def look_through(connection: apsw.Connection, path: Path) -> None:
    """Where damage was met in what opening does not look at: search is made anew, and all the rest checked.

    Raises EngineError `store_damaged`, apsw.Error.
    """
    if not suspicion(path).exists():
        return
    with connection:
        migrations.rebuild_search(connection)
    if (complaint := connection.pragma("quick_check")) != "ok":
        raise EngineError("store_damaged", detail=str(complaint), place=str(path), reason=phrase("it is damaged"))
    suspicion(path).unlink(missing_ok=True)


def try_out(connection: apsw.Connection) -> None:
    """Whether one can write, whatever lies damaged where it is seldom read. Raises apsw.Error; nothing changed then."""
    mended(connection, _write_and_find)


def _write_and_find(connection: apsw.Connection) -> None:
    """Store a message, find it, and take it all back."""
    with suppress(_TakenBackError), connection:
        connection.execute(
            "INSERT INTO chats (title, created, updated, model, system, sampling) VALUES ('', 0, 0, '', '', '')"
        )
        connection.execute(
            "INSERT INTO messages (chat, role, content, state, created) VALUES (?, 'user', 'seedling', 'done', 0)",
            (connection.last_insert_rowid(),),
        )
        connection.execute("SELECT rowid FROM messages_search WHERE content LIKE '%seedling%' LIMIT 1").fetchall()
        raise _TakenBackError


class _TakenBackError(Exception):
    pass


def mended(connection: apsw.Connection, write: Callable[[apsw.Connection], Value]) -> Value:
    """What `write` returns, which makes a transaction of its own. Where a search index is damaged, which holds nothing
    of its own, it is made anew and `write` tried once more; if that does not help, nothing has changed.
    """
    try:
        value = write(connection)
    except (apsw.CorruptError, apsw.SQLError):
        with connection:
            migrations.rebuild_search(connection)
            value = write(connection)
    return value
