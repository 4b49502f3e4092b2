"""How much memory a training step takes, by rehearsing it on tensors that have a shape but no contents.

The model, the method's objective and the optimizer are the real ones; torch's `FakeTensorMode` lets them run without
memory or arithmetic, and a ledger notes every byte that comes alive and goes. So whatever a model or a method keeps
for the way back is counted, with no second description of it that could go out of date.

In float32 without dropout it comes to, for N = B * T tokens, width w, h query and k key/value heads of size d, and
feed-forward f, 4 N times so many numbers a block, of which recomputing leaves w and one block's whole share:

    qwen3: 4w + 3hd + 3kd + 4f + 2h + k + 2    inputs and results of two norms; queries before their norm and after
                                               rotation, keys alike, values; attention's result; gate, up, silu and
                                               product; scales of the norms, log-sum-exp of attention
    gpt2:  8w + 2f + h + 4                     the same, with up and gelu, and a mean and a scale a norm

Weights, gradients and optimizer take 4 bytes a number each: two of AdamW, one of Muon (the matrices in the blocks).
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter

from engine.data.items import Batch, Data
from engine.gpt.config import GPTConfig
from engine.gpt.lora import trained
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.training.machine import Compute
from engine.training.methods.table import method_of
from engine.training.optimizers import Optimizer
from engine.training.recipe import Recipe


@dataclass(frozen=True)
class StepMemory:
    """Bytes of a step's tensors. backward, update: the most that is alive beside weights and optimizer state while
    gradients are computed (they are in it, and all that is kept for the way back), and while they are applied.
    """

    weights: int
    gradients: int
    optimizer: int
    backward: int
    update: int

    @property
    def total(self) -> int:
        """At the largest moment."""
        return self.weights + self.optimizer + max(self.backward, self.update)

    @property
    def activations(self) -> int:
        """What is kept for the way back, at the largest moment, with all that is passing through."""
        return self.total - self.weights - self.optimizer - self.gradients

    def among(self, processes: int, gathered: int) -> StepMemory:
        """In each of so many processes that hold the model together. gathered: bytes of the weights that are whole at
        the largest moment, where their gradients are whole as well.
        """
        weights, gradients, optimizer = (-(-n // processes) for n in (self.weights, self.gradients, self.optimizer))
        less = self.gradients - gradients
        return StepMemory(weights, gradients, optimizer, self.backward - less + 2 * gathered, self.update - less)

    def and_again(self, more: StepMemory, times: int) -> StepMemory:
        """With `times` times what `more` has beyond this."""
        return StepMemory(*(a + (b - a) * times for a, b in zip(astuple(self), astuple(more), strict=True)))


def rehearse(recipe: Recipe, config: GPTConfig, tokenizer: Tokenizer, data: Data, batch: Batch) -> StepMemory:
    """The memory of a step of this (resolved) recipe whose micro-batches are like `batch`, the largest there is.

    Every block takes what its neighbour does, so a deep model is rehearsed with few of them.
    """
    few = 1
    if recipe.method == "classify" and isinstance(recipe.classify.layers, int):
        few += recipe.classify.layers  # blocks that are not trained keep nothing
    if config.layers <= few + 1:
        return _rehearsed(recipe, config, tokenizer, data, batch)
    less, more = (_rehearsed(recipe, replace(config, layers=n), tokenizer, data, batch) for n in (few, few + 1))
    return less.and_again(more, config.layers - few)


def gathered(config: GPTConfig) -> int:
    """Bytes of the weights that are whole at once in a process that holds a part of a model (`sharding.py`): a block,
    the next one, and all that stands around them.
    """
    model = GPT.shapes(config)
    blocks = [sum(parameter.nbytes for parameter in block.parameters()) for block in model.blocks]
    return sum(parameter.nbytes for parameter in model.parameters()) - sum(blocks[2:])


def _rehearsed(recipe: Recipe, config: GPTConfig, tokenizer: Tokenizer, data: Data, batch: Batch) -> StepMemory:
    # On the processor whatever the device: the tensors are the same, only what kernels need inside them is not.
    method, compute = method_of(recipe), Compute(torch.device("cpu"), recipe.precision)
    with FakeTensorMode(), _Ledger() as ledger:
        model = method.build(recipe, config, None, data)
        for part in model.modules():
            if isinstance(part, GPT):
                part.recompute = bool(recipe.recompute)
        weights = ledger.alive
        gradients = sum(parameter.nbytes for parameter in trained(model).values())
        objective = method.objective(model, tokenizer, recipe, compute, data)
        optimizer = Optimizer(recipe.optimizer, model, recipe.learning_rate, recipe.weight_decay, recipe.beta2)
        count = objective.count(batch)
        model.train()
        objective.backward(batch, count)
        if recipe.accumulation > 1:  # the gradients of the first micro-batch lie beside what the second keeps
            objective.backward(batch, count)
        backward, ledger.most = ledger.most - weights, 0
        torch.nn.utils.clip_grad_norm_(optimizer.parameters, 1.0)
        optimizer.step(1.0)
        held = ledger.alive - gradients
        return StepMemory(weights, gradients, held - weights, backward, ledger.most - held)


class _Ledger(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Bytes of all tensors that are alive, and the most there were since `most` was last set."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.alive = self.most = 0
        self._storages: dict[int, weakref.ref[torch.UntypedStorage]] = {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if func is torch.ops.aten._local_scalar_dense.default:
            return 1  # without contents, every figure is one and every condition holds: all tokens are labelled
        if func is torch.ops.aten.nonzero.default:
            result = args[0].new_empty((args[0].numel(), args[0].ndim), dtype=torch.long)
        else:
            result = func(*args, **(kwargs or {}))
        for value in tree_iter(result):
            if isinstance(value, Tensor):
                self._note(value.untyped_storage())
        return result

    def _note(self, storage: torch.UntypedStorage) -> None:
        key, size = storage._cdata, storage.nbytes()
        if key in self._storages:
            return

        def gone(_: object) -> None:
            del self._storages[key]
            self.alive -= size

        self._storages[key] = weakref.ref(storage, gone)
        self.alive += size
        self.most = max(self.most, self.alive)
