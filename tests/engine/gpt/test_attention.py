"""Attention block by block is the textbook's, forward and backward."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.gpt import model
from engine.gpt.attention import blocked_attention
from engine.gpt.model import attend, textbook_attention


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def inputs(heads: int, kv_heads: int, positions: int, dtype: torch.dtype) -> list[Tensor]:
    """As a model hands them over: heads behind positions in memory."""
    draw = torch.Generator().manual_seed(positions)
    sizes = (heads, kv_heads, kv_heads)
    drawn = [torch.randn(2, positions, size, 16, generator=draw).to(dtype).transpose(1, 2) for size in sizes]
    return [tensor.requires_grad_() for tensor in drawn]


@pytest.mark.parametrize("positions", [1, 2, 63, 64, 65, 200])
@pytest.mark.parametrize(("heads", "kv_heads"), [(4, 4), (4, 2), (3, 1)])
@pytest.mark.parametrize("scale", [0.25, 0.1])
def test_it_is_the_textbooks(heads: int, kv_heads: int, positions: int, scale: float) -> None:
    ours = inputs(heads, kv_heads, positions, torch.float64)
    found = blocked_attention(*ours, scale)  # type: ignore[call-arg]
    expected, _ = textbook_attention(*ours, scale=scale)
    # softmax is taken in float32
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    weights = torch.randn_like(expected)
    gradients = torch.autograd.grad((found * weights).sum(), ours)
    torch.testing.assert_close(gradients, torch.autograd.grad((expected * weights).sum(), ours), atol=1e-4, rtol=1e-4)


def test_in_bfloat16_it_is_as_exact_as_the_fused_kernel() -> None:
    ours = inputs(4, 2, 150, torch.bfloat16)
    exact = [tensor.detach().double().requires_grad_() for tensor in ours]
    weights = torch.randn(2, 4, 150, 16, dtype=torch.bfloat16)
    expected, _ = textbook_attention(*exact)
    wanted = expected, *torch.autograd.grad((expected * weights).sum(), exact)
    blocked = blocked_attention(*ours, 16**-0.5)  # type: ignore[call-arg]
    found = blocked, *torch.autograd.grad((blocked * weights).sum(), ours)
    fused = torch.nn.functional.scaled_dot_product_attention(*ours, is_causal=True, enable_gqa=True)
    theirs = fused, *torch.autograd.grad((fused * weights).sum(), ours)
    for ours_, theirs_, wanted_ in zip(found, theirs, wanted, strict=True):
        error = (ours_ - wanted_).norm() / wanted_.norm()
        assert error < 0.01
        assert error < 2 * (theirs_ - wanted_).norm() / wanted_.norm()


@pytest.mark.parametrize(
    ("dtype", "learns", "dropout", "window", "blocked"),
    [
        (torch.bfloat16, True, 0.0, None, True),
        (torch.bfloat16, True, 0.0, 100, True),
        (torch.float32, True, 0.0, None, False),
        (torch.bfloat16, False, 0.0, None, False),
        (torch.bfloat16, True, 0.5, None, False),
        (torch.bfloat16, True, 0.0, 5, False),
    ],
)
def test_where_it_is_taken(
    dtype: torch.dtype, learns: bool, dropout: float, window: int | None, blocked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []

    def spy(*arguments: Tensor) -> Tensor:
        taken.append(True)
        return blocked_attention(*arguments)

    monkeypatch.setattr(model, "blocked_attention", spy)
    ours = [tensor.detach().requires_grad_(learns) for tensor in inputs(4, 2, 40, dtype)]
    found = attend(*ours, dropout=dropout, window=window)
    assert bool(taken) is blocked
    if not dropout:
        expected, _ = textbook_attention(*(tensor.float() for tensor in ours), window=window)
        torch.testing.assert_close(found.float(), expected, atol=0.05, rtol=0.05)


def test_nothing_as_large_as_all_scores_is_kept() -> None:
    ours = inputs(4, 2, 200, torch.bfloat16)
    kept: list[int] = []

    def pack(tensor: Tensor) -> Tensor:
        kept.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        blocked_attention(*ours, 0.25)  # type: ignore[call-arg]
    assert sum(kept) == sum(tensor.numel() for tensor in ours)
