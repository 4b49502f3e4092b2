"""Databases as earlier versions of the store wrote them."""

from __future__ import annotations

from pathlib import Path

import apsw

from engine.chat import migrations

CHAT = 7


def old_database(path: Path, steps: int = 1) -> None:
    """One that has been through the first `steps` migrations, with a chat of one message in it."""
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "WAL")
    with connection:
        connection.execute("CREATE TABLE migrations (name TEXT PRIMARY KEY, applied REAL) STRICT")
        for step in migrations.MIGRATIONS[:steps]:
            step(connection)
            connection.execute("INSERT INTO migrations VALUES (?, 0)", (step.__name__,))
        connection.execute("INSERT INTO chats VALUES (?, 'An old chat', 1, 2, 'starter', '', '{}')", (CHAT,))
    add_old_message(connection, 8, CHAT, "an old message")
    connection.close()


def add_old_message(connection: apsw.Connection, id: int, chat: int, content: str) -> None:
    """As it was stored before messages had parents."""
    connection.execute(
        "INSERT INTO messages (id, chat, role, content, state, created) VALUES (?, ?, 'user', ?, 'done', 1)",
        (id, chat, content),
    )
