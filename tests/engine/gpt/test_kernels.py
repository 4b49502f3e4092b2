"""Each kernel equals the plain formula, in value and gradient: closely in float32, within rounding in bfloat16."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from random_gpt import random_gpt
from torch import Tensor

from engine.gpt import kernels
from engine.gpt.model import textbook_attention
from engine.training import objectives

# Relative to the size of the whole: float32 sums a few hundred numbers, bfloat16 rounds to 8 bits a few times in a row.
_TOLERANCES = {torch.float32: 2e-6, torch.bfloat16: 8e-3}
_BOTH = pytest.mark.parametrize("dtype", _TOLERANCES)
_Function = Callable[..., Tensor]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(3)


def heads(count: int, positions: int, size: int, dtype: torch.dtype) -> Tensor:
    """(2, count, positions, size), lying in memory as the projections give them."""
    return torch.randn(2, positions, count, size, dtype=dtype).transpose(1, 2).requires_grad_()


def assert_equal(kernel: _Function, formula: _Function, *inputs: Tensor) -> None:
    """Value and gradients of the kernel are those of the formula in float64."""
    exact = [tensor.detach().double().requires_grad_() for tensor in inputs]
    found, wanted = kernel(*inputs), formula(*exact)
    assert found.dtype is inputs[0].dtype
    direction = torch.randn(found.shape, dtype=found.dtype)
    gradients = torch.autograd.grad(found, inputs, direction)
    wanted_gradients = torch.autograd.grad(wanted, exact, direction.double())
    for one, other in zip((found, *gradients), (wanted, *wanted_gradients), strict=True):
        assert one.shape == other.shape
        assert (one - other).norm() <= _TOLERANCES[inputs[0].dtype] * other.norm()


@_BOTH
@pytest.mark.parametrize("shape", [(3, 5, 48), (2, 3, 5, 16)])
def test_rms_norm(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    x = torch.randn(shape, dtype=dtype).mul_(3).requires_grad_()
    weight = torch.randn(shape[-1], dtype=dtype).requires_grad_()
    assert_equal(
        lambda x, weight: kernels.rms_norm(x, weight, 1e-5),
        lambda x, weight: x * (x.square().mean(-1, keepdim=True) + 1e-5).rsqrt() * weight,
        x,
        weight,
    )


def test_the_norm_is_as_exact_on_the_way_back_within_autocast() -> None:
    x, weight, direction = torch.randn(64, 48), torch.rand(48), torch.randn(64, 48)

    def gradient(enabled: bool) -> Tensor:
        leaf = x.clone().requires_grad_()
        y = kernels.rms_norm(leaf, weight, 1e-6)
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            (found,) = torch.autograd.grad(y, leaf, direction)
        return found

    assert torch.equal(gradient(True), gradient(False))


def test_a_row_of_zeros_has_a_norm_and_a_gradient() -> None:
    x, weight = torch.zeros(2, 8, requires_grad=True), torch.ones(8, requires_grad=True)
    kernels.rms_norm(x, weight, 1e-6).sum().backward()
    assert x.grad is not None
    assert bool(x.grad.isfinite().all())


def test_under_autocast_the_norm_gives_what_products_take() -> None:
    x, weight = torch.randn(2, 8, requires_grad=True), torch.ones(8, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        y = kernels.rms_norm(x, weight, 1e-6)
    assert y.dtype is torch.bfloat16
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.dtype is torch.float32


@_BOTH
@pytest.mark.parametrize("size", [16, 22])
def test_rotation(dtype: torch.dtype, size: int) -> None:
    """Of 16 numbers of each head, and of no others."""
    angles = torch.randn(7, 8).repeat(1, 2)

    def formula(x: Tensor) -> Tensor:
        first, second, rest = torch.split(x, [8, 8, size - 16], dim=-1)
        turned = torch.cat((first, second), -1) * angles.cos().double()
        return torch.cat((turned + torch.cat((-second, first), -1) * angles.sin().double(), rest), -1)

    cosine = F.pad(angles.cos(), (0, size - 16), value=1.0)
    assert_equal(lambda x: kernels.rotate(x, cosine, angles.sin()), formula, heads(3, 7, size, dtype))


@_BOTH
@pytest.mark.parametrize("size", [16, 22])
def test_norm_and_rotation(dtype: torch.dtype, size: int) -> None:
    """Together they are one after the other; the partner of a number brings its own weight along."""
    angles = torch.randn(7, 8).repeat(1, 2)
    cosine = F.pad(angles.cos(), (0, size - 16), value=1.0)

    def formula(x: Tensor, weight: Tensor) -> Tensor:
        first, second, rest = torch.split(
            x * (x.square().mean(-1, keepdim=True) + 1e-5).rsqrt() * weight, [8, 8, size - 16], dim=-1
        )
        turned = torch.cat((first, second), -1) * angles.cos().double()
        return torch.cat((turned + torch.cat((-second, first), -1) * angles.sin().double(), rest), -1)

    weight = torch.randn(size, dtype=dtype).requires_grad_()
    assert_equal(
        lambda x, weight: kernels.norm_and_rotate(x, weight, 1e-5, cosine, angles.sin()),
        formula,
        heads(3, 7, size, dtype),
        weight,
    )


def test_under_autocast_turned_heads_are_what_products_take() -> None:
    x, weight = torch.randn(1, 2, 3, 8, requires_grad=True), torch.ones(8, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        y = kernels.norm_and_rotate(x, weight, 1e-6, torch.ones(3, 8), torch.zeros(3, 8))
    assert y.dtype is torch.bfloat16
    assert y.is_contiguous()
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.dtype is torch.float32


@_BOTH
@pytest.mark.parametrize("positions", [1, 7, 128, 300])
@pytest.mark.parametrize("kv_heads", [1, 2, 4])
def test_attention(dtype: torch.dtype, positions: int, kv_heads: int) -> None:
    inputs = [heads(count, positions, 16, dtype) for count in (4, kv_heads, kv_heads)]
    assert_equal(kernels.causal_attention, lambda *qkv: textbook_attention(*qkv)[0], *inputs)


@_BOTH
@pytest.mark.parametrize("scores", [1, 2 * 2 * 128 * 300])
def test_attention_to_a_few_heads_at_a_time(dtype: torch.dtype, scores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """To one, or to two of which each has two queries' heads, where there are six; and no more scores are held."""
    monkeypatch.setattr(kernels, "_SCORES", scores)
    inputs = [heads(count, 300, 16, dtype) for count in (6, 3, 3)]
    queries = inputs[0].detach().reshape(6, 2, 300, 16)
    assert all(len(queries[some]) * 2 * (end - start) * end <= max(scores, 2 * 128 * 300)
               for some, start, end in kernels._spans(queries))  # fmt: skip
    assert_equal(kernels.causal_attention, lambda *qkv: textbook_attention(*qkv)[0], *inputs)


