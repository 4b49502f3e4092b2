"""The table of what is tried on the fault rig. A new way of writing to the disk has a row in one of the modules below.

An operation is made of steps, each of which acknowledges something when it has been done. Whatever happens after k of
them, what is found is what k steps left, or k + 1.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

_MODULES = ("small_files", "chats", "states", "models", "moves", "runs")


@dataclass(frozen=True)
class Operation:
    """begin: writes what is there before, into a folder that is the home, too. act: does the work, from wherever an
    earlier life left it, and yields after each step that is acknowledged. look: what is found then; raises where it is
    neither whole nor absent. Damage that is repaired at the next start is repaired by it.

    told: codes by which a failure may be told besides those of the system. silent: it goes on in spite of a failure,
    and does not acknowledge the step. slow: tried in `make trials` alone. loose_calls: by so many calls two lives may
    differ. resists: what cannot be cleared away at the end stays.
    """

    name: str
    begin: Callable[[Path], object]
    act: Callable[[Path], Iterator[object]]
    look: Callable[[Path], Any]
    told: tuple[str, ...] = ()
    silent: bool = False
    slow: bool = False
    resists: bool = False
    loose_calls: int = 0

    def errors(self, number: int) -> tuple[int | str, ...]:
        system = "disk_full" if number == errno.ENOSPC else "os_error"
        return (number, system, *self.told)


OPERATIONS: dict[str, Operation] = {}


def load_all() -> None:
    """Read the modules of the table. Called late: they import much, and this one."""
    for module in _MODULES:
        for operation in import_module(f"faults.{module}").TABLE:
            OPERATIONS.setdefault(operation.name, operation)
