"""Lives that are cut short: a program that forks for each. Started by rig.py with disk.so preloaded.

A line of JSON on stdin asks for one, see `Asked`; the answer, when the life has ended, is a line of JSON, see `Life`.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import sys
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path

UNTOUCHED, KILLED, TORN, REFUSED, FULL, SHORTENED = range(6)  # as in disk.c


@dataclass(frozen=True)
class Asked:
    """operation: its name. begin: it is prepared instead. place: its folder, and the home.

    way, error, call: what happens at which call. steps: after how many it ends. record: a file for what is changed.
    without: the name of a guard that is taken away.
    """

    operation: str
    place: str
    begin: bool = False
    way: int = UNTOUCHED
    error: int = errno.ENOSPC
    call: int = 0
    steps: int = 10**9
    record: str = ""
    without: str = ""
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Life:
    """code: as of a process that ended. steps: acknowledged. calls: that changed something. failed: whether one was
    made to fail. error: what came of it, the system's number or the code of an `EngineError`; complaint: all of it.
    """

    code: int
    steps: int
    calls: int = 0
    failed: bool = False
    error: int | str | None = None
    complaint: str = ""


def live(asked: Asked, tell: int) -> None:
    from faults import guards
    from faults.operations import OPERATIONS

    os.environ.update(asked.environment, SEEDLING_HOME=asked.place)
    operation, place, error, complaint = OPERATIONS[asked.operation], Path(asked.place), None, ""
    if asked.begin:
        operation.begin(place)
        _say(tell, {})
        return
    guards.take_away(asked.without)
    disk = ctypes.CDLL(None)
    record = os.open(asked.record, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if asked.record else -1
    disk.disk_arm(os.fsencode(place), record, asked.way, asked.error, asked.call)
    try:
        steps = operation.act(place)
        for step, _ in zip(range(1, asked.steps + 1), steps, strict=False):
            disk.disk_note(b"step")
            _say(tell, {"steps": step})
    except Exception as raised:
        error = getattr(raised, "code", getattr(raised, "errno", None)) or type(raised).__name__
        complaint = traceback.format_exc()
    disk.disk_disarm()
    end = {"calls": disk.disk_calls(), "failed": bool(disk.disk_failed()), "error": error, "complaint": complaint}
    _say(tell, end)


def _say(tell: int, line: dict[str, object]) -> None:
    os.write(tell, json.dumps(line).encode() + b"\n")


def _whole_life(asked: Asked) -> Life:
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reader)
        code = 1
        try:
            live(asked, writer)
            code = 0
        except BaseException:
            traceback.print_exc()
        os._exit(code)
    os.close(writer)
    with open(reader, "rb") as said:
        lines = [json.loads(line) for line in said]
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    told: dict[str, object] = {"steps": 0}
    for line in lines:
        told |= line
    return Life(code, **told)  # type: ignore[arg-type]


def main() -> None:
    from faults.operations import load_all

    load_all()  # once, instead of in every life
    for line in sys.stdin:
        print(json.dumps(asdict(_whole_life(Asked(**json.loads(line))))), flush=True)


if __name__ == "__main__":
    main()
