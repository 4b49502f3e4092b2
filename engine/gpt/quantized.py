"""Frozen matrices in 8 or 4 bits, for adapters over models that would not fit otherwise.

A matrix is made dense for the moment it multiplies, in the precision of what it meets, forward and again backward; so
memory holds one dense matrix at a time. Gradients flow through it, never into it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (everyone's name for it)
from torch import Tensor, nn

from engine.gpt.model import GPT

BITS = (8, 4)
BLOCK = 64  # numbers that share a scale in 4 bits

# 4-bit NormalFloat: sixteen quantiles of a normal distribution, so that weights use all of them alike
# (Dettmers et al. 2023, arXiv:2305.14314, appendix E).
NORMAL_FLOAT = (
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
    -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
    0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
)  # fmt: skip


class QuantizedLinear(nn.Module):
    """A linear layer whose matrix is kept in `bits` bits and never trained.

    8 bits: a whole number from -127 to 127 each, and a scale per row. 4 bits: the nearest of `NORMAL_FLOAT` each, two
    in a byte, and a scale per 64 numbers in float16, so 4.25 bits in all.
    """

    codes: Tensor
    scales: Tensor
    bias: Tensor | None

    def __init__(self, linear: nn.Linear, bits: int) -> None:
        super().__init__()
        self.in_features, self.out_features, self.bits = linear.in_features, linear.out_features, bits
        codes, scales = (_to_8_bits if bits == 8 else _to_4_bits)(linear.weight.detach().float())
        self.register_buffer("codes", codes)
        self.register_buffer("scales", scales)
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().clone())

    def dense(self, dtype: torch.dtype) -> Tensor:
        """The matrix, (out, in)."""
        if self.bits == 8:
            return self.codes.to(dtype) * self.scales.to(dtype)
        values = F.embedding(self.codes.int(), _pairs(self.codes.device, dtype)).view(-1, BLOCK)
        flat = (values * self.scales.to(dtype)).flatten()
        return flat[: self.out_features * self.in_features].view(self.out_features, self.in_features)

    def forward(self, x: Tensor) -> Tensor:
        return product(x, self)


class _Product(torch.autograd.Function):
    """x Wᵀ + bias, remembering nothing: the backward pass makes the matrix dense again."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, layer: QuantizedLinear) -> Tensor:
        device = x.device.type
        dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else x.dtype
        ctx.layer = layer
        return F.linear(x.to(dtype), layer.dense(dtype), None if layer.bias is None else layer.bias.to(dtype))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        (gradient,) = gradients
        return gradient @ ctx.layer.dense(gradient.dtype), None


product: Callable[[Tensor, QuantizedLinear], Tensor] = _Product.apply


def quantize(model: GPT, bits: int) -> None:
    """Keep the matrices of the blocks in `bits` bits from now on; embedding, norms and output stay as they are."""
    model.requires_grad_(False)
    for name, module in list(model.blocks.named_modules()):
        if isinstance(module, nn.Linear):
            model.blocks.set_submodule(name, QuantizedLinear(module, bits))


def _to_8_bits(weight: Tensor) -> tuple[Tensor, Tensor]:
    scales = weight.abs().amax(dim=1, keepdim=True) / 127
    scales[scales == 0] = 1
    return (weight / scales).round().to(torch.int8), scales


def _to_4_bits(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Codes (numbers / 2,) and scales (blocks, 1); the last block is filled up with zeros."""
    blocks = F.pad(weight.flatten(), (0, -weight.numel() % BLOCK)).view(-1, BLOCK)
    scales = blocks.abs().amax(dim=1, keepdim=True).half()
    scales[scales == 0] = 1
    table = torch.tensor(NORMAL_FLOAT, device=weight.device)
    between = (table[1:] + table[:-1]) / 2
    codes = torch.bucketize(blocks / scales.float(), between).to(torch.uint8).flatten()
    return codes[::2] << 4 | codes[1::2], scales


def _pairs(device: torch.device, dtype: torch.dtype) -> Tensor:
    """(256, 2): the two numbers that a byte stands for."""
    table = torch.tensor(NORMAL_FLOAT, device=device, dtype=dtype)
    return torch.stack((table.repeat_interleave(16), table.repeat(16)), dim=1)
