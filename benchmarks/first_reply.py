"""How long a stranger waits for the first word: from the first message on a fresh home to the starter's first text.

    python benchmarks/first_reply.py [RUNS]

The real window with its real worker, started anew for each run. `at once`: the message is sent the moment the window
stands; `after 3 s`: as soon as anyone could have typed it. Promise: within one second.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

PAUSES = {"at once": 0, "after 3 s": 3000}


def measure(pause_ms: int) -> None:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from app.application import Seedling
    from engine import paths
    from engine.chat.store import Store
    from engine.settings import Settings

    application = QApplication([])
    settings = Settings()
    settings.set("stores_offered", True)  # nothing is looked for unasked
    seedling = Seedling(application, Store(paths.database()), settings)
    sent = 0.0

    def send() -> None:
        nonlocal sent
        seedling.page.composer.restore("Hello! Who are you?")
        sent = time.perf_counter()
        seedling.chat.send()

    def grew(*_: object) -> None:
        print(time.perf_counter() - sent, flush=True)
        seedling.end()

    seedling.replies.grew.connect(grew)
    seedling.start()
    QTimer.singleShot(pause_ms, send)
    application.exec()


def main(runs: int) -> None:
    for name, pause_ms in PAUSES.items():
        seconds = [_run(pause_ms) for _ in range(runs)]
        median, longest = statistics.median(seconds), max(seconds)
        print(f"sent {name}: first text after {median:.2f} s (longest {longest:.2f}, {runs} runs)")


def _run(pause_ms: int) -> float:
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"SEEDLING_HOME": home, "QT_QPA_PLATFORM": "offscreen"}
        command = [sys.executable, __file__, "--measure", str(pause_ms)]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=120)
        return float(done.stdout)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(int(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
