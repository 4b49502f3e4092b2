"""Rows of chats and messages out of a database that SQLite refuses to open, as far as their bytes lie undamaged.

    walk    from the tables' roots through sound pages: rows found so are as they were, and what is absent from the
            range of rowids of a sound page has been deleted: it does not come back from anywhere
    scan    every other page, each leaf page of a table recognised by itself; rows are told by the number and the
            types of their columns, and by words that only rows of ours have
    carve   in pages whose head or list of cells is damaged, records are found by the beginnings they must have

Pages that are known to be free are left out. With page 1 their list may be gone; what was deleted stays deleted then,
too, because the store overwrites it (`secure_delete`). Where the log is damaged, nobody knows which pages are of one
time, so nothing counts as deleted. A file of any size is read page by page.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.chat import pages as sqlite
from engine.chat.messages import ROLES
from engine.chat.pages import Cell, Pages
from engine.chat.store import STATES

FILE, DAMAGED_FRAME, LOG = 0, 1, 2  # where a row was found; the later, the newer
_NUL_RUN = "\0" * 16  # a person writes one or two at most; zeroed bytes are many
_HIGHEST = 1 << 62  # no rowid of ours is higher
_LATEST = 1e11  # seconds since 1970; no time is later


@dataclass(frozen=True)
class Column:
    """kind: `integer`, `real`, `text` or `blob`; default: what rows from before the column have."""

    name: str
    kind: str
    optional: bool = False
    default: Any = None

    def takes(self, serial: int) -> bool:
        """Whether a STRICT table can hold a value of this serial type here; a REAL may be stored as an integer."""
        match self.kind:
            case _ if serial == 0:
                return self.optional
            case "integer":
                return serial < 7 or serial in (8, 9)
            case "real":
                return serial < 10
            case "text":
                return serial >= 13 and serial % 2 == 1
        return serial >= 12 and serial % 2 == 0


@dataclass(frozen=True)
class Table:
    """A table of ours, without its id, which a record does not hold. released: how many columns rows have had."""

    name: str
    columns: tuple[Column, ...]
    released: tuple[int, ...]
    beginning: re.Pattern[bytes]  # of a record: the length of its head, the id, the types of the first columns


# A number of a serial type: one byte, or up to three for a text.
CHATS = Table(
    "chats",
    (
        Column("title", "text"),
        Column("created", "real"),
        Column("updated", "real"),
        Column("model", "text"),
        Column("system", "text"),
        Column("sampling", "text"),
    ),
    (7,),
    re.compile(rb"(?=[\x08-\x18]\x00[\x80-\xff]{0,3}[\x00-\x7f][\x01-\x09][\x01-\x09][\x0d-\xff])", re.DOTALL),
)
MESSAGES = Table(
    "messages",
    (
        Column("chat", "integer"),
        Column("role", "text"),
        Column("content", "text"),
        Column("tokens", "blob", optional=True),
        Column("model", "text", optional=True),
        Column("state", "text"),
        Column("stats", "text", optional=True),
        Column("created", "real"),
        Column("parent", "integer", optional=True),
        Column("shown", "integer", default=0),
        Column("thinking", "text", default=""),
    ),
    (9, 11, 12),
    re.compile(rb"(?=[\x0a-\x40]\x00[\x01-\x06\x08\x09][\x15\x19\x1f])", re.DOTALL),  # user, system, assistant
)
TABLES = (CHATS, MESSAGES)


@dataclass(frozen=True)
class Row:
    """A row that was found. whole: nothing of it shows damage. `values`: by the names of the columns."""

    table: Table
    id: int
    values: dict[str, Any]
    whole: bool
    source: int


@dataclass
class Ranges:
    """Rowids of which it is known whether there is a row: half-open stretches (low, high], in order."""

    stretches: list[tuple[int, int]] = field(default_factory=list)

    def add(self, low: int, high: int) -> None:
        if self.stretches and self.stretches[-1][1] == low:
            low = self.stretches.pop()[0]
        self.stretches.append((low, high))

    def limit(self, most: int) -> None:
        """Nothing is known of rowids above `most`."""
        self.stretches = [(low, min(high, most)) for low, high in self.stretches if low < most]

    def __contains__(self, id: int) -> bool:
        at = bisect_left(self.stretches, id, key=lambda stretch: stretch[1])
        return at < len(self.stretches) and self.stretches[at][0] < id


class Wreck:
    """A damaged database. `known`, by table: of which rowids `rows` had the last word."""

    def __init__(self, path: Path, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Raises OSError where the file cannot be opened."""
        self._pages = Pages(path)
        self._cancelled = cancelled
        self._done = bytearray(self._pages.count + 1)  # pages that have been read, or belong to a row
        self.known = {table.name: Ranges() for table in TABLES}

    def close(self) -> None:
        self._pages.close()

    def rows(self) -> Iterator[Row]:
        """All rows that can be read. One of the same table and id may come several times: from the walk it is the
        only one, of others the caller takes the best.
        """
        roots = self._roots()
        everything = not self._pages.log_broken
        for table in TABLES:
            last, ranges = 0, Ranges()
            for row in self._walk(table, roots.get(table.name, 0), ranges):
                last = max(last, row.id)
                yield row
            everything = everything and ranges.stretches == [(0, _HIGHEST)]
            if not self._pages.log_broken:  # else its pages may be of different times
                ranges.limit(self._last_id(roots.get("sqlite_sequence", 0), table, last))
                self.known[table.name] = ranges
        if not everything:
            yield from (row for row in self._scan() if row.id not in self.known[row.table.name])

    # --- walk -------------------------------------------------------------------------------------------------

    def _walk(self, table: Table, root: int, known: Ranges) -> Iterator[Row]:
        """The rows of the sound pages below a root, in their order, and the rowids that those pages answer for."""
        waiting = [(root, 0, _HIGHEST)]
        while waiting:
            number, low, high = waiting.pop()
            if not 1 < number <= self._pages.count or self._done[number]:
                continue
            self._check_cancelled()
            page, usable = self._pages.page(number), self._pages.usable
            below = sqlite.children(page, usable)
            if below is not None:
                keys = [key for _, key in below[:-1]]
                if not keys or (low < keys[0] and keys[-1] <= high):
                    self._done[number] = 1
                    bounds = [low, *keys, high]
                    waiting += reversed([(child, bounds[i], bounds[i + 1]) for i, (child, _) in enumerate(below)])
                continue
            rows = self._sound_leaf(table, page, number, low, high)
            if rows is not None:
                self._done[number] = 1
                known.add(low, high)
                yield from rows

    def _sound_leaf(self, table: Table, page: bytes, number: int, low: int, high: int) -> list[Row] | None:
        """The rows of a leaf page of this table, between these rowids; None where anything does not fit."""
        places = sqlite.cell_places(page, self._pages.usable)
        if places is None or page[0] != sqlite.TABLE_LEAF:
            return None
        if not places and int.from_bytes(page[5:7], "big") != self._pages.usable & 0xFFFF:
            return None  # a table without rows has a page without contents
        rows, before = [], low
        for place in places:
            row = self._row_at(page, place, self._source(number), (table,))
            if row is None or not before < row.id <= high:
                return None
            rows.append(row)
            before = row.id
        return rows

    def _source(self, number: int) -> int:
        return LOG if self._pages.in_log(number) else FILE

    def _last_id(self, root: int, table: Table, found: int) -> int:
        """The highest id this table has ever had, by SQLite's own list, or else the highest that was found."""
        if 1 < root <= self._pages.count:
            for row in self._records(self._pages.page(root)):
                if len(row) == 2 and row[0] == table.name.encode() and isinstance(row[1], int):
                    return max(found, row[1])
        return found

    # --- the schema -------------------------------------------------------------------------------------------

    def _roots(self) -> dict[str, int]:
        """The first pages of our tables: by the schema, or, with page 1 gone, by rows of the schema anywhere."""
        roots: dict[str, int] = {}
        waiting, seen = [1], set()
        while waiting:
            number = waiting.pop()
            if number in seen or not 0 < number <= self._pages.count:
                continue
            seen.add(number)
            page, at = self._pages.page(number), 100 if number == 1 else 0
            below = sqlite.children(page, self._pages.usable, at)
            waiting += [child for child, _ in below or ()]
            roots |= self._roots_in(page, at)
        if {table.name for table in TABLES} <= roots.keys():
            return roots
        for number in range(2, self._pages.count + 1):
            self._check_cancelled()
            page = self._pages.page(number)
            if page[0] == sqlite.TABLE_LEAF:
                roots = self._roots_in(page) | roots
        return roots

    def _roots_in(self, page: bytes, at: int = 0) -> dict[str, int]:
        wanted = (*(table.name for table in TABLES), "sqlite_sequence")
        found: dict[str, int] = {}
        for row in self._records(page, at):
            if len(row) == 5 and row[0] == b"table" and isinstance(row[3], int):
                found |= {name: row[3] for name in wanted if row[1] == row[2] == name.encode()}
        return found

    def _records(self, page: bytes, at: int = 0) -> Iterator[list[Any]]:
        """The values in the cells of a leaf page of any table, of up to five columns."""
        if page[at] != sqlite.TABLE_LEAF:
            return
        for place in sqlite.cell_places(page, self._pages.usable, at) or ():
            cell = sqlite.leaf_cell(self._pages, page, place)
            head = sqlite.serial_types(cell.payload) if cell is not None else None
            if cell is not None and head is not None and len(head[0]) <= 5:
                yield sqlite.values(cell.payload, *head)[0]

    # --- scan and carve ---------------------------------------------------------------------------------------

    def _scan(self) -> Iterator[Row]:
        """The rows in pages that the walk has not been on."""
        free = self._freed()
        broken = []
        for number in range(2, self._pages.count + 1):
            self._check_cancelled()
            if self._done[number] or number in free:
                continue
            page = self._pages.page(number)
            sound = yield from self._leaf(page, self._source(number))
            if not sound:
                broken.append(number)
        for offset in self._pages.damaged_frames:
            page = self._pages.damaged_frame(offset)
            sound = yield from self._leaf(page, DAMAGED_FRAME)
            if not sound:
                yield from self._carve(page, DAMAGED_FRAME)
        for number in broken:
            self._check_cancelled()
            if not self._done[number]:  # by now it is known which pages belong to rows
                yield from self._carve(self._pages.page(number), self._source(number))

    def _freed(self) -> set[int]:
        return self._pages.freed()

    def _leaf(self, page: bytes, source: int) -> Generator[Row, None, bool]:
        """The rows in the cells of a page; returns whether the page needs no closer look."""
        places = sqlite.cell_places(page, self._pages.usable)
        found = 0
        if page[0] == sqlite.TABLE_LEAF:
            for place in places or ():
                if (row := self._row_at(page, place, source, TABLES)) is not None:
                    found += 1
                    yield row
        empty = not page.strip(b"\0")
        return empty or (sqlite.is_tree(page, self._pages.usable) and found in (0, len(places or ())))

    def _carve(self, page: bytes, source: int) -> Iterator[Row]:
        """The rows in a page of which nothing is known. Only what is whole counts: nothing vouches for it."""
        for table in TABLES:
            for match in table.beginning.finditer(page):
                for place in range(max(0, match.start() - 12), match.start() - 1):
                    _, rowid_at = sqlite.varint(page, place)
                    if sqlite.varint(page, rowid_at)[1] != match.start():
                        continue
                    row = self._row_at(page, place, source, (table,), only_whole=True)
                    if row is not None:
                        yield row
                        break

    # --- rows -------------------------------------------------------------------------------------------------

    def _row_at(
        self, page: bytes, place: int, source: int, tables: tuple[Table, ...], only_whole: bool = False
    ) -> Row | None:
        """The row whose cell begins here; its further pages then count as read."""
        cell = sqlite.leaf_cell(self._pages, page, place)
        head = sqlite.serial_types(cell.payload) if cell is not None else None
        if cell is None or head is None:
            return None
        for table in tables:
            row = _row(table, cell, *head, source)
            if row is not None and (row.whole or not only_whole):
                for number in cell.overflow:
                    self._done[number] = 1
                return row
        return None

    def _check_cancelled(self) -> None:
        if self._cancelled():
            raise CancelledError


