"""Starts of the window, one after another, in a process that has imported it: see tests/start_server.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
DEAD = 2**22 + 7  # a process number beyond any of Linux
Said = dict[str, Any]


class Starts:
    """One process that has imported the program, and starts it for each request; see tests/start_server.py."""

    def __init__(self) -> None:
        command = [sys.executable, str(ROOT / "tests" / "start_server.py")]
        paths = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
        environment = {**os.environ, "PYTHONPATH": paths, "QT_QPA_PLATFORM": "offscreen"}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def __call__(self, home: Path | str, **request: Any) -> Said:
        request["environment"] = {"SEEDLING_HOME": str(home), **request.get("environment", {})}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        said: Said = json.loads(self._process.stdout.readline())
        assert_fair(said)
        return said

    def close(self) -> None:
        self._process.communicate()


def assert_fair(said: Said) -> None:
    """What a test does before the start must itself succeed: else it would say nothing of the start."""
    if said.get("setting_out"):
        raise RuntimeError(said["bug"])


def note_of_last_run(home: Path, phase: str = "settled", loading: tuple[str, ...] = (), deaths: int = 0) -> None:
    """What a run leaves that has no good end."""
    run = {"pid": DEAD, "phase": phase, "loading": loading, "deaths": deaths}
    (home / "window.run").write_text(json.dumps(run))
