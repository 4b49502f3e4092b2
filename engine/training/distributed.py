"""Several processes that train one model together, as `torchrun --nproc-per-node N -m engine train …` starts them.

Every process takes each N-th micro-batch of a step; the gradients are summed before the optimizer moves. It holds the
whole model, so that all stay the same, bit for bit, or a part of it (`sharding.py`). The first process alone writes and
speaks. A run may be resumed by another number of processes, or in the other way: only the order in which gradients are
summed differs then.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import ClassVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from engine.errors import EngineError
from engine.phrases import phrase
from engine.processes import rank_and_size

# Gradients are sent in parts of so many numbers: large enough to be quick, small enough to need little memory.
_AT_ONCE = 2**24
_PATIENCE = timedelta(days=1)  # the others wait while the first one reads data or writes a checkpoint


@dataclass(frozen=True)
class Group:
    """The processes that train together: this one is number `rank` of `size`, and number `local` on its machine.

    shares: whether each holds only a part of the model, so that all are needed to do anything with it.
    """

    shares: ClassVar[bool] = False

    rank: int = 0
    size: int = 1
    local: int = 0
    beside: int = 1  # processes on this machine

    @property
    def first(self) -> bool:
        return self.rank == 0

    def device(self, name: str) -> torch.device:
        """Of this process: each has a GPU of its own."""
        return torch.device(name, self.local) if name == "cuda" and self.size > 1 else torch.device(name)

    def threads(self, count: int) -> int:
        """This process's share of the machine's threads."""
        return max(1, count // self.beside)

    def share(self, numbers: range) -> range:
        """Of the micro-batches of a step, those of this process."""
        return numbers[self.rank :: self.size]

    def wait(self) -> None:
        """Until all processes are here."""
        if self.size > 1:
            dist.barrier()

    def any(self, value: bool, device: torch.device) -> bool:
        """Whether it is so in any process."""
        return self.sums([float(value)], device)[0] > 0

    def sums(self, values: list[float], device: torch.device) -> list[float]:
        """Of each value, over all processes."""
        if self.size == 1:
            return values
        exact = torch.float32 if device.type == "mps" else torch.float64
        total = torch.tensor(values, dtype=exact, device=device)
        dist.all_reduce(total)
        return total.tolist()

    def sum_gradients(self, parameters: Iterable[Tensor]) -> None:
        """Make every gradient the sum over all processes; none of its own counts as zero."""
        if self.size == 1:
            return
        waiting: list[Tensor] = []
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            waiting.append(parameter.grad)
            if sum(gradient.numel() for gradient in waiting) >= _AT_ONCE:
                _sum_together(waiting)
                waiting = []
        if waiting:
            _sum_together(waiting)

    def place(self, model: nn.Module, device: torch.device) -> nn.Module:
        """Bring a whole model, equal in all processes, to where this process trains it."""
        return model.to(device)

    def rest(self, model: nn.Module) -> None:
        """Let go of what was gathered to compute without a backward pass."""

    def clip(self, parameters: Iterable[Tensor], most: float) -> float:
        """Scale summed gradients so that their norm is at most that; returns the norm they had."""
        return float(torch.nn.utils.clip_grad_norm_(parameters, most))

    def whole(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """For the first process, to write; all must ask for the same tensors."""
        return dict(tensors)

    def part(self, value: Tensor, parameter: Tensor) -> Tensor:
        """What this process holds of the optimizer's state, from a whole one: on the parameter's device."""
        return value.to(parameter.device)

    @property
    def muon(self) -> Callable[..., torch.optim.Optimizer]:
        """The class of this optimizer."""
        return torch.optim.Muon


def _sum_together(tensors: list[Tensor]) -> None:
    flat = torch.cat([tensor.flatten() for tensor in tensors])
    dist.all_reduce(flat)
    for tensor, part in zip(tensors, torch.split(flat, [tensor.numel() for tensor in tensors]), strict=True):
        tensor.copy_(part.view_as(tensor))


def join() -> Group:
    """The processes torchrun started, met; or this one alone."""
    rank, size = rank_and_size()
    if size == 1:
        return Group()
    if not dist.is_initialized():
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=_PATIENCE)
    local, beside = (
        int(os.environ.get(name, usual)) for name, usual in (("LOCAL_RANK", "0"), ("LOCAL_WORLD_SIZE", "1"))
    )
    return Group(rank, size, local, beside)


def sharing(group: Group) -> Group:
    """The same processes, of which each is to hold a part. Raises EngineError `recipe_conflict` for a single one."""
    if group.size == 1:
        reason = phrase(
            '(shard) needs several processes: start them with "torchrun --nproc-per-node N -m engine train …", or set '
            "it to replicate"
        )
        raise EngineError("recipe_conflict", key="parallel", reason=reason)
    from engine.training.sharding import Sharing  # a second of imports that others do without

    return Sharing(*astuple(group))


def leave() -> None:
    """Part from the others; a process alone has none."""
    if dist.is_initialized():
        dist.destroy_process_group()
