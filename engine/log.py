"""Logs under the home: a few megabytes whatever happens, and never what a person or a model wrote.

Every process writes files of its own, `<role>-<pid>-<number>.log`, so nothing has to be agreed between processes.
Before a file is begun the oldest ones go, until what stands and what may still grow fits the bound. What is said again
and again is counted, so that it does not push out what was said before.

At the default level no contents may reach a log: code logs what it does, not what it does it with. The text of
an exception is contents, too, so a traceback is written without it. `detailed` writes more of what is done, and no
contents either; `--log-level debug` writes everything.

Whatever the program did not know when it was written (names, addresses, texts of errors) stands between ⟨ and ⟩, so
that a report for others can do without (`engine.report`); numbers stand as they are.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import re
import traceback
from pathlib import Path
from typing import IO, Any

from engine import paths
from engine.errors import MESSAGES, EngineError
from engine.settings import stored

TOTAL_BYTES = 20_000_000
FILE_BYTES = 500_000
RECORD_BYTES = 8_000
OPEN, CLOSE = "⟨", "⟩"  # around a value; within one they are written ‹ and ›
LEVELS = ("debug", "detailed", "info", "warning", "error")

_SLACK_BYTES = 5_000_000  # for processes that look at the same instant, and see the same room
_MOST_FILES = 200
_TIME = len("2026-01-31 12:00:00,000")  # what differs between two lines that say the same
_CRASH = "crash-{pid}-1.log"
_CRASH_SHOWN = 16_000  # bytes: the thread that crashed comes first
_NAME = re.compile(r"[a-z]+-(?P<pid>\d+)-\d+\.log")


def start(role: str, level: str | None = None) -> None:
    """Log what `engine` and `app` say into files of this process; `role` is `worker`, `window`, `command`, ...

    level: one of LEVELS; None as the settings have it. Starting again replaces what was before.
    """
    if level is None:
        level = _level_of_settings()
    handler = _Files(role)
    handler.setFormatter(_Formatter(with_contents=level == "debug"))
    for name in ("engine", "app"):
        logger = logging.getLogger(name)
        for previous in logger.handlers:
            previous.close()
        logger.handlers = [handler]
        logger.setLevel("DEBUG" if level == "detailed" else level.upper())
        logger.propagate = False  # the root prints on standard error


def _level_of_settings() -> str:
    with contextlib.suppress(ImportError):  # an installation that `seedling doctor` mends
        return "detailed" if stored("log_level") == "detailed" else "info"
    return "info"


# --- crashes ---------------------------------------------------------------------------------------------------------


class CrashFile:
    """Where Python writes what it was doing when a signal of its own ends this process: SIGSEGV, SIGABRT, SIGILL, …

    Names of functions and files, no contents; at most a hundred threads with a hundred lines each, says faulthandler.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        folder = paths.logs()
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if make_room(folder):
                self._path = folder / _CRASH.format(pid=os.getpid())
                self._file = open(self._path, "wb", opener=_private)  # noqa: SIM115 - as long as the process runs
                faulthandler.enable(self._file)

    def close(self) -> None:
        """The process ends well."""
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._file = None
            with contextlib.suppress(OSError):
                self._path.unlink()


def crash_of(process: int) -> str:
    """What a process that has ended left in its `CrashFile`; empty where it was ended from outside."""
    path = paths.logs() / _CRASH.format(pid=process)
    try:
        with open(path, "rb") as file:
            text = file.read(_CRASH_SHOWN).decode("utf-8", "replace")
        if not text:
            path.unlink()
    except OSError:
        return ""
    return text


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


# --- files -----------------------------------------------------------------------------------------------------------


