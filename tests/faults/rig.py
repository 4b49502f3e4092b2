"""What is done to an operation, and what must hold: see `Rig.fails_at_every_call` and `Rig.survives_power_cuts`."""

from __future__ import annotations

import errno
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from faults import child, guards, power_cut
from faults.child import Asked, Life
from faults.operations import OPERATIONS, Operation

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MEMORY = Path("/dev/shm")

needs_preload = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("cc") is None, reason="needs Linux and a C compiler"
)


@dataclass(frozen=True)
class Way:
    """How a call ends. kind, error: as in `Asked`."""

    kind: int
    error: int = errno.ENOSPC


WAYS = {
    "killed": Way(child.KILLED),
    "torn": Way(child.TORN),
    "full": Way(child.FULL),
    "broken": Way(child.REFUSED, errno.EIO),
    "shortened": Way(child.SHORTENED),
}


class Rig:
    """Tries operations in one folder. without: the name of a guard that is taken away from all of them."""

    def __init__(self, program: subprocess.Popen[str], folder: Path, without: str = "") -> None:
        self._program, self._folder, self.without = program, folder, without
        self.place = folder / "place"
        self.environment: dict[str, str] = {}
        self._wholes: dict[str, tuple[list[Any], list[str]]] = {}

    def live(self, asked: Asked) -> Life:
        """One life, to its end."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        asked = replace(asked, without=self.without, environment=self.environment)
        print(json.dumps(asdict(asked)), file=self._program.stdin, flush=True)
        return Life(**json.loads(self._program.stdout.readline()))

    def fails_at_every_call(self, name: str, way: str, most: int) -> int:
        """The first call fails, the second, … until the operation passes untouched; of more than `most` calls as many
        are tried, spread evenly. Returns how many were. After each:

        - what lies on the disk is what was there before the step that was cut off, or after it; nothing that was
          acknowledged is missing, and a failure was told;
        - the operation, asked for again, does its work, and nothing is left that is not its own.
        """
        operation, how = OPERATIONS[name], WAYS[way]
        asked = Asked(name, str(self.place), way=how.kind, error=how.error)
        with self._looking():
            states, names = self._whole(operation)
            self._reset(name)
            calls = self.live(replace(asked, call=10**9)).calls
            tried = min(calls, most)
            for number in range(tried):
                call = 1 + (2 * number + 1) * calls // (2 * tried)
                self._reset(name)
                life = self.live(replace(asked, call=call))
                where = f"{name}, {way} at {call} of {calls}: {life}"
                _check_end(operation, how, life, len(states) - 1, where)
                _check_state(operation, self.place, states[life.steps : life.steps + 2], where)
                resists = operation.resists and how.kind == child.REFUSED
                self._check_again(operation, states[-1], [] if resists else names, where)
            self._reset(name)
            life = self.live(replace(asked, call=calls + operation.loose_calls + 1))
            assert (life.code, life.error, life.failed) == (0, None, False), life
            return tried

    def survives_power_cuts(self, name: str, count: int, lies: bool = False) -> None:
        """`count` images of what a power cut may leave at any moment hold what was acknowledged by then, or what came
        next; then the operation does its work. lies: the disk flushes nothing, and what was there before is enough.
        """
        operation, record = OPERATIONS[name], self._folder / "record"
        with self._looking():
            states, names = self._whole(operation)
            self._reset(name)
            disk = power_cut.Disk(self.place, lies)
            record.unlink(missing_ok=True)
            life = self.live(Asked(name, str(self.place), record=str(record)))
            assert (life.code, life.error) == (0, None), life
            changes = power_cut.read(record)
            done = steps = 0
            for seed in range(count):
                moment = 1 + seed * len(changes) // count
                for change in changes[done:moment]:
                    disk.do(change)
                    steps += change.kind == "n"
                done = moment
                policy = power_cut.POLICIES[seed % len(power_cut.POLICIES)]
                shutil.rmtree(self.place)
                disk.leave(self.place, policy, random.Random(seed))
                where = f"{name}, power cut after {done} of {len(changes)}, {policy}, {seed}"
                _check_state(operation, self.place, states[0 if lies else steps : steps + 2], where)
                self._check_again(operation, states[-1], names, where)

    # --- parts --------------------------------------------------------------------------------------------------------

    def _whole(self, operation: Operation) -> tuple[list[Any], list[str]]:
        """What is there after none, one, … and all of its steps; the names that lie there at the end."""
        name, states = operation.name, []
        if name in self._wholes:
            return self._wholes[name]
        whole = Asked(name, str(self.place))
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.rmtree(self._begun_of(name), ignore_errors=True)
        self.place.mkdir()
        life = self.live(replace(whole, begin=True))
        assert life.code == 0
        self.place.rename(self._begun_of(name))
        self._reset(name)
        steps = self.live(whole).steps
        for number in range(steps + 1):
            self._reset(name)
            life = self.live(replace(whole, steps=number))
            assert (life.code, life.error) == (0, None), life.complaint
            states.append(operation.look(self.place))
        return self._wholes.setdefault(name, (states, _names(self.place)))

    def _begun_of(self, name: str) -> Path:
        return self._folder / f"begun {name}"

    def _reset(self, name: str) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self._begun_of(name), self.place, symlinks=True)

    def _check_again(self, operation: Operation, wanted: Any, names: list[str], where: str) -> None:
        life = self.live(Asked(operation.name, str(self.place)))
        assert (life.code, life.error) == (0, None), f"{where}; again: {life.complaint}"
        _check_state(operation, self.place, [wanted], f"{where}; again")
        there, wanted_names = Counter(_names(self.place) if names else []), Counter(names)
        left = list((there - wanted_names).elements())
        assert not left, f"{where}; {left} left"
        missing = [name for name in (wanted_names - there).elements() if not name.endswith(".lock")]  # made when needed
        assert not missing, f"{where}; {missing} missing"

    @contextmanager
    def _looking(self) -> Iterator[None]:
        """What is looked at here is looked at as the lives do."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SEEDLING_HOME", str(self.place))
            guards.take_away(self.without, patch)
            yield


