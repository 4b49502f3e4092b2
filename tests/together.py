"""Trainings one after another in the same processes, which torchrun starts with a file of recipes: one start for all.

Every process says what it held when it last wrote a checkpoint, and how each training ended; after a failure nothing
more is begun.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.distributed.tensor import DTensor

from engine import jobs
from engine.events import Failed
from engine.training import distributed, loop
from engine.training.jobs import train


class Watched(loop.Trainer):
    held: dict[str, Any]

    def _save(self, *journals: Any) -> None:
        gradients = [parameter.grad for parameter in self.optimizer.parameters if parameter.grad is not None]
        state = [tensor for tensor in self.optimizer.tensors().values() if tensor.ndim]
        parts = {"weights": self.model.parameters(), "gradients": gradients, "optimizer": state}
        Watched.held = {name: size_of(tensors) for name, tensors in parts.items()}
        super()._save(*journals)


def size_of(tensors: Iterable[Tensor]) -> int:
    """Bytes of memory behind them, in this process; what several of them share counts once."""
    here = [tensor.to_local() if isinstance(tensor, DTensor) else tensor for tensor in tensors]
    return sum({tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in here}.values())


def main(recipes: Path) -> int:
    torch.set_num_threads(1)
    loop.Trainer = Watched  # type: ignore[misc]
    leave, distributed.leave = distributed.leave, lambda: None  # they cannot meet a second time
    for params in json.loads(recipes.read_text()):
        end = list(jobs.run(train, params, jobs.JobContext()))[-1]
        print(json.dumps({"out": params["out"], "held": Watched.held, **end.to_json()}), flush=True)
        if isinstance(end, Failed):
            return 1
    leave()
    return 0


if __name__ == "__main__":
    code = main(Path(sys.argv[1]))
    os._exit(code)  # the groups of several runs would be torn down in any order, which has aborted
