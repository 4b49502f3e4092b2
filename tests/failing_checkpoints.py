"""Checkpoints on a disk that fails at the first, second, … call, until one passes. Started by test_checkpoint.py.

LD_PRELOAD=failing_disk.so python failing_checkpoints.py FOLDER ERRNO: prints one JSON line per call that failed,
{"call": n, "error": errno or null, "newest": step, "whole": bool}, and a last one for the call that passed.
"""

from __future__ import annotations

import ctypes
import json
import sys
from pathlib import Path

import torch

from engine.training import checkpoint
from engine.training.checkpoint import Checkpoint, State


def point(step: int) -> Checkpoint:
    weights = torch.full((300,), float(step))
    return Checkpoint(
        {"weight": weights}, {"weight.exp_avg": weights, "weight.step": torch.tensor(float(step))}, State(step)
    )


def main() -> None:
    folder, error = Path(sys.argv[1]), int(sys.argv[2])
    disk = ctypes.CDLL(None)
    checkpoint.save(folder, point(3))
    call, failed = 0, True
    while failed:
        call += 1
        raised = None
        disk.arm(call, error)
        try:
            checkpoint.save(folder, point(6))
        except OSError as caught:
            raised = caught.errno
        failed = bool(disk.disarm())
        checkpoint.prune(folder, best_step=3)
        found = checkpoint.newest(folder)
        wanted = point(found.state.step)
        whole = all(torch.equal(found.model[name], wanted.model[name]) for name in wanted.model)
        whole &= all(torch.equal(found.optimizer[name], wanted.optimizer[name]) for name in wanted.optimizer)
        whole &= sorted(path.name for path in folder.iterdir()) in (
            ["step-00000003"],
            ["step-00000003", "step-00000006"],
        )
        print(json.dumps({"call": call, "error": raised, "newest": found.state.step, "whole": whole}), flush=True)
        for file in (folder / "step-00000006").glob("*"):
            file.unlink()
        if (folder / "step-00000006").exists():
            (folder / "step-00000006").rmdir()


if __name__ == "__main__":
    main()
