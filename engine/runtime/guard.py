"""One user at a time: refuses the uses of a runtime that would corrupt its cache or crash the library below it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Guard:
    """A second thread, a closed runtime, and a generation whose cache another call has changed are our mistakes,
    so they raise RuntimeError."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turn = 0
        self._closed = False

    @contextmanager
    def use(self, turn: int | None = None) -> Iterator[None]:
        """Hold the runtime for one call; with `turn`, only if nothing was begun after that one."""
        if not self._lock.acquire(blocking=False):
            raise RuntimeError("one thread owns a runtime")
        try:
            if self._closed:
                raise RuntimeError("the runtime is closed")
            if turn not in (None, self._turn):
                raise RuntimeError("the runtime has evaluated something else since this generation began")
            yield
        finally:
            self._lock.release()

    def begin(self) -> int:
        """A new turn: whoever holds an older one may not go on."""
        self._turn += 1
        return self._turn

    @contextmanager
    def close(self) -> Iterator[bool]:
        """Wait for a call under way, then close; yields False when it was closed already."""
        with self._lock:
            was_open, self._closed = not self._closed, True
            yield was_open
