"""Numbers of rows as recipes write them: `["17", "200-250"]`, from 1, as the rows of a dataset are shown to people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RANGE = re.compile(r"\s*(\d{1,15})\s*(?:-\s*(\d{1,15})\s*)?", re.ASCII)


@dataclass(frozen=True)
class RowNumbers:
    """Which rows, counted from 0. ranges: (ranges, 2), where each begins and ends before; ascending and apart."""

    ranges: NDArray[np.int64]

    @classmethod
    def read(cls, texts: Iterable[str]) -> RowNumbers:
        """Raises ValueError, with the text that is neither `17` nor `200-250`."""
        found = []
        for text in texts:
            match = _RANGE.fullmatch(text)
            first, last = (0, 0) if match is None else (int(match[1]), int(match[2] or match[1]))
            if not 1 <= first <= last:
                raise ValueError(text)
            found.append((first - 1, last))
        return cls(_joined(found))

    @classmethod
    def of(cls, numbers: Iterable[int]) -> RowNumbers:
        """Of rows counted from 0."""
        return cls(_joined([(number, number + 1) for number in numbers]))

    def texts(self) -> tuple[str, ...]:
        """As `read` takes them."""
        return tuple(f"{a + 1}" if a + 1 == b else f"{a + 1}-{b}" for a, b in self.ranges.tolist())

    def __len__(self) -> int:
        return int((self.ranges[:, 1] - self.ranges[:, 0]).sum())

    @property
    def last(self) -> int:
        """The largest number, or -1."""
        return int(self.ranges[-1, 1]) - 1 if len(self.ranges) else -1

    def holds(self, first: int, count: int) -> NDArray[np.bool_]:
        """(count,): whether each of the rows first … first + count is among them."""
        numbers = np.arange(first, first + count)
        places = np.searchsorted(self.ranges[:, 0], numbers, "right") - 1
        held: NDArray[np.bool_] = np.zeros(count, np.bool_)
        behind = places >= 0
        held[behind] = numbers[behind] < self.ranges[places[behind], 1]
        return held


def _joined(ranges: list[tuple[int, int]]) -> NDArray[np.int64]:
    """Ascending, those that touch as one."""
    found: list[list[int]] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([start, end])
    return np.array(found, np.int64).reshape(-1, 2)
