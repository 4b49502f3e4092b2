"""A model of ours from tensors that lie in somebody else's file, one at a time and only when all of them fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

import torch
from torch import Tensor

from engine.errors import EngineError
from engine.gpt.config import GPTConfig
from engine.gpt.model import GPT
from engine.phrases import phrase

OnLoad = Callable[[float], None]  # told between tensors what share has been read, 0 to 1; what it raises ends a load


def unheard(share: float) -> None:
    """For a load that nobody watches."""


class Stored(Protocol):
    """A tensor in a file, not yet read."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def read(self) -> Tensor:
        """Its values in float32, in memory of its own."""


def assemble(
    config: GPTConfig,
    stored: Mapping[str, Stored],
    names: Mapping[str, tuple[str, ...]],
    place: str,
    undo: Callable[[str, Tensor], Tensor] = lambda name, tensor: tensor,
    on_load: OnLoad = unheard,
) -> GPT:
    """The model of these tensors: float32, in evaluation mode.

    names: their name -> the parameters of ours stacked in it by rows; those a model does without are passed over.
    undo: what their format does to a tensor, reversed.
    Raises EngineError `missing_tensor`, `tensor_mismatch`, `unknown_tensor`, before memory is taken, and `bad_weights`.
    """
    model = GPT.shapes(config)
    parameters = dict(model.named_parameters())
    for name, ours in names.items():
        if name not in stored:
            raise EngineError("missing_tensor", place=place, tensor=name)
        expected = _shape(ours, parameters)
        if (found := stored[name].shape) != expected:
            raise EngineError("tensor_mismatch", place=place, tensor=name, found=list(found), expected=list(expected))
    if unknown := next((name for name in stored if name not in names), None):
        raise EngineError("unknown_tensor", place=place, tensor=unknown[:200], family=config.shape)
    state: dict[str, Tensor] = {}
    for name in in_turn(names, stored, on_load):
        ours = names[name]
        if any(part in parameters for part in ours):
            tensor = undo(name, stored[name].read())
            if not tensor.isfinite().all():
                reason = phrase("the tensor {tensor} holds values that are not finite numbers", tensor=name)
                raise EngineError("bad_weights", place=place, reason=reason)
            rows = [parameters[part].size(0) for part in ours]
            state |= {part: rows.clone() for part, rows in zip(ours, torch.split(tensor, rows), strict=True)}
    model.load_state_dict(state, assign=True)
    return model.eval()


def in_turn(names: Iterable[str], stored: Mapping[str, Stored], on_load: OnLoad) -> Iterator[str]:
    """The names one after another; before each, `on_load` is told what share of all these numbers lies behind."""
    sizes = {name: math.prod(stored[name].shape) for name in names}
    total, done = max(1, sum(sizes.values())), 0
    for name, size in sizes.items():
        on_load(done / total)
        yield name
        done += size


def _shape(ours: tuple[str, ...], parameters: Mapping[str, Tensor]) -> tuple[int, ...]:
    """Rows of all the parts together; a bias that the model lacks is as long as its weight has rows."""
    parts = [
        parameters[name] if name in parameters else parameters[name.removesuffix("bias") + "weight"][:, 0]
        for name in ours
    ]
    return (sum(part.size(0) for part in parts), *parts[0].shape[1:])
