"""Databases of chats that are damaged, and where in the files each row lay before: found by SQLite's own `dbstat`."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from engine.chat.messages import Message
from engine.chat.store import Store

PAGE = 4096
Files = dict[str, bytes]  # by what comes after the database's name: "" and "-wal", "-shm"
Row = tuple[str, int]  # table, id
_AROUND = 60  # bytes before a marker that belong to its record, and more: heads and small columns


@dataclass
class Whole:
    """A database in use: its files, its rows, and the stretches (file, begin, end) in which each row lies."""

    files: Files
    rows: dict[Row, tuple[Any, ...]]
    places: dict[Row, list[tuple[str, int, int]]]
    roots: dict[str, int]
    deleted: set[Row] = field(default_factory=set)

    def undamaged(self, files: Files) -> set[Row]:
        """The rows of whose bytes none has changed."""

        def same(name: str, begin: int, end: int) -> bool:
            return files.get(name, b"")[begin:end] == self.files[name][begin:end]

        return {row for row, places in self.places.items() if all(same(*place) for place in places)}


def build(folder: Path, in_log: int = 40, chats: int = 20) -> Whole:
    """Chats with messages of all lengths, versions and deletions; the last `in_log` messages only in the log."""
    path, chance = folder / "whole.db", random.Random(in_log)
    store = Store(path)
    ids = [
        store.create_chat(f"<chat {n}> {'t' * (n % 7)}", "starter", "Be brief. " * (n % 5)).result()
        for n in range(chats)
    ]
    added = {chat: [_add(store, chat, n, chance) for n in range(12)] for chat in ids}
    deleted = {("chats", chat) for chat in ids[::9]} | {("messages", id) for chat in ids[::9] for id in added[chat]}
    for chat in ids[::9]:
        store.delete_chat(chat).result()
    left = [chat for chat in ids if ("chats", chat) not in deleted]
    store.close()
    store = Store(path)
    for n in range(in_log):
        _add(store, left[n % len(left)], n, chance)
    files = {part: path.with_name(path.name + part).read_bytes() for part in ("", "-wal", "-shm") if in_log or not part}
    whole = store.take_in(lambda connection: _describe(connection, files)).result()
    store.close()
    whole.deleted = deleted
    return whole


def _add(store: Store, chat: int, number: int, chance: random.Random) -> int:
    words = f"<message {chat} {number} {chance.random()}> " + "wörter 你好 " * chance.choice((1, 3, 20, 120, 900))
    reply = number % 2 == 1
    message = Message("assistant" if reply else "user", words, tuple(range(number)) if reply else None, "f00d")
    return store.add_message(chat, message, "done", {"n": number} if reply else None, thinking="hm " * number).result()


def rows_of(connection: apsw.Connection) -> dict[Row, tuple[Any, ...]]:
    """All that can be read: one by one, as some may lie in damaged pages."""
    found: dict[Row, tuple[Any, ...]] = {}
    for table, columns in (("chats", "title, system"), ("messages", "chat, role, content, tokens, state, thinking")):
        last: Any = connection.execute("SELECT max(seq) FROM sqlite_sequence").fetchall()[0][0]
        for id in range(1, min(last or 0, 5000) + 1):
            try:
                row: Any = connection.execute(f"SELECT {columns} FROM {table} WHERE id = ?", (id,)).fetchall()
            except (apsw.Error, UnicodeDecodeError):
                continue
            if row:
                found[table, id] = row[0]
    return found


def _describe(connection: apsw.Connection, files: Files) -> Whole:
    rows = rows_of(connection)
    places = {}
    for table in ("chats", "messages"):
        ids = sorted(id for name, id in rows if name == table)
        stat: Any = connection.execute(
            "SELECT path, pageno, pagetype, ncell FROM dbstat WHERE name = ?", (table,)
        ).fetchall()
        overflow: dict[str, list[int]] = {}
        for path, page, kind, _ in stat:
            if kind == "overflow":
                overflow.setdefault(path.split("+")[0], []).append(page)
        leaves = sorted((path, page, count) for path, page, kind, count in stat if kind == "leaf")
        for path, page, count in leaves:
            for cell in range(count):
                id = ids.pop(0)
                beyond = overflow.get(f"{path}{cell:03x}", [])
                places[table, id] = _stretches(files, rows[table, id], page, beyond)
        assert ids == []
    roots: Any = connection.execute("SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0").fetchall()
    return Whole(files, rows, places, dict(roots))


def _stretches(files: Files, row: tuple[Any, ...], page: int, beyond: list[int]) -> list[tuple[str, int, int]]:
    """Where the row's cell lies in its page, found by its marker, and the pages on which it goes on."""
    name, begin = _where(files, page)
    text = next(value for value in row if isinstance(value, str) and value.startswith("<"))
    marker = text[: text.index(">") + 1].encode()
    at = files[name].index(marker, begin, begin + PAGE)
    length = sum(
        len(value.encode() if isinstance(value, str) else value) for value in row if isinstance(value, (str, bytes))
    )
    end = begin + PAGE if beyond else min(begin + PAGE, at + length + 2 * _AROUND)
    return [(name, max(begin, at - _AROUND), end), *((n, o, o + PAGE) for n, o in (_where(files, p) for p in beyond))]


