"""`bench start`: a program's first line is what is timed, and it is ended when it should be."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from engine.benchmarks import start
from engine.benchmarks.turns import CancelledError
from engine.errors import EngineError
from engine.events import Finished, Log, Measured
from engine.jobs import JobContext, run
from engine.settings import Settings


def started(code: str, cancelled: threading.Event | None = None) -> float:
    return start.started("it", [sys.executable, "-c", code], os.environ, cancelled or threading.Event())["usable"]


def test_the_first_line_is_timed_and_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 13.0])
    monkeypatch.setattr(start.time, "perf_counter", lambda: next(clock))
    assert started("import time; print('now', flush=True); time.sleep(0.2); print('later')") == 3.0


def test_a_program_that_ends_without_a_line_says_why() -> None:
    with pytest.raises(EngineError) as raised:
        started("import sys; sys.exit('no display\\nat all')")
    assert str(raised.value) == "it ended before it could be used: at all."
    with pytest.raises(EngineError, match="it said nothing"):
        started("")


def test_ctrl_c_ends_the_program(tmp_path: Path) -> None:
    cancelled, file = threading.Event(), tmp_path / "pid"
    waits = f"import os, time; open({str(file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"

    def cancel() -> None:
        while not file.exists() or not file.read_text():
            threading.Event().wait(0.01)
        cancelled.set()

    threading.Thread(target=cancel).start()
    with pytest.raises(CancelledError):
        started(waits, cancelled)
    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text()), 0)


def test_windows_and_command_line(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start.tempfile, "tempdir", str(tmp_path))
    events = list(run(start.measure, {"offscreen": True, "rounds": 1}, JobContext()))
    rows = [event for event in events if isinstance(event, Measured)]
    assert [(row.who, list(row.ratios)) for row in rows] == [
        (start.WINDOW, [start.EMPTY]), (start.EMPTY, []), (start.COMMAND, [start.PYTHON]), (start.PYTHON, []),
    ]  # fmt: skip
    assert rows[0].ratios[start.EMPTY] == rows[0].median / rows[1].median
    assert isinstance(events[-1], Finished)
    assert not list(home.iterdir())  # the person's own home is not touched
    assert not list(tmp_path.iterdir())


def test_windows_are_started_as_those_of_people_who_have_looked_around(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []

    def first(
        who: str, command: list[str], environment: dict[str, str], cancelled: threading.Event
    ) -> dict[str, float]:
        found.append(Settings(Path(environment["SEEDLING_HOME"]) / "settings.json").value("stores_offered"))
        return {"usable": 1.0}

    monkeypatch.setattr(start, "started", first)
    list(run(start.measure, {"offscreen": True, "rounds": 1}, JobContext()))
    assert found
    assert all(found)


def test_without_a_window_only_the_command_line_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "_problem", lambda hidden: "The window needs libraries.")
    events = list(run(start.measure, {"rounds": 1}, JobContext()))
    assert [event.who for event in events if isinstance(event, Measured)] == [start.COMMAND, start.PYTHON]
    assert Log("warning", "The window needs libraries.") in events
