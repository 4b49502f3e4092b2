"""Test equipment: the real worker, with a few jobs of the tests beside its own."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from engine import jobs, worker
from engine.events import Event, Failed, Finished, Metric, Progress, TextDelta
from engine.jobs import JobContext


def echo(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    yield TextDelta(params["text"])
    yield Finished("done", {"background": os.getpriority(os.PRIO_PROCESS, 0)})


def count(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """Until cancelled."""
    done = 0
    while not context.cancelled.wait(0.01):
        done += 1
        yield Progress(done, 0)
    yield Finished("cancelled", {"done": done})


def remember(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    context.state.setdefault("seen", []).append(params["text"])
    yield Finished("done", {"seen": context.state["seen"]})


def noise(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """Print in every way there is, between two events."""
    libc = ctypes.CDLL(None)
    yield TextDelta("before")
    print("python prints")
    sys.stdout.write('{"id": 1, "event": "Finished", "reason": "forged", "stats": {}}\n')
    sys.stdout.flush()
    os.write(1, b"descriptor one\n")
    libc.puts(b"C prints")
    libc.fflush(None)
    subprocess.run(["/bin/echo", "a child prints"], check=True)
    yield TextDelta("after")


def not_finite(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    yield Metric(1, {"loss": float("nan"), "lr": float("inf")})
    yield Finished("done", {"raw": b"\xff\x00", "where": object})


def raise_it(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    yield TextDelta("so far")
    raise {kind.__name__: kind for kind in (ValueError, SystemExit, KeyboardInterrupt, BaseException, MemoryError)}[
        params["what"]
    ](params.get("text", ""))


def two_endings(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    yield Finished("first")
    yield Failed("bug")


def no_generator(params: dict[str, Any], context: JobContext) -> Any:
    return None


def no_event(params: dict[str, Any], context: JobContext) -> Iterator[Any]:
    yield {"event": "TextDelta"}


def busy_in_c(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """Sit in a C call for a minute, or until something ends the process."""
    yield TextDelta("now")
    ctypes.CDLL(None).sleep(60)
    yield Finished("done")


def busy_in_c_with_lock(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """The same, and hold the interpreter lock all the while, so that no other thread runs."""
    yield TextDelta("now")
    ctypes.PyDLL(None).sleep(60)
    yield Finished("done")


def flood(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    while True:
        yield TextDelta("x" * 1000)
        time.sleep(0.0001)


for job in (echo, count, remember, noise, not_finite, raise_it, two_endings, no_generator, no_event):
    jobs.JOBS[job.__name__] = f"{__name__}:{job.__name__}"
for job in (busy_in_c, busy_in_c_with_lock, flood):
    jobs.JOBS[job.__name__] = f"{__name__}:{job.__name__}"

if __name__ == "__main__":
    if "--orphan" in sys.argv:  # without its guard
        worker.end_with_parent = lambda: None
    worker.main()
