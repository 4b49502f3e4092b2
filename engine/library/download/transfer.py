"""One file's bytes from the hub to its place: resumed, checked, and given its name only when they are right.

A thread reads the socket while the caller hashes and writes, so neither waits for the other. Whatever goes wrong on
the way costs another try; only what cannot pass by itself is an error.
"""

from __future__ import annotations

import contextlib
import queue
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol

import httpx2

from engine.errors import EngineError
from engine.library.download.connection import Opened, Patience, StoppedError, TransientError, patiently
from engine.library.download.journal import Wanted
from engine.library.download.part import Part
from engine.phrases import phrase
from engine.runtime.gguf_header import shown

_PIECE_BYTES = 256 << 10  # handed over at once, or what came within a quarter of a second
_PIECE_S = 0.25
_PIECES_WAITING = 8
_LOOK_S, _ASK_S = 0.1, 0.5
_WRONG = 3  # times that a file may come whole and wrong


class Pace:
    """Lets through what the limit allows. `limit` gives bytes a second now, 0 for none; it is asked twice a second."""

    def __init__(self, limit: Callable[[], float]) -> None:
        self._limit = limit
        self._rate, self._asked = limit(), time.monotonic()
        self._free_at = 0.0

    def take(self, count: int) -> None:
        """`count` bytes went through."""
        if self._rate:
            self._free_at = max(self._free_at, time.monotonic() - 0.1) + count / self._rate

    def left(self) -> float:
        """Seconds until the next bytes may go through, at most half a second; then ask again."""
        now = time.monotonic()
        if now - self._asked >= _ASK_S:
            rate, self._asked = self._limit(), now
            if rate != self._rate:
                self._rate, self._free_at = rate, now
        return min(max(self._free_at - now, 0.0), _ASK_S) if self._rate else 0.0


class Tries:
    """Counts what went wrong since the last time something got further."""

    def __init__(self, patience: Patience, host: str) -> None:
        self._patience, self._host = patience, host
        self._furthest = self._failed = 0

    def wait_s(self, trouble: TransientError, at: int = 0) -> float:
        """How long to wait before the next try. Raises EngineError `hub_unreachable` when it was enough."""
        if at > self._furthest:
            self._furthest, self._failed = at, 0
        else:
            self._failed += 1
        if self._failed >= self._patience.tries:
            raise EngineError("hub_unreachable", host=self._host, reason=str(trouble))
        doubled = self._patience.first_wait_s * 2 ** max(self._failed - 1, 0) if self._failed else 0.0
        return max(trouble.wait_s, min(doubled, self._patience.longest_wait_s) * random.uniform(0.75, 1.0))


class Source(Protocol):
    """Whom a transfer asks; see `Hub.open`."""

    host: str

    def open(self, kind: str, repo: str, commit: str, wanted: Wanted, start: int, etag: str) -> Opened: ...


class Transfer:
    """Fetches files of one repository at one commit."""

    def __init__(
        self,
        hub: Source,
        kind: str,
        repo: str,
        commit: str,
        pace: Pace,
        patience: Patience,
        cancelled: threading.Event,
    ) -> None:
        self._hub, self._kind, self._repo, self._commit = hub, kind, repo, commit
        self._pace, self._patience, self._cancelled = pace, patience, cancelled

    def fill(self, part: Part, wanted: Wanted) -> Iterator[int]:
        """Make a part whole and right, yielding how many bytes are here.

        Raises EngineError, ChangedError where the hub has another content than it listed, StoppedError, OSError.
        """
        yield from self._watched(part.recover())
        for times in range(1, _WRONG + 1):
            yield from self._complete(part, wanted)
            if part.is_right():
                return
            if times < _WRONG:
                part.restart()
        part.remove()
        raise EngineError("download_wrong", file=shown(wanted.name), repo=self._repo, times=_WRONG)

    def _complete(self, part: Part, wanted: Wanted) -> Iterator[int]:
        """Fetch what a part lacks, with as many tries as it takes while they get further."""
        tries, asked_again = Tries(self._patience, self._hub.host), False
        while part.at < part.size:
            try:
                opened = patiently(lambda: self._open(part, wanted), self._cancelled)
                if opened.start < part.at and opened.etag == part.etag and not asked_again:
                    opened.response.close()
                    asked_again = True
                    raise TransientError(phrase("the server sent the same file from its beginning"))
                yield from self._receive(part, opened)
                if part.at < part.size:
                    raise TransientError(phrase("the connection ended early"))
            except TransientError as trouble:
                part.pause()
                self._wait(tries.wait_s(trouble, part.at))

    def _open(self, part: Part, wanted: Wanted) -> Opened:
        return self._hub.open(self._kind, self._repo, self._commit, wanted, part.at, part.etag)

    def _receive(self, part: Part, opened: Opened) -> Iterator[int]:
        """Write a response to its end. Raises TransientError when it breaks off or stalls."""
        if opened.start != part.at or not part.at:
            part.restart(opened.etag)
        with contextlib.closing(_Body(opened.response)) as body:
            for pieces in body.pieces(self._cancelled):
                part.write(pieces)
                if part.at > part.size:
                    part.restart()
                    raise TransientError(phrase("the server sent too much"))
                yield part.at
                self._pace.take(sum(map(len, pieces)))
                self._wait(0)
                while (left := self._pace.left()) > 0:
                    self._wait(left)

    def _watched(self, steps: Iterator[int]) -> Iterator[int]:
        for step in steps:
            if self._cancelled.is_set():
                raise StoppedError
            yield step

    def _wait(self, seconds: float) -> None:
        if self._cancelled.wait(seconds) if seconds > 0 else self._cancelled.is_set():
            raise StoppedError


class _Body:
    """A response's body, read by a thread of its own. Closing it ends the thread, even one that waits for bytes."""

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response
        self._queue: queue.Queue[list[bytes] | BaseException | None] = queue.Queue(_PIECES_WAITING)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._read, name="download", daemon=True)
        self._thread.start()

    def pieces(self, cancelled: threading.Event) -> Iterator[list[bytes]]:
        """What came, in order, to the end of the body; empty lists while nothing comes.

        Raises TransientError, where no bytes came for long, too.
        """
        while True:
            try:
                item = self._queue.get(timeout=_LOOK_S)
            except queue.Empty:
                if cancelled.is_set():
                    raise StoppedError from None
                yield []
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                raise TransientError(shown(item)) from item
            yield item

    def close(self) -> None:
        self._closed.set()
        stream = self._response.extensions.get("network_stream")
        connection = stream.get_extra_info("socket") if stream is not None else None
        if self._thread.is_alive() and connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=1)
        if not self._thread.is_alive():
            self._response.close()

    def _read(self) -> None:
        pieces: list[bytes] = []
        size, since = 0, time.monotonic()
        try:
            for piece in self._response.iter_raw():
                pieces.append(piece)
                size += len(piece)
                now = time.monotonic()
                if size >= _PIECE_BYTES or now - since >= _PIECE_S:
                    self._hand_over(pieces)
                    pieces, size, since = [], 0, now
            end: BaseException | None = None
        except Exception as error:
            end = error
        if pieces:
            self._hand_over(pieces)
        self._hand_over(end)

    def _hand_over(self, item: list[bytes] | BaseException | None) -> None:
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                self._queue.put(item, timeout=_LOOK_S)
                return
