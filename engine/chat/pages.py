"""SQLite's pages and records, read without SQLite: for files that it refuses to open.

Everything here follows https://sqlite.org/fileformat2.html: the header (1.3), b-tree pages (1.6), overflow pages
(1.6.1), the freelist (1.5), the record format (2.1) and the write-ahead log (4.1, 4.2). Nothing that is read is
believed: each number is bounded before it is used, and what cannot be read is a page of zeros.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

MAGIC = b"SQLite format 3\0"
TABLE_LEAF, TABLE_INTERIOR, INDEX_LEAF, INDEX_INTERIOR = 13, 5, 10, 2
_SIZES = (4096, 1024, 2048, 8192, 16384, 32768, 65536, 512)  # ours first
_SAMPLE = 200  # pages that are looked at to find out how large they are
LONGEST_PAYLOAD = 256 << 20  # bytes of one row; what says it is longer is damaged
_MASK = 0xFFFFFFFF
_SERIAL_BYTES = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)  # by serial type


# --- the write-ahead log ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Frame:
    """A page in the log. `offset`: where its bytes begin. commit: it ends a transaction.

    ours: it is of this generation of the log. holds: it is, and its checksum is right.
    """

    page: int
    commit: bool
    offset: int
    ours: bool
    holds: bool


@dataclass(frozen=True)
class Log:
    """The frames of the last generation; those of earlier ones are in the database since."""

    page_size: int
    frames: tuple[Frame, ...] = ()
    header_holds: bool = True

    @property
    def broken(self) -> bool:
        """Whether something is damaged that had been flushed: SQLite drops all that comes after it, without a word.

        A transaction is begun when the one before is flushed, so a power cut can only tear the last one.
        """
        damaged = not self.header_holds
        closed = damaged  # whether the transaction in which it lies has ended
        for frame in self.frames:
            if closed and frame.holds and frame.commit:
                return True
            damaged = damaged or not frame.holds
            closed = closed or (damaged and frame.holds and frame.commit)  # others may be left of an older log
        return False


def checksum(data: bytes, order: str, first: int, second: int) -> tuple[int, int]:
    """SQLite's checksum of the log, going on from (first, second). order: "<" or ">", that of the words."""
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & _MASK
        second = (second + odd + first) & _MASK
    return first, second


def read_log(path: Path) -> Log | None:
    """The log in this file; None where there is none, or nothing in it. Raises OSError."""
    try:
        file = open(path, "rb")  # noqa: SIM115
    except FileNotFoundError:
        return None
    with file:
        header = file.read(32)
        if len(header) < 32:
            return None
        magic, _, size, _, salt_1, salt_2, sum_1, sum_2 = struct.unpack(">8I", header)
        order = ">" if magic & 1 else "<"
        header_holds = magic >> 1 == 0x377F0682 >> 1 and checksum(header[:24], order, 0, 0) == (sum_1, sum_2)
        if not header_holds or size not in _SIZES:
            size, order, salt_1, salt_2 = _guess_log(file)
            if not size:
                return None
        frames = list(_frames(file, size, order, (salt_1, salt_2), (sum_1, sum_2)))
    while frames and not frames[-1].ours:
        frames.pop()
    return Log(size, tuple(frames), header_holds) if frames else None


def _frames(file: BinaryIO, size: int, order: str, salts: tuple[int, int], before: tuple[int, int]) -> Iterator[Frame]:
    """Each checksum goes on from the one that is stored before it: so one damaged frame costs no other."""
    file.seek(32)
    offset = 32
    while len(data := file.read(24 + size)) == 24 + size:
        page, pages, salt_1, salt_2, sum_1, sum_2 = struct.unpack(">6I", data[:24])
        ours = (salt_1, salt_2) == salts
        holds = ours and checksum(data[24:], order, *checksum(data[:8], order, *before)) == (sum_1, sum_2)
        yield Frame(page, pages > 0, offset + 24, ours, holds)
        before, offset = (sum_1, sum_2), offset + 24 + size


def _guess_log(file: BinaryIO) -> tuple[int, str, int, int]:
    """(page size, order, salts) of a log whose header is damaged: those with which its second frame holds, or zeros."""
    for size in _SIZES:
        file.seek(32)
        first, second = file.read(24 + size), file.read(24 + size)
        if len(second) < 24 + size:
            continue
        before = struct.unpack(">2I", first[16:24])
        for order in "<>":
            found = checksum(second[24:], order, *checksum(second[:8], order, *before))
            if found == struct.unpack(">2I", second[16:24]):
                salt_1, salt_2 = struct.unpack(">2I", second[8:16])
                return size, order, salt_1, salt_2
    return 0, "<", 0, 0


