"""Conversations in SQLite. One thread writes; every thread that reads has a connection of its own.

A write is acknowledged (its Future is done) only when it is on the disk: write-ahead log, synchronous FULL.
"""

from __future__ import annotations

import json
import queue
import struct
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import apsw

from engine import files, hardware
from engine.chat import aside, mending, migrations, pages
from engine.chat.messages import Message, valid_unicode
from engine.errors import EngineError, from_os_error
from engine.phrases import phrase

# Before it, two connections that write and checkpoint at the same time could corrupt the file (sqlite.org/wal.html).
OLDEST_SQLITE = (3, 51, 3)
STATES = ("done", "streaming", "interrupted", "cancelled", "failed")
_BUSY_MS = 5000
_TEMPORARY = "MEMORY"  # a long list is sorted on a full disk, too
_ROOM = 1 << 20  # bytes that a change takes at most besides the words it stores
_ROOM_OF_TEXT = 4  # bytes for each letter: it lies in the log, in the database and in the index

Value = TypeVar("Value")
Write = Callable[[apsw.Connection], Any]


@dataclass(frozen=True)
class Chat:
    """One conversation. `created` and `updated` (last message) are seconds since 1970; `model` is a library name."""

    id: int
    title: str
    created: float
    updated: float
    model: str
    system: str
    sampling: dict[str, Any]


@dataclass(frozen=True)
class StoredMessage:
    """A message and what became of it; `state` is one of STATES, `stats` those of the reply's `Finished`.

    versions: ids of the messages that can stand at its place, in the order they were written; its own is among them.
    thinking: what the model thought before it replied; no model is given it again.
    """

    id: int
    chat: int
    message: Message
    state: str
    stats: dict[str, Any] | None
    created: float
    versions: tuple[int, ...] = ()
    thinking: str = ""


