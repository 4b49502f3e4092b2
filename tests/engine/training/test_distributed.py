"""Processes that train together learn what one would: the same losses and weights, up to the order of sums.

So they do where each holds the whole model, and where each holds a part of it (FSDP2).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import small_run
import torch
from safetensors.torch import load_file

from engine import jobs
from engine.errors import EngineError
from engine.events import Failed, Finished
from engine.jobs import JobContext
from engine.training import checkpoint
from engine.training import recipe as recipes
from engine.training.distributed import Group
from engine.training.jobs import train as training

ROOT = Path(__file__).resolve().parents[3]
TOGETHER = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
STEPS = 6
# Gradients are added up in another order, and AdamW's first steps magnify what that changes in the smallest ones.
LOSS_TOLERANCE, WEIGHT_TOLERANCE = 1e-5, 1e-3


# What each method is tried with where the model is in parts; sizes do not divide by two everywhere.
IN_PARTS: dict[str, dict[str, Any]] = {
    "pretrain": {"shape": "gpt2", "dropout": 0.1, "optimizer": "muon", "recompute": True, "vocabulary": 301},
    "continue": {"dropout": 0.1},
    "full": {"optimizer": "muon", "dropout": 0.1},
    "lora": {"lora.rank": 3, "lora.dropout": 0.1},
    "dpo": {"dpo.train": "lora"},
    "classify": {"classify.layers": 1},
}


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


def check_same(run: Path, wanted: Path) -> None:
    """The same losses, samples, files and tensors."""
    assert losses(run) == pytest.approx(losses(wanted), rel=LOSS_TOLERANCE)
    assert (run / "samples.jsonl").read_text() == (wanted / "samples.jsonl").read_text()
    names, others = ({str(path.relative_to(place)) for path in place.rglob("*")} for place in (wanted, run))
    assert others == names
    for file in (name for name in names if name.endswith(".safetensors")):
        one, other = load_file(wanted / file), load_file(run / file)
        assert other.keys() == one.keys()
        for name, tensor in one.items():
            torch.testing.assert_close(other[name], tensor, rtol=WEIGHT_TOLERANCE, atol=WEIGHT_TOLERANCE)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alone")
    done = train(folder, "run")
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(losses(folder / "run")) == STEPS + 2
    return folder / "run"


@pytest.mark.parametrize("parallel", ["replicate", "shard"])
def test_two_processes_give_the_losses_and_weights_of_one(parallel: str, alone: Path, tmp_path: Path) -> None:
    together = train(tmp_path, "run", *TOGETHER, parallel=parallel)
    assert together.returncode == 0, together.stderr[-2000:]
    check_same(tmp_path / "run", alone)
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


# --- a model in parts ------------------------------------------------------------------------------------------------


def run_alone(**params: Any) -> None:
    torch.set_num_threads(1)
    end = list(jobs.run(training, params, JobContext()))[-1]
    assert isinstance(end, Finished), end


def cut_off(run: Path, place: Path) -> Path:
    """A copy of a run as it was when it had made its first checkpoint."""
    shutil.copytree(run, place)
    shutil.rmtree(place / "model")
    *_, last = sorted((place / "checkpoints").iterdir())
    shutil.rmtree(last)
    return place


@pytest.fixture(scope="module")
def in_parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """Every method by one process, and by two that hold parts; a run that one began and two end; what the two said."""
    folder = tmp_path_factory.mktemp("parts")
    several = []
    for method, more in IN_PARTS.items():
        (place := folder / method).mkdir()
        keys = {"precision": "float32", "accumulation": 2, "steps": 4, "checkpoint_every": 2, "evaluate_every": 2}
        recipe = small_run.of_method(method, place, **{**keys, "sample_every": 2, "keep": "last", **more})
        run_alone(**recipe, out=str(place / "alone"))
        several.append({**recipe, "out": str(place / "shard"), "parallel": "shard"})
    begun = cut_off(folder / "pretrain" / "alone", folder / "pretrain" / "resumed")
    several.append({"out": str(begun), "resume": True, "parallel": "shard"})
    (folder / "recipes.json").write_text(json.dumps(several))
    command = [sys.executable, *TOGETHER, str(ROOT / "tests" / "together.py"), str(folder / "recipes.json")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "TORCHELASTIC_ERROR_FILE": ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-6000:]
    return folder, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("method", IN_PARTS)
def test_every_method_learns_the_same_in_parts(method: str, in_parts: tuple[Path, list[dict[str, Any]]]) -> None:
    folder = in_parts[0] / method
    check_same(folder / "shard", folder / "alone")


@pytest.mark.parametrize("method", IN_PARTS)
def test_each_process_holds_half(method: str, in_parts: tuple[Path, list[dict[str, Any]]]) -> None:
    folder, said = in_parts
    held = [line["held"] for line in said if line["out"] == str(folder / method / "shard")]
    assert len(held) == 2
    point = checkpoint.newest(folder / method / "alone" / "checkpoints")
    whole = {
        "gradients": sum(tensor.nbytes for tensor in point.model.values()),
        "optimizer": sum(tensor.nbytes for tensor in point.optimizer.values() if tensor.ndim),
    }
    for name, size in whole.items():
        sizes = [process[name] for process in held]
        assert sum(sizes) >= size
        assert max(sizes) < (0.75 if method == "lora" else 0.55) * size, name  # of an adapter's 3 rows, one holds 2
    parameters = json.loads((folder / method / "alone" / "run.json").read_text())["parameters"]
    assert max(process["weights"] for process in held) < 0.6 * 4 * parameters


def test_a_run_goes_on_in_parts_and_out_of_them(in_parts: tuple[Path, list[dict[str, Any]]]) -> None:
    folder = in_parts[0] / "pretrain"
    check_same(folder / "resumed", folder / "alone")
    whole = cut_off(folder / "shard", folder / "whole")
    run_alone(out=str(whole), resume=True, parallel="replicate")
    check_same(whole, folder / "alone")


@pytest.mark.parametrize("resume", [False, True])
def test_one_process_has_nobody_to_share_with(resume: bool, tmp_path: Path) -> None:
    recipe = small_run.of_method("pretrain", tmp_path, steps=1, out=str(tmp_path / "run"))
    if resume:
        run_alone(**recipe)
    before = sorted(tmp_path.rglob("*"))
    end = list(jobs.run(training, {**recipe, "parallel": "shard", "resume": resume}, JobContext()))[-1]
    assert isinstance(end, Failed)
    assert end.code == "recipe_conflict"
    assert end.data["key"] == "parallel"
    assert sorted(tmp_path.rglob("*")) == before


def test_a_part_needs_as_much_work_as_the_others(tmp_path: Path) -> None:
    done = train(tmp_path, "run", *TOGETHER, accumulation=3, parallel="shard")
    assert done.returncode != 0
    assert "each of 2 processes equally many micro-batches: make it 4" in done.stdout


@pytest.mark.parametrize("other", [{"compile": "yes"}, {"lora.bits": 4}])
def test_what_parts_cannot_be_is_refused(other: dict[str, Any]) -> None:
    method = {"method": "lora", "data": "talks.jsonl", "model": "starter"}
    with pytest.raises(EngineError, match=r"parallel.*replicate") as refused:
        recipes.make({**method, "parallel": "shard", **other})
    assert refused.value.code == "recipe_conflict"
    assert recipes.make({**method, "parallel": "replicate", **other}).parallel == "replicate"
