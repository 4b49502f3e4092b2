"""What a model would learn of a dataset, to be looked at before: texts with what is learnt marked, and lengths."""

from __future__ import annotations

import random
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.data.encode import Encode, Encoded, talk
from engine.data.examples import Conversation, Document, Example, Labelled, MultipleChoice, Preference
from engine.data.labelled import text_ids
from engine.data.written import Talk
from engine.gpt.tokenizer import Tokenizer
from engine.phrases import phrase

SAMPLED = 2000  # rows whose tokens are counted unless all are asked for
_TOGETHER = 256
_BINS = 40
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

SHOWN = 20_000  # characters of a sequence that are shown

T = TypeVar("T")


@dataclass(frozen=True)
class Segment:
    """A stretch of text that is learnt, or is not."""

    text: str
    trained: bool


@dataclass(frozen=True)
class Sample:
    """A row as the model would get it.

    name: which of several sequences of a row it is, such as the chosen reply; the label of a text; else empty.
    tokens, trained: how many there are, and how many of them carry loss.
    refused: why it cannot be trained on, or empty. cut: characters that were left out of the end of `segments`.
    """

    name: str
    segments: tuple[Segment, ...]
    tokens: int
    trained: int
    refused: str = ""
    cut: int = 0


@dataclass(frozen=True)
class Lengths:
    """How long rows are, in tokens. A row of several sequences counts as its longest.

    rows: all there are. measured: those whose tokens were counted, drawn evenly from all; `exact` where these are all.
    refused: how many of the measured ones cannot be trained on. quantiles: shares 0, 0.5, 0.9, 0.99 and 1 of the rest.
    counts: how many rows of the rest are from one of the `edges` up to, but without, the next one; the last of the
    equally wide bins takes in all that are longer.
    """

    rows: int
    measured: int
    refused: int
    mean: float
    quantiles: tuple[int, int, int, int, int]
    total: int  # over all rows; estimated from the mean unless exact
    trained_share: float  # of the tokens, carries loss
    too_long: float | None  # share of rows that do not fit into max_length whole
    edges: tuple[int, ...]
    counts: tuple[int, ...]

    @property
    def exact(self) -> bool:
        return self.measured == self.rows


def samples(
    example: Example, tokenizer: Tokenizer, encode: Encode, train_on: str = "replies", most: int = SHOWN
) -> list[Sample]:
    """What the model would get of a row: one sequence, or of a preference two. most: characters of each, as text."""
    (row,) = _encoded([example], tokenizer, encode, train_on)
    return [_sample(name, found, tokenizer, most) for name, found in row]


def drawn(rows: Iterable[T], count: int | None, seed: int = 0) -> tuple[list[T], int]:
    """`count` rows drawn evenly from all, in their order, and how many there are; all of them where count is None.

    Algorithm R (Vitter 1985): one pass, and never more than `count` rows in memory.
    """
    if count is None:
        everything = list(rows)
        return everything, len(everything)
    chance, kept, total = random.Random(seed), [], 0
    for total, row in enumerate(rows, 1):
        if total <= count:
            kept.append((total, row))
        elif (place := chance.randrange(total)) < count:
            kept[place] = (total, row)
    return [row for _, row in sorted(kept, key=lambda pair: pair[0])], total


def lengths(
    examples: Iterable[Example],
    rows: int,
    tokenizer: Tokenizer,
    encode: Encode,
    train_on: str = "replies",
    max_length: int | None = None,
) -> Generator[int, None, Lengths]:
    """Of rows drawn by `drawn` from `rows`, or of all of them; examples are taken as they come, and none is kept.

    Yields how many were measured so far.
    """
    counted: list[tuple[int, int, int]] = []  # the longest sequence, tokens, and how many of them carry loss
    refused = 0
    remaining = iter(examples)
    while group := list(islice(remaining, _TOGETHER)):
        for row in _encoded(group, tokenizer, encode, train_on):
            found = [sequence for _, sequence in row if isinstance(sequence, Encoded) and any(sequence.loss)]
            if len(found) < len(row):
                refused += 1
                continue
            sizes = [len(sequence.ids) for sequence in found]
            counted.append((max(sizes), sum(sizes), sum(sum(sequence.loss) for sequence in found)))
        yield len(counted) + refused
    table: NDArray[np.int64] = np.array(counted or [(0, 0, 0)], np.int64)
    longest, tokens, trained = table.T
    measured = len(counted) + refused
    quantiles = tuple(int(value) for value in np.quantile(longest, (0, 0.5, 0.9, 0.99, 1), method="higher"))
    total = int(tokens.sum())
    edges, counts = histogram(longest[: len(counted)])
    return Lengths(
        rows=rows,
        measured=measured,
        refused=refused,
        mean=float(longest.mean()),
        quantiles=quantiles,  # type: ignore[arg-type]
        total=total if measured == rows else round(total / max(measured, 1) * rows),
        trained_share=float(trained.sum() / max(total, 1)),
        too_long=None if max_length is None else float((longest > max_length + 1).mean()),
        edges=edges,
        counts=counts,
    )


