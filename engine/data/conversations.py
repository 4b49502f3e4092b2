"""Conversations for finetuning: rows to messages, and a run's tokens, of which only what is learnt carries loss."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.chat.messages import Message
from engine.data.encode import Encode, Encoded
from engine.data.files import Source, json_rows
from engine.data.items import Batch, Tokens, token_type
from engine.data.token_rows import Rows, RowWriter
from engine.data.written import Talk
from engine.errors import EngineError

SUFFIXES = (".jsonl", ".json")


@dataclass
class Report:
    """What became of the rows of a file. Nothing is left out without being counted here."""

    rows: int = 0
    rejected: list[tuple[str, int, str]] = field(default_factory=list)  # (file, line, why)
    shortened: int = 0  # conversations whose last turns did not fit
    too_long: int = 0  # conversations of which not even the first reply fitted
    unlearnt: int = 0  # rows in which nothing is to be learnt
    too_long_pairs: int = 0  # pairs of which one does not fit
    alike: int = 0  # pairs that are the same in tokens
    cut: int = 0  # texts whose ends did not fit
    unwritten: Counter[str] = field(default_factory=Counter)  # what cannot be turned into tokens, by reason
    notes: list[str] = field(default_factory=list)  # what else there is to know, in whole sentences

    def sentences(self) -> list[str]:
        """What a person should know, in whole sentences."""
        said = [f"{place}, line {line}, was left out: {why}." for place, line, why in self.rejected[:3]]
        if len(self.rejected) > 3:
            said.append(f"{len(self.rejected) - 3} more of {self.rows} rows were left out.")
        if self.shortened:
            said.append(f"{self.shortened} conversations lost their last turns, which did not fit into max_length.")
        if self.too_long:
            said.append(
                f"{self.too_long} conversations were left out: not even their first reply fits into max_length."
            )
        if self.unlearnt:
            said.append(f"{self.unlearnt} rows were left out: nothing in them is to be learnt.")
        if self.too_long_pairs:
            said.append(f"{self.too_long_pairs} pairs were left out: one of the two does not fit into max_length.")
        if self.alike:
            said.append(f"{self.alike} pairs were left out: both are the same.")
        if self.cut:
            said.append(f"{self.cut} texts lost their ends, which did not fit into max_length.")
        for reason, count in self.unwritten.most_common(3):
            said.append(f"{count} rows were left out: {reason}.")
        return said + self.notes


def conversations(source: Source, report: Report) -> list[list[Message]]:
    """The conversations of a file; rows that are none are counted in `report`. Raises EngineError for a broken file.

    Known rows: {"messages": [{"role", "content"}]}, {"instruction", "input", "output"} and {"turns": [text, …]}.
    """
    found = []
    for line, row in json_rows(source):
        report.rows += 1
        try:
            if isinstance(row, EngineError):
                raise ValueError(row.data["reason"])
            found.append(_messages(row))
        except ValueError as error:
            report.rejected.append((source.path.name, line, str(error)))
    return found


def _messages(row: Any) -> list[Message]:
    """Raises ValueError with the reason for a row that is no conversation."""
    if not isinstance(row, dict):
        raise ValueError("it is not an object")
    if "messages" in row:
        if not isinstance(row["messages"], list) or not all(isinstance(item, dict) for item in row["messages"]):
            raise ValueError("its `messages` are not a list of objects")
        messages = [Message.from_json(item) for item in row["messages"]]
    elif "instruction" in row:
        texts = [row["instruction"], row.get("input") or "", row.get("output")]
        if not all(isinstance(text, str) for text in texts):
            raise ValueError("its instruction, input or output is not text")
        question = "\n".join(text for text in texts[:2] if text)
        messages = [Message("user", question), Message("assistant", texts[2])]
    elif "turns" in row:
        if not isinstance(row["turns"], list) or not all(isinstance(text, str) for text in row["turns"]):
            raise ValueError("its `turns` are not a list of texts")
        messages = [Message(("user", "assistant")[n % 2], text) for n, text in enumerate(row["turns"])]
    else:
        raise ValueError("it has neither `messages` nor `instruction` nor `turns`")
    if not any(message.role == "assistant" and message.content.strip() for message in messages):
        raise ValueError("it has no reply of the assistant")
    return messages


# --- to tokens -------------------------------------------------------------------------------------------------------

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
    def write(folder: Path, talks: Iterable[Talk], encode: Encode, max_length: int, report: Report) -> None:
        """Into a folder, to be opened by `load`; talks are taken as they come, and none is kept.

        Raises EngineError `data_no_conversation` when none is left, and what `encode` raises.
        """
        with RowWriter(folder, token_type(encode.vocabulary)) as rows:
            for encoded in fitted(talks, encode, max_length, report):
                rows.add(encoded.ids, encoded.loss)
        report.notes += encode.notes()
        if not len(rows):
            raise EngineError("data_no_conversation", rows=report.rows, hint=" ".join(report.sentences()[:1]))

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
