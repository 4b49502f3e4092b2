"""How long the window keeps a person waiting while a reply pours in: gaps between the beats of a 10 ms timer.

    python benchmarks/window.py [TOKENS]

The real window with the tests' scripted worker, which sends as fast as it can. Promise: p99 at most 50 ms,
longest 200 ms.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.application import Seedling
from app.engine_client import EngineClient
from app.workers import Workers
from engine import paths
from engine.chat.store import Store
from engine.settings import Settings

WORKER = Path(__file__).resolve().parent.parent / "tests" / "scripted_worker.py"


def main(tokens: int) -> None:
    application = QApplication([])
    client = EngineClient([sys.executable, str(WORKER)])
    settings = Settings()
    settings.set("stores_offered", True)  # nothing is looked for unasked
    seedling = Seedling(application, Store(paths.database()), settings, Workers(chat=client))
    seedling.start()
    beats: list[float] = []
    timer = QTimer(interval=10)
    timer.timeout.connect(lambda: beats.append(time.perf_counter()))

    def ask(text: str) -> None:
        seedling.page.composer.restore(text)
        seedling.chat.send()

    def ended(_: object) -> None:
        if not timer.isActive():  # the first reply warmed up
            timer.start()
            QTimer.singleShot(0, lambda: ask(f"do flood {tokens}"))
        else:
            application.quit()

    seedling.replies.ended.connect(ended)
    ask("warm")
    application.exec()
    seedling.close()
    gaps = [1000 * (after - before) for before, after in pairwise(beats)]
    p99 = statistics.quantiles(gaps, n=100)[98]
    print(f"{tokens:,} tokens: gaps of the window: median {statistics.median(gaps):.0f} ms, p99 {p99:.0f} ms,", end=" ")
    print(f"longest {max(gaps):.0f} ms, {len(gaps)} beats")


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        os.environ["SEEDLING_HOME"] = home
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