class _Files(logging.Handler):
    """Writes records to a file of this process, and begins another one when it is full.

    No trouble with the disk reaches the caller: a record that cannot be written is lost.
    """

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role
        self._number = 0
        self._descriptor: int | None = None
        self._size = 0
        self._said, self._when, self._again = "", "", 0  # the last line, and how often it came again

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)[:RECORD_BYTES]
        when, said = text[:_TIME], text[_TIME:]
        if said == self._said:
            self._when, self._again = when, self._again + 1
            if (
                self._again >= 10 and str(self._again).strip("0") == "1"
            ):  # a process that dies meanwhile has told the order of magnitude
                self._tell_again()
        else:
            if self._again:
                self._tell_again()
            self._said, self._again = said, 0
            self._write(text)

    def _tell_again(self) -> None:
        self._write(f"{self._when} the line before: {self._again} more")

    def _write(self, text: str) -> None:
        line = _cut(text.encode("utf-8", "backslashreplace")) + b"\n"
        with contextlib.suppress(OSError, ImportError):  # ImportError: an installation that `seedling doctor` mends
            if self._descriptor is None or self._size + len(line) > FILE_BYTES:
                self._begin_file()
            if self._descriptor is not None:
                self._size += os.write(self._descriptor, line)

    def close(self) -> None:
        if self._again:
            self._tell_again()
            self._again = 0
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        super().close()

    def _begin_file(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        folder = paths.logs()
        folder.mkdir(parents=True, exist_ok=True)
        if not make_room(folder):
            return
        self._number += 1
        path = folder / f"{self._role}-{os.getpid()}-{self._number}.log"
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._size = 0


def delete_old(folder: Path) -> int:
    """Delete the logs of processes that have ended; how many bytes that freed."""
    freed = 0
    for path in folder.glob("*.log"):
        if (match := _NAME.fullmatch(path.name)) and not _is_alive(int(match["pid"])):
            with contextlib.suppress(OSError):
                size = path.stat().st_size
                path.unlink()
                freed += size
    return freed


def make_room(folder: Path) -> bool:
    """Delete the oldest logs until another file fits; False where those that cannot be deleted fill the bound."""
    files = []
    for path in folder.iterdir():
        if _NAME.fullmatch(path.name):
            with contextlib.suppress(OSError):
                files.append((path.stat().st_mtime, path, _may_become(path)))
    files.sort()
    taken, count = sum(size for _, _, size in files), len(files)
    for _, path, size in files:
        if taken + FILE_BYTES <= TOTAL_BYTES - _SLACK_BYTES and count < _MOST_FILES:
            break
        with contextlib.suppress(OSError):
            path.unlink()
            taken, count = taken - size, count - 1
    return taken + FILE_BYTES <= TOTAL_BYTES - _SLACK_BYTES


def _may_become(path: Path) -> int:
    """Bytes the file has, or may still get while its process lives."""
    match = _NAME.fullmatch(path.name)
    alive = match is not None and _is_alive(int(match["pid"]))
    return max(FILE_BYTES, path.stat().st_size) if alive else path.stat().st_size


def _is_alive(process: int) -> bool:
    if os.name == "nt":
        import psutil

        return bool(psutil.pid_exists(process))
    try:
        os.kill(process, 0)
    except PermissionError:  # somebody else's
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return process > 0


class Value:
    """An argument of a message, written between the marks."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __str__(self) -> str:
        return _marked(str(self._value))

    def __repr__(self) -> str:
        return _marked(repr(self._value))


def _marked(text: str) -> str:
    return f"{OPEN}{text.replace(OPEN, '‹').replace(CLOSE, '›')}{CLOSE}"


def _cut(line: bytes) -> bytes:
    """A record with room for the end of its line; cut within a value, it has that value's end."""
    if len(line) < RECORD_BYTES:
        return line
    line, begins, ends = line[: RECORD_BYTES - 1], OPEN.encode(), CLOSE.encode()
    if line.rfind(begins) <= line.rfind(ends):
        return line
    return line[: -len(ends)].decode("utf-8", "ignore").encode() + ends


class _Formatter(logging.Formatter):
    """`2026-01-31 12:00:00,000 WARNING engine.jobs: sentence`, then the traceback if there is one."""

    def __init__(self, with_contents: bool) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._with_contents = with_contents

    def format(self, record: logging.LogRecord) -> str:
        record = logging.makeLogRecord(record.__dict__)
        if isinstance(record.args, tuple):
            record.args = tuple(map(as_written, record.args))
        elif record.args:
            record.args = {name: as_written(each) for name, each in record.args.items()}
        return super().format(record)

    def formatException(self, info: Any) -> str:
        error: BaseException | None = info[1]
        parts = []
        while error is not None:
            frames = "".join(traceback.format_tb(error.__traceback__))
            text = f": {_marked(str(error))}" if self._with_contents else ""
            parts.append(f"{frames}{type(error).__module__}.{type(error).__qualname__}{text}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nafter\n".join(parts)


def as_written(value: object) -> object:
    """An argument of a message as the log has it: numbers as they are, of an error of ours its code before its text."""
    if value is None or isinstance(value, int | float):
        return value
    return f"{value.code}{Value(value)}" if isinstance(value, EngineError) and value.code in MESSAGES else Value(value)
