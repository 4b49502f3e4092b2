"""Steps of training in turn: a contender waits for a line before each step, and says how long the last one took.

Standard library only, because it runs under our Python and under the peers'. What is timed is all from one wait to the
next: data, passes, clipping, the optimizer and whatever the contender's own loop does besides.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent.parent))

from engine.benchmarks.shapes import SHAPES, Shape

__all__ = ["SHAPES", "Shape", "Turns", "random_batch"]


class Turns:
    """The contender's side. Its output goes to stderr; only its times go to stdout."""

    def __init__(self) -> None:
        self._answers = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)
        self._began: float | None = None

    def wait(self) -> None:
        """Report the step that ends here, and wait until the next may begin; ends the process when there is none."""
        seconds = None if self._began is None else time.perf_counter() - self._began
        print(json.dumps({"seconds": seconds}), file=self._answers, flush=True)
        if not sys.stdin.readline():
            os._exit(0)
        self._began = time.perf_counter()


def random_batch(shape: Shape, width: int) -> list[list[int]]:
    """(batch, width) token ids."""
    return [[random.randrange(shape.vocabulary) for _ in range(width)] for _ in range(shape.batch)]
