"""Any file a person drops, as a stream of examples: found out, checked row by row, nothing left out in silence.

    dataset = open_dataset("talks.jsonl")
    for place, example in dataset.examples(report := Report()):
        ...

Files are read from beginning to end in small pieces, so a million rows need no more memory than a thousand, but for
eight to sixteen bytes each by which duplicates are known. A file is never written to.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, compress, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data import columnar, detection
from engine.data.columnar import Block
from engine.data.decoding import MARK, Text
from engine.data.detection import SAMPLE, Detection, Sample
from engine.data.digests import Digests, DigestSet, digests
from engine.data.documents import DocumentRows
from engine.data.examples import Example
from engine.data.json_rows import JsonRows
from engine.data.parquet import ParquetRows
from engine.data.report import KEPT, LONG, Place, Report
from engine.data.row_numbers import RowNumbers
from engine.data.rows import Broken, Row
from engine.data.shapes import EmptyAnswer, Reader, Reject, example, reader
from engine.data.tables import TableRows
from engine.data.unpacking import PARQUET, SUFFIXES, Hashed
from engine.errors import EngineError, from_os_error
from engine.phrases import phrase

FORMATS = {
    ".jsonl": "json", ".ndjson": "json", ".json": "json", ".csv": "table", ".tsv": "table", ".parquet": "parquet",
    ".txt": "text", ".md": "text",
}  # fmt: skip
_KINDS = {
    "text": phrase("text"),
    "conversation": phrase("conversation"),
    "preference": phrase("preference"),
    "labelled": phrase("labelled"),
    "choice": phrase("choice"),
}
_BATCH, _BATCH_SIZE = 4096, 4_000_000  # rows, and characters, that are held at once
_SAMPLE_SIZE = 1_000_000  # characters that are enough to tell a format


@dataclass(frozen=True)
class Part:
    """A file of a dataset, and what was found in it."""

    path: Path
    detected: Detection

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class Dataset:
    """Rows of one kind: "text", "conversation", "preference", "labelled" or "choice"; None where it is asked.

    detected: of the first file, or of the first that asks. left_out: rows that are passed over, numbered among those
    that can be read.
    """

    kind: str | None
    detected: Detection
    parts: tuple[Part, ...] = field(repr=False)
    left_out: RowNumbers | None = None

    @property
    def files(self) -> list[Path]:
        return [part.path for part in self.parts]

    def examples(
        self, report: Report, unique: bool = False, evaluation: DigestSet | None = None
    ) -> Iterator[tuple[Place, Example]]:
        """Every row that can be read, with its place; the others are counted in `report`.

        unique: a row that repeats an earlier one is counted and left out. evaluation: rows to be known again.
        Raises EngineError: `data_ask` where a question is open, `data_empty`, `data_no_examples`, `data_one_label`,
        `rows_beyond` and `rows_all_left_out`, and where a file cannot be read to its end.
        """
        kind = self.known_kind()
        for name, batch, _, repeated in self._batches(report, evaluation):
            for line, values, again in zip(batch.lines, batch.plain(), repeated.tolist(), strict=True):
                if not (unique and again):
                    yield Place(name, line), example(kind, values)

    def survey(
        self,
        report: Report,
        evaluation: DigestSet | None = None,
        held_back: float = 0.0,
        keep: Callable[[str, Batch], None] | None = None,
    ) -> Iterator[int]:
        """Only the report, several times as fast: yields how many rows were looked at so far. Raises as `examples`.

        held_back: the share of the last rows that others are not to stand in either, as if they were other data.
        keep: is given the rows of a file as they are read.
        """
        kept: list[tuple[str, NDArray[np.int64], Digests]] = []
        for name, batch, found, _ in self._batches(report, evaluation):
            if held_back:
                kept.append((name, np.asarray(batch.lines, np.int64), found))
            if keep is not None:
                keep(name, batch)
            yield report.rows
        if held_back and report.read > 1:
            rows = report.read - report.left_out
            split = rows - max(1, round(rows * held_back))
            last = np.concatenate([found for _, _, found in kept])[split:]
            for name, lines, found in kept:
                leaked = np.isin(found[: max(0, split)], last)
                report.also_in_evaluation += _note(leaked, name, lines, report.leaked)
                split -= len(found)

    def picked(self, numbers: Iterable[int]) -> Iterator[Example]:
        """The rows with these numbers among all that can be read, from 0 and ascending. Raises as `examples`."""
        kind, first = self.known_kind(), 0
        wanted = iter(numbers)
        number = next(wanted, None)
        for batch in chain.from_iterable(_plain(part, kind, Report()) for part in self.parts):
            if number is None:
                return
            end = first + len(batch.lines)
            if number < end:
                rows = list(batch.plain())
                while number is not None and number < end:
                    yield example(kind, rows[number - first])
                    number = next(wanted, None)
            first = end

    def seen(self, report: Report) -> DigestSet:
        """The digests of all rows, to know them in other data. Raises as `examples`."""
        seen = DigestSet()
        for _ in self._batches(report, None, seen):
            pass
        return seen

    def known_kind(self) -> str:
        """Raises EngineError `data_ask` where a question is open."""
        if self.kind is None:
            place = next(part.path for part in self.parts if part.detected.kind is None)
            found = self.detected
            raise EngineError("data_ask", place=str(place), reason=found.reason, question=found.questions[0])
        return self.kind

    def _batches(
        self, report: Report, evaluation: DigestSet | None, seen: DigestSet | None = None
    ) -> Iterator[tuple[str, Batch, Digests, NDArray[np.bool_]]]:
        """The file, some rows, their digests, and whether each was there before. The report holds them by then."""
        kind, number = self.known_kind(), 0
        seen = DigestSet() if seen is None else seen
        for part in self.parts:
            for batch in _plain(part, kind, report):
                number += len(batch.lines)
                if self.left_out is not None:
                    batch = _without(batch, self.left_out.holds(number - len(batch.lines), len(batch.lines)), report)
                found = digests(batch.plain(), len(batch.lines))
                repeated = seen.add(found)
                report.duplicates += _note(repeated, part.name, batch.lines, report.repeated)
                if evaluation is not None:
                    leaked = evaluation.holds(found)
                    report.also_in_evaluation += _note(leaked, part.name, batch.lines, report.leaked)
                if kind == "labelled":
                    report.count_labels([label for _, label in batch.plain()])
                yield part.name, batch, found, repeated
        place = str(self.parts[0].path) if len(self.parts) == 1 else str(self.parts[0].path.parent)
        if not report.rows:
            raise EngineError("data_empty", place=place)
        if not report.read:
            first, reason = report.rejections[0]
            raise EngineError("data_no_examples", place=place, rows=report.rows, line=first.line, reason=reason)
        if self.left_out is not None:
            if self.left_out.last >= number:
                raise EngineError("rows_beyond", place=place, row=self.left_out.last + 1, rows=number)
            if len(self.left_out) == number:
                raise EngineError("rows_all_left_out", place=place, rows=number)
        if kind == "labelled" and len(report.labels) == 1:
            raise EngineError("data_one_label", place=place, label=next(iter(report.labels)))


def open_dataset(
    paths: str | Path | Iterable[str | Path], mapping: Mapping[str, str] | None = None, kind: str | None = None
) -> Dataset:
    """Find out what files, or folders of files, hold; only their beginnings are read.

    mapping: role -> column, by hand (roles: `engine.data.columns.ROLES`). kind: what it is to be read as. Where it
    cannot be told, the dataset's kind is None and `detected.questions` are to be answered by one of both.
    Raises EngineError: not there, no permission, of a kind that is not read, damaged, empty, no text, or files of
    several kinds together.
    """
    given = [paths] if isinstance(paths, (str, Path)) else list(paths)
    files = [file for path in given for file in _files(Path(path))]
    parts = tuple(Part(file, _detect(file, mapping, kind)) for file in files)
    asking = next((part for part in parts if part.detected.kind is None), None)
    if asking is not None:
        return Dataset(None, asking.detected, parts)
    first = parts[0]
    other = next((part for part in parts if part.detected.kind != first.detected.kind), None)
    if other is not None:
        kinds = {"kind": _KINDS[str(first.detected.kind)], "found": _KINDS[str(other.detected.kind)]}
        raise EngineError("data_kinds", place=str(first.path), other=str(other.path), **kinds)
    return Dataset(first.detected.kind, first.detected, parts)


def format_of(path: Path) -> str:
    """ "json", "table", "parquet" or "text", by its name without that of packing. Raises EngineError `data_kind`."""
    kinds = [suffix.lower() for suffix in path.suffixes]
    if kinds and kinds[-1] in SUFFIXES:
        kinds.pop()
    found = FORMATS.get(kinds[-1]) if kinds else None
    if found is None:
        raise EngineError("data_kind", place=str(path), known=", ".join(FORMATS))
    return found


def _files(path: Path) -> list[Path]:
    """The file, or all files in a folder that are of a known kind, sorted. Raises EngineError."""
    try:
        if not path.is_dir():
            format_of(path)
            os.stat(path)
            return [path]
        found: list[Path] = []
        for folder, folders, names in os.walk(path, onerror=_raise):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            found += [Path(folder, name) for name in sorted(names) if not name.startswith(".") and _is_known(name)]
    except OSError as error:
        raise from_os_error(error) from error
    if not found:
        raise EngineError("data_folder", place=str(path), known=", ".join(FORMATS))
    return found


def _raise(error: OSError) -> None:
    raise error


def _is_known(name: str) -> bool:
    kinds = [suffix.lower() for suffix in Path(name).suffixes]
    return bool(kinds) and (
        kinds[-1] in FORMATS or (kinds[-1] in SUFFIXES and kinds[-2:-1] != [] and kinds[-2] in FORMATS)
    )


Rows = JsonRows | TableRows | ParquetRows | DocumentRows


def _open(path: Path, chunks: Iterator[bytes]) -> Rows:
    """The rows of a file. Raises EngineError."""
    form, place = _form_of(path), str(path)
    if form == "parquet":
        return ParquetRows(path)
    if form == "json":
        return JsonRows(_tolerant(chunks, place))
    if form == "table":
        return TableRows(Text(chunks, place, legacy=True, tolerant=True), ".tsv" in path.name.lower())
    return DocumentRows(Text(chunks, place, legacy=True))


def _form_of(path: Path) -> str:
    """As `format_of`, but parquet is also known by its first bytes, and nothing is in an empty file."""
    form = format_of(path)
    try:
        with open(path, "rb") as file:
            head = file.read(len(PARQUET))
    except OSError as error:
        raise from_os_error(error) from error
    if head == PARQUET:
        return "parquet"
    return "text" if form == "parquet" and not head else form


def _tolerant(chunks: Iterator[bytes], place: str) -> Text:
    return Text(chunks, place, tolerant=True, nul=True)


def _detect(path: Path, mapping: Mapping[str, str] | None, kind: str | None) -> Detection:
    """Raises EngineError where nothing can be read, whatever is answered."""
    opened = _open(path, Hashed(path).chunks())
    values = _beginning(opened)
    if not values:
        raise EngineError("data_empty", place=str(path))
    if isinstance(opened, DocumentRows):
        if kind not in (None, "text"):
            raise EngineError("data_no_rows", place=str(path), reason=phrase("it is running text"))
        return Detection(phrase("text"), "text", 0.95, phrase("it is running text"))
    table = opened if isinstance(opened, TableRows) else None
    columns = () if isinstance(opened, JsonRows) else opened.columns
    sample = Sample.of(values, columns, table is None or table.header, table is not None and table.delimiter == "\t")
    broken = next((value for value in values if isinstance(value, Broken)), None)
    if not sample.rows and broken is not None:
        raise EngineError("data_no_examples", place=str(path), rows=len(values), line=1, reason=broken.reason)
    try:
        found = detection.mapped(sample, mapping, kind) if mapping else detection.detect(sample, kind)
    except EngineError as error:
        raise EngineError(error.code, **{"place": str(path), **error.data}) from error
    if found.kind is None and isinstance(opened, JsonRows):
        single = len(values) == 1 and ".json" in path.suffixes  # a file of something else, such as settings
        if single or not sample.columns:
            raise EngineError("data_no_rows", place=str(path), reason=found.reason)
    if found.kind is None and isinstance(opened, ParquetRows) and opened.unreadable:
        names = ", ".join(f"{name} ({type_})" for name, type_ in opened.unreadable.items())
        return replace(found, reason=phrase("{reason}; not read: {columns}", reason=found.reason, columns=names))
    return found


def _beginning(rows: Iterable[Row]) -> list[Any]:
    """The first rows, as many as a format is judged by."""
    values, held = [], 0
    for _, size, value in islice(rows, SAMPLE):
        values.append(value)
        held += size
        if held > _SAMPLE_SIZE:
            break
    return values


@dataclass(frozen=True)
class Batch:
    """Rows that were read. plain: makes their values, as a reader gives them, each time it is called."""

    lines: Sequence[int]
    plain: Callable[[], Iterable[Any]]


def _without(batch: Batch, left_out: NDArray[np.bool_], report: Report) -> Batch:
    """What remains of it; the others are counted."""
    count = int(left_out.sum())
    if not count:
        return batch
    report.left_out += count
    kept = (~left_out).tolist()
    return Batch(list(compress(batch.lines, kept)), lambda: compress(batch.plain(), kept))


def _plain(part: Part, kind: str, report: Report) -> Iterator[Batch]:
    """The rows of a file that can be read, in its order; the report is complete with each batch."""
    hashed = Hashed(part.path)
    columns, chunks = part.detected.columns, hashed.chunks()
    form = columnar.form_of(kind, columns) if _form_of(part.path) == "json" else None
    first = next(chunks, b"") if form is not None else b""
    if first:
        chunks = chain([first], chunks)
    reading = Reading(part, reader(kind, columns), LONG if kind != "text" else float("inf"), report)
    if form is not None and columnar.begins_plainly(first):
        yield from reading.blocks(columnar.blocks(chunks, form))
    else:
        opened = _open(part.path, chunks)
        yield from reading.batches(opened)
        reading.note(opened)
        if isinstance(opened, ParquetRows):
            hashed.size_bytes = sum(map(len, hashed.blocks()))
    report.sha256[str(part.path)] = hashed.sha256
    report.size_bytes += hashed.size_bytes


@dataclass
class Reading:
    """The rows of one file on their way into plain values and the report."""

    part: Part
    read: Reader
    limit: float  # characters from which on a row is long
    report: Report
    _noted: set[str] = field(default_factory=set)

    def batches(self, rows: Iterable[Row]) -> Iterator[Batch]:
        """What cannot be read is counted at once, the others with their batch."""
        lines: list[int] = []
        plain: list[Any] = []
        long, held = 0, 0
        read, limit = self.read, self.limit
        for line, size, value in rows:
            try:
                if type(value) is Broken:
                    raise Reject(value.reason)
                plain.append(read(value))
            except Reject as error:
                self.report.reject(Place(self.part.name, line), str(error), isinstance(error, EmptyAnswer))
                continue
            lines.append(line)
            held += size
            if size > limit:
                long += 1
            if held >= _BATCH_SIZE or len(lines) >= _BATCH:
                self._count(len(lines), long)
                yield Batch(lines, plain.__iter__)
                lines, plain, long, held = [], [], 0, 0
        self._count(len(lines), long)
        yield Batch(lines, plain.__iter__)

    def blocks(self, blocks: Iterable[Block]) -> Iterator[Batch]:
        """The same of a file that is read in blocks."""
        for block in blocks:
            self._count(len(block.lines), block.long if self.limit == LONG else 0)
            if not block.rest:
                yield Batch(block.lines, block.plain)
                continue
            rows = list(zip(block.lines, block.plain(), strict=True))
            for first, raw in block.rest:
                opened = JsonRows(_tolerant(iter([MARK + raw]), str(self.part.path)), first)
                for batch in self.batches(opened):
                    rows += zip(batch.lines, batch.plain(), strict=True)
                self.note(opened)
            rows.sort(key=itemgetter(0))
            yield Batch([line for line, _ in rows], [plain for _, plain in rows].__iter__)

    def note(self, opened: Rows) -> None:
        """Say once what there is to know of the file."""
        for note in opened.notes:
            if note not in self._noted:
                self._noted.add(note)
                self.report.notes.append(phrase("{file} {note}.", file=self.part.name, note=note))

    def _count(self, read: int, long: int) -> None:
        self.report.rows += read
        self.report.read += read
        self.report.long_rows += long


def _note(mask: NDArray[np.bool_], name: str, lines: Sequence[int] | NDArray[np.int64], kept: list[Place]) -> int:
    """How many are marked; the places of the first are kept."""
    marked = np.flatnonzero(mask)
    kept += [Place(name, int(lines[number])) for number in marked[: KEPT - len(kept)]]
    return len(marked)
