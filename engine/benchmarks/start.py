"""How long a start takes until a person can type: our window, an empty window of PySide6, and the command line.

Each is a process of its own that says one line when it can be used; the line's arrival is what is timed, so that a
program's own clock and its ending have no part.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from engine import desktop_libraries
from engine.benchmarks import turns
from engine.benchmarks.quiet import Others
from engine.benchmarks.turns import CancelledError, Contender
from engine.errors import EngineError
from engine.events import Event, Finished, Log, Started
from engine.jobs import JobContext
from engine.processes import helper_command, without_secrets
from engine.settings import Settings

WINDOW, EMPTY, COMMAND, PYTHON = "Seedling's window", "empty window", "command line", "Python alone"
UNITS = {"usable": "s"}
_LOOK = 0.05  # seconds between two looks at `cancelled`


def measure(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: offscreen, true for no display though there is one; rounds.

    Yields Started, Progress, a Measured for each that was started, Log warnings, and Finished.
    """
    hidden = bool(params.get("offscreen")) or not desktop_libraries.has_display()
    with tempfile.TemporaryDirectory(prefix="seedling-bench-") as place:
        home = Path(place)
        settings = Settings(home / "settings.json")
        settings.set("stores_offered", True)  # nothing is looked for unasked
        settings.save()
        environment = without_secrets(os.environ) | {"SEEDLING_HOME": place}
        environment["PYTHONPYCACHEPREFIX"] = f"{place}/bytecode"  # written while they warm up, as where it is installed
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if hidden:
            environment["QT_QPA_PLATFORM"] = "offscreen"
        problem = _problem(hidden)
        commands = {who: command for who, command in _commands().items() if not problem or who in (COMMAND, PYTHON)}
        contenders: dict[str, Contender] = {
            who: partial(started, who, command, environment, context.cancelled) for who, command in commands.items()
        }
        yield Started("bench start", {"offscreen": hidden, "who": list(contenders)})
        if problem:
            yield Log("warning", problem)
        others = Others()
        try:
            figures = yield from turns.in_turn(contenders, params.get("rounds") or turns.ROUNDS, context.cancelled)
        except CancelledError:
            yield Finished("cancelled")
            return
        beside = {WINDOW: [EMPTY], COMMAND: [PYTHON] if PYTHON in commands else []}
        rows = list(turns.measured(figures, UNITS, beside=beside))
        yield from rows
        yield from turns.ending(rows, others, offscreen=hidden)


def _problem(hidden: bool) -> str | None:
    """Why no window can be opened here."""
    if importlib.util.find_spec("PySide6") is None or importlib.util.find_spec("app") is None:
        return EngineError("no_window").args[0]  # type: ignore[no-any-return]
    return None if hidden else desktop_libraries.problem()


def _commands() -> dict[str, list[str]]:
    """Who -> how it is started. The frozen program is no Python to be started alone."""
    usable = helper_command("usable")
    found = {WINDOW: [*usable, "window"], EMPTY: [*usable, "empty"]}
    if getattr(sys, "frozen", False):
        return found | {COMMAND: [sys.executable, "--version"]}
    return found | {
        COMMAND: [sys.executable, "-P", "-m", "engine", "--version"],
        PYTHON: [sys.executable, "-P", "-c", "print()"],
    }


def started(
    who: str, command: Sequence[str], environment: Mapping[str, str], cancelled: threading.Event
) -> Mapping[str, float]:
    """Seconds until a program says its first line; then its end is waited for.

    Raises CancelledError, after the program was ended, and EngineError `window_not_usable` where it says none.
    """
    with tempfile.TemporaryFile() as errors, ThreadPoolExecutor(1) as thread:
        began = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=dict(environment)) as process:
            ending = thread.submit(_first_line, process)
            while not ending.done() and not cancelled.wait(_LOOK):
                pass
            if not ending.done():
                process.kill()
            said, at = ending.result()
        if cancelled.is_set():
            raise CancelledError
        if not said:
            errors.seek(0)
            *_, reason = ["it said nothing", *errors.read().decode("utf-8", "replace").split("\n")[-2:-1]]
            raise EngineError("window_not_usable", name=who, reason=reason)
        return {"usable": at - began}


def _first_line(process: subprocess.Popen[bytes]) -> tuple[bytes, float]:
    """The line, empty where the program ended without one, and when it came; but only once the program has ended."""
    assert process.stdout is not None
    line, at = process.stdout.readline(), time.perf_counter()
    process.stdout.read()
    process.wait()
    return line, at
