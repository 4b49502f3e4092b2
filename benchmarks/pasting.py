"""How long the window keeps a person waiting when a megabyte is pasted and sent: gaps between beats of a 10 ms timer.

    python benchmarks/pasting.py [BYTES] [--json]

The real window with the real worker and the starter, which says that the message is too long. Beside it beats another
process that does nothing else: what it misses is the machine's doing. Promise: no gap over 200 ms beyond those.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QMimeData, QTimer
from PySide6.QtWidgets import QApplication

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from pastes import PASTED, paste

from app.application import Seedling
from engine import paths
from engine.chat.store import Store
from engine.settings import Settings

IDLE = """
import sys, time
before, worst = time.perf_counter(), 0.0
print("beating", flush=True)
while not sys.stdin.closed:
    time.sleep(0.01)
    now = time.perf_counter()
    worst, before = max(worst, now - before), now
    import select
    if select.select([sys.stdin], [], [], 0)[0]:
        print(worst, flush=True)
        break
"""


class Idle:
    """The longest gap of a process that only waits, while a piece of work is done here."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", IDLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def longest_ms(self) -> float:
        said, _ = self._process.communicate("end\n")
        return 1000 * float(said)


class Person:
    """Pastes and sends, and counts the beats of the window meanwhile."""

    def __init__(self, application: QApplication) -> None:
        settings = Settings()
        settings.set("stores_offered", True)  # nothing is looked for unasked
        self.seedling = Seedling(application, Store(paths.database()), settings)
        self.seedling.start()
        self._application = application
        self._ended = False
        self.seedling.replies.ended.connect(self._end)

    def _end(self, _: object) -> None:
        self._ended = True

    def wait(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._application.processEvents()
            time.sleep(0.001)

    def send(self, text: str) -> dict[str, float]:
        """Milliseconds: `p99` and `longest` of the gaps, and the `idle` process's longest."""
        composer, idle, beats = self.seedling.page.composer, Idle(), list[float]()
        timer = QTimer(interval=10)
        timer.timeout.connect(lambda: beats.append(time.perf_counter()))
        timer.start()
        for _ in range(10):
            self._application.processEvents()
            time.sleep(0.01)
        data = QMimeData()
        data.setText(text)
        composer.field.insertFromMimeData(data)
        self._ended = False
        self.seedling.chat.send()
        self.wait(lambda: self._ended)
        until = time.perf_counter() + 1.5  # what is shown of it is laid out and painted
        self.wait(lambda: time.perf_counter() > until)
        timer.stop()
        gaps = sorted(1000 * (after - before) for before, after in pairwise(beats))
        return {"p99": gaps[99 * len(gaps) // 100], "longest": gaps[-1], "idle": idle.longest_ms()}

    def new_chat(self) -> None:
        self.seedling.chat.new_chat()


def main(size: int, as_json: bool) -> None:
    person = Person(QApplication([]))
    person.send("Hello")  # the model is loaded
    for kind in PASTED:
        person.new_chat()
        figures = person.send(paste(kind, size))
        if as_json:
            print(json.dumps({"paste": kind, "bytes": size, **figures}))
        else:
            said = ", ".join(f"{name} {value:.0f} ms" for name, value in figures.items())
            print(f"{kind:20} {said}", flush=True)
    person.seedling.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Paste a megabyte of every kind into the window and send it.")
    parser.add_argument("bytes", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        os.environ["SEEDLING_HOME"] = home
        main(arguments.bytes, arguments.json)
