"""Preferences for DPO: two continuations of the same messages, in tokens of which only the continuations carry loss."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.conversations import held_back
from engine.data.encode import Encode, Encoded, talk
from engine.data.examples import Preference
from engine.data.items import Batch, Tokens, token_type
from engine.data.report import Report
from engine.data.token_rows import Rows, RowWriter
from engine.data.written import Talk
from engine.errors import EngineError

_TOGETHER = 128  # pairs encoded at a time


@dataclass(frozen=True)
class PreferenceData:
    """Pairs of a run; those before number `split` are trained on, the others held back.

    rows: two of each pair, the chosen one and behind it the rejected one.
    """

    rows: Rows
    split: int

    @classmethod
    def encode(
        cls, preferences: Iterable[Preference], encode: Encode, max_length: int, share: float, report: Report
    ) -> PreferenceData:
        """In memory; see `write`. The last pairs, about `share` of them, are held back."""
        with tempfile.TemporaryDirectory() as folder:
            cls.write(Path(folder), preferences, encode, max_length, report)
            rows = Rows.open(Path(folder), mapped=False)
        pairs = len(rows) // 2
        return cls(rows, pairs - held_back(pairs, share))

    @staticmethod
    def write(
        folder: Path,
        preferences: Iterable[Preference],
        encode: Encode,
        max_length: int,
        report: Report,
        evaluation: Iterable[Preference] = (),
    ) -> int:
        """Into a folder, to be opened by `load`. Pairs are taken whole or left out, and then counted in `report`.

        evaluation: more of them, which follow. Returns how many pairs there are before these.
        Raises EngineError `data_no_conversation` when none is left, and what `encode` raises.
        """
        with RowWriter(folder, token_type(encode.vocabulary)) as rows:
            for side in _sides(preferences, encode, max_length, report):
                rows.add(side.ids, side.loss)
            own = len(rows) // 2
            for side in _sides(evaluation, encode, max_length, report):
                rows.add(side.ids, side.loss)
        report.notes += encode.notes()
        if not own:
            raise EngineError("data_no_conversation", rows=report.rows, hint=" ".join(report.sentences()[:1]))
        return own

    @property
    def ids(self) -> Tokens:
        return self.rows.ids

    def save(self, folder: Path) -> None:
        self.rows.save(folder)

    @classmethod
    def load(cls, folder: Path, split: int) -> PreferenceData:
        return cls(Rows.open(folder), split)

    def training(self) -> Pairs:
        """Raises EngineError `nothing_learnt` where no token carries loss: the run would change nothing."""
        if not self.rows.loss[: self.rows.starts[2 * self.split]].any():
            raise EngineError("nothing_learnt")
        return Pairs(self.rows, 0, self.split)

    def held_back(self) -> Pairs:
        return Pairs(self.rows, self.split, len(self.rows) // 2)


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
