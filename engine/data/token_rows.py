"""Rows of tokens on disk: written as they come, mapped when they are read. A dataset may be larger than memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine import arrays
from engine.data.items import NO_LOSS, Batch, Tokens

# Batches are padded to a multiple of so many tokens (none beyond the longest row): each new shape costs the libraries
# time and memory, and freed memory that is cut up by every length serves none. After 100 steps of conversations of up
# to 1,023 tokens a small model's process held 914 MB instead of 1,651.
_LENGTHS = 64


class Column:
    """One array of numbers in a `.npy` file, appended to."""

    def __init__(self, path: Path, dtype: DTypeLike) -> None:
        self.dtype, self.length = np.dtype(dtype), 0
        self._file: BinaryIO = open(path, "wb")  # noqa: SIM115 (closed by `close`)
        self._start = self._write_header()

    def append(self, values: Sequence[Any] | NDArray[Any]) -> None:
        array = np.asarray(values, self.dtype)
        self._file.write(array.tobytes())
        self.length += len(array)

    def flush(self) -> None:
        """Let others read what was appended, though the header does not count it yet."""
        self._file.flush()

    def close(self) -> None:
        """Write how long it became."""
        self._file.seek(0)
        if self._write_header() != self._start:  # numpy leaves room for any length
            raise AssertionError("the header of a .npy file changed its size")
        self._file.close()

    def _write_header(self) -> int:
        header = {"descr": self.dtype.str, "fortran_order": False, "shape": (self.length,)}
        np.lib.format.write_array_header_1_0(self._file, header)
        return self._file.tell()


class RowWriter:
    """Rows written one after another into a folder, to be read as `Rows`."""

    def __init__(self, folder: Path, tokens: DTypeLike) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.ids, self.loss = Column(folder / "ids.npy", tokens), Column(folder / "loss.npy", np.bool_)
        self._starts = Column(folder / "starts.npy", np.int64)
        self._starts.append([0])

    def add(self, ids: Sequence[int], loss: Sequence[bool]) -> None:
        self.ids.append(ids)
        self.loss.append(loss)
        self._starts.append([self.ids.length])

    def __len__(self) -> int:
        return self._starts.length - 1

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(self, *_: object) -> None:
        for column in (self.ids, self.loss, self._starts):
            column.close()


@dataclass(frozen=True)
class Rows:
    """Tokens of many rows one after another, and which of them carry loss: both (tokens,).

    starts: (rows + 1,), where each row begins and the last one ends.
    """

    ids: Tokens
    loss: NDArray[np.bool_]
    starts: NDArray[np.int64]

    @classmethod
    def open(cls, folder: Path, mapped: bool = True) -> Rows:
        """What a RowWriter wrote, or `save`."""
        mode: Literal["r"] | None = "r" if mapped else None
        return cls(*(np.load(folder / f"{f.name}.npy", mmap_mode=mode, allow_pickle=False) for f in fields(cls)))

    def save(self, folder: Path) -> None:
        for f in fields(self):
            arrays.save(folder / f"{f.name}.npy", getattr(self, f.name))

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(rows,), in tokens."""
        return np.diff(self.starts)

    def padded(self, rows: Sequence[int] | NDArray[np.int64]) -> Batch:
        """ids and labels of these rows, both (len(rows), T): of each row, the last token is only predicted, never read.

        Padded on the right, where causal attention never looks from the left. Labels are NO_LOSS wherever nothing is
        to be learnt.
        """
        starts, ends = self.starts[:-1][rows], self.starts[1:][rows]
        longest = -(-(int((ends - starts).max()) - 1) // _LENGTHS) * _LENGTHS
        ids = np.zeros((len(starts), min(longest, int(self.lengths.max()) - 1)), np.int64)
        labels = np.full_like(ids, NO_LOSS)
        for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
            span, loss = self.ids[start:end].astype(np.int64), self.loss[start:end]
            ids[row, : len(span) - 1] = span[:-1]
            labels[row, : len(span) - 1] = np.where(loss[1:], span[1:], NO_LOSS)
        return ids, labels
