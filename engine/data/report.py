"""What became of the rows of a dataset. Nothing is left out without being counted here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT = 1000  # places that are kept of each finding; all are counted
LONG = 32_768  # characters, about 8,000 tokens: more than most models were trained to take at once
_MOST_LABELS = 10_000


@dataclass(frozen=True)
class Place:
    """Where a row begins. line: from 1; for parquet the number of the row."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}"


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
    notes: list[str] = field(default_factory=list)

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

    def sentences(self) -> list[str]:
        """What a person should know, in whole sentences; the count of the rows alone is not among it."""
        said = [f"{place}, was left out: {reason}." for place, reason in self.rejections[:3]]
        if self.rejected > 3:
            said.append(f"{_rows(self.rejected - 3, 'more')} of {self.rows:,} {_were(self.rejected - 3)} left out.")
        if self.empty_answers:
            said.append(f"Of {_rows(self.empty_answers)} left out, the answer is empty.")
        if self.left_out:
            said.append(f"{_rows(self.left_out)} {_were(self.left_out)} left out, as the recipe says.")
        if self.duplicates:
            first = f", first {self.repeated[0]}" if self.repeated else ""
            said.append(f"{_rows(self.duplicates)} {_verb(self.duplicates, 'repeat')} an earlier one exactly{first}.")
        if self.long_rows:
            said.append(f"{_rows(self.long_rows)} {_were(self.long_rows, 'is')} longer than {LONG:,} characters.")
        if self.also_in_evaluation:
            first = f", first {self.leaked[0]}" if self.leaked else ""
            also = f"also {_verb(self.also_in_evaluation, 'stand')} in the evaluation data"
            said.append(f"{_rows(self.also_in_evaluation)} {also}{first}.")
        said += [f"The labels {_quoted(labels)} look alike." for labels in self.look_alikes()[:3]]
        once = [label for label, count in self.labels.items() if count == 1]
        if once:
            said.append(f"{_labels(len(once))} only once: {_quoted(once[:5])}{' …' if len(once) > 5 else ''}.")
        return said + self._of_tokens() + self.notes

    def _of_tokens(self) -> list[str]:
        said = []
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
        return said


def _rows(count: int, more: str = "") -> str:
    return f"{count:,} {more} row{'' if count == 1 else 's'}".replace("  ", " ")


def _were(count: int, one: str = "was") -> str:
    return one if count == 1 else {"was": "were", "is": "are"}[one]


def _verb(count: int, plural: str) -> str:
    return f"{plural}s" if count == 1 else plural


def _labels(count: int) -> str:
    return "A label occurs" if count == 1 else f"{count:,} labels occur"


def _quoted(labels: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f'"{label}"' for label in labels)
