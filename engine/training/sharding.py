"""Processes of which each holds a part of the model: torch's FSDP2 (`fully_shard`; Zhao et al. 2023, arXiv:2304.11277).

Of every tensor that is there before a step and after it (weights, gradients, the optimizer's state) each process holds
some rows. A block is whole only while it computes; what stands around the blocks is whole from the beginning of a
forward pass to the end of its backward pass, because `hidden` and `head` both use it. All processes must call the same
functions of the model equally often: each gathers what it needs from all the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, fully_shard, register_fsdp_forward_method
from torch.distributed.tensor import DTensor, distribute_tensor

from engine.gpt.model import GPT
from engine.training.distributed import Group


class Sharing(Group):
    """The processes that hold a model together."""

    shares = True

    def place(self, model: nn.Module, device: torch.device) -> nn.Module:
        """Each process keeps its rows, on its device; the whole model is never there."""
        mesh = init_device_mesh(device.type, (self.size,))
        for gpt in [module for module in model.modules() if isinstance(module, GPT)]:
            for block in gpt.blocks:
                fully_shard(block, mesh=mesh)
            fully_shard(gpt, mesh=mesh, reshard_after_forward=False)
            register_fsdp_forward_method(gpt, "hidden")
        for module in model.children():  # beside a GPT: the head of a classifier
            if not isinstance(model, GPT) and not isinstance(module, GPT):
                fully_shard(module, mesh=mesh, reshard_after_forward=False)
        for part in _parts(model):
            part.set_gradient_divide_factor(1.0)  # summed: an objective has divided by what counts in the whole step
            part.set_force_sum_reduction_for_comms(True)
        return model

    def rest(self, model: nn.Module) -> None:
        for part in _parts(model):
            part.reshard()

    def sum_gradients(self, parameters: Iterable[Tensor]) -> None:
        """Done in the backward pass already."""

    def clip(self, parameters: Iterable[Tensor], most: float) -> float:
        norm = torch.nn.utils.clip_grad_norm_(parameters, most)
        assert isinstance(norm, DTensor)
        return float(norm.full_tensor())

    def whole(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Gathered one by one, and kept only in the first process, in main memory."""
        kept: dict[str, Tensor] = {}
        for name, tensor in tensors.items():
            gathered = tensor.full_tensor() if isinstance(tensor, DTensor) else tensor
            if self.first:
                kept[name] = gathered.cpu()
        return kept

    def part(self, value: Tensor, parameter: Tensor) -> Tensor:
        return _rows(value, parameter) if value.shape == parameter.shape else value.to(parameter.device)

    @property
    def muon(self) -> Callable[..., torch.optim.Optimizer]:
        return _MuonOfParts


def _parts(model: nn.Module) -> list[FSDPModule]:
    return [module for module in model.modules() if isinstance(module, FSDPModule)]


def _rows(value: Tensor, parameter: Tensor) -> Tensor:
    """Of a whole tensor that every process has, the part that belongs to this process's part of the parameter."""
    assert isinstance(parameter, DTensor)
    mesh, placements = parameter.device_mesh, parameter.placements
    return distribute_tensor(value.to(parameter.device), mesh, placements, src_data_rank=None)


class _MuonOfParts(torch.optim.Muon):
    """Muon of matrices that are held in parts. What is made orthogonal has to be whole: it is gathered, one matrix at a
    time, and every process makes it so and keeps its rows. Equal to torch's Muon on the whole matrix.
    """

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        for group in self.param_groups:
            plain = {name: value for name, value in group.items() if name != "params"}
            for parameter in group["params"]:
                if "momentum_buffer" not in self.state[parameter]:
                    self.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
                momentum = self.state[parameter]["momentum_buffer"]
                momentum.lerp_(parameter.grad, 1 - group["momentum"])
                direction = parameter.grad.lerp(momentum, group["momentum"]).full_tensor()
                moved = nn.Parameter(torch.zeros_like(direction))
                moved.grad = direction
                plainly = torch.optim.Muon([moved], **plain | {"momentum": 0.0, "nesterov": False, "weight_decay": 0.0})
                plainly.step()  # type: ignore[no-untyped-call]
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(_rows(moved, parameter))
