"""Runs on a disk that is full at its n-th write, and go on when there is room. Started by test_resume.py.

LD_PRELOAD=failing_disk.so python failing_runs.py: a request on stdin is {"folder": …, "params": keys of a recipe,
"count": trials}. For `count` values of n, spread over all calls of the run, a trial is reported as {"call": n, "of":
calls, "reason": of the end, "again": of the resumed one, "differs": [what is not as in the whole run], "lost": steps
that were made twice}.
"""

from __future__ import annotations

import ctypes
import errno
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import run_outcomes
import torch

from engine.events import Event, Finished, Metric, Started
from engine.training import loop, recipe

NEVER = 10**9
DISK = ctypes.CDLL(None)


def train(params: dict[str, Any], out: Path) -> Iterator[Event]:
    return loop.train(recipe.make(params), out, threading.Event(), resume=True)


def train_failing(params: dict[str, Any], out: Path, call: int) -> tuple[str, int, int]:
    """Train with a disk that fails at that call after the start: why it ended, after which step and how many calls."""
    reason, step, left = "", 0, 0
    for event in train(params, out):
        if isinstance(event, Started):
            DISK.arm(call, errno.ENOSPC)
        elif isinstance(event, Metric):
            step = event.step
        elif isinstance(event, Finished):
            reason, left = event.reason, ctypes.c_int.in_dll(DISK, "left").value
    DISK.disarm()
    return reason, step, call - left


def answer(folder: Path, params: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    torch.set_num_threads(1)
    begun, out = folder / "begun", folder / "run"
    next(event for event in train(params, begun) if isinstance(event, Started))
    _, _, calls = train_failing(params, shutil.copytree(begun, folder / "whole"), NEVER)
    wanted = run_outcomes.outcome(folder / "whole")
    for trial in range(count):
        call = 1 + trial * calls // count
        reason, reached, _ = train_failing(params, shutil.copytree(begun, out), call)
        events = list(train(params, out))
        started = next(event for event in events if isinstance(event, Started))
        report = {"call": call, "of": calls, "reason": reason, "lost": reached - started.data["from_step"]}
        yield report | {"again": getattr(events[-1], "reason", None), "differs": run_outcomes.differing(out, wanted)}
        shutil.rmtree(out)


if __name__ == "__main__":
    run_outcomes.serve(answer)
