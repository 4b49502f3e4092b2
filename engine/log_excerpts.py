"""What the logs tell without a word of a person's, a model's or a file's: for a report that is shown to others.

Only lines of the forms that our own logs have are taken, and of these what stands between the marks of `engine.log` is
left out, unless it is a word of ours. So nothing has to be recognised as a secret: what is not known is not told.
"""

from __future__ import annotations

import builtins
import os
import re
import signal
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from engine.errors import MESSAGES
from engine.log import CLOSE, OPEN
from engine.settings import OPTIONS

MOST_FILES = 24  # the newest
MOST_ENTRIES = 2_000  # of the folder that are looked at
TAIL_BYTES = 64_000  # of each file, from its end
SECONDS = 4.0  # for all files together
FRAMES = 30  # of a traceback

_NAME = re.compile(r"(?P<role>[a-z]+)-\d{1,12}-\d{1,12}\.log")
_VALUE = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}?")
_TIME = r"(?P<when>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})"
_RECORD = re.compile(rf"{_TIME} (?P<level>[A-Z]{{4,8}}) (?P<place>(?:engine|app)(?:\.\w+)*): (?P<text>.*)")
_AGAIN = re.compile(rf"{_TIME} the line before: (?P<count>\d{{1,12}}) more")
_FRAME = re.compile(r'  File "(?P<path>[^"]*)", line (?P<line>\d{1,9})(?:,)? in (?P<name>[\w.<>]{1,100})')
_SOURCE = re.compile(r"    .*")  # a line of the program's own text, which whoever mends it has
_REPEATED = re.compile(r"  \[Previous line repeated \d{1,9} more times?\]")
_ENDING = re.compile(rf"(?P<kind>[A-Za-z_][\w.]{{0,100}})(?:: {OPEN}…{CLOSE})?")
_CRASH = re.compile(
    r"Fatal Python error: (Segmentation fault|Aborted|Bus error|Illegal instruction|Floating point exception|\w+)"
    r"|Windows fatal exception: (code 0x[0-9a-f]{8}|access violation|stack overflow|\w+)"
    r"|(Current thread|Thread) 0x[0-9a-f]{1,16} (\[[^\]]{0,40}\] )?\(most recent call first\):"
    r"|  (<no Python frame>|Garbage-collecting|\.\.\.)"
    r"|Extension modules: [\w., ]{0,4000} \(total: \d{1,6}\)"
)
_THREAD_NAME = re.compile(r" \[[^\]]{0,40}\](?= \(most)")

# Packages whose classes of errors are told by name.
_PACKAGES = frozenset(
    "engine app builtins json torch jinja2 markupsafe apsw tokenizers safetensors pyarrow huggingface_hub httpx2 "
    "openai anthropic pydantic keyring concurrent ssl".split()
)
# Words of ours that a value may be, and which say what went wrong.
_ERRORS = (name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException))
KNOWN = frozenset({*MESSAGES, *OPTIONS, *_ERRORS, *(each.name for each in signal.Signals)})
_ROOT, _PYTHON = Path(__file__).resolve().parent.parent, Path(os.__file__).parent


class Record(NamedTuple):
    when: str
    role: str  # of the process: window, worker, command, ...
    level: str
    place: str
    text: str
    trace: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        return [f"{self.when} {self.role} {self.level} {self.place}: {self.text}", *(f"    {n}" for n in self.trace)]


@dataclass
class Excerpts:
    """`records` in the order of time; `crashes`: a list of lines each, the newest first; `notes`: what is missing."""

    records: list[Record] = field(default_factory=list)
    crashes: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: int = 0  # lines that were of no form of ours, or of the level debug


def read(folder: Path) -> Excerpts:
    """All of it; what cannot be read is said in `notes`. Takes bounded time and memory, whatever lies there."""
    found, deadline = Excerpts(), time.monotonic() + SECONDS
    try:
        newest = _newest(folder, found)
    except OSError as error:
        found.notes.append(f"The folder of the logs cannot be read ({_reason(error)}).")
        return found
    for number, (path, role) in enumerate(newest):
        if time.monotonic() > deadline:
            found.notes.append(f"{len(newest) - number} logs were left unread: it took too long.")
            break
        try:
            text = _tail(path)
        except OSError as error:
            found.notes.append(f"A log of a {role} cannot be read ({_reason(error)}).")
            continue
        if "\ufffd" in text:
            found.notes.append(f"A log of a {role} is damaged in places.")
        if role == "crash":
            found.crashes += [lines] if (lines := list(_crash_lines(text, found))) else []
        else:
            _take(text, role, found)
    found.records.sort(key=lambda record: record.when)
    if found.left_out:
        found.notes.append(f"{found.left_out} lines are left out: of the level debug, or in no form that is known.")
    return found