def test_the_scale_of_attention() -> None:
    inputs = [heads(2, 20, 16, torch.float32) for _ in range(3)]
    assert_equal(
        lambda *qkv: kernels.causal_attention(*qkv, 0.7),
        lambda *qkv: textbook_attention(*qkv, scale=0.7)[0],
        *inputs,
    )


def test_attention_stays_in_bfloat16_under_autocast() -> None:
    q, k, v = (heads(2, 40, 16, torch.bfloat16) for _ in range(3))
    plain = kernels.causal_attention(q, k, v)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(kernels.causal_attention(q, k, v), plain)


@pytest.mark.parametrize("shape", ["gpt2", "qwen3"])
def test_the_model_learns_in_bfloat16_what_it_would_in_float32(shape: str) -> None:
    """Loss and gradients of a whole pass: within 3 % of float32's, and no further than torch's own attention is."""
    model = random_gpt(shape).train()
    ids, labels = torch.randint(0, 416, (2, 2, 64))

    def gradients(enabled: bool) -> Tensor:
        model.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            objectives.backward(model.head, model.hidden(ids), labels, labels.numel())
        return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])

    exact, rounded = gradients(False), gradients(True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "has_causal_attention", lambda x: False)
        peer = gradients(True)
    off = float((rounded - exact).norm() / exact.norm())
    assert off < 0.03
    assert off < 1.2 * float((peer - exact).norm() / exact.norm())


def test_a_compiler_gets_attention_as_one_operation() -> None:
    """Which behaves as torch asks of one: it changes no input, and its shapes and gradients are known beforehand."""
    inputs = tuple(heads(count, 9, 16, torch.float32) for count in (4, 2, 2))
    torch.library.opcheck(kernels._whole_attention, (*inputs, 0.25))
    compiled = torch.compile(kernels.causal_attention, backend="aot_eager", fullgraph=True)
    direction = torch.randn(2, 4, 9, 16)
    for one, other in zip(
        torch.autograd.grad(compiled(*inputs), inputs, direction),
        torch.autograd.grad(kernels.causal_attention(*inputs), inputs, direction),
        strict=True,
    ):
        assert torch.equal(one, other)


def test_torch_attends_where_the_kernel_is_not_faster() -> None:
    q, k, v = (heads(2, 8, 16, torch.float32) for _ in range(3))
    assert not kernels.has_causal_attention(q)
    torch.testing.assert_close(
        kernels.causal_attention(q, k, v), F.scaled_dot_product_attention(q, k, v, is_causal=True)
    )


def test_attention_keeps_nothing_as_large_as_all_scores() -> None:
    inputs, kept = [heads(count, 200, 16, torch.bfloat16) for count in (4, 2, 2)], list[int]()
    with torch.autograd.graph.saved_tensors_hooks(lambda tensor: kept.append(tensor.numel()) or tensor, lambda t: t):
        kernels.causal_attention(*inputs)
    assert sum(kept) == sum(tensor.numel() for tensor in inputs)
