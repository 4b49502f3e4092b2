"""The database of conversations, step by step: small functions, run once and in order, remembered by name.

A step that has been released is never changed; what comes later is a new step at the end of the list.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import apsw

APPLICATION_ID = 0x53454544  # "SEED": how a database of ours is told from another program's


def m001_chats_and_messages(connection: apsw.Connection) -> None:
    """`tokens` holds little-endian 32-bit ids; `sampling` and `stats` are JSON; times are seconds since 1970.

    Ids are never used again, so a late change of something deleted cannot hit anything else.
    """
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(
        """
        CREATE TABLE chats (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            title TEXT NOT NULL,
            created REAL NOT NULL,
            updated REAL NOT NULL,
            model TEXT NOT NULL,
            system TEXT NOT NULL,
            sampling TEXT NOT NULL
        ) STRICT
        """
    )
    connection.execute(
        """
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            chat INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
            role TEXT NOT NULL,
            content TEXT NOT NULL,
            tokens BLOB,
            model TEXT,
            state TEXT NOT NULL,
            stats TEXT,
            created REAL NOT NULL
        ) STRICT
        """
    )
    connection.execute("CREATE INDEX messages_by_chat ON messages (chat, id)")
    connection.execute("CREATE INDEX messages_streaming ON messages (id) WHERE state = 'streaming'")


def m002_search(connection: apsw.Connection) -> None:
    """Titles and contents by any three characters in a row; a reply enters when it is no longer being written."""
    _index(connection, "chats", "title", changes="title", settled="TRUE")
    _index(connection, "messages", "content", changes="content, state", settled="{row}state <> 'streaming'")


def _index(connection: apsw.Connection, table: str, column: str, changes: str, settled: str) -> None:
    """A search index over a column, kept by triggers. It stores no text, only where trigrams occur."""
    index = f"{table}_search"
    add = f"INSERT INTO {index} (rowid, {column}) VALUES (new.id, new.{column});"
    remove = f"INSERT INTO {index} ({index}, rowid, {column}) VALUES ('delete', old.id, old.{column});"
    was, now, here = (settled.format(row=row) for row in ("old.", "new.", ""))
    for statement in (
        f"CREATE VIRTUAL TABLE {index} USING fts5 ({column}, content={table}, content_rowid=id, tokenize=trigram, "
        "detail=none)",
        f"INSERT INTO {index} ({index}, rank) VALUES ('secure-delete', 1)",
        f"CREATE TRIGGER {index}_insert AFTER INSERT ON {table} WHEN {now} BEGIN {add} END",
        f"CREATE TRIGGER {index}_delete AFTER DELETE ON {table} WHEN {was} BEGIN {remove} END",
        # A change takes two: what was and what is now are indexed or not, each for itself.
        f"CREATE TRIGGER {index}_was BEFORE UPDATE OF {changes} ON {table} WHEN {was} BEGIN {remove} END",
        f"CREATE TRIGGER {index}_is AFTER UPDATE OF {changes} ON {table} WHEN {now} BEGIN {add} END",
        f"INSERT INTO {index} (rowid, {column}) SELECT id, {column} FROM {table} WHERE {here}",
    ):
        connection.execute(statement)


def rebuild_search(connection: apsw.Connection) -> None:
    """Make the search indexes anew from what they index. Raises apsw.Error where not even removing them works."""
    for table in ("chats", "messages"):
        for trigger in ("insert", "delete", "was", "is"):
            connection.execute(f"DROP TRIGGER IF EXISTS {table}_search_{trigger}")
        connection.execute(f"DROP TABLE {table}_search")
    m002_search(connection)


def m003_versions(connection: apsw.Connection) -> None:
    """Messages become a tree: `parent` is the message before, NULL for the first. Those with one parent are versions
    of each other, and the one with the highest `shown` is the one to be seen.

    So far every message came after the one stored before it.
    """
    for statement in (
        "ALTER TABLE messages ADD COLUMN parent INTEGER REFERENCES messages (id)",
        "ALTER TABLE messages ADD COLUMN shown INTEGER NOT NULL DEFAULT 0",
        "UPDATE messages SET parent = "
        "(SELECT max(id) FROM messages AS before WHERE before.chat = messages.chat AND before.id < messages.id)",
        "CREATE INDEX messages_by_parent ON messages (parent, chat, shown)",
    ):
        connection.execute(statement)


def m004_thinking(connection: apsw.Connection) -> None:
    """`thinking`: what a model thought before it replied; no part of the reply, and not searched."""
    connection.execute("ALTER TABLE messages ADD COLUMN thinking TEXT NOT NULL DEFAULT ''")


def m005_kept_aside(connection: apsw.Connection) -> None:
    """Damaged databases: where each is kept, and when what could be read of it was taken in; NULL: not yet."""
    connection.execute("CREATE TABLE kept_aside (place TEXT PRIMARY KEY, salvaged REAL) STRICT")


MIGRATIONS: list[Callable[[apsw.Connection], None]] = [
    m001_chats_and_messages,
    m002_search,
    m003_versions,
    m004_thinking,
    m005_kept_aside,
]


def applied(connection: apsw.Connection) -> list[str]:
    """The names of the steps this database has been through; none for a new one."""
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'migrations'").fetchall():
        return []
    return [str(name) for (name,) in connection.execute("SELECT name FROM migrations ORDER BY rowid")]


def pending(connection: apsw.Connection) -> list[Callable[[apsw.Connection], None]]:
    done = applied(connection)
    return [step for step in MIGRATIONS if step.__name__ not in done]


def unknown(connection: apsw.Connection) -> list[str]:
    """Steps that only a newer program knows."""
    known = {step.__name__ for step in MIGRATIONS}
    return [name for name in applied(connection) if name not in known]


def migrate(connection: apsw.Connection) -> None:
    """Run what is pending, each step in a transaction of its own together with the note that it has run."""
    for step in pending(connection):
        with connection:
            connection.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied REAL) STRICT")
            step(connection)
            connection.execute("INSERT INTO migrations VALUES (?, ?)", (step.__name__, time.time()))
