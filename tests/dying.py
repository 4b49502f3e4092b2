"""A process that dies at a chosen file operation, wherever that is: seen by Python's own audit events."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

OPERATIONS = ("open", "os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.mkdir", "os.utime")


def die_before(count: int, folders: tuple[str, ...]) -> Callable[[], int]:
    """End the process with 9 before its `count`-th operation in these folders; 0 never. Returns how many there are."""
    done = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal done
        if event in OPERATIONS and str(arguments[0]).startswith(folders):
            done += 1
            if done == count:
                os._exit(9)

    sys.addaudithook(watch)
    return lambda: done
