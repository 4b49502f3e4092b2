"""Low-rank adapters: a frozen model learns through a small product of two matrices beside each of its own.

y = W x + scale * B A x (Hu et al. 2021, arXiv:2106.09685). `attach` puts a `LoRALinear` in the place of every chosen
matrix, `merge` puts plain ones back with what was learnt inside them.

Matrices that a Hugging Face folder keeps stacked in one tensor (GPT-2's queries, keys and values) share their A: that
is what an adapter of the stacked matrix is, so every adapter of ours is one of the folder's model, and the reverse.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (everyone's name for it)
from torch import Tensor, nn

from engine.errors import EngineError
from engine.gpt.config import GPTConfig
from engine.gpt.hf_names import tensor_names
from engine.gpt.model import GPT
from engine.gpt.quantized import QuantizedLinear
from engine.phrases import Phrase, phrase

ALL_LINEAR = "all-linear"
LARGEST_RANK = 4096


@dataclass(frozen=True)
class LoRAConfig:
    """The size and place of an adapter. Raises EngineError `bad_config`, which names the field.

    rank: inner size of the two matrices. alpha: their product counts alpha / rank times, and with rslora
    alpha / sqrt(rank) times (Kalajdzievski 2023, arXiv:2312.03732).
    dropout: probability for what enters A, in training only.
    targets: which matrices of the blocks, by the end of their name, ours (`query`, `feed_forward.up`) or Hugging
    Face's (`q_proj`, `c_attn`); `all-linear` for every one.
    """

    rank: int = 16
    alpha: float = 32.0
    dropout: float = 0.0
    targets: tuple[str, ...] = (ALL_LINEAR,)
    rslora: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.rank, int) or isinstance(self.rank, bool) or not 1 <= self.rank <= LARGEST_RANK:
            reason = phrase(
                "must be a whole number from 1 to {most}, not {found}", most=LARGEST_RANK, found=repr(self.rank)
            )
            raise _bad("rank", reason)
        if not _is_number(self.alpha) or self.alpha <= 0:
            raise _bad("alpha", phrase("must be a number above 0, not {found}", found=repr(self.alpha)))
        if not _is_number(self.dropout) or not 0 <= self.dropout < 1:
            raise _bad("dropout", phrase("must be at least 0 and below 1, not {found}", found=repr(self.dropout)))
        if not self.targets:
            raise _bad("targets", phrase("names no matrix"))

    @property
    def scale(self) -> float:
        return self.alpha / (math.sqrt(self.rank) if self.rslora else self.rank)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _bad(field: str, reason: Phrase) -> EngineError:
    return EngineError("bad_config", place=phrase("The adapter's settings"), field=field, reason=reason)


# --- which matrices --------------------------------------------------------------------------------------------------


def matrices(config: GPTConfig) -> dict[str, tuple[str, ...]]:
    """The matrices an adapter may stand beside: module of the Hugging Face folder -> our modules stacked in it."""
    return {
        theirs.removesuffix(".weight"): tuple(name.removesuffix(".weight") for name in ours)
        for theirs, ours in tensor_names(config).items()
        if theirs.endswith(".weight") and ours[0].startswith("blocks.") and "norm" not in ours[0]
    }


def choose(config: GPTConfig, targets: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The part of `matrices` that these targets mean. Raises EngineError `lora_target`."""
    chosen: dict[str, tuple[str, ...]] = {}
    everything = matrices(config)
    for target in targets:
        found = False
        for theirs, ours in everything.items():
            whole = target == ALL_LINEAR or _ends(theirs, target)
            meant = ours if whole else tuple(name for name in ours if _ends(name, target))
            if meant:
                found = True
                chosen[theirs] = tuple(name for name in ours if name in meant or name in chosen.get(theirs, ()))
        if not found:
            names = [ALL_LINEAR, *(name for ours in everything.values() for name in ours), *everything]
            known = dict.fromkeys(name.rpartition(".")[2] for name in names)  # the layers are alike
            raise EngineError("lora_target", target=target[:80], known=", ".join(known))
    return {theirs: chosen[theirs] for theirs in everything if theirs in chosen}


def _ends(name: str, target: str) -> bool:
    return name == target or name.endswith(f".{target}")


# --- one layer -------------------------------------------------------------------------------------------------------

Frozen = nn.Linear | QuantizedLinear


class LoRALinear(nn.Module):
    """A frozen linear layer and the low-rank product beside it.

    a: (rank, in), may be shared with other layers. b: (out, rank), zeros at first. active: whether the product counts.
    """

    def __init__(self, base: Frozen, a: nn.Parameter, scale: float, dropout: float = 0.0) -> None:
        super().__init__()
        self.base, self.a = base, a
        self.b = nn.Parameter(torch.zeros(base.out_features, a.size(0), device=a.device))
        self.scale, self.dropout, self.active = scale, dropout, True
        self.train(base.training)

    def forward(self, x: Tensor) -> Tensor:
        if not self.active:
            return self.base(x)  # type: ignore[no-any-return]
        dropped = F.dropout(x, self.dropout) if self.training and self.dropout else None
        return adapted(x, dropped, self.a, self.b, self.base, self.scale)

    @torch.no_grad()
    def merged(self) -> nn.Linear:
        """A plain layer that computes the same, with the base's own number format, or float32 where that is coarser."""
        base = self.base
        weight = dense(base, torch.float32) + self.scale * (self.b.float() @ self.a.float())
        plain = nn.Linear(base.in_features, base.out_features, bias=base.bias is not None, device="meta")
        kept = base.weight.dtype if isinstance(base, nn.Linear) else torch.float32
        plain.weight = nn.Parameter(weight.to(kept))
        if base.bias is not None:
            plain.bias = nn.Parameter(base.bias.detach().clone())
        return plain


