"""Contenders measured in turn, and what becomes of their figures.

One after the other, round after round, so that whatever drifts meets all alike; the first rounds warm up and are not
counted. Standard library only, like all that needs no model.
"""

from __future__ import annotations

import statistics
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any

from engine.benchmarks.quiet import Others
from engine.events import Event, Finished, Log, Measured, Progress

# What was measured -> its value, of one turn.
Contender = Callable[[], Mapping[str, float]]
# Who -> what was measured -> its values, one a round.
Figures = dict[str, dict[str, list[float]]]

ROUNDS = 7
WIDE = 0.1  # a spread above this share of the median is told


class CancelledError(Exception):
    """The person has stopped it; a contender may raise this too."""


def in_turn(
    contenders: Mapping[str, Contender], rounds: int, cancelled: threading.Event, warm_up: int = 1
) -> Generator[Event, None, Figures]:
    """Measure all of them so many rounds after those that warm up, with a Progress after each; their figures.

    Raises CancelledError as soon as a turn is over, or sooner where a contender does.
    """
    figures: Figures = {who: {} for who in contenders}
    for number in range(warm_up + rounds):
        for who, contender in contenders.items():
            if cancelled.is_set():
                raise CancelledError
            found = contender()
            if number >= warm_up:
                for what, value in found.items():
                    figures[who].setdefault(what, []).append(value)
        yield Progress(number + 1, warm_up + rounds, "rounds")
    return figures


def measured(
    figures: Figures, units: Mapping[str, str], beside: Mapping[str, Sequence[str]] | None = None
) -> Iterator[Measured]:
    """A row for every figure. units: what is measured -> unit, in the order of the rows.

    beside: who is compared -> with whom; by default the first with all others.
    """
    first, *others = figures
    compared = {first: others} if beside is None else beside
    for what, unit in units.items():
        for who, found in figures.items():
            if what in found:
                yield row(what, who, unit, found[what], {
                    other: figures[other][what] for other in compared.get(who, ()) if what in figures[other]
                })  # fmt: skip


def row(what: str, who: str, unit: str, values: Sequence[float], others: Mapping[str, Sequence[float]]) -> Measured:
    """One row: the median, and as ratios the medians of the rounds' own ratios, in which drift has no part."""
    ratios = {
        other: statistics.median(one / another for one, another in zip(values, found, strict=True))
        for other, found in others.items()
    }
    return Measured(what, who, unit, statistics.median(values), spread(values), list(values), ratios)


def spread(values: Sequence[float]) -> float:
    """How far the middle half of the values reaches, as a share of the median: 0 where all are alike."""
    if len(values) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / middle


def ending(rows: Sequence[Measured], others: Others, **about: Any) -> Iterator[Event]:
    """A warning where the figures are not to be relied on, and Finished: `about`, and how quiet the machine was."""
    used, processors = others.used(), others.processors
    wide = [f"{found.what} of {found.who} ({found.spread:.0%})" for found in rows if found.spread > WIDE]
    disturbed = used > others.allowed
    if disturbed:
        text = f"Other programs used {used:.1f} of {processors} processors meanwhile, so these figures say little."
        yield Log("warning", f"{text} Close what else runs and measure again.")
    if wide:
        yield Log("warning", f"From round to round, these differed much: {', '.join(wide)}.")
    quiet = {"quiet": not disturbed and not wide, "others_used": round(used, 2), "processors": processors}
    yield Finished("done", {**about, **quiet})
