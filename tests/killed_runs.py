"""Runs that are killed and resumed, compared with one that was not. Started by test_resume.py, forks for each life.

A request on stdin is {"folder": …, "params": keys of a recipe, "how": "at" or "anywhen", "count": trials}; see
`at_steps` and `anywhen` for what is killed. Every trial is reported as {"killed": step or seconds, "code": of the
resumed life, "differs": [what is not as in the whole run], "redone": steps that were made twice}.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import run_outcomes
import torch
import torch._dynamo  # the optimizers want it; imported once here instead of in every life

from engine.events import Metric
from engine.training import loop, recipe
from engine.training.run import read_journal


def live(params: dict[str, Any], out: Path, dies_at: Collection[int] = ()) -> int:
    """Train, or go on training, in a process of its own: its id. Its exit code is 0 when the run came to its end."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        for event in loop.train(recipe.make(params), out, threading.Event(), resume=True):
            if isinstance(event, Metric) and event.step in dies_at:
                die_and_stop()
        code = 0
    except BaseException:
        traceback.print_exc()
    os._exit(code)


def die_and_stop() -> None:
    """Be killed. What is killed is a double of this process, the same down to its open files and what is not written
    yet; the process itself stops until what lies on the disk has been looked at, so that it can be killed again later.
    """
    double = os.fork()
    if double == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    assert wait(double) == -signal.SIGKILL
    os.kill(os.getpid(), signal.SIGSTOP)


def wait(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Resumed:
    """A life that goes on with what a killed one left."""

    def __init__(self, params: dict[str, Any], out: Path, killed: float) -> None:
        self.out, self.killed = out, killed
        self.left = read_journal(out / "metrics.jsonl")
        self.process = live(params, out)

    def report(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """How its end compares with the wanted one. Waits for it."""
        code = wait(self.process)
        differs = run_outcomes.differing(self.out, wanted) if code == 0 else []
        now = read_journal(self.out / "metrics.jsonl")  # a step that was made again had another speed
        redone = sum(line != again for line, again in zip(self.left, now, strict=False))
        shutil.rmtree(self.out, ignore_errors=True)
        return {"killed": self.killed, "code": code, "differs": differs, "redone": redone}


def at_steps(folder: Path, params: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    """Lives killed in the moment step k is reported, for `count` values of k spread over all steps of the run."""
    assert wait(live(params, folder / "whole")) == 0
    wanted = run_outcomes.outcome(folder / "whole")
    steps = wanted["end"]["steps"]
    assert [line["step"] for line in wanted["metrics"]] == list(range(1, steps + 1))
    kills = [1 + trial * steps // count for trial in range(count)]
    mortal, running = live(params, folder / "mortal", kills), deque[Resumed]()
    try:
        for step in kills:
            _, status = os.waitpid(mortal, os.WUNTRACED)
            assert os.WIFSTOPPED(status), status
            running.append(Resumed(params, shutil.copytree(folder / "mortal", folder / f"killed-{step}"), step))
            os.kill(mortal, signal.SIGCONT)
            if len(running) == os.cpu_count():
                yield running.popleft().report(wanted)
        while running:
            yield running.popleft().report(wanted)
    except BaseException:
        os.kill(mortal, signal.SIGKILL)
        raise
    assert wait(mortal) == 0
    assert run_outcomes.differing(folder / "mortal", wanted) == []


def anywhen(folder: Path, params: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    """Lives killed after a random time, be it while the data is prepared or while a file is written."""
    began = time.perf_counter()
    assert wait(live(params, folder / "whole")) == 0
    seconds = time.perf_counter() - began
    wanted = run_outcomes.outcome(folder / "whole")
    for trial in range(count):
        out, killed = folder / f"killed-{trial}", random.Random(trial).uniform(0, seconds)
        mortal = live(params, out)
        time.sleep(killed)
        os.kill(mortal, signal.SIGKILL)
        wait(mortal)
        yield Resumed(params, out, killed).report(wanted)


def answer(folder: Path, params: dict[str, Any], how: str, count: int) -> Iterator[dict[str, Any]]:
    torch.set_num_threads(1)
    return {"at": at_steps, "anywhen": anywhen}[how](folder, params, count)


if __name__ == "__main__":
    run_outcomes.serve(answer)