def dense(base: Frozen, dtype: torch.dtype) -> Tensor:
    """The matrix of a frozen layer, (out, in), without gradient."""
    return base.weight.detach().to(dtype) if isinstance(base, nn.Linear) else base.dense(dtype)


class _Adapted(torch.autograd.Function):
    """The layer as one step of autograd: the product is added in place, and only what enters A is kept.

    The frozen matrix gets no gradient, so a backward pass costs half a plain layer's. Gradients, with g that of y and
    z = dropped x: x: g W; z: scale g B A; A: scale (g B)ᵀ z; B: scale gᵀ (z Aᵀ).
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, dropped: Tensor | None, a: Tensor, b: Tensor, base: Frozen, scale: float
    ) -> Tensor:
        device = x.device.type
        dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else x.dtype
        bias = None if base.bias is None else base.bias.detach().to(dtype)
        x = x.to(dtype)
        z = x if dropped is None else dropped.to(dtype)
        low = F.linear(z, a.to(dtype))
        y = F.linear(x, dense(base, dtype), bias)
        y.view(-1, y.size(-1)).addmm_(_rows(low), b.to(dtype).T, alpha=scale)
        ctx.save_for_backward(z, low, a, b)
        ctx.base, ctx.scale, ctx.dropped = base, scale, dropped is not None
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        z, low, a, b = ctx.saved_tensors
        dtype, scale, shape = z.dtype, ctx.scale, z.shape
        g, z, low = _rows(gradients[0].to(dtype)), _rows(z), _rows(low)
        through = g @ b.to(dtype)
        of_a = scale * (through.T @ z).to(a.dtype)
        of_b = scale * (g.T @ low).to(b.dtype)
        of_x = g @ dense(ctx.base, dtype) if ctx.needs_input_grad[0] else None
        of_dropped = None
        if ctx.dropped:
            of_dropped = (scale * (through @ a.to(dtype))).view(shape)
        elif of_x is not None:
            of_x.addmm_(through, a.to(dtype), alpha=scale)
        return None if of_x is None else of_x.view(shape), of_dropped, of_a, of_b, None, None


adapted: Callable[..., Tensor] = _Adapted.apply


def _rows(x: Tensor) -> Tensor:
    """(..., width) as (positions, width)"""
    return x.reshape(-1, x.size(-1))


# --- a model ---------------------------------------------------------------------------------------------------------


def attach(
    model: GPT, config: LoRAConfig, seed: int | None = None, chosen: Mapping[str, tuple[str, ...]] | None = None
) -> None:
    """Freeze the model and put an adapter that changes nothing yet beside its chosen matrices.

    A is drawn as PEFT draws it, uniformly within 1 / sqrt(in), and B is zero. With `seed`, equal calls give equal
    adapters. chosen: a part of `matrices`, by default what the targets mean. Raises EngineError `lora_target`.
    """
    chosen = choose(model.config, config.targets) if chosen is None else chosen
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    model.requires_grad_(False)
    for names in chosen.values():
        bases: list[Any] = [model.get_submodule(name) for name in names]
        width = bases[0].in_features
        drawn = torch.empty(config.rank, width).uniform_(-(width**-0.5), width**-0.5, generator=generator)
        a = nn.Parameter(drawn.to(model.embedding.weight.device))
        for name, base in zip(names, bases, strict=True):
            model.set_submodule(name, LoRALinear(base, a, config.scale, config.dropout))


def layers(model: GPT) -> dict[str, LoRALinear]:
    """The adapted layers, by the name of our module."""
    return {name: module for name, module in model.named_modules() if isinstance(module, LoRALinear)}


def merge(model: GPT) -> None:
    """Put plain layers back that compute the same as the adapted ones."""
    for name, layer in layers(model).items():
        model.set_submodule(name, layer.merged())


@contextmanager
def detached(model: GPT) -> Iterator[None]:
    """Within it, the model computes as if it had no adapter."""
    adapted = [layer for layer in layers(model).values() if layer.active]
    for layer in adapted:
        layer.active = False
    try:
        yield
    finally:
        for layer in adapted:
            layer.active = True


def trained(model: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that learn: those of the adapter, a shared A once, under its first name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def load_trained(model: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Take over what `trained` gave; the bits stay as they were. Raises EngineError `adapter_other` for another's."""
    parameters = trained(model)
    wrong = parameters.keys() ^ tensors.keys() or {n for n, p in parameters.items() if p.shape != tensors[n].shape}
    if wrong:
        raise EngineError("adapter_other", tensor=min(wrong))
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(tensors[name])
