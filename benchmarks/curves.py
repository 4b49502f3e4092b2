"""How long the window keeps a person waiting while curves of 100,000 points grow, and how much training is slowed.

    python benchmarks/curves.py [POINTS] [SECONDS OF A TURN]

A real worker trains at full speed. Beside it the view of a run shows as many points, and another process adds a hundred
rows a second. Gaps between the beats of a 10 ms timer; promise: p99 at most 50 ms, none over 200 ms beyond those of an
idle window. In turns, TURNS of each: nothing shown (idle), then the curves. Training is timed by its own steps, of
which the first ones after each change do not count, and each turn is held against the idle ones around it, since a
machine's speed drifts; promise: slowed by less than 3 percent.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import small_run
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from app.engine_client import EngineClient
from app.theme import Theme
from app.training.watch.view import WatchView
from engine.events import Event, Failed, Metric
from engine.settings import Settings

ROWS_A_SECOND = 100
TURNS = 5
SETTLING_S = 1.5  # after a change, before anything is counted
FEEDER = """
import json, math, random, sys, time
path, step = sys.argv[1], int(sys.argv[2])
began = time.monotonic()
with open(path, "a") as file:
    first = step
    while True:
        time.sleep(0.05)
        reached = first + int((time.monotonic() - began) * %d)
        file.writelines(json.dumps(row(each)) + "\\n" for each in range(step, reached))
        file.flush()
        step = reached
"""
ROW = """
import math, random
def row(step):
    values = {"step": step, "loss": 2 + 3 * math.exp(-step / 20000) + random.gauss(0, 0.2), "lr": 1e-3,
              "tokens_per_second": random.gauss(9000, 300), "memory": 4e8, "grad_norm": abs(random.gauss(1, 0.3))}
    if step % 100 == 0:
        values |= {"val_loss": 2.1 + 3 * math.exp(-step / 20000), "perplexity": math.exp(2.1)}
    return values
"""


def main(points: int, seconds: float) -> None:
    application = QApplication([])
    theme = Theme(application, Settings())
    view = WatchView()
    view.resize(1240, 900)
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        keys = small_run.recipe(small_run.write_text(home / "text.txt", 4000))
        keys |= {"width": 128, "heads": 2, "layers": 4, "max_length": 128, "batch_size": 8, "steps": 10**6}
        del keys["threads"]  # as many as training takes by itself
        keys |= {"log_every": 1, "evaluate_every": 10**5, "sample_every": 0, "checkpoint_every": 10**5}
        steps: list[float] = []
        client = EngineClient()
        job = client.submit("train", keys | {"out": str(home / "run")})
        job.reported.connect(lambda event: steps.append(time.perf_counter()) if isinstance(event, Metric) else None)
        job.done.connect(lambda ending: _stop(ending))
        until(lambda: len(steps) > 20)
        shown = grown_run(home, points)
        feeder = subprocess.Popen(
            [sys.executable, "-c", ROW + FEEDER % ROWS_A_SECOND, str(shown / "metrics.jsonl"), str(points + 1)]
        )
        results: dict[bool, list[tuple[list[float], float, float]]] = {False: [], True: []}
        view.set_run(shown)
        view.show()
        until(lambda: view.curves.plot is not None and view.curves.plot.step is None and _drawn(view) >= points)
        for turn in range(2 * TURNS + 1):  # an idle one at both ends
            watched = bool(turn % 2)
            view.setVisible(watched)
            wait(SETTLING_S)
            results[watched].append(measure(seconds, steps))
        feeder.kill()
        client.close()
        view.close_files()
    del theme
    report(points, results)


def grown_run(home: Path, points: int) -> Path:
    """A run that looks like the one that trains, with so many rows of figures."""
    shown = home / "shown"
    shown.mkdir()
    for name in ("run.json", "recipe.toml"):
        shutil.copy(home / "run" / name, shown / name)
    known: dict[str, Callable[[int], dict[str, float]]] = {}
    exec(ROW, known)
    with open(shown / "metrics.jsonl", "w") as file:
        file.writelines(json.dumps(known["row"](step)) + "\n" for step in range(1, points + 1))
    return shown


def _drawn(view: WatchView) -> int:
    series = view.curves.run.series.get("loss")
    return series.count if series is not None else 0


def measure(seconds: float, steps: list[float]) -> tuple[list[float], float, float]:
    """Gaps in ms, training steps a second, and the share of a core that this process took."""
    beats: list[float] = []
    timer = QTimer(interval=10)
    timer.timeout.connect(lambda: beats.append(time.perf_counter()))
    timer.start()
    before, cpu, began = len(steps), time.process_time(), time.perf_counter()
    wait(seconds)
    took = time.perf_counter() - began
    timer.stop()
    gaps = [1000 * (after - before) for before, after in pairwise(beats)]
    return gaps, (len(steps) - before) / took, (time.process_time() - cpu) / took


def wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        wait(0.05)


def _stop(ending: Event) -> None:
    if isinstance(ending, Failed):
        raise SystemExit(str(ending))


def report(points: int, results: dict[bool, list[tuple[list[float], float, float]]]) -> None:
    print(f"{points:,} points and {ROWS_A_SECOND} more a second, training beside it")
    for watched, name in ((False, "nothing shown"), (True, "curves shown")):
        gaps = [gap for turn in results[watched] for gap in turn[0]]
        p99 = statistics.quantiles(gaps, n=100)[98]
        speeds = ", ".join(f"{turn[1]:.1f}" for turn in results[watched])
        share = statistics.mean(turn[2] for turn in results[watched])
        print(f"  {name:14} gaps: median {statistics.median(gaps):.0f} ms, p99 {p99:.0f} ms,", end=" ")
        print(f"longest {max(gaps):.0f} ms; the window took {share:.1%} of a core; steps/s {speeds}")
    idle = [turn[1] for turn in results[False]]
    slower = [1 - turn[1] / statistics.mean(idle[number : number + 2]) for number, turn in enumerate(results[True])]
    print(f"  training is slowed by {statistics.median(slower):.1%} (turns: {', '.join(f'{s:.1%}' for s in slower)})")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SEEDLING_HOME"] = folder
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, float(sys.argv[2]) if len(sys.argv) > 2 else 8.0)
