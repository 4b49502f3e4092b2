"""Preferences for DPO: two continuations of the same messages, in tokens of which only the continuations carry loss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from engine.data.encode import Encode, Encoded, talk
from engine.data.examples import Preference
from engine.data.items import Batch
from engine.data.report import Report
from engine.data.row_data import RowData
from engine.data.token_rows import Rows
from engine.data.written import Talk

_TOGETHER = 128  # pairs encoded at a time


class PreferenceData(RowData):
    """Pairs of a run: two rows of each, the chosen one and behind it the rejected one."""

    each = 2

    @staticmethod
    def fitted(examples: Iterable[Preference], encode: Encode, max_length: int, report: Report) -> Iterator[Encoded]:
        """Both rows of pairs that are taken whole; the others are left out and counted in `report`."""
        remaining = iter(examples)
        while group := list(islice(remaining, _TOGETHER)):
            found = encode([side for preference in group for side in _talks(preference)])
            for chosen, rejected in zip(found[::2], found[1::2], strict=True):
                if isinstance(chosen, str) or isinstance(rejected, str):
                    report.unwritten[next(side for side in (chosen, rejected) if isinstance(side, str))] += 1
                elif _fits(chosen, rejected, max_length, report):
                    yield from (chosen, rejected)

    def items(self, first: int, end: int) -> Pairs:
        return Pairs(self.rows, first, end)


class Pairs:
    """Pairs first … end in batches. lengths: (pairs,), of the longer one in tokens."""

    def __init__(self, rows: Rows, first: int, end: int) -> None:
        self._rows, self._first = rows, first
        self.lengths: NDArray[np.int64] = rows.lengths[2 * first : 2 * end].reshape(-1, 2).max(1)

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, items: Sequence[int] | NDArray[np.int64]) -> Batch:
        """ids and labels, both (2 * len(items), T): first all that were chosen, then the rejected in the same order."""
        chosen = 2 * (self._first + np.asarray(items))
        return self._rows.padded(np.concatenate([chosen, chosen + 1]))


def _sides(preferences: Iterable[Preference], encode: Encode, max_length: int, report: Report) -> Iterator[Encoded]:
    """Both sides of each pair that can be learnt from, one after the other."""
    remaining = iter(preferences)
    while group := list(islice(remaining, _TOGETHER)):
        found = encode([side for preference in group for side in _talks(preference)])
        for chosen, rejected in zip(found[::2], found[1::2], strict=True):
            if isinstance(chosen, str) or isinstance(rejected, str):
                report.unwritten[next(side for side in (chosen, rejected) if isinstance(side, str))] += 1
            elif _fits(chosen, rejected, max_length, report):
                yield from (chosen, rejected)


def _talks(preference: Preference) -> tuple[Talk, Talk]:
    start = len(preference.prompt)
    chosen, rejected = preference.prompt + preference.chosen, preference.prompt + preference.rejected
    return talk(chosen, "replies", start=start), talk(rejected, "replies", start=start)


def _fits(chosen: Encoded, rejected: Encoded, max_length: int, report: Report) -> bool:
    """Whether a pair can be learnt from; if not, why is counted."""
    unlearnt = not any(chosen.loss[1:]) or not any(rejected.loss[1:])
    too_long = not unlearnt and max(len(chosen.ids), len(rejected.ids)) > max_length + 1
    alike = chosen.ids == rejected.ids
    report.unlearnt += unlearnt
    report.too_long_pairs += too_long
    report.alike += alike and not (unlearnt or too_long)
    return not (unlearnt or too_long or alike)
