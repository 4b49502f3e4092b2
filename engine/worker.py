"""The worker: requests in as JSON lines, events out as JSON lines, one job after another.

Run by the window as `python -m engine.worker [--background]`; see docs/architecture.md for the protocol.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NoReturn

from engine import jobs, log
from engine.events import TERMINAL, Event, Failed, Finished, to_window
from engine.processes import end_with_parent, lower_priority, protect_stdout

MAX_LINE_BYTES = 1_000_000
WINDOW_VERSION = "SEEDLING_WINDOW_VERSION"  # the variable in which the window that starts a worker says its own

_BROKEN_PROTOCOL = 2  # exit code


def main(arguments: list[str] | None = None) -> NoReturn:
    """Serve standard input until it ends."""
    events = protect_stdout()  # first of all: imports print, too
    arguments = sys.argv[1:] if arguments is None else arguments
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the program that started us
    os.environ["GGML_NO_BACKTRACE"] = "1"  # ggml would start a debugger before it aborts
    if "--background" in arguments:
        lower_priority()
    log.start("worker")
    Worker(events, _wrong_version()).serve(open(0, "rb", closefd=False))  # noqa: SIM115


@dataclass
class Request:
    """One job asked for. `id` is the asker's and comes back with every event."""

    id: int | str
    job: str
    params: dict[str, Any]
    cancelled: threading.Event = field(default_factory=threading.Event)
    begun: bool = False


class Worker:
    """Runs jobs on the main thread, while another thread reads requests."""

    def __init__(self, events: BinaryIO, refusal: Failed | None = None) -> None:
        """refusal: how every job ends."""
        self._events, self._refusal = events, refusal
        self._queue: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._open: dict[int | str, Request] = {}  # read, and their last event not yet sent
        self._lock = threading.Lock()  # guards `_open`, `Request.begun` and the order of lines

    def serve(self, lines: BinaryIO) -> NoReturn:
        threading.Thread(target=self._read, args=(lines,), name="requests", daemon=True).start()
        state: dict[str, Any] = {}
        while True:
            request = self._queue.get()
            if self._claim(request):
                self._run(request, jobs.JobContext(request.cancelled, state))

    def _run(self, request: Request, context: jobs.JobContext) -> None:
        def job(params: dict[str, Any], context: jobs.JobContext) -> Iterator[Event]:
            if self._refusal is not None:
                return iter((self._refusal,))
            return jobs.find(request.job)(params, context)  # within the job: an unknown name is its failure

        for event in jobs.run(job, request.params, context):
            self._send(request, event)

    def _read(self, lines: BinaryIO) -> NoReturn:
        """Take requests until the input ends, and then end the process at once, whatever it is busy with."""
        while (line := lines.readline(MAX_LINE_BYTES + 1)).endswith(b"\n"):
            try:
                self._take(json.loads(line))
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                _end(_BROKEN_PROTOCOL, f"not a request ({type(error).__name__})")
        if len(line) > MAX_LINE_BYTES:
            _end(_BROKEN_PROTOCOL, f"a line of more than {MAX_LINE_BYTES:,} bytes")
        _end(0)

    def _take(self, data: dict[str, Any]) -> None:
        if "cancel" in data:
            self._cancel(data["cancel"])
            return
        request = Request(data["id"], data["job"], data["params"])
        kinds = isinstance(request.id, int | str), isinstance(request.job, str), isinstance(request.params, dict)
        if not all(kinds):
            raise TypeError
        with self._lock:
            if request.id in self._open:
                raise ValueError
            self._open[request.id] = request
        self._queue.put(request)

    def _cancel(self, id: int | str) -> None:
        """Stop a job. One that is not open has just ended: its last event crossed this request."""
        with self._lock:
            request = self._open.get(id)
        if request is not None:
            request.cancelled.set()
            if self._claim(request):
                self._send(request, Finished("cancelled"))

    def _claim(self, request: Request) -> bool:
        """Whether the caller is the first to take the request from the queue, and so owes its last event."""
        with self._lock:
            first, request.begun = not request.begun, True
            return first

    def _send(self, request: Request, event: Event) -> None:
        line = to_window(event, request.id)
        with self._lock:
            if isinstance(event, TERMINAL):
                del self._open[request.id]
            try:
                self._events.write(line)
                self._events.flush()
            except OSError:
                _end(1)  # nobody reads any more


def _wrong_version() -> Failed | None:
    """Why this worker is of no use: the window that started it is of another version, so they may differ in what they
    say to one another. Commands and tests name no version.
    """
    window = os.environ.pop(WINDOW_VERSION, "")
    if not window:
        return None
    from engine import about

    if window == about.version():
        return None
    return Failed("updated_while_open", detail=f"the window is {window}, the worker {about.version()}")


def _end(code: int, reason: str = "") -> NoReturn:
    """End the process from any thread, even while another is in the middle of a C call."""
    try:
        if reason:
            os.write(2, f"seedling worker: {reason}\n".encode())
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