class Store:
    """The conversations in one file. Reading blocks for milliseconds; writing never does, it returns a Future."""

    def __init__(self, path: Path | str) -> None:
        """Open or create, bring up to date, and mark replies cut short by a crash as `interrupted`.

        Raises EngineError `store_damaged`, `store_newer` (the file is then untouched), `store_busy`,
        `sqlite_too_old`, `store_full`, or the system's complaint.
        """
        self._prepare(Path(path))
        connection = _open(self.path)
        self._closed = False
        self._lock = threading.Lock()  # guards `_closed` and the order of the queue
        self._queue: queue.SimpleQueue[tuple[Write, Future[Any], int] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, args=(connection,), name="store", daemon=True)
        self._writer.start()

    def _prepare(self, path: Path) -> None:
        """For those who read."""
        self.path = path
        self._local = threading.local()
        self._readers: weakref.WeakSet[apsw.Connection] = weakref.WeakSet()

    @classmethod
    def open_or_set_aside(cls, path: Path | str) -> tuple[Store, Path | None]:
        """The store, and where a damaged file was moved to make room for a new one, if that had to be.

        What can be read of that file comes back by engine/chat/recovery.py, which `unsalvaged` waits for.
        """
        path = Path(path)
        with _errors_of(path):
            aside.settle(path)
        try:
            return cls(path), None
        except EngineError as error:
            if error.code != "store_damaged":
                raise
        with _errors_of(path):
            place = aside.begin_anew(path)
        return cls(path), place

    def close(self) -> None:
        """Finish what is queued, then close. Closing twice does nothing."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._writer.join()

    # --- reading ---

    def chats(self) -> list[Chat]:
        """All conversations, the one changed last first."""
        rows = self._read(f"SELECT id, created, updated, {_TEXTS_OF_A_CHAT} FROM chats ORDER BY updated DESC")
        return [_chat(row) for row in rows]

    def messages(self, chat: int) -> list[StoredMessage]:
        """The messages of a conversation, in their order: of versions the one shown last, and what follows it."""
        rows = self._read(
            f"{_PATH} SELECT id, chat, created, tokens, {_VERSIONS}, {_TEXTS_OF_A_MESSAGE} "
            "FROM messages WHERE id IN path ORDER BY id",
            {"chat": chat},
        )
        return [_stored_message(row) for row in rows]

    def costs(self, chat: int) -> dict[str, float]:
        """What the replies of a conversation have cost, versions that are not shown too, by currency."""
        rows = self._read(
            "SELECT json_extract(stats, '$.cost.currency') AS currency, sum(json_extract(stats, '$.cost.amount')) "
            "FROM messages WHERE chat = ? AND json_valid(stats) AND json_type(stats, '$.cost') = 'object' "
            "GROUP BY currency",
            chat,
        )
        return {str(currency): float(amount) for currency, amount in rows if currency and amount is not None}

    def search(self, text: str) -> list[int]:
        """Ids of the chats whose title or messages contain `text`, the one changed last first.

        Capital letters A to Z count as small ones.
        """
        text = valid_unicode(text)
        if not text:
            return []
        # LIKE finds candidates by their trigrams; it takes no escapes then, so instr has the last word.
        likely, exact = f"%{text.replace('%', '_')}%", "instr(lower({0}), lower(:text))"
        rows = self._read(
            "SELECT id FROM chats WHERE id IN ("
            f" SELECT rowid FROM chats_search WHERE title LIKE :likely AND {exact.format('title')}"
            " UNION SELECT chat FROM messages WHERE id IN ("
            f"  SELECT rowid FROM messages_search WHERE content LIKE :likely AND {exact.format('content')})"
            ") ORDER BY updated DESC",
            {"likely": likely, "text": text},
        )
        return [int(id) for (id,) in rows]

    def unsalvaged(self) -> list[Path]:
        """Damaged databases that were put aside, and from which nothing has come back yet."""
        return [aside.path_of(place) for (place,) in self._read("SELECT place FROM kept_aside WHERE salvaged IS NULL")]

    def _read(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with _errors_of(self.path, suspect=True):
            connection = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._connect()
                self._local.connection = connection
                self._readers.add(connection)
            bindings = values[0] if values and isinstance(values[0], dict) else values
            return connection.execute(sql, bindings).fetchall()

    def _connect(self) -> apsw.Connection:
        """A reader's connection."""
        connection = aside.opened(self.path, apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(_BUSY_MS)
        connection.pragma("temp_store", _TEMPORARY)
        return connection

    # --- writing ---

    def create_chat(
        self, title: str, model: str = "", system: str = "", sampling: dict[str, Any] | None = None
    ) -> Future[int]:
        """A new conversation; its id."""
        now = time.time()
        values = (
            valid_unicode(title),
            now,
            now,
            valid_unicode(model),
            valid_unicode(system),
            json.dumps(sampling or {}),
        )

        def write(connection: apsw.Connection) -> int:
            connection.execute(
                "INSERT INTO chats (title, created, updated, model, system, sampling) VALUES (?, ?, ?, ?, ?, ?)", values
            )
            return connection.last_insert_rowid()

        return self._submit(write)

    def rename_chat(self, chat: int, title: str) -> Future[None]:
        return self._change_chat(chat, "title = ?", valid_unicode(title))

    def update_chat(
        self, chat: int, *, model: str | None = None, system: str | None = None, sampling: dict[str, Any] | None = None
    ) -> Future[None]:
        """Change how a conversation goes on; None leaves a value as it is."""
        values = (
            None if model is None else valid_unicode(model),
            None if system is None else valid_unicode(system),
            None if sampling is None else json.dumps(sampling),
        )
        columns = "model = coalesce(?, model), system = coalesce(?, system), sampling = coalesce(?, sampling)"
        return self._change_chat(chat, columns, *values)

    def delete_chat(self, chat: int) -> Future[None]:
        """Delete a conversation with its messages; their bytes are overwritten."""
        return self._submit(lambda connection: _execute(connection, "DELETE FROM chats WHERE id = ?", chat))

    def add_message(
        self,
        chat: int,
        message: Message,
        state: str = "done",
        stats: dict[str, Any] | None = None,
        beside: int | None = None,
        thinking: str = "",
    ) -> Future[int]:
        """A new message at the end of a conversation, or a new version of the message `beside`; its id."""
        now = time.time()
        values = (chat, message.role, *_columns(message, state, stats), now, valid_unicode(thinking))

        def write(connection: apsw.Connection) -> int:
            if beside is None:
                ((parent,),) = connection.execute(f"{_PATH} SELECT max(id) FROM path", {"chat": chat})
            else:
                parent = _parent(connection, chat, beside)
            connection.execute(
                "INSERT INTO messages (chat, role, content, tokens, model, state, stats, created, thinking, parent) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, parent),
            )
            id = connection.last_insert_rowid()
            _show(connection, id)
            connection.execute("UPDATE chats SET updated = ? WHERE id = ?", (now, chat))
            return id

        return self._submit(write, room=_ROOM_OF_TEXT * len(message.content))

    def update_message(
        self,
        id: int,
        message: Message,
        state: str = "done",
        stats: dict[str, Any] | None = None,
        thinking: str | None = None,
    ) -> Future[None]:
        """Put other content in the place of a message; its thinking stays where None is given."""
        thought = None if thinking is None else valid_unicode(thinking)
        now, values = time.time(), (message.role, *_columns(message, state, stats), thought, id)

        def write(connection: apsw.Connection) -> None:
            columns = (
                "role = ?, content = ?, tokens = ?, model = ?, state = ?, stats = ?, thinking = coalesce(?, thinking)"
            )
            _execute(connection, f"UPDATE messages SET {columns} WHERE id = ?", *values)
            connection.execute(
                "UPDATE chats SET updated = ? WHERE id = (SELECT chat FROM messages WHERE id = ?)", (now, id)
            )

        return self._submit(write, room=_ROOM_OF_TEXT * len(message.content))

    def show_message(self, id: int) -> Future[None]:
        """Of the versions of a message, show this one."""
        return self._submit(lambda connection: _show(connection, id))

    def delete_message(self, id: int) -> Future[None]:
        """Delete a message and all that follows it; the version shown before, if there is one, takes its place."""
        return self._submit(lambda connection: _execute(connection, _DELETE_BRANCH, id))

    def take_in(self, write: Callable[[apsw.Connection], Value]) -> Future[Value]:
        """Rows that come back from elsewhere, in a transaction of their own, between all other changes."""
        return self._submit(write)

    def _change_chat(self, chat: int, columns: str, *values: Any) -> Future[None]:
        """Leaves `updated`: a chat that is renamed stays where it stands in the list."""
        sql = f"UPDATE chats SET {columns} WHERE id = ?"
        return self._submit(lambda connection: _execute(connection, sql, *values, chat))

    def _submit(self, write: Callable[[apsw.Connection], Value], room: int = 0) -> Future[Value]:
        """room: bytes on the disk that it may take, besides what any change takes."""
        future: Future[Value] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("the store is closed")
            self._queue.put((write, future, room))
        return future

    def _write(self, connection: apsw.Connection) -> None:
        """The writer thread: one transaction for each call, in their order."""
        while (item := self._queue.get()) is not None:
            write, future, room = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                with _errors_of(self.path, suspect=True, room=room):
                    value = mending.mended(connection, partial(_in_transaction, write))
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(value)
        for reader in list(self._readers):
            with suppress(apsw.Error):  # a search that still runs in it: it ends with the process
                reader.close()
        with suppress(apsw.Error):  # a full disk: the log then stays, and the next start reads it
            connection.close()


# --- opening ---------------------------------------------------------------------------------------------------------


def _open(path: Path) -> apsw.Connection:
    """The writer's connection to a database that is ours, whole and up to date."""
    found = apsw.sqlite_lib_version()
    if tuple(map(int, found.split("."))) < OLDEST_SQLITE:
        raise EngineError("sqlite_too_old", found=found, needed=".".join(map(str, OLDEST_SQLITE)))
    with _errors_of(path, room=_size(path)):  # for the copy before a step that changes it
        files.make_folder(path.parent)
        exists = path.exists() and path.stat().st_size > 0
        if exists:
            _inspect(path)
        had_log = _size(path.with_name(path.name + "-wal")) > 0
        connection = aside.opened(path)
        try:
            _configure(connection)
            if exists and migrations.applied(connection) and migrations.pending(connection):
                _back_up(connection, path)
            migrations.migrate(connection)
            mending.look_through(connection, path)
            mending.try_out(connection)
            with connection:
                connection.execute("UPDATE messages SET state = 'interrupted' WHERE state = 'streaming'")
        except BaseException:
            if had_log:  # closing would bring it into a database that may be damaged
                connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
            connection.close()
            raise
    return connection


def _size(path: Path) -> int:
    """Bytes; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _inspect(path: Path) -> None:
    """Look at an existing file without changing it. Raises EngineError `store_damaged` or `store_newer`."""
    with open(path, "rb") as file:
        if file.read(16) != pages.MAGIC:
            raise EngineError("store_damaged", place=str(path), reason=phrase("it is not a database"))
    log = pages.read_log(path.with_name(path.name + "-wal"))
    if log is not None and log.broken:  # SQLite would drop what comes after, and overwrite it
        raise EngineError("store_damaged", place=str(path), reason=phrase("its log is damaged"))
    # Without a log, nobody has it open: read it as unchangeable, else SQLite leaves an empty log beside it.
    how = "" if path.with_name(path.name + "-wal").exists() else "?immutable=1"
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    connection = apsw.Connection(path.absolute().as_uri() + how, flags=flags)
    try:
        connection.set_busy_timeout(_BUSY_MS)
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        if tables and connection.pragma("application_id") != migrations.APPLICATION_ID:
            raise EngineError("store_damaged", place=str(path), reason=phrase("it belongs to another program"))
        if migrations.unknown(connection):
            if migrations.pending(connection):  # a newer program would have done our steps, too
                raise EngineError("store_damaged", place=str(path), reason=phrase("it is damaged"))
            raise EngineError("store_newer", place=str(path))
        # Not the search indexes: SQLite would compare them word by word.
        for table in ("chats", "messages", "kept_aside"):
            complaint = connection.pragma("quick_check", table) if table in tables else "ok"
            if complaint != "ok":
                raise EngineError(
                    "store_damaged", detail=str(complaint), place=str(path), reason=phrase("it is damaged")
                )
    finally:
        with suppress(apsw.Error):  # it cannot tidy up a log that a full disk left, and need not
            connection.close()


def _in_transaction(write: Callable[[apsw.Connection], Value], connection: apsw.Connection) -> Value:
    values = []
    with connection:
        values.append(write(connection))
    return values[0]


def _configure(connection: apsw.Connection) -> None:
    connection.set_busy_timeout(_BUSY_MS)
    connection.pragma("temp_store", _TEMPORARY)
    connection.pragma("journal_mode", "WAL")
    connection.pragma("synchronous", "FULL")
    connection.pragma("fullfsync", True)  # macOS: flush the disk's own cache, too
    connection.pragma("foreign_keys", True)
    connection.pragma("secure_delete", True)


def _back_up(connection: apsw.Connection, path: Path) -> None:
    """Copy the database beside itself before the first step that changes it."""
    step = migrations.pending(connection)[0].__name__
    with files.whole_file(path.with_name(f"{path.stem}-before-{step}{path.suffix}")) as partial:
        copy = aside.opened(partial)
        try:
            with copy.backup("main", connection, "main") as backup:
                backup.step(-1)
        finally:
            copy.close()


@contextmanager
def _errors_of(path: Path, suspect: bool = False, room: int = 0) -> Iterator[None]:
    """SQLite's complaints, and the system's, as ours.

    suspect: of damage, the next start is told to look closer. room: bytes that are needed on a full disk.
    """
    try:
        yield
    except apsw.Error as error:
        code, data = _meaning(error)
        if code == "store_full":
            data = {"needed": hardware.size_text(_ROOM + room)}
        if suspect and code == "store_damaged":
            code = "store_hurt"
            with suppress(OSError):
                mending.suspicion(path).touch()
        raise EngineError(code, detail=f"{type(error).__name__}: {error}", place=str(path), **data) from error
    except UnicodeDecodeError as error:  # in a name or a statement of the schema
        raise EngineError(
            "store_damaged", detail=str(error), place=str(path), reason=phrase("it is damaged")
        ) from error
    except OSError as error:
        raise from_os_error(error) from error


def _meaning(error: apsw.Error) -> tuple[str, dict[str, str]]:
    match error:
        case apsw.FullError():
            return "store_full", {}
        case apsw.CorruptError() | apsw.NotADBError() | apsw.SQLError():  # SQLError: the schema is not what we wrote
            return "store_damaged", {"reason": phrase("it is damaged")}
        case apsw.ConstraintError():  # a message for a chat that has been deleted
            return "not_stored", {}
        case apsw.BusyError() | apsw.LockedError():
            return "store_busy", {}
        case apsw.ReadOnlyError() | apsw.PermissionsError():
            return "no_permission", {}
        case _:
            return "os_error", {"reason": str(error)}


# --- versions --------------------------------------------------------------------------------------------------------


# The ids of what is shown of a chat, and a NULL. UNION drops what was there: a damaged index leads nowhere in circles.
_PATH = """
WITH RECURSIVE path (id) AS (
    SELECT * FROM (
        SELECT id FROM messages WHERE parent IS NULL AND chat = :chat ORDER BY shown DESC, id DESC LIMIT 1)
    UNION
    SELECT (
        SELECT id FROM messages WHERE parent = path.id AND chat = :chat
        ORDER BY shown DESC, id DESC LIMIT 1)
    FROM path WHERE path.id IS NOT NULL)
"""
_VERSIONS = """(
    SELECT group_concat(version.id) FROM messages AS version
    WHERE version.parent IS messages.parent AND version.chat = messages.chat)
"""
_DELETE_BRANCH = """
WITH RECURSIVE branch (id) AS (
    VALUES (?) UNION SELECT messages.id FROM messages JOIN branch ON messages.parent = branch.id)
DELETE FROM messages WHERE id IN branch
"""
_SHOW = """
UPDATE messages SET shown = 1 + (
    SELECT max(shown) FROM messages AS version
    WHERE version.parent IS messages.parent AND version.chat = messages.chat)
WHERE id = ?
"""


def _show(connection: apsw.Connection, id: int) -> None:
    _execute(connection, _SHOW, id)


def _parent(connection: apsw.Connection, chat: int, id: int) -> int | None:
    """Raises EngineError `not_stored` if the chat has no such message."""
    found = connection.execute("SELECT parent FROM messages WHERE id = ? AND chat = ?", (id, chat)).fetchall()
    if not found:
        raise EngineError("not_stored")
    parent: Any = found[0][0]
    return None if parent is None else int(parent)


# --- rows ------------------------------------------------------------------------------------------------------------


# Texts are read as bytes: a flipped bit in one of them then costs a character, not the chat.
_TEXTS_OF_A_CHAT = ", ".join(f"CAST({name} AS BLOB)" for name in ("title", "model", "system", "sampling"))
_TEXTS_OF_A_MESSAGE = ", ".join(
    f"CAST({name} AS BLOB)" for name in ("role", "content", "model", "state", "stats", "thinking")
)


def _execute(connection: apsw.Connection, sql: str, *values: Any) -> None:
    """A change of one row. Raises EngineError `not_stored` if it does not exist."""
    connection.execute(sql, values)
    if connection.changes() == 0:
        raise EngineError("not_stored")


def _columns(message: Message, state: str, stats: dict[str, Any] | None) -> tuple[Any, ...]:
    if state not in STATES:
        raise ValueError(f"not a state: {state}")
    tokens = None if message.tokens is None else struct.pack(f"<{len(message.tokens)}I", *message.tokens)
    stored_stats = None if stats is None else json.dumps(stats)
    return valid_unicode(message.content), tokens, message.model, state, stored_stats


def _chat(row: tuple[Any, ...]) -> Chat:
    id, created, updated, *texts = row
    title, model, system, sampling = map(_text, texts)
    return Chat(id, title or "", created, updated, model or "", system or "", _parsed(sampling) or {})


def _stored_message(row: tuple[Any, ...]) -> StoredMessage:
    id, chat, created, tokens, versions, *texts = row
    role, content, model, state, stats, thinking = map(_text, texts)
    ids = None if tokens is None else struct.unpack(f"<{len(tokens) // 4}I", tokens[: len(tokens) // 4 * 4])
    message = Message(role or "", content or "", ids, model)
    siblings = tuple(sorted(map(int, (versions or str(id)).split(","))))
    return StoredMessage(id, chat, message, state or "", _parsed(stats), created, siblings, thinking or "")


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode("utf-8", "replace")


def _parsed(text: str | None) -> dict[str, Any] | None:
    try:
        value = json.loads(text or "null")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
