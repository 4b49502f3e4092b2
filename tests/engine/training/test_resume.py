"""A run killed at any step or instant, and resumed, ends as one that was not, bit for bit.

Killed at every call to the disk, or on a full one: tests/faults/runs.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import small_run

from engine.training import machine

ROOT = Path(__file__).resolve().parents[3]
MEMORY = Path("/dev/shm")

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="lives are forked processes")
needs_compiler = pytest.mark.skipif(not machine.has_compiler(), reason="no C++ compiler is found here")

# How often a run of 200 steps evaluates, saves and speaks; shorter ones do as small runs do.
SELDOM = {"evaluate_every": 20, "checkpoint_every": 7, "sample_every": 50, "evaluate_batches": 2}


class Program:
    """A program of the tests that takes long to import, and then answers one request after another."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process, self._log = process, log

    def ask(self, **request: Any) -> list[dict[str, Any]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        reports = []
        gone = json.dumps({"error": "it has ended"})
        while (report := json.loads(self._process.stdout.readline() or gone)) is not None:
            assert "error" not in report, f"{report['error']}\n{self._log.read_text()[-2000:]}"
            reports.append(report)
        assert len(reports) == request["count"]
        return reports


@contextmanager
def program(name: str, folder: Path, **environment: str) -> Iterator[Program]:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths, **environment}
    command, log = [sys.executable, str(ROOT / "tests" / name)], folder / "stderr.txt"
    with (
        open(log, "w") as said,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True, cwd=ROOT, env=environment
        ) as process,
    ):
        yield Program(process, log)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("killed")
    # compiled here, in each life anew: threads of another process would outlive it
    with program("killed_runs.py", folder, TORCHINDUCTOR_COMPILE_THREADS="1") as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where that can be: what a kill leaves does not depend on the disk, and flushing one is slow."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else tmp_path) as name:
        yield Path(name)


def check_killed(reports: list[dict[str, Any]], params: dict[str, Any]) -> None:
    for report in reports:
        assert (report["code"], report["differs"]) == (0, []), report
        assert report["redone"] <= params["checkpoint_every"], report


@needs_fork
@pytest.mark.trial(sample=10, full=200)
@pytest.mark.parametrize("kind", small_run.KINDS.values(), ids=small_run.KINDS)
def test_killed_at_a_step(killed: Program, folder: Path, trials: range, kind: dict[str, Any]) -> None:
    cadence = SELDOM if len(trials) >= 200 else {}
    params = small_run.of_method(folder=folder, **{"steps": len(trials), **cadence, **kind})
    reports = killed.ask(folder=str(folder), params=params, how="at", count=len(trials))
    check_killed(reports, params)
    assert len({report["killed"] for report in reports}) == len(trials), "each at another step"
    info = json.loads((folder / "whole" / "run.json").read_text())
    if "patience" in kind:
        assert (info["state"], info["model_step"] < info["steps"]) == ("early_stopping", True)
    else:
        assert (info["state"], info["steps"]) == ("done", len(trials))


@needs_fork
@pytest.mark.trial(sample=5, full=200)
def test_killed_at_any_instant(killed: Program, folder: Path, trials: range) -> None:
    params = small_run.of_method(folder=folder, **small_run.KINDS["muon"])
    check_killed(killed.ask(folder=str(folder), params=params, how="anywhen", count=len(trials)), params)


@needs_fork
@needs_compiler
@pytest.mark.trial(sample=0, full=3)
@pytest.mark.parametrize("kind", ["dropout", "lora-bf16"])
def test_a_compiled_run_killed_at_a_step(killed: Program, folder: Path, trials: range, kind: str) -> None:
    if not trials:
        pytest.skip("compiling takes a minute: in `make trials`")
    params = small_run.of_method(folder=folder, **small_run.KINDS[kind], compile="yes")
    check_killed(killed.ask(folder=str(folder), params=params, how="at", count=len(trials)), params)