# --- pages -----------------------------------------------------------------------------------------------------------


class Pages:
    """The pages of a database as they were last committed: from the log beside it where that holds them.

    `damaged_frames`: pages in the log whose checksum is wrong, so nobody knows which page they were.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError where the file cannot be opened at all."""
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115
        self._log_file: BinaryIO | None = None
        log_path = path.with_name(path.name + "-wal")
        log = read_log(log_path)
        self._in_log: dict[int, int] = {}
        self.damaged_frames: list[int] = []
        if log is not None:
            self._log_file = open(log_path, "rb", buffering=0)  # noqa: SIM115
            self._take(log)
        self.log_broken = log is not None and bool(self.damaged_frames or log.broken)
        length = os.fstat(self._file.fileno()).st_size
        self.size = log.page_size if log is not None else self._page_size(length)
        self.count = max(-(-length // self.size), *self._in_log, 0)
        header = self.page(1)[:100]
        self.has_header = header.startswith(MAGIC)
        self.usable = self.size - (header[20] if self.has_header and self.size - header[20] >= 480 else 0)

    def close(self) -> None:
        self._file.close()
        if self._log_file is not None:
            self._log_file.close()

    def page(self, number: int) -> bytes:
        """Its bytes, `size` of them; zeros where they are missing or the disk does not give them."""
        offset = self._in_log.get(number)
        if offset is not None and self._log_file is not None:
            return self._read(self._log_file, offset)
        return self._read(self._file, (number - 1) * self.size) if number > 0 else b"\0" * self.size

    def damaged_frame(self, offset: int) -> bytes:
        assert self._log_file is not None
        return self._read(self._log_file, offset)

    def in_log(self, number: int) -> bool:
        return number in self._in_log

    def freed(self) -> set[int]:
        """The pages that hold nothing any more, as far as their list can be read."""
        found: set[int] = set()
        header = self.page(1)
        trunk = int.from_bytes(header[32:36], "big") if self.has_header else 0
        while 1 < trunk <= self.count and trunk not in found:
            page = self.page(trunk)
            following, leaves = struct.unpack(">2I", page[:8])
            if leaves > self.usable // 4 - 2:
                break
            found.add(trunk)
            found.update(n for n in struct.unpack(f">{leaves}I", page[8 : 8 + 4 * leaves]) if 1 < n <= self.count)
            trunk = following
        return found

    def _take(self, log: Log) -> None:
        """What has been committed: a transaction whose end is missing never was."""
        ends = [at for at, frame in enumerate(log.frames) if frame.commit]
        for frame in log.frames[: ends[-1] + 1 if ends else 0]:
            if not frame.holds:
                self.damaged_frames.append(frame.offset)
            elif 0 < frame.page < 1 << 31:
                self._in_log[frame.page] = frame.offset

    def _page_size(self, length: int) -> int:
        """What the header says, unless pages of another size make more sense."""
        header = self._read(self._file, 0, 100)
        said = int.from_bytes(header[16:18], "big")
        said = 65536 if said == 1 else said
        sizes = [said, *_SIZES] if header.startswith(MAGIC) and said in _SIZES else _SIZES
        return max(sizes, key=lambda size: self._sense(size, length))  # the first of those that are alike

    def _sense(self, size: int, length: int) -> float:
        """The share of places where a page of this size would begin that look like one of a b-tree."""
        count = length // size
        step = max(1, count // _SAMPLE)
        places = range(1, count, step)
        sound = sum(_fills(self._read(self._file, place * size, size), size) for place in places)
        return sound / max(1, len(places))

    def _read(self, file: BinaryIO, offset: int, size: int = 0) -> bytes:
        size = size or self.size
        try:
            file.seek(offset)
            data = file.read(size)
        except OSError:  # a bad sector
            data = b""
        return data + b"\0" * (size - len(data))


# --- b-trees ---------------------------------------------------------------------------------------------------------


def cell_places(page: bytes, usable: int, at: int = 0) -> list[int] | None:
    """Where the cells of a b-tree page begin; None where its head makes no sense. at: 100 on page 1."""
    kind = page[at]
    if kind not in (TABLE_LEAF, TABLE_INTERIOR, INDEX_LEAF, INDEX_INTERIOR):
        return None
    count = int.from_bytes(page[at + 3 : at + 5], "big")
    begin = at + (8 if kind in (TABLE_LEAF, INDEX_LEAF) else 12)
    end = begin + 2 * count
    content = int.from_bytes(page[at + 5 : at + 7], "big") or 65536
    if end > usable or not end <= content <= usable or page[at + 7] > 60:
        return None
    return list(struct.unpack(f">{count}H", page[begin:end]))


def is_tree(page: bytes, usable: int) -> bool:
    """Whether this is a whole page of a b-tree, by its head and the places of its cells."""
    places = cell_places(page, usable)
    if not places:
        return False
    content = int.from_bytes(page[5:7], "big") or 65536
    return len(set(places)) == len(places) and all(content <= place < usable - 2 for place in places)


def _fills(page: bytes, usable: int) -> bool:
    """Whether this is a page of a b-tree and not the beginning of a larger one: what comes first lies at the end."""
    places = cell_places(page, usable)
    return bool(places) and is_tree(page, usable) and max(places or [0]) >= usable // 2


def children(page: bytes, usable: int, at: int = 0) -> list[tuple[int, int]] | None:
    """(page, highest rowid below it) of an interior page of a table; None where it is damaged."""
    places = cell_places(page, usable, at)
    if places is None or page[at] != TABLE_INTERIOR:
        return None
    found, before = [], -1
    for place in places:
        if not at + 12 <= place <= usable - 5:
            return None
        key, _ = varint(page, place + 4)
        if key <= before:
            return None
        found.append((int.from_bytes(page[place : place + 4], "big"), key))
        before = key
    return [*found, (int.from_bytes(page[at + 8 : at + 12], "big"), 1 << 62)]


@dataclass(frozen=True)
class Cell:
    """A row in a page. cut: bytes at its end are missing. overflow: the pages on which it goes on."""

    rowid: int
    payload: bytes
    cut: bool = False
    overflow: tuple[int, ...] = ()


def leaf_cell(pages: Pages, page: bytes, place: int) -> Cell | None:
    """The cell that begins here; None where nothing sensible does."""
    usable = pages.usable
    length, at = varint(page, place)
    rowid, at = varint(page, at)
    if not 2 <= length <= LONGEST_PAYLOAD or not 0 < rowid < 1 << 53 or at >= usable:
        return None
    most, least = usable - 35, (usable - 12) * 32 // 255 - 23
    if length <= most:
        return Cell(rowid, page[at : at + length]) if at + length <= usable else None
    here = least + (length - least) % (usable - 4)
    here = here if here <= most else least
    if at + here + 4 > usable:
        return None
    following = int.from_bytes(page[at + here : at + here + 4], "big")
    parts, overflow, missing = [page[at : at + here]], [], length - here
    while missing > 0 and 1 < following <= pages.count and following not in overflow:
        overflow.append(following)
        data = pages.page(following)
        following = int.from_bytes(data[:4], "big")
        part = data[4 : min(usable, 4 + missing)]
        if not following and missing > len(part):  # a page of zeros, or the wrong one
            overflow.pop()
            break
        parts.append(part)
        missing -= len(part)
    return Cell(rowid, b"".join(parts), missing > 0, tuple(overflow))


# --- records ---------------------------------------------------------------------------------------------------------


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins here, and where it ends; past the end of the data, zeros are read."""
    value = 0
    for place in range(at, at + 8):
        byte = data[place] if place < len(data) else 0
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + 1
    last = data[at + 8] if at + 8 < len(data) else 0
    value = value << 8 | last
    return value - (1 << 64) if value >= 1 << 63 else value, at + 9


def serial_types(payload: bytes) -> tuple[list[int], int] | None:
    """The types of a record's columns, and where their values begin; None where its head makes no sense."""
    end, at = varint(payload, 0)
    if not 2 <= end <= min(len(payload), 500):
        return None
    types = []
    while at < end:
        kind, at = varint(payload, at)
        if kind < 0 or kind in (10, 11):
            return None
        types.append(kind)
    return (types, end) if at == end else None


def values(payload: bytes, types: list[int], at: int) -> tuple[list[Any], bool]:
    """The values of a record: None, int, float, bytes of a blob or a text; and whether its length is what they say.

    Of a record that is cut, what is there: a text is shorter, what comes after it is None.
    """
    found: list[Any] = []
    for kind in types:
        size = (kind - 12) // 2 if kind >= 12 else _SERIAL_BYTES[kind]
        raw = payload[at : at + size]
        if kind == 0 or (kind < 12 and len(raw) < size) or (size > 0 and not raw):
            found.append(None)
        elif kind == 7:
            found.append(struct.unpack(">d", raw)[0])
        elif kind in (8, 9):
            found.append(kind - 8)
        elif kind < 7:
            found.append(int.from_bytes(raw, "big", signed=True))
        else:
            found.append(raw)
        at += size
    return found, at == len(payload)
