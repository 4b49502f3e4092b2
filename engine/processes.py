"""Processes: how our helpers are started, how they keep their channel clean, and how they end with their parent.

Nothing but the standard library is imported here: a worker calls this before anything else is loaded.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import BinaryIO, NoReturn

# Kind of helper -> the module that runs it. The frozen command line program is started with `--kind`.
HELPERS = {"worker": "engine.worker", "templates": "engine.chat.template_process", "usable": "app.usable"}

SAFELY = "--safe"  # the argument that opens a window which loads nothing by itself

_SECRET = re.compile(r"(^|_)(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$", re.IGNORECASE)
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def helper_command(kind: str) -> list[str]:
    """The command that starts a helper of ours, from source, wheel and frozen program alike.

    The frozen program is two: a helper speaks on its standard streams, which the one of the window has not on Windows.
    """
    if getattr(sys, "frozen", False):
        ours = Path(sys.executable)
        return [str(ours.with_name(f"seedling{ours.suffix}")), f"--{kind}"]
    # -P: a folder named `engine` where the person happens to stand is not ours.
    return [sys.executable, "-P", "-m", HELPERS[kind]]


def without_secrets(environment: Mapping[str, str], named: Collection[str] = ()) -> dict[str, str]:
    """An environment for a helper: what parses models must hold no secret. named: further variables that are one."""
    hidden = {name.casefold() for name in named}
    return {
        name: value for name, value in environment.items() if name.casefold() not in hidden and not _SECRET.search(name)
    }


def protect_stdout() -> BinaryIO:
    """Keep standard output for our own lines: a private copy of it, while descriptor 1 becomes descriptor 2.

    Whatever Python, C or a child prints after this lands on standard error.
    """
    _open_standard_descriptors()
    if sys.stdout is not None:
        sys.stdout.flush()
    private = os.dup(1)  # not inherited: no child can write there
    os.dup2(2, 1)
    if sys.stderr is None:  # a program without a console
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stdout = sys.stderr
    return os.fdopen(private, "wb")


def rank_and_size() -> tuple[int, int]:
    """This process's number among those that torchrun started together, and how many they are."""
    return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))


def end(code: int) -> NoReturn:
    """End the program. One of several that trained together leaves without Python's cleaning up: a thread of gloo
    may still be letting go of a tensor, and once Python is gone that aborts the process (torch 2.13).
    """
    if rank_and_size()[1] > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def end_with_parent() -> None:
    """On Linux, ask the kernel to kill this process when its parent ends.

    The kernel means the thread that started us: start helpers from a thread that lives as long as they should.
    Elsewhere, and besides, the end of standard input is the sign that the parent is gone.
    """
    if sys.platform != "linux":
        return
    import ctypes

    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended while we asked
        os._exit(1)


def lower_priority() -> None:
    """Give way to everything else on this machine, for long work nobody waits for."""
    if sys.platform == "win32":
        import psutil

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(10)


def _open_standard_descriptors() -> None:
    """Make 0, 1 and 2 exist, so that no file opened later takes their place."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
