"""What a damaged database still held, and what the newest good backup has besides, comes back into the new one.

Both are gathered in a temporary database, so that memory does not grow with them: of rows with the same id the best
stays. Where the damaged file knows that something was deleted, the backup does not bring it back. Then the
conversations are made sound and come back one by one, the newest first, each as a whole and with its old ids.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from engine.chat import aside, backups, salvage
from engine.chat.backups import Backup
from engine.chat.salvage import CHATS, MESSAGES, TABLES, CancelledError, Row, Table, Wreck
from engine.chat.store import Store
from engine.errors import EngineError

_BACKUP = -1  # beside salvage.FILE and so on
_SLICE_BYTES = 4 << 20  # of messages written at once: what is sent meanwhile waits for no more
_TITLE_LENGTH = 60  # characters
_SETTLED = ("done", "cancelled", "failed")


@dataclass(frozen=True)
class Recovered:
    """What came back. from_backup: messages of these that only the backup had. `backup`: None where none was needed."""

    place: Path
    chats: int
    messages: int
    from_backup: int
    backup: Backup | None


def recover(store: Store, damaged: Path, cancelled: Callable[[], bool] = lambda: False) -> Recovered | None:
    """Read all there is of `damaged`, which is not changed, and take it into the store; None where cancelled.

    Called again after a kill, it ends as if it had been called once. Raises EngineError, OSError.
    """
    gathered = apsw.Connection("")  # a file of its own that goes with it
    try:
        backup = _gather(gathered, damaged, cancelled)
        chats = messages = 0
        for chat, rows in _conversations(gathered):
            messages += _take_in(store, chat, rows, cancelled)
            chats += 1
        ((from_backup,),) = gathered.execute("SELECT count(*) FROM messages WHERE source = ?", (_BACKUP,))
        store.take_in(lambda connection: _settle(connection, damaged)).result()
        return Recovered(damaged, chats, messages, int(from_backup), backup)
    except CancelledError:
        return None
    except apsw.FullError as error:
        raise EngineError("disk_full", detail=str(error), place=str(store.path)) from error
    finally:
        gathered.close()


# --- gathering -------------------------------------------------------------------------------------------------------


def _gather(into: apsw.Connection, damaged: Path, cancelled: Callable[[], bool]) -> Backup | None:
    """Bring the rows of the damaged file and of the newest good backup together; which one that was."""
    for table in TABLES:
        names = ", ".join(column.name for column in table.columns)
        into.execute(f"CREATE TABLE {table.name} (id INTEGER PRIMARY KEY, {names}, whole, newness, source)")
    known: dict[str, salvage.Ranges] = {}
    if damaged.exists():
        wreck = Wreck(damaged, cancelled)
        try:
            with into:
                for row in wreck.rows():
                    _put(into, row)
            known = wreck.known
        finally:
            wreck.close()
    with into:
        earlier = (backup for backup in backups.found() if not _is_of_new_one(backup, damaged))
        backup = next((backup for backup in earlier if _add_backup(into, backup, known)), None)
        _settle_chats(into, known)
    into.execute("CREATE INDEX by_chat ON messages (chat, id)")
    return backup


def _is_of_new_one(backup: Backup, damaged: Path) -> bool:
    """Whether it was made from the database that took the place of the damaged one."""
    return aside.name_of(damaged) in backups.kept_aside(backup.path)


def _put(into: apsw.Connection, row: Row) -> None:
    """Add a row, or put it in the place of one that is worse: damaged, older, or found where older rows are."""
    columns = [column.name for column in row.table.columns]
    newness = _newness(row)
    values = (row.id, *(row.values[name] for name in columns), row.whole, newness, row.source)
    into.execute(
        f"INSERT INTO {row.table.name} VALUES ({', '.join('?' * len(values))}) ON CONFLICT (id) DO UPDATE SET "
        + ", ".join(f"{name} = excluded.{name}" for name in (*columns, "whole", "newness", "source"))
        + " WHERE (excluded.whole, excluded.newness, excluded.source) > (whole, newness, source)",
        values,
    )


def _newness(row: Row) -> float:
    """Of two rows of one id, the one where this is higher is newer. What is in the backup was so before."""
    if row.source == _BACKUP:
        return -1.0
    if row.table is CHATS:
        return float(row.values["updated"])
    return float((row.values["state"] in _SETTLED) + row.values["shown"])


def _add_backup(into: apsw.Connection, backup: Backup, known: dict[str, salvage.Ranges]) -> bool:
    """Add what the damaged file lacks and does not know to be deleted; False if the backup itself is damaged."""
    try:
        backups.check(backup.path)
    except EngineError:
        return False
    connection = apsw.Connection(
        backup.path.absolute().as_uri() + "?immutable=1", flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    )
    try:
        for table in TABLES:
            for row in _rows_of(connection, table):
                there = into.execute(f"SELECT 1 FROM {table.name} WHERE id = ?", (row.id,)).fetchall()
                if there or row.id not in known.get(table.name, ()):
                    _put(into, row)
    finally:
        connection.close()
    return True


def _rows_of(connection: apsw.Connection, table: Table) -> Iterator[Row]:
    """The rows of a backup, which may be from before some columns."""
    there = {name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table.name,))}
    columns = [column for column in table.columns if column.name in there]
    # Texts as bytes: a flipped bit in one of them costs a character, not the backup.
    names = (f"CAST({column.name} AS BLOB)" if column.kind == "text" else column.name for column in columns)
    for id, *values in connection.execute(f"SELECT id, {', '.join(names)} FROM {table.name}"):
        row = {column.name: column.default for column in table.columns}
        for column, value in zip(columns, values, strict=True):
            is_text = column.kind == "text" and value is not None
            row[column.name] = value.decode("utf-8", "replace") if is_text else value
        if table is MESSAGES and "parent" not in there:
            row["parent"] = id - 1  # as every message was before there were versions: after the one before it
        yield Row(table, id, row, whole=True, source=_BACKUP)


def _settle_chats(into: apsw.Connection, known: dict[str, salvage.Ranges]) -> None:
    """Every message belongs to a chat: one that is lost is made anew; those of one that was deleted go with it."""
    chats = "SELECT DISTINCT chat FROM messages WHERE chat NOT IN (SELECT id FROM chats)"
    lost: list[Any] = into.execute(chats).fetchall()
    for (chat,) in lost:
        if chat in known.get("chats", ()):
            into.execute("DELETE FROM messages WHERE chat = ?", (chat,))
            continue
        first, last = into.execute(
            "SELECT min(created), max(created) FROM messages WHERE chat = ?", (chat,)
        ).fetchall()[0]
        said: list[Any] = into.execute(
            "SELECT content FROM messages WHERE chat = ? AND role <> 'system' ORDER BY id LIMIT 1", (chat,)
        ).fetchall()
        title = " ".join(said[0][0].split())[:_TITLE_LENGTH] if said else "…"
        values = {"title": title, "created": first, "updated": last, "model": "", "system": "", "sampling": "{}"}
        _put(into, Row(CHATS, chat, values, whole=False, source=salvage.FILE))


# --- conversations ---------------------------------------------------------------------------------------------------

Values = dict[str, Any]


def _conversations(gathered: apsw.Connection) -> Iterator[tuple[Values, Iterator[Values]]]:
    """Chats, the one changed last first, each with its messages in their order."""
    for chat in _select(gathered, CHATS, "ORDER BY updated DESC, id DESC"):
        yield chat, _linked(chat, _select(gathered, MESSAGES, "WHERE chat = ? ORDER BY id", chat["id"]))


def _select(gathered: apsw.Connection, table: Table, rest: str, *values: Any) -> Iterator[Values]:
    names = ["id", *(column.name for column in table.columns)]
    for row in gathered.execute(f"SELECT {', '.join(names)} FROM {table.name} {rest}", values):
        yield dict(zip(names, row, strict=True))


def _linked(chat: Values, messages: Iterator[Values]) -> Iterator[Values]:
    """Every message can be reached: where the one before it is lost, the last one stored before that takes its place.

    So parents are older than what follows them, whatever was read, and nothing goes in circles.
    """
    ids: list[int] = []
    for message in messages:
        if (parent := message["parent"]) is not None:
            before = bisect_right(ids, min(parent, message["id"] - 1))
            message["parent"] = ids[before - 1] if before else None
        ids.append(message["id"])
        if message["state"] == "streaming":
            message["state"] = "interrupted"
        message["created"] = message["created"] or chat["updated"]
        yield message


# --- taking in -------------------------------------------------------------------------------------------------------


def _take_in(store: Store, chat: Values, messages: Iterator[Values], cancelled: Callable[[], bool]) -> int:
    """Store a conversation with its messages, in slices; how many messages there are."""
    id = store.take_in(lambda connection: _insert(connection, CHATS, chat)).result()
    moved: dict[int, int] = {}  # messages that could not have their old ids
    count, part, size = 0, list[Values](), 0

    def write(connection: apsw.Connection, part: list[Values]) -> None:
        if not connection.execute("SELECT 1 FROM chats WHERE id = ?", (id,)).fetchall():
            return  # deleted by the person meanwhile
        for message in part:
            parent = moved.get(message["parent"], message["parent"])
            there = connection.execute("SELECT id FROM messages WHERE id = ?", (parent,)).fetchall()
            values = message | {"chat": id, "parent": parent if there else None}
            new = _insert(connection, MESSAGES, values)
            if new != message["id"]:
                moved[message["id"]] = new

    for message in messages:
        if cancelled():
            raise CancelledError
        part.append(message)
        size += len(message["content"]) + len(message["thinking"]) + len(message["tokens"] or b"")
        count += 1
        if size > _SLICE_BYTES:
            store.take_in(lambda connection, part=part: write(connection, part)).result()  # type: ignore[misc]
            part, size = [], 0
    store.take_in(lambda connection: write(connection, part)).result()
    return count


def _insert(connection: apsw.Connection, table: Table, values: Values) -> int:
    """Add a row under its id, unless it is there already; under another one where that is taken. The id it has."""
    names = [column.name for column in table.columns]
    there = connection.execute(f"SELECT created FROM {table.name} WHERE id = ?", (values["id"],)).fetchall()
    if there and there[0][0] == values["created"]:
        return int(values["id"])
    connection.execute(
        f"INSERT INTO {table.name} (id, {', '.join(names)}) VALUES (?{', ?' * len(names)})",
        (None if there else values["id"], *(values[name] for name in names)),
    )
    return connection.last_insert_rowid()


def _settle(connection: apsw.Connection, damaged: Path) -> None:
    connection.execute("UPDATE kept_aside SET salvaged = ? WHERE place = ?", (time.time(), aside.name_of(damaged)))
