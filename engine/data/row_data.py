"""What conversations and preferences have in common as a run's data: rows of tokens, the last of them held back."""

from __future__ import annotations

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from engine.data.encode import Encode, Encoded
from engine.data.items import Items, Tokens, token_type
from engine.data.report import Report
from engine.data.token_rows import Rows, RowWriter
from engine.errors import EngineError


def held_back(items: int, share: float) -> int:
    """How many of the last items are held back for evaluation: about `share`, at least one where any are asked for."""
    return max(1, round(items * share)) if share and items > 1 else 0


@dataclass(frozen=True)
class RowData(ABC):
    """Items of a run; those before number `split` are trained on, the others held back.

    rows: `each` of every item, one behind the other.
    """

    rows: Rows
    split: int
    each: ClassVar[int] = 1

    @classmethod
    def encode(cls, examples: Iterable[Any], encode: Encode, max_length: int, share: float, report: Report) -> Self:
        """In memory; see `write`. The last items, about `share` of them, are held back."""
        with tempfile.TemporaryDirectory() as folder:
            cls.write(Path(folder), examples, encode, max_length, report)
            rows = Rows.open(Path(folder), mapped=False)
        items = len(rows) // cls.each
        return cls(rows, items - held_back(items, share))

    @classmethod
    def write(
        cls,
        folder: Path,
        examples: Iterable[Any],
        encode: Encode,
        max_length: int,
        report: Report,
        evaluation: Iterable[Any] = (),
    ) -> int:
        """Into a folder, to be opened by `load`; examples are taken as they come, and none is kept.

        evaluation: more of them, which follow. Returns how many items there are before these.
        Raises EngineError `data_no_conversation` when none is left, and what `encode` raises.
        """
        with RowWriter(folder, token_type(encode.vocabulary)) as rows:
            for encoded in cls.fitted(examples, encode, max_length, report):
                rows.add(encoded.ids, encoded.loss)
            own = len(rows)
            for encoded in cls.fitted(evaluation, encode, max_length, report):
                rows.add(encoded.ids, encoded.loss)
        report.notes += encode.notes()
        if not own:
            raise EngineError("data_no_conversation", rows=report.rows, hint=next(iter(report.sentences()), ""))
        return own // cls.each

    @staticmethod
    @abstractmethod
    def fitted(examples: Iterable[Any], encode: Encode, max_length: int, report: Report) -> Iterator[Encoded]:
        """The rows of those that can be learnt from in at most max_length tokens to read; the others are counted."""

    @property
    def ids(self) -> Tokens:
        return self.rows.ids

    def save(self, folder: Path) -> None:
        self.rows.save(folder)

    @classmethod
    def load(cls, folder: Path, split: int) -> Self:
        return cls(Rows.open(folder), split)

    def training(self) -> Items:
        """Raises EngineError `nothing_learnt` where no token carries loss: the run would change nothing."""
        if not self.rows.loss[: self.rows.starts[self.each * self.split]].any():
            raise EngineError("nothing_learnt")
        return self.items(0, self.split)

    def held_back(self) -> Items:
        return self.items(self.split, len(self.rows) // self.each)

    @abstractmethod
    def items(self, first: int, end: int) -> Items:
        """Those from number `first` up to `end`, in batches."""
