"""How long the window keeps a person waiting while replies pour in: gaps between the beats of a 10 ms timer.

    python benchmarks/heartbeat.py [--seconds S] [--tokens N] [--speed X] [--json FILE]

The real window. First the starter in its own worker writes one reply after another for S seconds, as fast as it can.
Then the tests' scripted worker writes one reply of N tokens (100,000) with headings, lists and code, 200 of them a
second, or X times as fast: 100,000 tokens at 200 a second take more than eight minutes, so X is 5 unless it is given.

A timer in another process, in which nothing else happens, beats meanwhile. Promise: 99 of 100 gaps under 50 ms, none
over 200 ms longer than the longest gap there at the same time; the memory grows by at most 300 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "tests"))

import psutil
import scripted_workers
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from app.application import Seedling
from app.engine_client import EngineClient
from app.workers import Workers
from engine import paths
from engine.chat.store import Store
from engine.processes import end_with_parent
from engine.settings import Settings

USUAL_MS, LONGEST_MS, GROWTH_MB = 50, 200, 300
PER_SECOND = 200
STORY = "Tell me a story about a cat."


@dataclass(frozen=True)
class Part:
    """What one part came to; times in milliseconds."""

    what: str
    beats: int
    median: float
    p99: float
    longest: float
    beside_p99: float
    beside_longest: float
    beyond: float  # of the longest gap, less the longest at the same time beside it
    growth_mb: float
    kept: bool


class Pulse:
    """A timer of 10 ms in this thread, and one in a process that does nothing else."""

    def __init__(self) -> None:
        self._memory = psutil.Process().memory_info().rss
        self._beside = subprocess.Popen([sys.executable, __file__, "--beside"], stdout=subprocess.PIPE, text=True)
        assert self._beside.stdout is not None
        self._beside.stdout.readline()  # it beats
        self._beats: list[float] = []
        self._timer = QTimer(interval=10)
        self._timer.timeout.connect(lambda: self._beats.append(time.monotonic()))
        self._timer.start()

    def stop(self, what: str) -> Part:
        self._timer.stop()
        self._beside.send_signal(signal.SIGTERM)
        said, _ = self._beside.communicate()
        ours, beside = _gaps(self._beats), _gaps(json.loads(said))
        growth = (psutil.Process().memory_info().rss - self._memory) / 1e6
        lengths = [1000 * (end - start) for start, end in ours]
        others = [1000 * (end - start) for start, end in beside if end > self._beats[0]]
        beyond = max(1000 * (gap[1] - gap[0] - _longest_during(beside, gap)) for gap in ours)
        p99 = _p99(lengths)
        kept = p99 < USUAL_MS and beyond <= LONGEST_MS and growth <= GROWTH_MB
        figures = (statistics.median(lengths), p99, max(lengths), _p99(others), max(others), beyond, growth)
        return Part(what, len(self._beats), *(round(figure, 1) for figure in figures), kept=kept)


def _gaps(beats: list[float]) -> list[tuple[float, float]]:
    return list(pairwise(beats))


def _p99(lengths: list[float]) -> float:
    return statistics.quantiles(lengths, n=100)[98]


def _longest_during(gaps: list[tuple[float, float]], other: tuple[float, float]) -> float:
    return max((end - start for start, end in gaps if end > other[0] and start < other[1]), default=0.0)


def beside() -> None:
    """Beat until told to end, then print when."""
    end_with_parent()
    application, beats = QCoreApplication([]), list[float]()
    timer, look = QTimer(interval=10), QTimer(interval=50)  # Python sees a signal only between two calls of Qt's
    timer.timeout.connect(lambda: beats.append(time.monotonic()))
    look.timeout.connect(lambda: None)
    signal.signal(signal.SIGTERM, lambda *_: application.quit())
    timer.start()
    look.start()
    print("beating", flush=True)
    application.exec()
    print(json.dumps(beats))


class Desk:
    """The window, and someone who writes into it."""

    def __init__(self, chat: EngineClient) -> None:
        settings = Settings()
        settings.set("stores_offered", True)  # nothing is looked for unasked
        others = scripted_workers.workers()
        workers = Workers(**{**vars(others), "chat": chat})
        self.seedling = Seedling(QApplication.instance(), Store(paths.database()), settings, workers)
        self.seedling.start()

    def ask(self, text: str) -> None:
        """Send it, and wait for the end of the reply."""
        loop = QEventLoop()
        ended = self.seedling.replies.ended.connect(loop.quit)
        self.seedling.page.composer.restore(text)
        self.seedling.chat.send()
        loop.exec()
        self.seedling.replies.ended.disconnect(ended)

    def close(self) -> None:
        self.seedling.close()
        self.seedling.window.deleteLater()
        QCoreApplication.processEvents()


def full_speed(seconds: float) -> Part:
    desk = Desk(EngineClient())
    desk.ask(STORY)  # loads the model
    pulse, until, count = Pulse(), time.monotonic() + seconds, 0
    while time.monotonic() < until:
        if count % 10 == 0:
            desk.seedling.chat.new_chat()
        desk.ask(STORY)
        count += 1
    part = pulse.stop(f"starter, {count} replies in {seconds:.0f} s")
    desk.close()
    return part


def long_reply(tokens: int, speed: float) -> Part:
    desk = Desk(scripted_workers.scripted("worker"))
    desk.ask("do write 500 1000")
    desk.seedling.chat.new_chat()
    pulse = Pulse()
    desk.ask(f"do write {tokens} {PER_SECOND * speed:g}")
    part = pulse.stop(f"{tokens:,} tokens, {PER_SECOND * speed:,.0f} a second")
    desk.close()
    return part


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--tokens", type=int, default=100_000)
    parser.add_argument("--speed", type=float, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--beside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.beside:
        beside()
        return
    application = QApplication([])
    parts = []
    for measure in (lambda: full_speed(options.seconds), lambda: long_reply(options.tokens, options.speed)):
        with tempfile.TemporaryDirectory() as home:
            os.environ["SEEDLING_HOME"] = home
            parts.append(measure())
    print(f"{'':40}  median    p99  longest  (beside: p99  longest)  beyond  memory")
    for part in parts:
        print(
            f"{part.what:40}{part.median:6.1f} {part.p99:6.1f} {part.longest:8.1f}  {part.beside_p99:12.1f} "
            f"{part.beside_longest:8.1f}  {part.beyond:7.1f}  {part.growth_mb:+.0f} MB  "
            f"{'kept' if part.kept else 'NOT KEPT'}"
        )
    if options.json is not None:
        options.json.write_text(json.dumps([asdict(part) for part in parts], indent=1))
    del application


if __name__ == "__main__":
    main()
