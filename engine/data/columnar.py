"""JSON lines a block at a time: Arrow takes apart what is plain, and only the rest is read row by row.

What comes out is what `JsonRows` and the row's reader give, at a third of the time. A block goes this way if each of
its lines begins with `{` and ends with `}`, Arrow finds as many rows as lines, and the columns that are read hold
texts alone. Then no row can reach over two lines: after a `}` within an object, no `{` may follow. Blocks are parsed
in a thread of their own, beside the reading and counting.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data import rows
from engine.data.columns import normal
from engine.data.decoding import MARK
from engine.data.report import LONG
from engine.data.shapes import CONTEXT_FIRST, Columns

_AHEAD = 3  # blocks in work
_DEEP = 400  # brackets opened in one line
_CONSTANT = re.compile(rb"(?:NaN|Inf(?:inity)?)\s*[,}\]]")


@dataclass(frozen=True)
class Form:
    """A shape whose columns are texts. names: the columns; the first `whole` must be there, `said` not be blank."""

    names: tuple[str, ...]
    whole: int
    said: tuple[int, ...]
    build: Callable[..., Iterator[Any]]  # lists of texts -> plain values


@dataclass(frozen=True)
class Block:
    """Some lines of a file: those that are plain, their values, how many are longer than `LONG` characters.

    plain: makes the values anew each time; one that is let go of at once costs no memory.
    rest: lines that could not be read this way, with the number of the first.
    """

    lines: Sequence[int]
    plain: Callable[[], Iterator[Any]]
    long: int
    rest: list[tuple[int, bytes]]


def form_of(kind: str, columns: Columns) -> Form | None:
    """None for shapes that are not flat."""
    names = {role: name for role, name in columns.items() if isinstance(name, str)}
    match kind, sorted(columns):
        case "text", ["text"]:
            return Form((names["text"],), 1, (0,), iter)
        case "labelled", ["label", "text"]:
            return Form((names["text"], names["label"]), 2, (0, 1), _classes)
        case "conversation", ["prompt", "response"]:
            return Form((names["prompt"], names["response"]), 2, (1,), _answers)
        case "conversation", ["input", "prompt", "response"]:
            first = normal(names["prompt"]) in CONTEXT_FIRST
            return Form((names["prompt"], names["response"], names["input"]), 2, (1,), _beside(first))
    return None


def _classes(texts: list[str], labels: list[str]) -> Iterator[Any]:
    return zip(texts, map(str.strip, labels), strict=True)


def _answers(asked: list[str], answers: list[str]) -> Iterator[Any]:
    return zip(repeat("user"), asked, repeat("assistant"), answers, strict=False)


def _beside(first: bool) -> Callable[..., Iterator[Any]]:
    def build(asked: list[str], answers: list[str], more: list[str | None]) -> Iterator[Any]:
        if any(more):
            asked = [
                q if not m or m.isspace() else f"{m}\n{q}" if first else f"{q}\n{m}" if q else m
                for q, m in zip(asked, more, strict=True)
            ]
        return _answers(asked, answers)

    return build


def begins_plainly(first: bytes) -> bool:
    """Whether a file that begins so is JSON lines in UTF-8: two objects, one a line."""
    lines = first[:200_000].removeprefix(MARK).split(b"\n", 2)
    if len(lines) < 3 or b"\0" in lines[0] or not all(line.startswith(b"{") for line in lines[:2]):
        return False
    try:
        return isinstance(json.loads(lines[0]), dict)
    except (ValueError, RecursionError):
        return False


def blocks(chunks: Iterator[bytes], form: Form) -> Iterator[Block]:
    """The lines of a file that begins plainly."""
    with ThreadPoolExecutor(1, "columnar") as pool:
        waiting: deque[tuple[bytes, Future[_Parsed | None]]] = deque()
        line = 1
        for block in chain(_cut(chunks), repeat(b"", _AHEAD)):
            waiting.append((block, pool.submit(_parse, block, form.names)))
            if len(waiting) > _AHEAD:
                raw, future = waiting.popleft()
                parsed = future.result()
                yield _block(line, raw, parsed, form)
                line += len(parsed[1]) if parsed else raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n")


def _cut(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Whole lines. One that is far too long is cut; it is rejected anyway."""
    parts, size, marked = list[bytes](), 0, False
    for chunk in chunks:
        if not marked:
            chunk, marked = chunk.removeprefix(MARK), True
        end = chunk.rfind(b"\n") + 1
        if end:
            yield b"".join([*parts, chunk[:end]])
            parts, size = [chunk[end:]], len(chunk) - end
        elif size <= 4 * rows.LIMIT:  # bytes of the longest row there can be
            parts.append(chunk)
            size += len(chunk)
    if last := b"".join(parts):
        yield last


