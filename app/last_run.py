"""How far the window came last time, from a small file that is there only while it runs.

It is written as the start begins, again at each step below, and deleted at a good end; so what a start finds is how
far a run came that had no good end. What that means for the start that finds it:

| the run before                                        | how we start | because (`Cause`) |
|-------------------------------------------------------|--------------|-------------------|
| ended well, or there was none                         | as usual     |                   |
| ended while it started, or within `SETTLE_S` after it | safe         | START             |
| ended while a model was being loaded, whenever        | safe         | LOADING           |
| ended later, the one before it well                   | as usual     |                   |
| ended later, and the one before it badly, too         | safe         | TWICE             |
| left a file that says nothing we know                 | as usual     |                   |
| whatever it was, but the person asks for it           | safe         | ASKED             |

So nobody whose computer is switched off under an open window is bothered, and nothing that ends Seedling at its start
can do so for ever. A start that is refused in words leaves the file as it found it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from enum import Enum
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine import files

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

log = logging.getLogger(__name__)

SETTLE_S = 10  # a window that could be used for so long has started
_STARTING, _SETTLED = "starting", "settled"
_MOST_BYTES = 10_000
_LONGEST_NAME = 200


class Cause(Enum):
    """Why a start is a safe one."""

    START = "start"
    LOADING = "loading"
    TWICE = "twice"
    ASKED = "asked"


class Run(NamedTuple):
    """`loading`: names of the models that were being loaded. `deaths`: how many runs before it had no good end."""

    pid: int
    phase: str = _STARTING
    loading: tuple[str, ...] = ()
    deaths: int = 0


def cause(last: Run | None, asked: bool = False) -> Cause | None:
    """Why to start safely, by the table above; None for a start as usual."""
    if asked:
        return Cause.ASKED
    if last is None:
        return None
    if last.loading:
        return Cause.LOADING
    if last.phase != _SETTLED:
        return Cause.START
    return Cause.TWICE if last.deaths else None


class LastRun:
    """`last` is the run before, None where that ended well; what is said after `begin` is of this run.

    The file is written on a thread of its own, in the order in which things happen. A disk that refuses is no reason
    not to start: then the next start knows nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.last = _read(path)
        self._run = Run(os.getpid())
        self._ended = False

    @cached_property
    def _writer(self) -> ThreadPoolExecutor:
        from concurrent.futures import ThreadPoolExecutor  # not before the window is shown

        return ThreadPoolExecutor(1, thread_name_prefix="last-run")

    def begin(self) -> None:
        """This run starts, or does again what a safe one had left out."""
        deaths = self.last.deaths + 1 if self.last is not None else 0
        run = self._run._replace(phase=_STARTING, deaths=deaths)
        if self._run == Run(os.getpid()):
            self._run = run  # not waited for until it is on the disk: a computer that is switched off is no bad end
            _attempt(partial(self._path.write_text, json.dumps(run._asdict())))
        else:
            self._set(run)

    def settle(self) -> None:
        """The window could be used for `SETTLE_S`."""
        self._set(self._run._replace(phase=_SETTLED))

    def load(self, name: str) -> None:
        """A model of this name is about to be loaded."""
        self._set(self._run._replace(loading=(*self._run.loading, name[:_LONGEST_NAME])))

    def loaded(self, name: str) -> None:
        """Loading it is over, however that went."""
        left = list(self._run.loading)
        if name[:_LONGEST_NAME] in left:
            left.remove(name[:_LONGEST_NAME])
        self._set(self._run._replace(loading=tuple(left)))

    def end(self) -> None:
        """A good end."""
        self._close(partial(self._path.unlink, missing_ok=True))

    def refuse(self) -> None:
        """The start was refused in words; what it found is there for the next one."""
        if self.last is None:
            self.end()
        else:
            self._close(partial(_write, self._path, self.last))

    def flush(self) -> None:
        """Wait until everything is on the disk."""
        if not self._ended:
            self._writer.submit(int).result()

    def _set(self, run: Run) -> None:
        self._run = run
        self._submit(partial(_write, self._path, run))

    def _submit(self, work: Callable[[], object]) -> None:
        if not self._ended:
            self._writer.submit(_attempt, work)

    def _close(self, work: Callable[[], object]) -> None:
        self._submit(work)
        self._ended = True
        self._writer.shutdown()


def _attempt(work: Callable[[], object]) -> None:
    try:
        work()
    except OSError as error:
        log.warning("how far this run came could not be noted: %s", error)


def _write(path: Path, run: Run) -> None:
    files.write_json(path, run._asdict())


def _read(path: Path) -> Run | None:
    """None also where the file is none of ours: a guess would be worse."""
    try:
        with open(path, "rb") as file:
            content = json.loads(file.read(_MOST_BYTES))
        pid, phase, loading, deaths = (content[name] for name in ("pid", "phase", "loading", "deaths"))
        fits = type(pid) is int and type(deaths) is int and deaths >= 0 and phase in (_STARTING, _SETTLED)
        if fits and isinstance(loading, list) and all(isinstance(name, str) for name in loading):
            return Run(pid, phase, tuple(name[:_LONGEST_NAME] for name in loading), deaths)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        log.warning("%s tells nothing of the last run: %s", path.name, type(error).__name__)
    return None
