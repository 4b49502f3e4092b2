"""The one bridge to the engine: a job goes to a worker process, its events come back as Qt signals.

One `EngineClient` has at most one worker, started when a job needs it, and hands it one job at a time.
Whatever the worker does (crash, hang, talk nonsense), every job ends with exactly one `done`, and the
next job finds a fresh worker.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections import deque
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from app import worker_death
from app.figures import size_text
from app.phrases import said
from engine import about
from engine.errors import EngineError
from engine.events import TERMINAL, Event, Failed, Finished, from_json
from engine.processes import helper_command, without_secrets
from engine.providers import provider_list
from engine.worker import MAX_LINE_BYTES, WINDOW_VERSION

log = logging.getLogger(__name__)

BACKLOG_LIMIT = 16_000_000  # bytes read and not yet looked at; more is a flood, not a reply
FLOOD, FLOOD_LIMIT_S = 10_000, 5  # events a second, and for how long: no model writes so fast
STDERR_KEPT = 8192
GRACE_MS = 900  # between asking a job to stop and ending its worker: stop means stop within a second
QUIET_LIMIT_S = 8  # without an event and without computing: hung; with the seconds before and after, told within 10
# Waiting for the network looks like doing nothing; these have limits of their own. So does waiting for a slow disk
# that is read from or flushed to, where the system does not tell.
PATIENT: tuple[str, ...] = ("download", "hub_search", "hub_repo", "scan_servers", "connect", "providers")
if sys.platform != "linux":
    PATIENT += ("load", "train", "export")
WORN_OUT = ("gpu_failed",)  # failures after which a process is of no use
SLICE_S = 0.008  # time for events before the window gets its turn
DEATHS_ALLOWED, DEATHS_WITHIN_S = 3, 60.0
VERSION = about.version()  # asked now: what is installed may be replaced under an open window


class JobHandle(QObject):
    """One job: its events `reported`, then exactly one `done` with the `Finished` or `Failed` that ended it."""

    reported = Signal(object)
    done = Signal(object)

    def __init__(self, client: EngineClient, id: int, job: str, params: dict[str, Any]) -> None:
        super().__init__()
        self.id, self.job, self.params = id, job, params
        self.ended = False
        self._client = client

    def cancel(self) -> None:
        """Ask the job to stop; after a short grace its worker is ended. It ends as cancelled, not as failed."""
        self._client.cancel(self)


class EngineClient(QObject):
    """A worker process and the jobs for it. `worker_gone`: what the worker had loaded is gone with it.
    `lost(Failed)`: why a worker ended that had nothing to do, so that no job tells of it.

    grace_ms: how long a job may take to stop by itself before its worker is ended. patient: all of its jobs wait for
    the network, so that silence is no sign of a hang.
    """

    worker_gone = Signal()
    lost = Signal(object)
    loading = Signal(dict)  # the parameters of a job `load` that begins now
    load_ended = Signal(dict)  # those of one that has ended, well or not

    def __init__(
        self,
        command: list[str] | None = None,
        parent: QObject | None = None,
        grace_ms: int = GRACE_MS,
        patient: bool = False,
    ) -> None:
        super().__init__(parent)
        self._patient = patient
        self._command = command or helper_command("worker")
        self._process: QProcess | None = None
        self._leaving: set[QProcess] = set()  # killed, not yet reaped
        self._queue: deque[JobHandle] = deque()
        self._current: JobHandle | None = None
        self._last_id = 0
        self._rest = b""  # the beginning of a line whose end has not come
        self._lines: deque[bytes] = deque()
        self._backlog = 0
        self._exit: tuple[bool, int] | None = None  # (crashed, code), once the worker has ended
        self._stderr = b""
        self._deaths: deque[float] = deque(maxlen=DEATHS_ALLOWED)
        self._last_death = ""
        self._closed = False
        self._loaded = ""  # the path of the model the worker holds
        self.worker_gone.connect(self._forget_model)

        self._grace = QTimer(self, singleShot=True, interval=grace_ms)
        self._grace.timeout.connect(self._grace_over)
        self._drain_soon = QTimer(self, singleShot=True, interval=0)
        self._drain_soon.timeout.connect(self._drain)
        self._next_soon = QTimer(self, singleShot=True, interval=0)
        self._next_soon.timeout.connect(self._start_next)
        self._pulse = QTimer(self, interval=1000)
        self._pulse.timeout.connect(self._feel_pulse)
        self._quiet_s, self._flooded_s, self._cpu_s = 0, 0, 0.0
        self._heard = 0  # lines, or parts of one, since the last pulse

    # --- what the window asks -------------------------------------------------------------------------------

    def submit(self, job: str, params: dict[str, Any]) -> JobHandle:
        """Queue a job. Nothing is emitted before this has returned."""
        self._last_id += 1
        handle = JobHandle(self, self._last_id, job, params)
        self._queue.append(handle)
        self._next_soon.start()
        return handle

    def cancel(self, handle: JobHandle) -> None:
        if handle in self._queue:
            self._queue.remove(handle)
            self._finish(handle, Finished("cancelled"))
        elif handle is self._current and not self._grace.isActive():
            self._grace.start()
            self._send({"cancel": handle.id})

    @property
    def resting_model(self) -> str:
        """The path of the model that the worker holds while it has nothing to do; else empty."""
        return self._loaded if self._current is None and not self._queue else ""

    def memory_bytes(self) -> int:
        """What the worker takes of the main memory."""
        try:
            return psutil.Process(self._process.processId()).memory_info().rss if self._process is not None else 0
        except psutil.Error:  # it is just ending
            return 0

    def _forget_model(self) -> None:
        self._loaded = ""

    def stop_worker(self) -> None:
        """End an idle worker, which frees the memory of its model."""
        if self._current is None:
            self._drop_worker()

    def forgive(self) -> None:
        """Start workers again although several died lately, because the person asks for it."""
        self._deaths.clear()

    def close(self) -> None:
        """End everything; blocks until the worker is gone, for about a second at most."""
        self._closed = True
        for timer in (self._grace, self._drain_soon, self._next_soon, self._pulse):
            timer.stop()
        process, self._process = self._process, None
        if process is not None:
            process.closeWriteChannel()  # the end of its input ends a worker
            if process.waitForFinished(GRACE_MS):
                _retire(process)
            else:
                self._kill(process)
        for leaving in list(self._leaving):
            leaving.waitForFinished(1000)
        if self._current is not None:
            self._finish(self._current, Finished("cancelled"))
        self._end_waiting()

    # --- jobs -----------------------------------------------------------------------------------------------

    def _end_waiting(self) -> None:
        waiting, self._queue = self._queue, deque()  # who hears of it may ask for more
        for handle in waiting:
            self._finish(handle, Finished("cancelled"))

    def _start_next(self) -> None:
        if self._closed:
            self._end_waiting()
        while self._current is None and self._queue:
            handle = self._queue.popleft()
            self._current = handle
            request = {"id": handle.id, "job": handle.job, "params": handle.params}
            try:
                self._refuse_after_many_deaths()
                line = _line(request)
            except EngineError as error:
                self._finish(handle, Failed(error.code, error.data, error.detail))
                continue
            if handle.job == "load":
                self._loaded = ""
                self.loading.emit(handle.params)
            if self._process is None:
                self._start_worker()
            if self._process is not None:  # else it could not be started, and the job has ended
                self._process.write(line)
                handle.params.pop("key", None)  # it is of no use here any more
                self._quiet_s = self._flooded_s = 0
                self._stderr = b""  # a complaint that was dealt with is not why this job fails
                if handle.job in PATIENT or self._patient:
                    self._pulse.stop()
                else:
                    self._pulse.start()

    def _refuse_after_many_deaths(self) -> None:
        if len(self._deaths) == DEATHS_ALLOWED and time.monotonic() - self._deaths[0] < DEATHS_WITHIN_S:
            raise EngineError("worker_keeps_dying", count=DEATHS_ALLOWED, reason=self._last_death)

    def _finish(self, handle: JobHandle, ending: Event) -> None:
        if handle.ended:
            return
        handle.ended = True
        if handle.job == "load" and isinstance(ending, Finished) and ending.reason == "loaded":
            self._loaded = str(handle.params["model"])
        if handle is self._current:
            self._current = None
            self._grace.stop()
            self._pulse.stop()
            if handle.job == "load":
                self.load_ended.emit(handle.params)
        handle.done.emit(ending)
        self._next_soon.start()

    # --- the process ----------------------------------------------------------------------------------------

    def _start_worker(self) -> None:
        process = QProcess(self)
        process.setProgram(self._command[0])
        process.setArguments(self._command[1:])
        process.setProcessEnvironment(_environment())
        process.readyReadStandardOutput.connect(partial(self._read, process))
        process.readyReadStandardError.connect(partial(self._read_stderr, process))
        process.finished.connect(partial(self._exited, process))
        process.errorOccurred.connect(partial(self._error, process))
        self._rest, self._stderr, self._backlog, self._exit = b"", b"", 0, None
        self._lines.clear()
        self._process = process
        process.start()

    def _send(self, message: dict[str, Any]) -> None:
        if self._process is not None:
            self._process.write(_line(message))

    def _error(self, process: QProcess, error: QProcess.ProcessError) -> None:
        if process is not self._process or error is not QProcess.ProcessError.FailedToStart:
            return  # every other error is followed by `finished`
        self._process = None
        reason = process.errorString()
        _retire(process)
        self._note_death(reason)
        if self._current is not None:
            self._finish(self._current, Failed("worker_not_started", {"reason": reason}))

    def _exited(self, process: QProcess, code: int, status: QProcess.ExitStatus) -> None:
        if process in self._leaving:
            self._leaving.discard(process)
            _retire(process)
        elif process is self._process:
            self._exit = (status is QProcess.ExitStatus.CrashExit, code)
            self._read_stderr(process)
            self._read(process)  # then `_drain` reports the death, after all that was said before it

    def _drop_worker(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            self._kill(process)
            self._exit = None  # what is left of it is not told again
            self._lines.clear()
            self._drain_soon.stop()
            self.worker_gone.emit()

    def _kill(self, process: QProcess) -> None:
        if process.state() is QProcess.ProcessState.NotRunning:
            _retire(process)
        else:
            self._leaving.add(process)
            process.kill()

    def _grace_over(self) -> None:
        handle = self._current
        if handle is not None:
            self._drop_worker()
            self._finish(handle, Finished("cancelled"))

    # --- what the worker says -------------------------------------------------------------------------------

    def _read_stderr(self, process: QProcess) -> None:
        if process is self._process:
            self._stderr = (self._stderr + process.readAllStandardError().data())[-STDERR_KEPT:]
        else:
            process.readAllStandardError()

    def _read(self, process: QProcess) -> None:
        data = process.readAllStandardOutput().data()
        if process is not self._process:
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._heard += max(1, len(lines))
        self._lines.extend(lines)
        self._backlog += sum(map(len, lines))
        if len(self._rest) > MAX_LINE_BYTES or any(len(line) > MAX_LINE_BYTES for line in lines):
            self._condemn(self.tr("it sent a line that is too long"))
        elif self._backlog > BACKLOG_LIMIT:
            self._condemn(self.tr("it sent more than can be shown"))
        else:
            self._drain()

    def _drain(self) -> None:
        """Pass on events for a slice of time; the rest after the window had its turn."""
        until = time.monotonic() + SLICE_S
        while self._lines:
            if time.monotonic() > until:
                self._drain_soon.start()
                return
            line = self._lines.popleft()
            self._backlog -= len(line)
            if not self._pass_on(line):
                self._condemn(self.tr("it sent something that is not an event"))
                return
        if self._exit is not None:
            self._report_exit(*self._exit)

    def _pass_on(self, line: bytes) -> bool:
        """Emit the event on this line; False if there is none on it."""
        try:
            message = json.loads(line)
            event, id = from_json(message, said), message["id"]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return False
        handle = self._current
        if handle is None or id != handle.id:  # the last words of a job that has ended
            if handle is None and not self._pulse.isActive():
                self._pulse.start()  # there should not be many
            return True
        if isinstance(event, Failed) and event.code in WORN_OUT:
            self._note_death(str(event.data.get("reason", event.code)))
            self._drop_worker()
        if isinstance(event, TERMINAL):
            self._finish(handle, event)
        else:
            handle.reported.emit(event)
        return True

    def _condemn(self, reason: str) -> None:
        """End a worker that cannot be trusted any more."""
        self._note_death(reason)
        self._drop_worker()
        self._tell(Failed("worker_died", {"reason": reason}))

    def _report_exit(self, crashed: bool, exit_code: int) -> None:
        process, self._process, self._exit = self._process, None, None
        if process is not None:
            _retire(process)
        code, data = worker_death.explain(crashed, exit_code, self._stderr)
        log.warning("a worker ended: %s, exit code %d", code, exit_code)
        self._note_death(data.get("reason") or self.tr("there was not enough memory"))
        self.worker_gone.emit()
        if self._current is not None and self._grace.isActive():
            self._finish(self._current, Finished("cancelled"))
        else:
            self._tell(Failed(code, data, self._stderr.decode("utf-8", "replace")))

    def _tell(self, failure: Failed) -> None:
        """Say why the worker is gone: to its job, or to whoever thought that it was resting."""
        if self._current is not None:
            self._finish(self._current, failure)
        else:
            self.lost.emit(failure)

    def _note_death(self, reason: str) -> None:
        log.warning("a worker ended: %s", reason)
        self._deaths.append(time.monotonic())
        self._last_death = reason

    # --- hanging --------------------------------------------------------------------------------------------

    def _feel_pulse(self) -> None:
        """Silent is fine while it computes (a long prompt) or reads (a long file); silent and idle for long is a hang,
        and never silent is a flood.

        Seconds are counted by this timer, so that a computer that slept is not taken for a worker that hangs.
        """
        heard, self._heard = self._heard, 0
        self._flooded_s = self._flooded_s + 1 if heard > FLOOD else 0
        if self._flooded_s >= FLOOD_LIMIT_S:
            self._condemn(self.tr("it sent more than can be shown"))
        elif self._current is None:
            if not heard:
                self._pulse.stop()
        elif self._lives() or heard:  # looked at every second, heard or not: it tells what was computed since
            self._quiet_s = 0
        else:
            self._quiet_s += 1
            if self._quiet_s >= QUIET_LIMIT_S:
                self._condemn(self.tr("it stopped responding"))

    def _lives(self) -> bool:
        """Whether the worker computed since the last look, or would if it could."""
        before, self._cpu_s = self._cpu_s, _cpu_seconds(self._process)
        return self._cpu_s - before > 0.02 or _is_kept_waiting(self._process)


def _line(message: dict[str, Any]) -> bytes:
    """The message as one line. Raises EngineError `message_too_long`."""
    line = json.dumps(message).encode() + b"\n"
    if len(line) > MAX_LINE_BYTES:
        raise EngineError("message_too_long", size=size_text(len(line)), limit=size_text(MAX_LINE_BYTES))
    return line


def _environment() -> QProcessEnvironment:
    """Ours without what looks like a secret, or is one: the keys of providers that variables hold."""
    environment = QProcessEnvironment()
    for name, value in without_secrets(os.environ, provider_list.key_variables()).items():
        environment.insert(name, value)
    environment.insert("GGML_NO_BACKTRACE", "1")
    environment.insert(WINDOW_VERSION, VERSION)
    return environment


def _cpu_seconds(process: QProcess | None) -> float:
    try:
        times = psutil.Process(process.processId()).cpu_times() if process is not None else None
    except psutil.Error:
        return 0.0
    return times.user + times.system if times is not None else 0.0


def _is_kept_waiting(process: QProcess | None) -> bool:
    """Whether a thread waits for a core, as at a low priority behind much else, or for a disk that spins up, a share,
    memory that is swapped in. States R and D of proc_pid_stat(5); elsewhere than on Linux nobody says.
    """
    if process is None:
        return False
    for stat in Path(f"/proc/{process.processId()}/task").glob("*/stat"):
        try:
            if stat.read_text().rpartition(")")[2].split()[0] in "RD":
                return True
        except OSError:  # the thread is just ending
            continue
    return False


def _retire(process: QProcess) -> None:
    """Delete a process that has ended, its slots first.

    They hold its client. If they were the last to do so, Qt would drop them halfway through deleting the process, and
    with them the client, which deletes the process once more.
    """
    for signal in (
        process.readyReadStandardOutput,
        process.readyReadStandardError,
        process.finished,
        process.errorOccurred,
    ):
        signal.disconnect()
    process.deleteLater()