def _where(files: Files, page: int) -> tuple[str, int]:
    """The file and the offset of a page as it was last committed."""
    log = files.get("-wal", b"")
    for offset in reversed(range(32, len(log) - PAGE - 23, PAGE + 24)):
        if int.from_bytes(log[offset : offset + 4], "big") == page:
            return "-wal", offset + 24
    return "", (page - 1) * PAGE


# --- damage ----------------------------------------------------------------------------------------------------------


def _flip(data: bytes, chance: random.Random) -> bytes:
    broken = bytearray(data)
    for _ in range(chance.randrange(1, 65)):
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
    return bytes(broken)


def _zero(data: bytes, begin: int, length: int = PAGE) -> bytes:
    return data[:begin] + b"\0" * len(data[begin : begin + length]) + data[begin + length :]


def _foreign(folder: Path, chance: random.Random) -> bytes:
    match chance.randrange(3):
        case 0:
            return chance.randbytes(50_000)
        case 1:
            return b"Dear diary, " * 5000
    path = folder / "foreign.db"
    path.unlink(missing_ok=True)
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE chats (title, words); CREATE TABLE messages (a, b, c, d, e, f, g)")
    connection.execute("INSERT INTO messages VALUES (1, 'user', 'not ours', 4, 'done', '', 1.0)")
    connection.close()
    return path.read_bytes()


def _without(files: Files, name: str) -> Files:
    return {other: data for other, data in files.items() if other != name}


def _page_at(data: bytes, chance: random.Random) -> int:
    return chance.randrange(len(data) // PAGE) * PAGE


Damage = Callable[[Whole, random.Random, Path], Files]
DAMAGES: dict[str, Damage] = {
    "flips": lambda whole, chance, _: whole.files | {"": _flip(whole.files[""], chance)},
    "flips in the log": lambda whole, chance, _: whole.files | {"-wal": _flip(whole.files["-wal"], chance)},
    "truncated": lambda whole, chance, _: (
        whole.files | {"": whole.files[""][: chance.randrange(1, len(whole.files[""]))]}
    ),
    "a page of zeros": lambda whole, chance, _: (
        whole.files | {"": _zero(whole.files[""], _page_at(whole.files[""], chance))}
    ),
    "page 1 of zeros": lambda whole, chance, _: whole.files | {"": _zero(whole.files[""], 0)},
    "a root of zeros": lambda whole, chance, _: (
        whole.files | {"": _zero(whole.files[""], (whole.roots[chance.choice(("chats", "messages"))] - 1) * PAGE)}
    ),
    "any root of zeros": lambda whole, chance, _: (
        whole.files | {"": _zero(whole.files[""], (chance.choice([*whole.roots.values()]) - 1) * PAGE)}
    ),
    "4096 zeros anywhere": lambda whole, chance, _: (
        whole.files | {"": _zero(whole.files[""], chance.randrange(len(whole.files[""])))}
    ),
    "a stretch of zeros": lambda whole, chance, _: (
        whole.files
        | {
            "": _zero(
                whole.files[""], chance.randrange(len(whole.files[""])), chance.randrange(len(whole.files[""]) // 2)
            )
        }
    ),
    "zeros throughout": lambda whole, chance, _: whole.files | {"": b"\0" * len(whole.files[""])},
    "no log": lambda whole, chance, _: _without(whole.files, "-wal"),
    "no index of the log": lambda whole, chance, _: _without(whole.files, "-shm"),
    "another file": lambda whole, chance, folder: {"": _foreign(folder, chance)},
}


def write(path: Path, files: Files) -> None:
    """Put the files there, and nothing else beside them."""
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir(parents=True)
    for name, data in files.items():
        path.with_name(path.name + name).write_bytes(data)