def _check_end(operation: Operation, way: Way, life: Life, steps: int, where: str) -> None:
    if way.kind in (child.KILLED, child.TORN):
        assert life.code == -signal.SIGKILL, where
    else:
        assert life.code == 0, where
        if way.kind == child.SHORTENED:
            assert life.error is None, where
        if life.error is None:
            assert operation.silent or life.steps == steps, f"a call failed and nobody was told: {where}"
        else:
            assert life.error in operation.errors(way.error), f"{where}\n{life.complaint}"


def _check_state(operation: Operation, place: Path, allowed: list[Any], where: str) -> None:
    try:
        found = operation.look(place)
    except Exception as error:
        raise AssertionError(f"{where}: {error!r}") from error
    assert found in allowed, where


def _names(place: Path) -> list[str]:
    """Of all files and folders, hidden ones too; moments and numbers of processes count as the same."""
    return sorted(re.sub(r"\d{4,}", "#", str(path.relative_to(place))) for path in place.rglob("*"))


def built(folder: Path) -> str:
    """The disk that fails, to be preloaded."""
    library = str(folder / "disk.so")
    command = ["cc", "-O1", "-shared", "-fPIC", "-o", library, str(HERE / "disk.c"), "-ldl", "-lpthread"]
    subprocess.run(command, check=True)
    return library


@contextmanager
def program(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The program that forks, with the disk that fails. folder: for the library."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths, "LD_PRELOAD": built(folder)}
    command = [sys.executable, str(HERE / "child.py")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as started:
        yield started
        assert started.stdin is not None
        started.stdin.close()


@contextmanager
def place(folder: Path) -> Iterator[Path]:
    """In memory where that can be: what a fault leaves does not depend on the disk, and flushing one is slow."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else folder) as name:
        yield Path(name).resolve()
