"""Texts with their classes: in tokens, where the last token of a text carries the number of its class as its label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine import arrays
from engine.data.examples import Labelled
from engine.data.items import NO_LOSS, Batch, Tokens, token_type
from engine.data.report import Report
from engine.data.token_rows import Column
from engine.errors import EngineError
from engine.gpt.tokenizer import Tokenizer
from engine.phrases import phrase


def label_table(labels: Iterable[str]) -> tuple[str, ...]:
    """Every label once: whole numbers by their size, else in alphabetical order. The place of a label is its class.

    Raises EngineError `data_one_label` where there are not two.
    """
    counts = Counter(labels)
    if len(counts) < 2:
        raise EngineError("data_one_label", label=next(iter(counts), ""))
    numbers = all(label.lstrip("-").isdecimal() for label in counts)
    return tuple(sorted(counts, key=int) if numbers else sorted(counts))


def text_ids(text: str, tokenizer: Tokenizer) -> list[int]:
    """The tokens by which a text is told apart: in training, and when the model is asked."""
    return [*tokenizer.before_text, *tokenizer.encode(text)]


def stratified(classes: NDArray[np.int64], share: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which rows to train on and which to hold back: about `share` of each class, at least one where it has two.

    Both are shuffled; a class of one row is trained on.
    """
    chance = np.random.Generator(np.random.PCG64(seed))
    held: list[NDArray[np.int64]] = []
    for number in np.unique(classes):
        rows = chance.permutation(np.flatnonzero(classes == number))
        count = min(max(1, round(len(rows) * share)), len(rows) - 1) if share else 0
        held.append(rows[:count])
    back = np.concatenate([np.empty(0, np.int64), *held])
    training = np.setdiff1d(np.arange(len(classes)), back)
    return chance.permutation(training), chance.permutation(back)


@dataclass(frozen=True)
class LabelledData:
    """Texts of a run. The first `split` of `order` are trained on, the others held back.

    ids: (tokens,), all texts one after another. starts: (texts + 1,). classes, order: (texts,); `order` has every
    text once.
    """

    ids: Tokens
    starts: NDArray[np.int64]
    classes: NDArray[np.int64]
    order: NDArray[np.int64]
    split: int

    @staticmethod
    def write(
        folder: Path,
        examples: Iterable[Labelled],
        labels: Sequence[str],
        tokenizer: Tokenizer,
        max_length: int,
        share: float,
        report: Report,
        seed: int = 0,
        evaluation: Iterable[Labelled] = (),
    ) -> int:
        """Into a folder, to be opened by `load`; returns the split, in which classes have equal shares (`stratified`).

        evaluation: more of them, which are held back as well.
        labels: the table of `label_table`. Of a text that is too long the first max_length tokens are kept. What is cut
        or left out is counted.
        Raises EngineError `data_no_conversation` when no text is left.
        """
        numbers = {label: number for number, label in enumerate(labels)}
        folder.mkdir(parents=True, exist_ok=True)
        ids = Column(folder / "ids.npy", token_type(tokenizer.vocabulary))
        starts, classes = Column(folder / "starts.npy", np.int64), Column(folder / "classes.npy", np.int64)
        starts.append([0])

        def add(examples: Iterable[Labelled]) -> int:
            for example in examples:
                found = text_ids(example.text, tokenizer)
                if example.label not in numbers:
                    report.unwritten[phrase("their label is none of those known")] += 1
                elif not example.text:
                    report.unwritten[phrase("they have no text")] += 1
                else:
                    report.cut += len(found) > max_length
                    ids.append(found[:max_length])
                    starts.append([ids.length])
                    classes.append([numbers[example.label]])
            return classes.length

        own, whole = add(examples), add(evaluation)
        for column in (ids, starts, classes):
            column.close()
        if not own:
            raise EngineError("data_no_conversation", rows=report.rows, hint=next(iter(report.sentences()), ""))
        kinds = np.load(folder / "classes.npy", allow_pickle=False)[:own]
        training, back = stratified(kinds, share, seed)
        arrays.save(folder / "order.npy", np.concatenate([training, back, np.arange(own, whole)]))
        once = [
            label for label, count in zip(labels, np.bincount(kinds, minlength=len(labels)), strict=True) if count == 1
        ]
        if once and share:
            report.notes.append(
                phrase(
                    "Labels that occur once are only trained on, never evaluated: {labels}.",
                    labels=", ".join(once[:5]),
                )
            )
        return len(training)

    def save(self, folder: Path) -> None:
        for name in ("ids", "starts", "classes", "order"):
            arrays.save(folder / f"{name}.npy", getattr(self, name))

    @classmethod
    def load(cls, folder: Path, split: int) -> LabelledData:
        names = ("ids", "starts", "classes", "order")
        found = {name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in names}
        return cls(**found, split=split)

    def training(self) -> Texts:
        return Texts(self, self.order[: self.split])

    def held_back(self) -> Texts:
        return Texts(self, self.order[self.split :])


class Texts:
    """Some texts of a run, in batches. classes: (texts,), the right answers."""

    def __init__(self, data: LabelledData, texts: NDArray[np.int64]) -> None:
        self._data, self._texts = data, texts
        self.lengths: NDArray[np.int64] = np.diff(data.starts)[texts]
        self.classes: NDArray[np.int64] = data.classes[texts]

    def __len__(self) -> int:
        return len(self._texts)

    def batch(self, items: Sequence[int] | NDArray[np.int64]) -> Batch:
        """ids and labels, both (len(items), longest), padded on the right. The label of a text's last token is its
        class, all others are NO_LOSS.
        """
        ids = np.zeros((len(items), int(self.lengths[items].max())), np.int64)
        labels = np.full_like(ids, NO_LOSS)
        for row, text in enumerate(self._texts[items]):
            span = self._data.ids[self._data.starts[text] : self._data.starts[text + 1]]
            ids[row, : len(span)] = span
            labels[row, len(span) - 1] = self._data.classes[text]
        return ids, labels
