"""Contenders in turn, and what is made of their figures."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from engine.benchmarks import quiet, turns
from engine.benchmarks.quiet import Others
from engine.benchmarks.replies import Reply
from engine.benchmarks.turns import CancelledError, Figures
from engine.events import Event, Finished, Log, Measured, Progress


def contender(said: list[str], who: str, values: list[float]) -> Callable[[], Mapping[str, float]]:
    given = iter(values)

    def turn() -> Mapping[str, float]:
        said.append(who)
        return {"speed": next(given)}

    return turn


def run(generator: Generator[Event, None, Figures]) -> tuple[list[Event], Figures]:
    events = []
    while True:
        try:
            events.append(next(generator))
        except StopIteration as ended:
            return events, ended.value


def test_they_take_turns_and_the_first_rounds_are_not_counted() -> None:
    said: list[str] = []
    contenders = {"a": contender(said, "a", [900, 1, 2]), "b": contender(said, "b", [900, 3, 4])}
    events, figures = run(turns.in_turn(contenders, 2, threading.Event()))
    assert said == ["a", "b", "a", "b", "a", "b"]
    assert figures == {"a": {"speed": [1, 2]}, "b": {"speed": [3, 4]}}
    assert events == [Progress(done, 3, "rounds") for done in (1, 2, 3)]


def test_more_rounds_may_warm_up() -> None:
    _, figures = run(turns.in_turn({"a": contender([], "a", [9, 8, 7, 1])}, 1, threading.Event(), warm_up=3))
    assert figures == {"a": {"speed": [1]}}


def test_it_stops_before_the_next_turn() -> None:
    cancelled, said = threading.Event(), list[str]()

    def stop() -> Mapping[str, float]:
        cancelled.set()
        return {}

    with pytest.raises(CancelledError):
        run(turns.in_turn({"a": stop, "b": contender(said, "b", [1])}, 1, cancelled))
    assert said == []


def test_a_row() -> None:
    found = turns.row("speed", "a", "tokens/s", [1, 2, 3, 4, 100], {"b": [1, 1, 1, 2, 1000]})
    assert found == Measured("speed", "a", "tokens/s", 3, 2 / 3, [1, 2, 3, 4, 100], {"b": 2})


def test_ratios_are_of_the_same_round() -> None:
    """A machine that slows down by half meets both alike: medians of all would tell another story."""
    ours, theirs = [8, 4, 2], [10, 5, 1]
    assert turns.row("speed", "a", "", ours, {"b": theirs}).ratios == {"b": 0.8}


@pytest.mark.parametrize(("values", "wanted"), [([5], 0), ([5, 5, 5], 0), ([1, 2, 3], 0.5)])
def test_spread(values: list[float], wanted: float) -> None:
    assert turns.spread(values) == wanted


def test_rows_come_by_what_is_measured_and_only_where_it_was() -> None:
    figures = {"a": {"x": [2.0], "y": [3.0]}, "b": {"x": [4.0]}, "c": {"x": [8.0], "y": [6.0]}}
    rows = list(turns.measured(figures, {"y": "s", "x": "m"}))
    assert [(row.what, row.who, row.ratios) for row in rows] == [
        ("y", "a", {"c": 0.5}), ("y", "c", {}), ("x", "a", {"b": 0.5, "c": 0.25}), ("x", "b", {}), ("x", "c", {}),
    ]  # fmt: skip
    assert not any(row.ratios for row in turns.measured(figures, {"x": "m"}, beside={}))


def test_a_reply_is_counted() -> None:
    reply = Reply(prompt=200, written=51, first=0.5, rest=2.0, before=0.1)
    assert reply.speeds() == {"decode": 25.0, "prompt": 400.0, "first token": 0.6}


# --- was it quiet ----------------------------------------------------------------------------------------------------


class Clock:
    """What the system says of its processors and of us, in seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = self.busy = self.own = 0.0
        monkeypatch.setattr(quiet.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(quiet, "_busy_seconds", lambda: self.busy)
        monkeypatch.setattr(quiet, "_own_seconds", lambda: self.own)
        monkeypatch.setattr(quiet, "_ours", lambda: [0, 1])


def ended(others: Others, *rows: Measured) -> tuple[list[str], Any]:
    *warnings, end = turns.ending(rows, others, model="m")
    assert isinstance(end, Finished)
    assert end.stats["model"] == "m"
    return [warning.text for warning in warnings if isinstance(warning, Log)], end.stats


def test_what_others_use_is_what_we_did_not(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    others = Others()
    clock.now, clock.busy, clock.own = 10.0, 18.0, 13.0
    assert others.used() == 0.5
    warnings, stats = ended(others)
    assert stats["quiet"] is False
    assert warnings[0].startswith("Other programs used 0.5 of 2 processors")


def test_a_quiet_machine_needs_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    others = Others()
    clock.now, clock.busy, clock.own = 10.0, 15.0, 14.0
    assert ended(others, turns.row("x", "a", "", [1, 1.05, 1.1], {})) == (
        [], {"model": "m", "quiet": True, "others_used": 0.1, "processors": 2}
    )  # fmt: skip


def test_figures_that_differ_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    others = Others() if Clock(monkeypatch) else None
    assert others is not None
    warnings, stats = ended(others, turns.row("decode", "a", "", [1, 2, 3], {}), turns.row("prompt", "a", "", [1], {}))
    assert stats["quiet"] is False
    assert warnings == ["From round to round, these differed much: decode of a (50%)."]


def test_guests_are_not_counted_twice_and_waiting_is_not_work(monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    times = {"user": 1, "nice": 2, "system": 4, "idle": 100, "iowait": 200, "steal": 8, "guest": 16, "guest_nice": 32}
    processor = SimpleNamespace(_asdict=lambda: times)
    monkeypatch.setattr(psutil, "cpu_times", lambda percpu: [processor] * 3)
    monkeypatch.setattr(quiet, "_ours", lambda: [0, 2])
    assert quiet._busy_seconds() == 30


def test_our_own_work_is_ours() -> None:
    before = quiet._own_seconds()
    while quiet._own_seconds() < before + 0.02:
        sum(range(10_000))
    assert quiet._own_seconds() >= before + 0.02
