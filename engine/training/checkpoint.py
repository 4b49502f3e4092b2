"""Checkpoints: everything the next step depends on, as safetensors and JSON, in folders that are whole or absent.

`checkpoints/step-00000100/` holds model.safetensors, optimizer.safetensors, state.json and manifest.json with the
sha256 of the others. Never a pickle.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from engine import files
from engine.errors import EngineError
from engine.files import sha256_of

_NAME = re.compile(r"step-(\d{8})")


@dataclass
class State:
    """Where a run stands after `step` steps. Data order and dropout follow from the seed and the step alone."""

    step: int = 0
    best_step: int = 0  # where the held-back loss was lowest; 0 before the first evaluation
    best_val_loss: float | None = None
    evaluations_since_best: int = 0
    seconds: float = 0.0  # spent so far


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint folder holds."""

    model: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    state: State


def save(folder: Path, checkpoint: Checkpoint) -> Path:
    """Write it into `folder` under the name of its step, whole or not at all. Raises OSError."""
    path = folder / f"step-{checkpoint.state.step:08}"
    with files.whole_folder(path) as partial:
        _write_tensors(partial / "model.safetensors", checkpoint.model)
        _write_tensors(partial / "optimizer.safetensors", checkpoint.optimizer)
        (partial / "state.json").write_text(json.dumps(asdict(checkpoint.state)))
        manifest = {file.name: sha256_of(file) for file in sorted(partial.iterdir())}
        (partial / "manifest.json").write_text(json.dumps(manifest, indent=2))
    return path


def load(path: Path) -> Checkpoint:
    """The checkpoint in this folder. Raises EngineError `checkpoint_damaged` unless every byte is as it was written."""
    try:
        manifest = json.loads((path / "manifest.json").read_text())
        whole = set(manifest) == {"model.safetensors", "optimizer.safetensors", "state.json"}
        if not whole or any(sha256_of(path / name) != sha256 for name, sha256 in manifest.items()):
            raise EngineError("checkpoint_damaged", place=str(path))
        return Checkpoint(
            safetensors.torch.load_file(path / "model.safetensors"),
            safetensors.torch.load_file(path / "optimizer.safetensors"),
            State(**json.loads((path / "state.json").read_text())),
        )
    except (OSError, ValueError, TypeError, SafetensorError) as error:
        raise EngineError("checkpoint_damaged", detail=str(error), place=str(path)) from error


def newest(folder: Path) -> Checkpoint:
    """The latest checkpoint that is whole. Raises EngineError `no_checkpoint` when there is none."""
    for _, path in sorted(_steps(folder), reverse=True):
        try:
            return load(path)
        except EngineError:
            continue
    raise EngineError("no_checkpoint", place=str(folder))


def at(folder: Path, step: int) -> Checkpoint:
    """The checkpoint of that step. Raises EngineError `checkpoint_damaged`."""
    return load(folder / f"step-{step:08}")


def prune(folder: Path, step: int, best_step: int, keep: int = 2) -> None:
    """Remove all but the last `keep` checkpoints up to this step and the best one, and what killed writers left behind.

    Those of later steps are damaged: the run was gone on with from before them.
    """
    reached = sorted(at for at, _ in _steps(folder) if at <= step)
    kept = {*reached[-keep:], best_step}
    for at, path in list(_steps(folder)):
        if at not in kept:
            shutil.rmtree(path, ignore_errors=True)
    for path in folder.glob(".step-*"):
        shutil.rmtree(path, ignore_errors=True)


def _steps(folder: Path) -> Iterator[tuple[int, Path]]:
    for path in folder.iterdir() if folder.is_dir() else ():
        if match := _NAME.fullmatch(path.name):
            yield int(match[1]), path


def _write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    try:
        safetensors.torch.save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
    except SafetensorError as error:  # the library wraps the system's complaint in its own
        if match := re.search(r"(?:code: |os error )(\d+)", str(error)):
            raise OSError(int(match[1]), str(error), str(path)) from error
        raise
