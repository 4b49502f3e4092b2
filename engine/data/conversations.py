"""Conversations for finetuning: rows to messages, messages to tokens of which only the replies carry loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.chat.messages import Message
from engine.data.files import Source, json_rows
from engine.data.items import NO_LOSS, Batch, Tokens, token_type
from engine.errors import EngineError
from engine.gpt.tokenizer import Tokenizer

SUFFIXES = (".jsonl", ".json")


@dataclass
class Report:
    """What became of the rows of a file. Nothing is left out without being counted here."""

    rows: int = 0
    rejected: list[tuple[str, int, str]] = field(default_factory=list)  # (file, line, why)
    shortened: int = 0  # conversations whose last turns did not fit
    too_long: int = 0  # conversations of which not even the first reply fitted

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
        return said


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


@dataclass(frozen=True)
class Turn:
    """One message in tokens, and which of them carry loss; both (tokens,)."""

    ids: tuple[int, ...]
    loss: tuple[bool, ...]


def render(message: Message, tokenizer: Tokenizer) -> Turn:
    """A message in ChatML. Of a reply, the content and the mark that ends it carry loss; of others nothing does.

    What the content spells is never a special token. The reply is tokenized apart from its header, as it is when
    the model writes it; other messages in one piece with theirs, as the prompt of a chat is.
    """
    newline = tokenizer.encode("\n")
    if message.role == "assistant":
        header, content = tokenizer.encode("assistant\n"), tokenizer.encode(message.content)
    else:
        header, content = tokenizer.encode(f"{message.role}\n{message.content}"), []
    ids = (tokenizer.turn_start_id, *header, *content, tokenizer.turn_end_id, *newline)
    replied = len(content) + 1 if message.role == "assistant" else 0
    before = len(ids) - len(newline) - replied
    return Turn(ids, (False,) * before + (True,) * replied + (False,) * len(newline))


def fit(turns: Sequence[Turn], replies: Sequence[bool], max_length: int) -> int:
    """How many turns to keep: whole ones, ending with a reply, of at most max_length tokens to read. May be 0."""
    kept = total = 0
    for number, turn in enumerate(turns, 1):
        total += len(turn.ids)
        if total > max_length + 1:  # the last token is only predicted, never read
            break
        if replies[number - 1]:
            kept = number
    return kept


@dataclass(frozen=True)
class ConversationData:
    """Conversations of a run, one after another; those before number `split` are trained on, the others held back.

    ids, loss: (tokens,). starts: (conversations + 1,), where each begins and the last one ends.
    """

    ids: Tokens
    loss: NDArray[np.bool_]
    starts: NDArray[np.int64]
    split: int

    @classmethod
    def encode(
        cls, found: Sequence[list[Message]], tokenizer: Tokenizer, max_length: int, share: float, report: Report
    ) -> ConversationData:
        """Raises EngineError `data_no_conversation` when none is left."""
        ids: list[Tokens] = []
        loss: list[NDArray[np.bool_]] = []
        for messages in found:
            turns = [render(message, tokenizer) for message in messages]
            kept = fit(turns, [message.role == "assistant" for message in messages], max_length)
            report.too_long += kept == 0
            report.shortened += 0 < kept < len(turns) and any(m.role == "assistant" for m in messages[kept:])
            if kept:
                ids.append(np.array([id for turn in turns[:kept] for id in turn.ids], token_type(tokenizer.vocabulary)))
                loss.append(np.array([carries for turn in turns[:kept] for carries in turn.loss]))
        if not ids:
            raise EngineError("data_no_conversation", rows=report.rows, hint=" ".join(report.sentences()[:1]))
        held = max(1, round(len(ids) * share)) if share and len(ids) > 1 else 0
        starts = np.cumsum([0, *(len(part) for part in ids)])
        return cls(np.concatenate(ids), np.concatenate(loss), starts, len(ids) - held)

    def save(self, folder: Path) -> None:
        for name, array in (("ids", self.ids), ("loss", self.loss), ("starts", self.starts)):
            np.save(folder / f"{name}.npy", array, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, split: int) -> ConversationData:
        ids, loss, starts = (
            np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ("ids", "loss", "starts")
        )
        return cls(ids, loss, starts, split)

    def training(self) -> Padded:
        return Padded(self, 0, self.split)

    def held_back(self) -> Padded:
        return Padded(self, self.split, len(self.starts) - 1)


class Padded:
    """Conversations first … end in batches, padded on the right, where causal attention never looks from the left."""

    def __init__(self, data: ConversationData, first: int, end: int) -> None:
        self.data, self.first = data, first
        self.lengths = np.diff(data.starts[first : end + 1])

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, items: Sequence[int] | NDArray[np.int64]) -> Batch:
        """ids and labels, both (len(items), longest - 1); labels are NO_LOSS wherever nothing is to be learnt."""
        longest = int(self.lengths[items].max())
        ids = np.zeros((len(items), longest - 1), np.int64)
        labels = np.full_like(ids, NO_LOSS)
        for row, item in enumerate(items):
            start, end = self.data.starts[self.first + item], self.data.starts[self.first + item + 1]
            span, loss = self.data.ids[start:end].astype(np.int64), self.data.loss[start:end]
            ids[row, : len(span) - 1] = span[:-1]
            labels[row, : len(span) - 1] = np.where(loss[1:], span[1:], NO_LOSS)
        return ids, labels
