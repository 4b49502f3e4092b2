"""Raw text for pretraining: files to documents, documents to one array of tokens, tokens to sliding windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine import arrays
from engine.data.dataset import open_dataset
from engine.data.examples import Document
from engine.data.items import NO_LOSS, Batch, Tokens, token_type
from engine.data.report import Report
from engine.errors import EngineError
from engine.gpt.tokenizer import Tokenizer


def documents(path: Path) -> list[str]:
    """The documents of a file of text. Raises EngineError as `open_dataset` and `Dataset.examples` do."""
    found = open_dataset(path, kind="text").examples(Report())
    return [example.text for _, example in found if isinstance(example, Document)]


def encode(text: str, tokenizer: Tokenizer) -> Tokens:
    """The tokens of a document with those that begin and end it, where the tokenizer has such.

    (tokens,), in the smallest type that holds them.
    """
    ids = [*tokenizer.before_text, *tokenizer.encode(text), *_end(tokenizer)]
    return np.array(ids, token_type(tokenizer.vocabulary))


def opening(tokenizer: Tokenizer) -> list[int]:
    """What a model of running text begins from: the token before a text, else the one that ended the text before."""
    return tokenizer.before_text or _end(tokenizer)


def _end(tokenizer: Tokenizer) -> list[int]:
    """The token behind a text, where the tokenizer has one."""
    return [tokenizer.end_id] if tokenizer.end_id >= 0 else []


class Windows:
    """Sliding windows over tokens: ids and, shifted by one, the tokens to predict.

    Window i begins at token i * stride. With `padded`, a last window takes what is left over, so that every token
    but the first is predicted; its labels beyond the end are NO_LOSS.
    """

    lengths: NDArray[np.int64] | None = None  # all are equally long

    def __init__(self, ids: Tokens, max_length: int, stride: int, padded: bool = False) -> None:
        self.ids, self.max_length, self.padded = ids, max_length, padded
        self.starts = np.arange(0, max(0, len(ids) - (1 if padded else max_length)), stride)

    def __len__(self) -> int:
        return len(self.starts)

    def batch(self, items: Sequence[int] | NDArray[np.int64]) -> Batch:
        """ids and labels of these windows, both (len(items), max_length)."""
        spans = [self.ids[start : start + self.max_length + 1].astype(np.int64) for start in self.starts[items]]
        ids = np.zeros((len(spans), self.max_length), np.int64)
        labels = np.full_like(ids, NO_LOSS)
        for row, span in enumerate(spans):
            ids[row, : len(span) - 1], labels[row, : len(span) - 1] = span[:-1], span[1:]
        return ids, labels


@dataclass(frozen=True)
class TextData:
    """The tokens of a run and the windows over them; those before `split` are trained on, the others held back."""

    ids: Tokens
    split: int
    max_length: int
    stride: int

    @classmethod
    def join(
        cls,
        parts: Sequence[Tokens],
        share: float,
        max_length: int,
        stride: int,
        opening: Sequence[int],
        evaluation: Sequence[Tokens] = (),
    ) -> TextData:
        """Encoded documents one after another, of which a contiguous tail of about `share` is held back.

        opening: what a model begins from; it is put before the first document where that does not begin with it.
        evaluation: more documents, held back behind that; the token before the first of them is there once more. The
        cut lies between documents where one ends near enough (the tail is from half to twice as long as asked), else
        within a document. No training window reaches across it.
        """
        lead = np.array([] if parts[0][: len(opening)].tolist() == list(opening) else opening, parts[0].dtype)
        ids = np.concatenate([lead, *parts])
        held = round(len(ids) * share)
        ends = len(lead) + np.cumsum([len(part) for part in parts])
        tails = len(ids) - ends
        near = ends[(tails >= held / 2) & (tails <= held * 2) & (tails > 0)]
        if len(near) and held:
            held = len(ids) - int(near[np.argmin(np.abs(len(ids) - near - held))])
        split = len(ids) - held
        if evaluation:
            ids = np.concatenate([ids, ids[:1], *evaluation])
        return cls(ids, split, max_length, stride)

    def save(self, folder: Path) -> None:
        arrays.save(folder / "ids.npy", self.ids)

    @classmethod
    def load(cls, folder: Path, split: int, max_length: int, stride: int) -> TextData:
        """Mapped, not read: a corpus may be larger than memory."""
        return cls(np.load(folder / "ids.npy", mmap_mode="r", allow_pickle=False), split, max_length, stride)

    def training(self) -> Windows:
        """Raises EngineError `data_too_short` where there is not one window."""
        windows = Windows(self.ids[: self.split], self.max_length, self.stride)
        if not len(windows):
            needed = self.max_length + 1
            raise EngineError("data_too_short", tokens=self.split, needed=needed, max_length=self.max_length)
        return windows

    def held_back(self) -> Windows:
        """Windows that score every held-back token but the first once; may be none."""
        return Windows(self.ids[self.split :], self.max_length, self.max_length, padded=True)