def told(text: str) -> str:
    """The text without its values; those that are words of ours stay."""
    return _VALUE.sub(lambda found: f"{OPEN}{found[1]}{CLOSE}" if found[1] in KNOWN else f"{OPEN}…{CLOSE}", text)


# --- files -----------------------------------------------------------------------------------------------------------


def _newest(folder: Path, found: Excerpts) -> list[tuple[Path, str]]:
    """The newest logs and whose they are. Raises OSError."""
    times, others = [], 0
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries):
            if number == MOST_ENTRIES:
                found.notes.append(f"The folder of the logs holds more than {MOST_ENTRIES} files; the others wait.")
                break
            match = _NAME.fullmatch(entry.name)
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                match = None
            if match is None or not stat.S_ISREG(status.st_mode):
                others += 1
            elif status.st_size:
                times.append((status.st_mtime, Path(entry.path), match["role"]))
    if others:
        found.notes.append(f"{others} files beside the logs are none of ours and were not opened.")
    times.sort(reverse=True)
    if len(times) > MOST_FILES:
        found.notes.append(f"Of {len(times)} logs the newest {MOST_FILES} were read.")
    return [(path, role) for _, path, role in times[:MOST_FILES]]


def _tail(path: Path) -> str:
    """The end of a file from where a line begins, without what is left of a value. Raises OSError."""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(max(0, size - TAIL_BYTES))
        text = file.read(TAIL_BYTES).decode("utf-8", "replace")
    if size > TAIL_BYTES:
        end, begin = text.find(CLOSE), text.find(OPEN)
        if end >= 0 and (begin < 0 or end < begin):  # it begins within a value
            text = text[end + 1 :]
        text = text.partition("\n")[2]
    return text


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else type(error).__name__


# --- lines -----------------------------------------------------------------------------------------------------------


def _take(text: str, role: str, found: Excerpts) -> None:
    """Add the records of a log."""
    record: Record | None = None
    for line in told(text).split("\n"):
        if (match := _RECORD.fullmatch(line)) is not None:
            _keep(record, found)
            record = Record(match["when"], role, match["level"], match["place"], match["text"])
        elif (again := _AGAIN.fullmatch(line)) is not None and record is not None:
            record = record._replace(text=f"{record.text} ({again['count']} more until {again['when']})")
        elif (frame := _trace_line(line)) is not None and record is not None:
            record = record._replace(trace=(*record.trace[-FRAMES:], frame)) if frame else record
        elif line:
            found.left_out += 1
    _keep(record, found)


def _keep(record: Record | None, found: Excerpts) -> None:
    if record is None:
        return
    if record.level == "DEBUG":
        found.left_out += 1 + len(record.trace)
    else:
        found.records.append(record)


def _trace_line(line: str) -> str | None:
    """A line of a traceback as it is told, empty for one that is not; None for what is none."""
    if (frame := _FRAME.fullmatch(line)) is not None:
        return f"{_place(frame['path'])}:{frame['line']} in {frame['name']}"
    if line == "after" or (_REPEATED.fullmatch(line)):
        return line.strip()
    if (ending := _ENDING.fullmatch(line)) is not None:
        return _class_name(ending["kind"])
    return "" if _SOURCE.fullmatch(line) else None


def _class_name(name: str) -> str:
    """Of an exception, by its module: one that is loaded here, or the last part alone."""
    known = name.rpartition(".")[2] in KNOWN or name.partition(".")[0] in _PACKAGES
    return name if known else "an exception"


def _place(path: str) -> str:
    """A file of the program or of a library, as others have it too; of any other nothing is told."""
    parts = path.replace("\\", "/").split("/")
    for root in ("site-packages", "_internal"):
        if root in parts:
            return "/".join(parts[parts.index(root) + 1 :])
    for folder in (_ROOT / "engine", _ROOT / "app"):
        if Path(path).is_relative_to(folder):
            return Path(path).relative_to(_ROOT).as_posix()
    if parts[0] in ("engine", "app"):  # of the packed program, as it was compiled
        return "/".join(parts)
    return f"python/{Path(path).relative_to(_PYTHON).as_posix()}" if Path(path).is_relative_to(_PYTHON) else "…"


def _crash_lines(text: str, found: Excerpts) -> Iterator[str]:
    """What Python was doing when a signal ended it; at most a few threads of it."""
    for number, line in enumerate(told(text).split("\n")):
        if number >= 4 * FRAMES:
            yield "…"
            return
        if (frame := _FRAME.fullmatch(line)) is not None:
            yield f"  {_place(frame['path'])}:{frame['line']} in {frame['name']}"
        elif _CRASH.fullmatch(line):
            yield _THREAD_NAME.sub("", line)
        elif line:
            found.left_out += 1


def last(records: Iterable[Record], count: int) -> list[str]:
    """The last so many records, a line or more each."""
    return [line for record in list(records)[-count:] for line in record.lines]
