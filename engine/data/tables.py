"""The rows of CSV and TSV: delimiter, quotes and header found from the beginning, every record of the right width."""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from engine.data import rows
from engine.data.columns import KNOWN, normal
from engine.data.decoding import ESCAPED, Text
from engine.data.rows import NOT_UTF8, TOO_LONG, Broken, Row
from engine.errors import EngineError
from engine.phrases import one_or_many, phrase

_HEAD = 200  # records that the form of a table is judged by
_LINES = 1000  # lines that one record may span
_NONE = "\x1f"  # the delimiter of a table of one column: a character that stands in no text

Record = tuple[int, list[str] | Broken, int]  # line, cells, characters


@dataclass(frozen=True)
class Dialect:
    """delimiter: one character. quoted: whether cells may stand in double quotes, doubled within."""

    delimiter: str
    quoted: bool


class TableRows:
    """Iterates over (line, characters, {column: cell}). Without a header, columns are called 1, 2, …

    `columns`, `header` and `delimiter` are known once the first row was asked for. Raises EngineError `data_columns`
    for a name that occurs twice; a record that is broken or of another width comes as Broken.
    """

    def __init__(self, text: Text, tabs: bool) -> None:
        self.text, self.notes, self.tabs = text, text.notes, tabs
        self.columns: tuple[str, ...] = ()
        self.header, self.delimiter = True, ""

    def __iter__(self) -> Iterator[Row]:
        lines = _lines(self.text)
        head = list(islice(lines, _HEAD))
        dialect = _dialect([line for line in head if line is not None], self.tabs)
        self.delimiter = dialect.delimiter
        records = _records(lines, dialect, self.text, deque(head))
        first = list(islice(records, _HEAD))
        while first and isinstance(first[0][1], Broken):  # what names the columns must be whole
            line, broken, size = first.pop(0)
            yield line, size, broken
        if not first:
            return
        names = first[0][1]
        assert not isinstance(names, Broken)
        self.header = has_header([cells for _, cells, _ in first if not isinstance(cells, Broken)])
        if self.header:
            del first[0]
            self.columns = self._named(names)
        else:
            self.columns = tuple(str(number) for number in range(1, len(names) + 1))
            self.notes.append(
                phrase("has no header, so its first line is a row and its columns are called 1, 2 and so on")
            )
        columns, width = self.columns, len(self.columns)
        for part in (first, records):
            for line, cells, size in part:
                if isinstance(cells, Broken):
                    yield line, size, cells
                elif len(cells) != width:
                    yield line, size, _of_another_width(len(cells), width)
                else:
                    yield line, size, dict(zip(columns, cells, strict=True))

    def _named(self, cells: Sequence[str]) -> tuple[str, ...]:
        names = [cell.strip() or str(number) for number, cell in enumerate(cells, 1)]
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise EngineError("data_columns", place=self.text.place, name=twice[0])
        return tuple(names)


def _lines(text: Text) -> Iterator[str | None]:
    """Lines without their ends; None for one that is longer than a row may be."""
    rest, skipping = "", False
    for piece in text:
        parts = (rest + piece).split("\n")
        rest = parts.pop()
        for part in parts:
            yield None if skipping or len(part) > rows.LIMIT else part
            skipping = False
        if len(rest) > rows.LIMIT:
            rest, skipping = "", True
    if rest or skipping:
        yield None if skipping else rest


def _records(lines: Iterator[str | None], dialect: Dialect, text: Text, back: deque[str | None]) -> Iterator[Record]:
    """Records with the line each begins in. A quote that does not close costs its line, not those after it."""
    number = 0
    delimiter, quoted = dialect.delimiter, dialect.quoted

    def following() -> Iterator[str | None]:
        while True:
            while back:
                yield back.popleft()
            try:
                line = next(lines)
            except StopIteration:
                return
            yield line

    source = following()
    csv.field_size_limit(rows.LIMIT)
    for line in source:
        number += 1
        if line is None:
            yield number, TOO_LONG, rows.LIMIT
        elif not line or line.isspace():
            continue
        elif text.damaged and ESCAPED.search(line):
            yield number, NOT_UTF8, len(line)
        elif not quoted or '"' not in line:
            yield number, line.split(delimiter), len(line)
        else:
            taken: list[str | None] = []
            cells = _quoted(line, source, taken, delimiter)
            if isinstance(cells, Broken):
                back.extendleft(reversed(taken))
                yield number, cells, len(line)
            else:
                yield number, cells, len(line) + sum(len(more or "") for more in taken)
                number += len(taken)


def _quoted(line: str, source: Iterator[str | None], taken: list[str | None], delimiter: str) -> list[str] | Broken:
    """The cells of a record with quotes in it. What it takes of `source` beyond its first line goes into `taken`."""

    def record() -> Iterator[str]:
        size = len(line)
        yield line + "\n"
        for more in islice(source, _LINES):
            taken.append(more)
            size += len(more or "")
            if more is None or size > rows.LIMIT:
                return
            yield more + "\n"

    try:
        return next(csv.reader(record(), delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            return Broken(phrase("a quote is opened and not closed"))
        return Broken(phrase("characters follow a closing quote"))


def _dialect(head: Sequence[str], tabs: bool) -> Dialect:
    """The one under which most records are as wide as the first; that of the file's name where several are."""
    usual = "\t" if tabs else ","
    best, found = (0.0, False), Dialect(_NONE, not tabs)
    for delimiter in (usual, *(mark for mark in ",;\t|" if mark != usual)):
        for quoted in (False, True) if delimiter == "\t" else (True,):
            dialect = Dialect(delimiter, quoted)
            records = list(_records(iter(()), dialect, Text(iter(()), ""), deque(head)))
            widths = [0 if isinstance(cells, Broken) else len(cells) for _, cells, _ in records]
            if not widths or widths[0] < 2:
                continue
            score = (round(widths.count(widths[0]) / len(widths), 2), quoted and _needs_quotes(head, delimiter))
            if score > best:
                best, found = score, dialect
    return found


def _needs_quotes(head: Sequence[str], delimiter: str) -> bool:
    """Whether cells in quotes hold doubled ones, which no other reading explains."""
    cells = [cell for line in head for cell in line.split(delimiter) if cell.startswith('"')]
    inner = [cell[1:-1] for cell in cells if len(cell) > 1 and cell.endswith('"')]
    return (
        bool(cells)
        and len(inner) == len(cells)
        and any('""' in cell for cell in inner)
        and all('"' not in cell.replace('""', "") for cell in inner)
    )


def has_header(records: Sequence[Sequence[str]]) -> bool:
    """Whether the first of these records names the columns."""
    first, others = [cell.strip() for cell in records[0]], records[1:]
    if any(len(cell) > 40 for cell in first):
        return False
    if any(normal(cell) in KNOWN for cell in first):
        return not any(_recurs(cell, column, others) for column, cell in enumerate(first) if normal(cell) in KNOWN)
    if any(_recurs(cell, column, others) for column, cell in enumerate(first)):
        return False
    return bool(others) and all(_is_name(cell) for cell in first if cell) and any(first)


def _recurs(cell: str, column: int, records: Sequence[Sequence[str]]) -> bool:
    return bool(cell) and any(len(record) > column and record[column].strip() == cell for record in records)


def _is_name(cell: str) -> bool:
    return re.fullmatch(r"[^\W\d][\w .()/#-]*", cell) is not None and not cell.endswith(".")


def _of_another_width(cells: int, width: int) -> Broken:
    return Broken(
        one_or_many(
            cells, "it has {count} cell where {width} belong", "it has {count} cells where {width} belong", width=width
        )
    )
