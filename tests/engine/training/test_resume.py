"""A run killed at any step or instant, and resumed, gives the losses and weights of one that was not, bit for bit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import small_run

ROOT = Path(__file__).resolve().parents[3]

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="lives are forked processes")

# Together: both optimizers, both shapes, dropout, several micro-batches a step, and overlapping windows.
MUON = {"method": "pretrain", "optimizer": "muon", "accumulation": 2, "stride": 8}
DROPOUT = {"method": "pretrain", "optimizer": "adamw", "shape": "gpt2", "dropout": 0.2, "precision": "bf16"}
# An adapter over a base in few bits that is computed again backward.
LORA_4_BITS = {
    "method": "lora", "lora.rank": 4, "lora.dropout": 0.2, "lora.bits": 4, "recompute": True, "precision": "float32",
}  # fmt: skip
KINDS = {
    "muon": MUON,
    "dropout": DROPOUT,
    "continue": {"method": "continue"},
    "full": {"method": "full", "accumulation": 2},
    "lora-4-bits": LORA_4_BITS,
    "lora-bf16": {"method": "lora", "lora.rank": 2, "lora.rslora": True, "precision": "bf16", "accumulation": 2},
    "classify": {"method": "classify", "dropout": 0.1},
    "dpo": {"method": "dpo"},
    "dpo-lora": {"method": "dpo", "dpo.train": "lora", "dpo.loss": "normalised", "lora.rank": 2},
}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where that can be: what a kill leaves does not depend on the disk, and flushing one is slow."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as name:
        yield Path(name)


def killed_runs(folder: Path, how: str, count: int, method: str, **more: Any) -> list[dict[str, Any]]:
    params = small_run.of_method(method, folder, **more)
    (folder / "params.json").write_text(json.dumps(params))
    script = [sys.executable, str(ROOT / "tests" / "killed_runs.py"), str(folder), str(folder / "params.json")]
    done = subprocess.run([*script, how, str(count)], capture_output=True, text=True, cwd=ROOT, env=_environment())
    assert done.returncode == 0, done.stderr[-2000:]
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(reports) == count
    return reports


def _environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}


@needs_fork
@pytest.mark.trial(sample=10, full=200)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_killed_at_a_step(folder: Path, trials: range, kind: dict[str, Any]) -> None:
    steps = max(10, len(trials))
    for report in killed_runs(folder, "at", len(trials), steps=steps, **kind):
        assert report["same"], report
        assert report["lines"], report


@needs_fork
@pytest.mark.trial(sample=5, full=200)
def test_killed_at_any_instant(folder: Path, trials: range) -> None:
    for report in killed_runs(folder, "anywhen", len(trials), **MUON):
        assert report["same"], report
        assert report["lines"], report


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("cc") is None, reason="needs Linux and a C compiler")
@pytest.mark.trial(sample=6, full=100)
def test_a_disk_that_is_full_at_any_call(folder: Path, trials: range) -> None:
    """The run pauses, unless what failed can be done without, and goes on to the same end."""
    library = folder / "failing_disk.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, ROOT / "tests" / "failing_disk.c", "-ldl"], check=True)
    params = small_run.recipe(small_run.write_text(folder / "text.txt"), steps=6, sample_every=0)
    (folder / "params.json").write_text(json.dumps(params))
    script = [ROOT / "tests" / "failing_runs.py", folder, folder / "params.json", str(len(trials)), library]
    environment = {**_environment(), "LD_PRELOAD": str(library)}
    command = [sys.executable, *map(str, script)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    *reports, counted = [json.loads(line) for line in done.stdout.splitlines()]
    assert counted["calls"] > 50
    assert len(reports) == len(trials)
    for report in reports:
        assert report["same"], report
    assert [report["reason"] for report in reports].count("paused") >= len(reports) - 1
