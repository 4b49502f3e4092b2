"""Processes that train together learn what one would: the same losses and weights, up to the order of sums."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import small_run
import torch
from safetensors.torch import load_file

from engine.training.distributed import Group

ROOT = Path(__file__).resolve().parents[3]
TOGETHER = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
STEPS = 6
# Gradients are added up in another order, and AdamW's first steps magnify what that changes in the smallest ones.
LOSS_TOLERANCE, WEIGHT_TOLERANCE = 1e-5, 1e-3


def train(folder: Path, name: str, *launcher: str, **more: Any) -> subprocess.CompletedProcess[str]:
    recipe = {**small_run.recipe(small_run.write_text(folder / "text.txt")), "precision": "float32", "steps": STEPS}
    recipe |= {"shape": "gpt2", "dropout": 0.1, "accumulation": 4, "batch_size": 2, "evaluate_every": 3, **more}
    data = recipe.pop("data")
    settings = [part for key, value in recipe.items() for part in ("--set", f"{key}={value}")]
    out = ("--data", str(data), "--out", str(folder / name), "--json")
    command = [sys.executable, *launcher, "-m", "engine", "train", *settings, *out]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "TORCHELASTIC_ERROR_FILE": ""}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)


def losses(run: Path) -> list[float]:
    lines = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    return [line[name] for line in lines for name in ("loss", "val_loss") if name in line]


def test_two_processes_give_the_losses_and_weights_of_one(tmp_path: Path) -> None:
    alone = train(tmp_path, "alone")
    assert alone.returncode == 0, alone.stderr[-2000:]
    together = train(tmp_path, "together", *TOGETHER)
    assert together.returncode == 0, together.stderr[-2000:]
    wanted = losses(tmp_path / "alone")
    assert len(wanted) == STEPS + 2
    assert losses(tmp_path / "together") == pytest.approx(wanted, rel=LOSS_TOLERANCE)
    one, other = (load_file(tmp_path / name / "model" / "model.safetensors") for name in ("alone", "together"))
    for name, tensor in one.items():
        torch.testing.assert_close(other[name], tensor, rtol=WEIGHT_TOLERANCE, atol=WEIGHT_TOLERANCE)
    finished = [line for line in together.stdout.splitlines() if json.loads(line)["event"] == "Finished"]
    assert len(finished) == 1, "the first process speaks for all"


def test_too_few_micro_batches_are_refused_in_one_sentence(tmp_path: Path) -> None:
    done = train(tmp_path, "run", *TOGETHER, accumulation=1)
    assert done.returncode != 0
    assert "each of 2 processes a micro-batch: make it 2" in done.stdout
    assert "Traceback" not in done.stdout


def test_every_micro_batch_is_somebodys_and_nobodys_twice() -> None:
    shares = [list(Group(rank, 3).share(range(8, 15))) for rank in range(3)]
    assert shares == [[8, 11, 14], [9, 12], [10, 13]]


def test_threads_are_shared_by_those_on_one_machine() -> None:
    assert [Group(0, 4, 0, 2).threads(count) for count in (8, 3, 1)] == [4, 1, 1]


def test_a_process_alone_needs_no_others() -> None:
    parameter = torch.nn.Parameter(torch.ones(2))
    Group().sum_gradients([parameter])
    assert parameter.grad is None
    assert Group().sums([1.5], torch.device("cpu")) == [1.5]
