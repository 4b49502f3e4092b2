"""Whether the machine was quiet while something was measured: what other programs used of its processors."""

from __future__ import annotations

import os
import time

_SHARE = 0.1  # of a machine's processors that others may use without being told


class Others:
    """Other programs, from the moment this is made: everything that was computed, less what we and our children did."""

    def __init__(self) -> None:
        self.processors = len(_ours())
        self.allowed = _SHARE * self.processors
        self._began, self._busy, self._own = time.monotonic(), _busy_seconds(), _own_seconds()

    def used(self) -> float:
        """How many processors they kept busy, on average."""
        seconds = time.monotonic() - self._began
        theirs = (_busy_seconds() - self._busy) - (_own_seconds() - self._own)
        return max(0.0, theirs / seconds) if seconds > 0 else 0.0


def _ours() -> list[int]:
    """The processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def _busy_seconds() -> float:
    """That these processors have computed, for whomever (on Linux `guest` times are part of `user` and `nice`)."""
    import psutil

    times = psutil.cpu_times(percpu=True)
    total = 0.0
    for number in _ours():
        if number < len(times):
            idle = {"idle", "iowait", "guest", "guest_nice"}
            total += sum(value for name, value in times[number]._asdict().items() if name not in idle)
    return total


def _own_seconds() -> float:
    """Of this process and of its children that have ended."""
    found = os.times()
    return found.user + found.system + found.children_user + found.children_system