class CancelledError(Exception):
    """The window is closing; the wreck is read again at the next start."""


def _row(table: Table, cell: Cell, types: list[int], at: int, source: int) -> Row | None:
    """The row of this table that a record holds; None if it is no such row."""
    columns = table.columns
    if len(types) not in table.released or types[0] != 0:
        return None
    if not all(column.takes(kind) for column, kind in zip(columns, types[1:], strict=False)):
        return None
    found, exact = sqlite.values(cell.payload, types, at)
    if not exact and not cell.cut:
        return None
    values: dict[str, Any] = {column.name: column.default for column in columns}
    whole = not cell.cut
    for column, value in zip(columns, found[1:], strict=False):
        if column.kind == "text" and value is not None:
            text = value.decode("utf-8", "replace")
            whole = whole and text.encode() == value and _NUL_RUN not in text
            value = text
        values[column.name] = value
    if table is MESSAGES:
        complete = _complete_message(values, cell, has_parent=len(types) > 9)
    else:
        complete = _complete_chat(values)
    return Row(table, cell.rowid, values, whole, source) if complete else None


def _complete_message(values: dict[str, Any], cell: Cell, has_parent: bool) -> bool:
    """Whether this can be a message; what a cut has taken is put in its place."""
    if cell.cut:
        has_parent = has_parent and bool(values["thinking"])  # it comes after the parent
        values["created"] = values["created"] if values["created"] is not None else 0
        if values["state"] not in STATES:
            values |= {"state": "interrupted", "tokens": None, "stats": None}
        values |= {"shown": values["shown"] or 0, "thinking": values["thinking"] or ""}
    if not has_parent or not -1 < (values["parent"] or 0) < cell.rowid:
        values["parent"] = cell.rowid - 1  # as every message was before there were versions: after the one before it
    return (
        values["role"] in ROLES
        and values["state"] in STATES
        and (values["chat"] or 0) > 0
        and _is_time(values["created"])
        and (not cell.cut or bool(values["content"]))
    )


def _complete_chat(values: dict[str, Any]) -> bool:
    try:
        sampling = json.loads(values["sampling"] or "")
    except ValueError:
        return False
    return isinstance(sampling, dict) and _is_time(values["created"]) and _is_time(values["updated"])


def _is_time(value: Any) -> bool:
    return isinstance(value, (int, float)) and 0 <= value < _LATEST