def histogram(numbers: NDArray[np.int64]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Edges and counts of at most `_BINS` bins of whole numbers, equally wide up to where 99 of 100 numbers lie.

    What is longer is counted in the last one: a single long row would leave all others in the first.
    """
    if not len(numbers):
        return (0, 1), (0,)
    first = int(numbers.min())
    most = int(np.quantile(numbers, 0.99, method="higher"))
    width = max(1, -(-(most - first + 1) // _BINS))
    bins = -(-(most - first + 1) // width)
    counts = np.bincount(np.minimum((numbers - first) // width, bins - 1), minlength=bins)
    edges = (*(first + width * number for number in range(bins)), max(first + width * bins, int(numbers.max()) + 1))
    return edges, tuple(counts.tolist())


def marked(segments: Iterable[Segment], colour: bool) -> str:
    """A sample's text to be printed: what is learnt in inverse video, or between ⟦ and ⟧ without colour.

    What a terminal would obey is shown as U+FFFD: data may hold escape sequences, too.
    """
    before, behind = ("\x1b[7m", "\x1b[27m") if colour else ("⟦", "⟧")
    texts = ((_CONTROL.sub("\ufffd", segment.text), segment.trained) for segment in segments)
    if not colour:
        return "".join(f"{before}{text}{behind}" if trained else text for text, trained in texts)
    # Each line by itself: inverse video would run on to the edge of the window.
    return "".join(
        "\n".join(f"{before}{line}{behind}" if line else "" for line in text.split("\n")) if trained else text
        for text, trained in texts
    )


Sequences = list[tuple[str, Encoded | str]]


def _encoded(examples: Sequence[Example], tokenizer: Tokenizer, encode: Encode, train_on: str) -> Iterator[Sequences]:
    """Each row's sequences with their names; conversations of all rows are encoded together."""
    named = [_talks(example, train_on) for example in examples]
    found = iter(encode([conversation for talks in named for _, conversation in talks]))
    for example, talks in zip(examples, named, strict=True):
        yield [(name, next(found)) for name, _ in talks] or [_plain(example, tokenizer)]


def _talks(example: Example, train_on: str) -> list[tuple[str, Talk]]:
    match example:
        case Conversation(messages, learnt):
            return [("", talk(messages, train_on, learnt))]
        case Preference(prompt, chosen, rejected):
            sides = (("chosen", chosen), ("rejected", rejected))
            return [(name, talk(prompt + side, "replies", start=len(prompt))) for name, side in sides]
    return []


def _plain(example: Example, tokenizer: Tokenizer) -> tuple[str, Encoded | str]:
    """A row without messages: of a text everything is learnt, of a labelled one what its last token stands for."""
    match example:
        case Document(text):
            ids = [*tokenizer.encode(text), *([tokenizer.end_id] if tokenizer.end_id >= 0 else [])]
            return "", Encoded(ids, [True] * len(ids), ())
        case Labelled(text, label):
            ids = text_ids(text, tokenizer)
            return label, Encoded(ids, [False] * (len(ids) - 1) + [True], ()) if text else phrase("it has no text")
        case MultipleChoice():
            return "", phrase("it is a question of an evaluation, which is not trained on")
    raise TypeError(f"{type(example).__name__} is no example")


def _sample(name: str, found: Encoded | str, tokenizer: Tokenizer, most: int) -> Sample:
    if isinstance(found, str):
        return Sample(name, (), 0, 0, found)
    if not any(found.loss):
        return Sample(name, (), len(found.ids), 0, phrase("nothing in it is to be learnt"))
    runs = groupby(zip(found.ids, found.loss, strict=True), key=lambda pair: pair[1])
    whole = [Segment(tokenizer.decode(id for id, _ in run), trained) for trained, run in runs]
    cut = max(0, sum(len(segment.text) for segment in whole) - most)
    return Sample(name, tuple(_beginning(whole, most)), len(found.ids), sum(found.loss), cut=cut)


def _beginning(segments: Iterable[Segment], most: int) -> Iterator[Segment]:
    for segment in segments:
        if most > 0:
            yield Segment(segment.text[:most], segment.trained)
        most -= len(segment.text)
