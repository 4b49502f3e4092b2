"""Conversations for finetuning: a run's tokens, of which only what is learnt carries loss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from engine.data.encode import Encode, Encoded
from engine.data.items import Batch
from engine.data.report import Report
from engine.data.row_data import RowData
from engine.data.token_rows import Rows
from engine.data.written import Talk

_TOGETHER = 256  # conversations encoded at a time


def fitted(examples: Iterable[Talk], encode: Encode, max_length: int, report: Report) -> Iterator[Encoded]:
    """The conversations in at most max_length tokens to read, whole turns of them, ending with one that is learnt.

    What is left out is counted in `report`.
    """
    for talk, encoded in encoded_together(examples, encode):
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


class ConversationData(RowData):
    """Conversations of a run, of which `fitted` takes `Talk`s."""

    fitted = staticmethod(fitted)

    def items(self, first: int, end: int) -> Padded:
        return Padded(self.rows, first, end)


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
