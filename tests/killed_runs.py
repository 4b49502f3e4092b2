"""Runs that are killed and resumed, compared with one that was not. Started by test_resume.py, forks for each life.

python killed_runs.py FOLDER PARAMS.json at|anywhen COUNT: a life is one process that trains. `at` ends it by
os._exit in the moment step k is reported, for COUNT values of k; `anywhen` by SIGKILL after a random time.
Prints one JSON line a trial: {"killed": k or seconds, "lives": n, "same": bool, "lines": bool}.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import torch
import torch._dynamo  # the optimizers want it; imported once here instead of in every life

from engine.events import Metric
from engine.training import loop, recipe
from engine.training.run import read_journal


def live(params: dict, out: Path, end_at: int | None = None) -> int:
    """Train in a process of its own; its exit code, 0 when the run came to its end."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        for event in loop.train(recipe.make(params), out, threading.Event(), resume=True):
            if isinstance(event, Metric) and event.step == end_at:
                os._exit(9)
        code = 0
    except BaseException as error:
        print(repr(error), file=sys.stderr, flush=True)
    os._exit(code)


def wait(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def result(out: Path) -> tuple[str, list[list[Any]]]:
    """The final weights, and every step's figures (but for its speed) and samples."""
    (file,) = (out / "model").glob("*.safetensors")
    weights = hashlib.sha256(file.read_bytes()).hexdigest()
    names = ("step", "loss", "lr", "grad_norm", "val_loss")
    lines = [[line.get(name) for name in names] for line in read_journal(out / "metrics.jsonl")]
    return weights, lines + [[line["step"], line["text"]] for line in read_journal(out / "samples.jsonl")]


def main() -> None:
    folder, params, how, count = (
        Path(sys.argv[1]),
        json.loads(Path(sys.argv[2]).read_text()),
        sys.argv[3],
        int(sys.argv[4]),
    )
    torch.set_num_threads(1)
    began = time.perf_counter()
    assert wait(live(params, folder / "whole")) == 0
    seconds = time.perf_counter() - began
    expected = result(folder / "whole")
    steps = params["steps"]
    assert [line[0] for line in expected[1]][:steps] == list(range(1, steps + 1))
    for trial in range(count):
        out, lives = folder / f"trial-{trial}", 1
        if how == "at":
            killed: float = 1 + trial * steps // count
            assert wait(live(params, out, int(killed))) == 9
        else:
            killed = random.Random(trial).uniform(0, seconds)
            child = live(params, out)
            time.sleep(killed)
            os.kill(child, signal.SIGKILL)
            wait(child)
        while (code := wait(live(params, out))) != 0 and lives < 3:
            lives += 1
        weights, lines = result(out) if code == 0 else ("", [])
        report = {"killed": killed, "lives": lives, "same": weights == expected[0], "lines": lines == expected[1]}
        print(json.dumps(report), flush=True)
        shutil.rmtree(out)


if __name__ == "__main__":
    main()
