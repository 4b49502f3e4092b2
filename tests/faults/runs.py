"""Operations on runs: whatever befalls one, it goes on to the end that it would have had, bit for bit."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import run_outcomes
import small_run
import torch
import torch._dynamo  # the optimizers want it; imported once instead of in every life

from engine.errors import EngineError
from engine.events import Finished, Started
from engine.processes import end_with_parent
from engine.training import checkpoint, loop, recipe, sharding  # noqa: F401 (imported once instead of in every life)
from engine.training.checkpoint import Checkpoint, State
from engine.training.run import Journal, read_journal
from faults.operations import Operation

TRIED = ("muon", "continue", "full", "lora-bf16", "classify", "dpo", "dpo-lora")
QUICK = ("muon", "lora-bf16")


def begin(kind: str, place: Path) -> None:
    """A run about to make its first step."""
    torch.set_num_threads(1)
    (place / "begun").mkdir()
    asked = small_run.of_method(folder=place / "begun", **small_run.KINDS[kind], steps=6, sample_every=3)
    (place / "asked.json").write_text(json.dumps(asked))
    next(event for event in train(place) if isinstance(event, Started))


def train(place: Path, parallel: str = "replicate") -> Iterator[object]:
    asked = {**json.loads((place / "asked.json").read_text()), "parallel": parallel}
    return loop.train(recipe.make(asked), place / "run", threading.Event(), resume=True)


def go_on(place: Path, parallel: str = "replicate") -> Iterator[None]:
    torch.set_num_threads(1)
    for event in train(place, parallel):
        if isinstance(event, Finished) and event.reason == "paused":
            raise EngineError("disk_full")
    yield


def go_on_together(place: Path, parallel: str) -> Iterator[None]:
    """Two processes, as torchrun starts them, of which this one writes. The other never outlives it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2", "RANK": "0"}
    other = os.fork()
    if other == 0:
        os.environ["RANK"] = "1"
        try:
            end_with_parent()
            ctypes.CDLL(None).disk_disarm()
            for _ in go_on(place, parallel):
                pass
        finally:
            os._exit(0)
    try:
        yield from go_on(place, parallel)
    finally:
        os.kill(other, signal.SIGKILL)
        os.waitpid(other, 0)


def see(place: Path) -> Any:
    """All of the end, where it has been reached; else only whether a whole checkpoint is there."""
    run = place / "run"
    assert checkpoint.newest(run / "checkpoints").state.step <= 6
    if json.loads((run / "run.json").read_text())["state"] == "done" and (run / "model").exists():
        return run_outcomes.outcome(run)
    return "not at its end"


# --- a journal and its checkpoints ------------------------------------------------------------------------------------


def begin_journal(place: Path) -> None:
    checkpoint.save(place / "checkpoints", Checkpoint({}, {}, State()))


def write_journal(place: Path) -> Iterator[None]:
    """As the loop does: lines, which are flushed before a checkpoint says that their steps are done."""
    begun = checkpoint.newest(place / "checkpoints").state.step
    journal = Journal(place / "metrics.jsonl", begun)
    for step in range(begun + 1, 7):
        journal.add(step, loss=1 / step)
        if step % 3 == 0:
            journal.sync()
            checkpoint.save(place / "checkpoints", Checkpoint({}, {}, State(step)))
    journal.close()
    yield


def see_journal(place: Path) -> bool:
    """Every step that the checkpoint claims has its line."""
    done = checkpoint.newest(place / "checkpoints").state.step
    lines = read_journal(place / "metrics.jsonl")
    assert lines[:done] == [{"step": step, "loss": 1 / step} for step in range(1, done + 1)]
    return done == 6


TABLE = (
    *(Operation(f"a run, {kind}", partial(begin, kind), go_on, see, slow=kind not in QUICK) for kind in TRIED),
    *(
        Operation(f"a run of two, {way}", partial(begin, "muon"), partial(go_on_together, parallel=way), see, slow=True)
        for way in ("replicate", "shard")
    ),
    Operation("a journal", begin_journal, write_journal, see_journal),
)
