"""The rows of a dataset on disk, to be scrolled through and searched: a million as easily as ten.

    index = RowIndex.open(folder)
    index.refresh()                       # the job may still be writing
    index.rows(900_000, 900_020)          # only these are read

What the job `index` leaves in a folder:

- `about.json`, first: whose rows these are (`source` of `engine.data.index_folders`);
- `rows.jsonl`: a plain object for each row that was read, and `starts.npy`: where each begins, and the last one ends;
- `rejected.jsonl`: `file`, `line` and `reason` of the rows that could not be read;
- `card.json`, last: what was found out. A folder without it is unfinished.

Rows are numbered from 0 among those that were read. Nothing heavy is imported here: the window reads rows by itself.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from engine.chat.messages import Message
from engine.data.examples import Conversation, Document, Example, Labelled, MultipleChoice, Preference
from engine.phrases import unpacked

ABOUT, CARD, ROWS, STARTS, REJECTED = "about.json", "card.json", "rows.jsonl", "starts.npy", "rejected.jsonl"
_BLOCK = 4096  # rows searched at once
_OFFSET = np.dtype(np.int64).itemsize


class RowIndex:
    """Reads rows from any thread; holds none of them, and no more than two open files.

    A row is a mapping: `row` (its number), `kind`, `file`, `line`, and by its kind `text`; `text`, `label`; `messages`
    (each `role` and `content`) and, where the data says so, `learnt`; `prompt`, `chosen`, `rejected`, all three
    messages; or `question`, `choices`, `answer`. Long texts end early; `cut` says how many characters that left out.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._rows: BinaryIO | None = None
        self._starts: BinaryIO | None = None
        self._first = 0  # byte of `starts.npy` where the first number is
        self._count = 0

    @classmethod
    def open(cls, folder: str | Path) -> RowIndex:
        """The rows that are there by now, perhaps none."""
        index = cls(Path(folder))
        index.refresh()
        return index

    def refresh(self) -> int:
        """See what was written since; how many rows there are now."""
        with self._lock:
            if self._rows is None or self._starts is None:
                self._open()
            if self._starts is not None:
                numbers = (os.fstat(self._starts.fileno()).st_size - self._first) // _OFFSET
                self._count = max(0, numbers - 1)
            return self._count

    def close(self) -> None:
        with self._lock:
            for file in (self._rows, self._starts):
                if file is not None:
                    file.close()
            self._rows = self._starts = None
            self._count = 0

    def __enter__(self) -> RowIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return self._count

    @property
    def card(self) -> dict[str, Any] | None:
        """What the job found out, once it is through."""
        return read_card(self.folder)

    def row(self, number: int) -> dict[str, Any]:
        """Raises IndexError."""
        if not 0 <= number < self._count:
            raise IndexError(number)
        return self.rows(number, number + 1)[0]

    def rows(self, start: int, end: int) -> list[dict[str, Any]]:
        """Those of the rows start … end that are there."""
        start = max(0, start)
        return [{"row": n, **json.loads(line)} for n, line in enumerate(self._lines(start, end), start)]

    def find(self, text: str, limit: int | None = None) -> Iterator[tuple[int, list[int]]]:
        """Search all texts, be they written in capitals or not: after every few thousand rows, how many were searched
        and the numbers of those found among them; no more than `limit` in all.

        What was cut off from a long text is not searched.
        """
        wanted = text.casefold()
        spelled = json.dumps(text, ensure_ascii=False)[1:-1].casefold()  # as it would stand in the file
        left = len(self) if limit is None else limit
        for start in range(0, len(self), _BLOCK):
            lines = self._lines(start, start + _BLOCK)
            maybe = [n for n, line in enumerate(lines) if spelled in line.casefold()]
            found = [start + n for n in maybe if any(wanted in t.casefold() for t in texts(json.loads(lines[n])))][
                :left
            ]
            left -= len(found)
            yield start + len(lines), found
            if not left:
                return

    def rejected(self, start: int, end: int) -> list[dict[str, Any]]:
        """Rows that could not be read, number start … end of them: `file`, `line`, `reason`."""
        try:
            with open(self.folder / REJECTED, encoding="utf-8") as file:
                return [unpacked(json.loads(line)) for n, line in zip(range(end), file, strict=False) if n >= start]
        except (OSError, ValueError):  # none, or the last line is being written
            return []

    def _open(self) -> None:
        try:
            starts = open(self.folder / STARTS, "rb")  # noqa: SIM115 (closed by `close`)
        except OSError:
            return
        try:
            np.lib.format.read_magic(starts)
            np.lib.format.read_array_header_1_0(starts)
            self._rows = open(self.folder / ROWS, "rb")  # noqa: SIM115
        except (OSError, ValueError):  # it has only just been made
            starts.close()
            return
        self._starts, self._first = starts, starts.tell()

    def _lines(self, start: int, end: int) -> list[str]:
        end = min(end, self._count)
        if start >= end:
            return []
        with self._lock:
            if self._starts is None or self._rows is None:
                return []
            places: NDArray[np.int64] = np.frombuffer(
                _read(self._starts, self._first + start * _OFFSET, (end - start + 1) * _OFFSET), np.int64
            )
            raw = _read(self._rows, int(places[0]), int(places[-1] - places[0]))
        return raw.decode().split("\n")[:-1]


def _read(file: BinaryIO, place: int, size: int) -> bytes:
    file.seek(place)
    return file.read(size)


def texts(row: dict[str, Any]) -> Iterator[str]:
    """All that is said in a row."""
    for name in ("text", "label", "question"):
        if name in row:
            yield row[name]
    yield from row.get("choices", ())
    for name in ("messages", "prompt", "chosen", "rejected"):
        for message in row.get(name, ()):
            yield message["content"]


def example(row: dict[str, Any]) -> Example | None:
    """The example that a row shows; None where it was cut."""
    if "cut" in row:
        return None
    match row["kind"]:
        case "text":
            return Document(row["text"])
        case "labelled":
            return Labelled(row["text"], row["label"])
        case "choice":
            return MultipleChoice(row["question"], tuple(row["choices"]), row["answer"])
        case "conversation":
            learnt = row.get("learnt")
            return Conversation(_messages(row["messages"]), None if learnt is None else tuple(learnt))
        case _:
            return Preference(*(_messages(row[name]) for name in ("prompt", "chosen", "rejected")))


def _messages(rows: list[dict[str, str]]) -> tuple[Message, ...]:
    return tuple(Message(row["role"], row["content"]) for row in rows)


def read_card(folder: Path) -> dict[str, Any] | None:
    """None where there is none, or a broken one."""
    card = read_json(folder / CARD)
    return None if card is None else dict(unpacked(card))


def read_json(path: Path) -> dict[str, Any] | None:
    """None where there is none, or a broken one."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None
