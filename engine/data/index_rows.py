"""Write the rows of an index as they are read, at a million in a few seconds: plain values to JSON by hand.

A row's texts are cut at `TEXT` characters each and its messages at `PARTS`; beyond `ROOMY` bytes in all, texts are
cut at `SHORT` and messages at `FEW`, so that an index stays far smaller than the largest data.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from engine.data.dataset import Batch
from engine.data.index import REJECTED, ROWS, STARTS
from engine.data.report import Place, Report
from engine.data.shapes import learnt_of
from engine.data.token_rows import Column
from engine.phrases import packed

TEXT, PARTS = 2000, 64  # characters of a text; messages or choices of a row
SHORT, FEW = 200, 8
ROOMY = 512 << 20  # bytes of `rows.jsonl`
MOST_REJECTED = 100_000  # lines of `rejected.jsonl`; all are counted


class _Report(Report):
    """A report that also writes down each row that was rejected."""

    def __init__(self, file: TextIO) -> None:
        super().__init__()
        self._file = file

    def reject(self, place: Place, reason: str, empty: bool = False) -> None:
        super().reject(place, reason, empty)
        if self.rejected <= MOST_REJECTED:
            row = {"file": place.file, "line": place.line, "reason": reason}
            self._file.write(json.dumps(packed(row), ensure_ascii=False) + "\n")


class IndexWriter:
    """Rows of one kind into a folder, to be read as `RowIndex` while it goes on.

    report: what the rows are to be read with. cut: how many rows were cut.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        self._body, self._before = _BODIES[kind], f'{{"kind":{quoted(kind)},"file":'
        self._rejected = open(folder / REJECTED, "w", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._rows = open(folder / ROWS, "wb")  # noqa: SIM115 (closed by `__exit__`)
        self._starts = Column(folder / STARTS, np.int64)
        self._starts.append([0])
        self._end = 0
        self.report: Report = _Report(self._rejected)
        self.cut = 0

    def __enter__(self) -> IndexWriter:
        return self

    def __exit__(self, *_: object) -> None:
        for file in (self._rows, self._starts, self._rejected):
            file.close()

    def add(self, file: str, batch: Batch) -> None:
        """Rows of a file; they can be read when this returns."""
        body, before = self._body, f'{self._before}{quoted(file)},"line":'
        limits = (TEXT, PARTS) if self._end < ROOMY else (SHORT, FEW)
        lines = []
        for line, plain in zip(batch.lines, batch.plain(), strict=True):
            says, cut = body(plain, *limits)
            if cut:
                self.cut += 1
                lines.append(f'{before}{line},{says},"cut":{cut}}}\n')
            else:
                lines.append(f"{before}{line},{says}}}\n")
        self._write(lines)
        self._rejected.flush()

    def _write(self, lines: Sequence[str]) -> None:
        """Rows go to the file before the numbers that say where they are."""
        text = "".join(lines)
        raw = text.encode("utf-8", "replace")
        if len(raw) == len(text):
            sizes = np.fromiter(map(len, lines), np.int64, len(lines))
        else:
            sizes = np.fromiter((len(line.encode("utf-8", "replace")) for line in lines), np.int64, len(lines))
        self._rows.write(raw)
        self._rows.flush()
        ends = self._end + np.cumsum(sizes)
        self._starts.append(ends)
        self._starts.flush()
        self._end += len(raw)


# --- what a row says, and how many characters of it are left out ------------------------------------------------------

Body = Callable[[Any, int, int], tuple[str, int]]


def _document(text: str, limit: int, _: int) -> tuple[str, int]:
    return f'"text":{quoted(text[:limit])}', max(0, len(text) - limit)


def _labelled(plain: tuple[str, str], limit: int, _: int) -> tuple[str, int]:
    text, label = plain
    cut = max(0, len(text) - limit) + max(0, len(label) - limit)
    return f'"text":{quoted(text[:limit])},"label":{quoted(label[:limit])}', cut


def _choice(plain: tuple[str, Sequence[str], int], limit: int, most: int) -> tuple[str, int]:
    question, choices, answer = plain
    shown = [choice[:limit] for choice in choices[:most]]
    cut = max(0, len(question) - limit) + _size(choices) - _size(shown)
    return f'"question":{quoted(question[:limit])},"choices":[{",".join(map(quoted, shown))}],"answer":{answer}', cut


def _conversation(plain: tuple[str, ...], limit: int, most: int) -> tuple[str, int]:
    plain, learnt = learnt_of(plain)
    shown, cut = _messages(plain[::2], plain[1::2], limit, most)
    if learnt is None:
        return f'"messages":{shown}', cut
    return f'"messages":{shown},"learnt":{json.dumps(learnt[:most])}', cut


def _preference(plain: Iterable[tuple[tuple[str, str], ...]], limit: int, most: int) -> tuple[str, int]:
    said, left_out = [], 0
    for name, pairs in zip(("prompt", "chosen", "rejected"), plain, strict=True):
        shown, cut = _messages([role for role, _ in pairs], [text for _, text in pairs], limit, most)
        said.append(f'"{name}":{shown}')
        left_out += cut
    return ",".join(said), left_out


def _messages(roles: Sequence[str], contents: Sequence[str], limit: int, most: int) -> tuple[str, int]:
    shown = [text[:limit] for text in contents[:most]]
    said = [_spoken_by(role) + quoted(text) for role, text in zip(roles, shown, strict=False)]
    return f"[{'},'.join(said)}}}]" if said else "[]", _size(contents) - _size(shown)


@lru_cache(maxsize=100)
def _spoken_by(role: str) -> str:
    return f'{{"role":{quoted(role)},"content":'


def _size(texts: Iterable[str]) -> int:
    return sum(map(len, texts))


_BODIES: dict[str, Body] = {
    "text": _document,
    "labelled": _labelled,
    "choice": _choice,
    "conversation": _conversation,
    "preference": _preference,
}
