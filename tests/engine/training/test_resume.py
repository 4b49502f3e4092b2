"""A run killed at any step or instant, and resumed, gives the losses and weights of one that was not, bit for bit."""

from __future__ import annotations

import json
import os
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
MUON = {"optimizer": "muon", "accumulation": 2, "stride": 8}
DROPOUT = {"optimizer": "adamw", "shape": "gpt2", "dropout": 0.2, "precision": "bf16"}
# The same of adapters: over a base in few bits and computed again backward, or in bfloat16.
ADAPTERS = {
    "4 bits": {"lora.rank": 4, "lora.dropout": 0.2, "lora.bits": 4, "recompute": True, "precision": "float32"},
    "bf16": {"lora.rank": 2, "lora.rslora": True, "precision": "bf16", "accumulation": 2},
}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where that can be: what a kill leaves does not depend on the disk, and flushing one is slow."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as name:
        yield Path(name)


def killed_runs(folder: Path, how: str, count: int, **more: Any) -> list[dict[str, Any]]:
    return kill(folder, small_run.recipe(small_run.write_text(folder / "text.txt"), **more), how, count)


def kill(folder: Path, params: dict[str, Any], how: str, count: int) -> list[dict[str, Any]]:
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
@pytest.mark.trial(sample=6, full=200)
@pytest.mark.parametrize("kind", [MUON, DROPOUT], ids=["muon", "dropout"])
def test_killed_at_a_step(folder: Path, trials: range, kind: dict[str, Any]) -> None:
    steps = max(12, len(trials))
    for report in killed_runs(folder, "at", len(trials), steps=steps, **kind):
        assert report["same"], report
        assert report["lines"], report


@needs_fork
@pytest.mark.trial(sample=5, full=200)
def test_killed_at_any_instant(folder: Path, trials: range) -> None:
    for report in killed_runs(folder, "anywhen", len(trials), **MUON):
        assert report["same"], report
        assert report["lines"], report


@needs_fork
@pytest.mark.trial(sample=6, full=200)
@pytest.mark.parametrize("kind", ADAPTERS)
def test_an_adapters_run_killed_at_a_step(folder: Path, trials: range, kind: str) -> None:
    talks, parent = small_run.write_talks(folder / "talks.jsonl"), small_run.write_parent(folder / "parent")
    params = small_run.finetuning("lora", talks, parent, steps=max(12, len(trials)), **ADAPTERS[kind])
    for report in kill(folder, params, "at", len(trials)):
        assert report["same"], report
        assert report["lines"], report