_Parsed = tuple[list[list[str | None]], NDArray[np.int64]]  # the texts of each column; where each line ends


def _parse(block: bytes, names: tuple[str, ...]) -> _Parsed | None:
    """None where the block is not as plain as it must be."""
    import pyarrow as pa
    from pyarrow import json as arrow_json

    raw = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(raw == ord("\n"))
    if not len(ends) or ends[-1] != len(raw) - 1 or len(raw) > rows.LIMIT or not _is_utf8(block):
        return None
    if raw[0] != ord("{") or (raw[ends[:-1] + 1] != ord("{")).any() or (raw[ends - 1] != ord("}")).any():
        return None
    if b"\r" in block or _holds_constant(raw, block) or _is_deep(raw, ends):  # what Arrow takes, or Python does not
        return None
    try:
        table = arrow_json.read_json(
            pa.BufferReader(block),
            arrow_json.ReadOptions(use_threads=False, block_size=len(block) + 1),
            arrow_json.ParseOptions(
                explicit_schema=pa.schema([(name, pa.string()) for name in names]), unexpected_field_behavior="ignore"
            ),
        )
    except pa.ArrowException:
        return None
    if table.num_rows != len(ends):
        return None
    return [table.column(name).to_pylist() for name in names], ends


def _holds_constant(raw: NDArray[np.uint8], block: bytes) -> bool:
    """Whether NaN or Inf stand where a value may; in texts they mean nothing."""
    for word in (b"NaN", b"Inf"):
        first, second, third = word
        found = np.flatnonzero((raw[:-2] == first) & (raw[1:-1] == second) & (raw[2:] == third))
        if any(_CONSTANT.match(block, at) for at in found.tolist()):
            return True
    return False


def _is_deep(raw: NDArray[np.uint8], ends: NDArray[np.int64]) -> bool:
    """Whether a line may be nested more deeply than Python's scanner follows."""
    opening = (raw == ord("{")) | (raw == ord("["))
    if np.count_nonzero(opening) < len(ends) + _DEEP:
        return False
    starts = np.concatenate([[0], ends[:-1] + 1])
    return bool(np.add.reduceat(opening, starts, dtype=np.int64).max() > _DEEP)


def _is_utf8(block: bytes) -> bool:
    if block.isascii():
        return b"\0" not in block
    try:
        return "\0" not in block.decode()
    except UnicodeDecodeError:
        return False


def _block(line: int, block: bytes, parsed: _Parsed | None, form: Form) -> Block:
    if parsed is None:
        return Block((), lambda: iter(()), 0, [(line, block)])
    columns, ends = parsed
    bad = _bad(columns, form)
    lines: Sequence[int] = range(line, line + len(ends))
    sizes = np.diff(ends, prepend=-1) - 1
    maybe = [row for row in np.flatnonzero(sizes > LONG).tolist() if row not in bad]
    long = sum(len(block[ends[row] - sizes[row] : ends[row]].decode()) > LONG for row in maybe)
    rest = [(line + row, block[ends[row] - sizes[row] : ends[row]]) for row in sorted(bad)]
    if bad:
        columns = [[text for row, text in enumerate(texts) if row not in bad] for texts in columns]
        lines = [number for row, number in enumerate(lines) if row not in bad]
    return Block(lines, partial(form.build, *columns), long, rest)


def _bad(columns: list[list[str | None]], form: Form) -> set[int]:
    """The rows that lack a text they must have."""
    bad = set[int]()
    for number, texts in enumerate(columns[: form.whole]):
        said = number in form.said
        if (said and (not all(texts) or any(map(str.isspace, filter(None, texts))))) or None in texts:
            bad |= {row for row, text in enumerate(texts) if text is None or (said and (not text or text.isspace()))}
    return bad
