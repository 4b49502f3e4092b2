"""A state on a disk that fails, or a process that ends, at any write, flush, rename or creation."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import failing_states
import pytest

from engine.chat import kept_states

ROOT = Path(__file__).resolve().parents[3]
KILL = 0

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("cc") is None, reason="needs Linux and a C compiler"
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("failing") / "failing_disk.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, ROOT / "tests" / "failing_disk.c", "-ldl"], check=True)
    return library


def run(library: Path, home: Path, error: int, call: int, *guard: str) -> dict[str, bool] | None:
    """What the child said; None where it was killed."""
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    environment = {**os.environ, "LD_PRELOAD": str(library), "PYTHONPATH": paths, "SEEDLING_HOME": str(home)}
    script = [sys.executable, str(ROOT / "tests" / "failing_states.py"), str(error), str(call), *guard]
    done = subprocess.run(script, capture_output=True, text=True, env=environment, check=False, timeout=60)
    if error == KILL and done.returncode == -signal.SIGKILL:
        return None
    assert done.returncode == 0, done.stderr[-2000:]
    said: dict[str, bool] = json.loads(done.stdout)
    return said


def every_call(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, first: bool, guard: str = ""
) -> int:
    """How many calls there are; at each it is the old one, the new one, or none. first: there was none before."""
    call, said = 0, None
    while said is None or said["failed"]:
        call += 1
        home = tmp_path / f"{error}-{first}-{call}"
        said = run(library, home, error, -call if first else call, guard)
        monkeypatch.setenv("SEEDLING_HOME", str(home))
        before = None if first else failing_states.OLD
        # killed or failed after the rename it is the new one; without the old one's key it is none
        assert failing_states.found() in (None, before, failing_states.NEW)
        if said is not None and said["kept"]:
            assert failing_states.found() == failing_states.NEW
        kept_states.sweep(lambda: [1])
        assert not list(kept_states.folder().glob(".*"))
        assert failing_states.keep(failing_states.NEW)
        assert failing_states.found() == failing_states.NEW
    return call - 1


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, KILL])
def test_whatever_fails_it_is_the_old_the_new_or_none(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, first: bool
) -> None:
    """No error is ever raised, nothing half is taken, and the next state is kept as ever."""
    calls = every_call(library, tmp_path, monkeypatch, error, first)
    assert calls >= (12 if first else 6), (
        "its slices, the flushes and the rename; the first time the folder and the key"
    )


def test_written_in_place_it_would_be_half(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError):
        every_call(library, tmp_path, monkeypatch, KILL, first=False, guard="in-place")
