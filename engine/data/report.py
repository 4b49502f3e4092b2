"""What became of the rows of a dataset. Nothing is left out without being counted here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.phrases import Phrase, joined, one_or_many, phrase

KEPT = 1000  # places that are kept of each finding; all are counted
LONG = 32_768  # characters, about 8,000 tokens: more than most models were trained to take at once
_MOST_LABELS = 10_000


@dataclass(frozen=True)
class Place:
    """Where a row begins. line: from 1; for parquet the number of the row."""

    file: str
    line: int

    def __str__(self) -> Phrase:
        return phrase("{file}, line {line}", file=self.file, line=self.line)


@dataclass
class Report:
    """read + rejected == rows, at any time. Duplicates, long rows and rows of the evaluation are among those read.

    left_out: rows among those read that are passed over because a recipe says so; they are no duplicates of any.
    rejections, repeated, leaked: the places of the first KEPT. labels: how often each occurs, of classes.
    sha256: of each file that was read to its end, as it lies on disk, by its path. size_bytes: of them all, unpacked.
    notes: what else there is to know, in whole sentences. From `shortened` on: counted where rows become tokens.
    """

    rows: int = 0
    read: int = 0
    rejected: int = 0
    rejections: list[tuple[Place, str]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    repeated: list[Place] = field(default_factory=list)
    empty_answers: int = 0
    left_out: int = 0
    long_rows: int = 0
    also_in_evaluation: int = 0
    leaked: list[Place] = field(default_factory=list)
    labels: Counter[str] = field(default_factory=Counter)
    sha256: dict[str, str] = field(default_factory=dict)
    size_bytes: int = 0
    notes: list[Phrase] = field(default_factory=list)

    shortened: int = 0  # conversations whose last turns did not fit
    too_long: int = 0  # conversations of which not even the first reply fitted
    unlearnt: int = 0  # rows in which nothing is to be learnt
    too_long_pairs: int = 0  # pairs of which one does not fit
    alike: int = 0  # pairs that are the same in tokens
    cut: int = 0  # texts whose ends did not fit
    unwritten: Counter[str] = field(default_factory=Counter)  # what cannot be turned into tokens, by reason

    def to_json(self) -> dict[str, Any]:
        places = {name: [asdict(place) for place in getattr(self, name)] for name in ("repeated", "leaked")}
        return {**vars(self), **places, "rejections": [(asdict(place), reason) for place, reason in self.rejections]}

    def take_over(self, data: Mapping[str, Any], sha256: Mapping[str, str]) -> None:
        """Say what `to_json` gave, of files that lie in other places by now."""
        counters = {name: Counter(data[name]) for name in ("reasons", "labels", "unwritten")}
        places = {name: [Place(**place) for place in data[name]] for name in ("repeated", "leaked")}
        rejections = [(Place(**place), reason) for place, reason in data["rejections"]]
        vars(self).update({**data, **counters, **places, "rejections": rejections, "sha256": dict(sha256)})

    def reject(self, place: Place, reason: str, empty: bool = False) -> None:
        """Count a row that cannot be read."""
        self.rows += 1
        self.rejected += 1
        self.empty_answers += empty
        if len(self.reasons) < KEPT or reason in self.reasons:
            self.reasons[reason] += 1
        if len(self.rejections) < KEPT:
            self.rejections.append((place, reason))

    def look_alikes(self) -> list[tuple[str, ...]]:
        """Labels that differ by case, blanks or the way a number is written."""
        alike: dict[str, list[str]] = {}
        for label in self.labels:
            key = " ".join(label.casefold().split())
            alike.setdefault(key.removesuffix(".0"), []).append(label)
        return [tuple(labels) for labels in alike.values() if len(labels) > 1]

    def count_labels(self, labels: list[str]) -> None:
        if len(self.labels) < _MOST_LABELS:
            self.labels.update(labels)

    def sentences(self) -> list[Phrase]:
        """What a person should know, in whole sentences; the count of the rows alone is not among it."""
        said = [
            phrase("{place}, was left out: {reason}.", place=str(place), reason=reason)
            for place, reason in self.rejections[:3]
        ]
        if self.rejected > 3:
            said.append(
                one_or_many(
                    self.rejected - 3,
                    "{count:,} more row of {all:,} was left out.",
                    "{count:,} more rows of {all:,} were left out.",
                    all=self.rows,
                )
            )
        if self.empty_answers:
            said.append(
                one_or_many(
                    self.empty_answers,
                    "Of {count:,} row left out, the answer is empty.",
                    "Of {count:,} rows left out, the answer is empty.",
                )
            )
        if self.left_out:
            said.append(
                one_or_many(
                    self.left_out,
                    "{count:,} row was left out, as the recipe says.",
                    "{count:,} rows were left out, as the recipe says.",
                )
            )
        if self.duplicates:
            said.append(
                one_or_many(
                    self.duplicates,
                    "{count:,} row repeats an earlier one exactly, first {place}.",
                    "{count:,} rows repeat an earlier one exactly, first {place}.",
                    place=str(self.repeated[0]),
                )
            )
        if self.long_rows:
            said.append(
                one_or_many(
                    self.long_rows,
                    "{count:,} row is longer than {limit:,} characters.",
                    "{count:,} rows are longer than {limit:,} characters.",
                    limit=LONG,
                )
            )
        if self.also_in_evaluation:
            said.append(
                one_or_many(
                    self.also_in_evaluation,
                    "{count:,} row also stands in the evaluation data, first {place}.",
                    "{count:,} rows also stand in the evaluation data, first {place}.",
                    place=str(self.leaked[0]),
                )
            )
        said += [phrase("The labels {labels} look alike.", labels=_quoted(alike)) for alike in self.look_alikes()[:3]]
        once = [label for label, count in self.labels.items() if count == 1]
        if once:
            said.append(
                one_or_many(
                    len(once),
                    "A label occurs only once: {labels}.",
                    "{count:,} labels occur only once: {labels}.",
                    labels=joined([_quoted(once[:5]), "…"]) if len(once) > 5 else _quoted(once),
                )
            )
        return said + self._of_tokens() + self.notes

    def _of_tokens(self) -> list[Phrase]:
        said = []
        if self.shortened:
            said.append(
                one_or_many(
                    self.shortened,
                    "{count:,} conversation lost its last turns, which did not fit into max_length.",
                    "{count:,} conversations lost their last turns, which did not fit into max_length.",
                )
            )
        if self.too_long:
            said.append(
                one_or_many(
                    self.too_long,
                    "{count:,} conversation was left out: not even its first reply fits into max_length.",
                    "{count:,} conversations were left out: not even their first reply fits into max_length.",
                )
            )
        if self.unlearnt:
            said.append(
                one_or_many(
                    self.unlearnt,
                    "{count:,} row was left out: nothing in it is to be learnt.",
                    "{count:,} rows were left out: nothing in them is to be learnt.",
                )
            )
        if self.too_long_pairs:
            said.append(
                one_or_many(
                    self.too_long_pairs,
                    "{count:,} pair was left out: one of the two does not fit into max_length.",
                    "{count:,} pairs were left out: one of the two does not fit into max_length.",
                )
            )
        if self.alike:
            said.append(
                one_or_many(
                    self.alike,
                    "{count:,} pair was left out: both are the same.",
                    "{count:,} pairs were left out: both are the same.",
                )
            )
        if self.cut:
            said.append(
                one_or_many(
                    self.cut,
                    "{count:,} text lost its end, which did not fit into max_length.",
                    "{count:,} texts lost their ends, which did not fit into max_length.",
                )
            )
        for reason, count in self.unwritten.most_common(3):
            said.append(
                one_or_many(
                    count,
                    "{count:,} row was left out: {reason}.",
                    "{count:,} rows were left out: {reason}.",
                    reason=reason,
                )
            )
        return said


def _quoted(labels: Sequence[str]) -> Phrase:
    return joined([phrase('"{label}"', label=label) for label in labels], ", ")
