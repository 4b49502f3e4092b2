"""Conversations for finetuning: a run's tokens, of which only what is learnt carries loss."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.encode import Encode, Encoded
from engine.data.items import Batch, Tokens, token_type
from engine.data.report import Report
from engine.data.token_rows import Rows, RowWriter
from engine.data.written import Talk
from engine.errors import EngineError

_TOGETHER = 256  # conversations encoded at a time


def fitted(talks: Iterable[Talk], encode: Encode, max_length: int, report: Report) -> Iterator[Encoded]:
    """The conversations in at most max_length tokens to read, whole turns of them, ending with one that is learnt.

    What is left out is counted in `report`.
    """
    for talk, encoded in encoded_together(talks, encode):
        if isinstance(encoded, str):
            report.unwritten[encoded] += 1
        elif not any(encoded.loss[1:]):  # the first token is never predicted
            report.unlearnt += 1
        else:
            short = shortened(talk, encoded, encode, max_length)
            report.too_long += short is None
            report.shortened += short is not None and short is not encoded
            if short is not None:
                yield short


def encoded_together(talks: Iterable[Talk], encode: Encode) -> Iterator[tuple[Talk, Encoded | str]]:
    """Each conversation with what `encode` makes of it, without holding more than a few hundred at once."""
    remaining = iter(talks)
    while group := list(islice(remaining, _TOGETHER)):
        yield from zip(group, encode(group), strict=True)


def shortened(talk: Talk, encoded: Encoded, encode: Encode, max_length: int) -> Encoded | None:
    """As many turns as fit, as the template writes them when none follow; None where none do."""
    room = max_length + 1  # the last token is only predicted, never read
    while len(encoded.ids) > room:
        last = len(talk.messages) - 1
        kept = max((number for number, end in encoded.ends if end <= room and number < last), default=None)
        if kept is None:
            return None
        talk = replace(talk, messages=talk.messages[: kept + 1], learnt=talk.learnt[: kept + 1])
        (again,) = encode([talk])
        if isinstance(again, str):
            return None
        encoded = again
    return encoded


def held_back(rows: int, share: float) -> int:
    """How many of the last rows are held back for evaluation: about `share`, at least one where any are asked for."""
    return max(1, round(rows * share)) if share and rows > 1 else 0


@dataclass(frozen=True)
class ConversationData:
    """Conversations of a run; those before number `split` are trained on, the others held back."""

    rows: Rows
    split: int

    @classmethod
    def encode(
        cls, talks: Iterable[Talk], encode: Encode, max_length: int, share: float, report: Report
    ) -> ConversationData:
        """In memory; see `write`. The last conversations, about `share` of them, are held back."""
        with tempfile.TemporaryDirectory() as folder:
            cls.write(Path(folder), talks, encode, max_length, report)
            rows = Rows.open(Path(folder), mapped=False)
        return cls(rows, len(rows) - held_back(len(rows), share))

    @staticmethod
    def write(
        folder: Path,
        talks: Iterable[Talk],
        encode: Encode,
        max_length: int,
        report: Report,
        evaluation: Iterable[Talk] = (),
    ) -> int:
        """Into a folder, to be opened by `load`; talks are taken as they come, and none is kept.

        evaluation: more of them, which follow. Returns how many there are before these.
        Raises EngineError `data_no_conversation` when none is left, and what `encode` raises.
        """
        with RowWriter(folder, token_type(encode.vocabulary)) as rows:
            for encoded in fitted(talks, encode, max_length, report):
                rows.add(encoded.ids, encoded.loss)
            own = len(rows)
            for encoded in fitted(evaluation, encode, max_length, report):
                rows.add(encoded.ids, encoded.loss)
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
    def load(cls, folder: Path, split: int) -> ConversationData:
        return cls(Rows.open(folder), split)

    def training(self) -> Padded:
        """Raises EngineError `nothing_learnt` where no token carries loss: the run would change nothing."""
        if not self.rows.loss[: self.rows.starts[self.split]].any():
            raise EngineError("nothing_learnt")
        return Padded(self.rows, 0, self.split)

    def held_back(self) -> Padded:
        return Padded(self.rows, self.split, len(self.rows))


class Padded:
    """Rows first … end in batches."""

    def __init__(self, rows: Rows, first: int, end: int) -> None:
        self._rows, self._first = rows, first
        self.lengths = rows.lengths[first:end]

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, items: Sequence[int] | NDArray[np.int64]) -> Batch:
        """ids and labels of these conversations, as `Rows.padded` gives them."""
        return self._rows.padded(self._first + np.asarray(items))
