"""What the model computes most often, with fewer passes over memory than torch's own operations take.

Each function equals a plain formula, in value and gradient; tests/engine/gpt/test_kernels.py holds it to that.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

# Query positions whose scores are held at once, and how many scores of some heads: few enough that they stay in cache,
# enough for fast products.
_ROWS, _SCORES = 128, 2**20


def product_type(x: Tensor) -> torch.dtype:
    """The number format that a matrix product of x runs in: autocast's where it is on, else that of x."""
    device = x.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else x.dtype


# --- norm ------------------------------------------------------------------------------------------------------------


def rms_norm(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    """x / sqrt(mean(x²) + epsilon) * weight over the last dimension, computed in float32, in `product_type(x)`."""
    return _RMSNorm.apply(x, weight, epsilon, product_type(x))  # type: ignore[no-any-return, no-untyped-call]


class _RMSNorm(Function):
    """Keeps x as it came and one number a row for the way back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, epsilon: float, dtype: torch.dtype) -> Tensor:
        wide = x.float()
        scale = _scale(wide, epsilon)
        ctx.save_for_backward(x, weight, scale)
        y: Tensor = (wide * scale).mul_(weight.float())
        return y.to(dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None, None]:
        return *_norm_gradients(_wide(gradients[0]), *ctx.saved_tensors), None, None


def _wide(x: Tensor) -> Tensor:
    copied = x.to(torch.float32, memory_format=torch.contiguous_format)  # only where the format is another
    return copied.contiguous()


def _scale(wide: Tensor, epsilon: float) -> Tensor:
    """(..., 1): what each row is multiplied by."""
    length = torch.linalg.vector_norm(wide, dim=-1, keepdim=True)
    scale: Tensor = (length * length / wide.size(-1) + epsilon).rsqrt()
    return scale


def _norm_gradients(gradient: Tensor, x: Tensor, weight: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
    """The way back is that of torch's LayerNorm with a mean of zero, which also takes the mean of gradient * weight
    from every row, so that is put back. gradient: float32, contiguous.
    """
    wide = weight.float()
    into_x, into_weight, _ = torch.ops.aten.native_layer_norm_backward(
        gradient, _wide(x), weight.shape, torch.zeros_like(scale), scale, wide, None, [True, True, False]
    )
    taken = torch.mv(gradient.view(-1, len(wide)), wide).view_as(scale) / len(wide)
    into_x += taken * scale
    return into_x.to(x.dtype), into_weight.to(weight.dtype)


# --- rotation --------------------------------------------------------------------------------------------------------


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Turn number i of each head and its partner i + rotary_dim/2 by the angle of the position, in float32.

    x: (B, heads, T, head_dim) -> the same, in x's format. cosine: (T, head_dim), 1 for the numbers that stay as they
    are; sine: (T, rotary_dim); both in float32.
    """
    return _Rotate.apply(x, cosine, sine)  # type: ignore[no-any-return, no-untyped-call]


def norm_and_rotate(x: Tensor, weight: Tensor, epsilon: float, cosine: Tensor, sine: Tensor) -> Tensor:
    """`rotate` of `rms_norm`, each head by itself: one way through memory instead of two, rounded once."""
    return _NormAndRotate.apply(x, weight, epsilon, cosine, sine, product_type(x))  # type: ignore[no-any-return, no-untyped-call]


class _Rotate(Function):
    """The way back turns by the opposite angle, so nothing of x is kept."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        ctx.save_for_backward(cosine, sine)
        return _narrow(_turned(x.float(), cosine, sine), x.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        cosine, sine = ctx.saved_tensors
        return _narrow(_turned(gradients[0].float(), cosine, -sine), gradients[0].dtype), None, None


class _NormAndRotate(Function):
    """The weight goes into the tables of the rotation, and what a row is multiplied by comes last."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, epsilon: float, cosine: Tensor, sine: Tensor, dtype: torch.dtype
    ) -> Tensor:
        wide, half = x.float(), sine.size(-1) // 2
        scale, own = _scale(wide, epsilon), weight.float()
        ctx.save_for_backward(x, weight, scale, cosine, sine)
        partners = torch.cat((own[half : 2 * half], own[:half]))
        return _narrow(_turned(wide, cosine * own, sine * partners).mul_(scale), dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None, None, None, None]:
        x, weight, scale, cosine, sine = ctx.saved_tensors
        gradient = _turned(_wide(gradients[0]), cosine, -sine)
        return *_norm_gradients(gradient, x, weight, scale), None, None, None, None


def _turned(wide: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    half = sine.size(-1) // 2
    first, second = slice(0, half), slice(half, 2 * half)
    turned = wide * cosine
    turned[..., first].addcmul_(wide[..., second], sine[:, first], value=-1)
    turned[..., second].addcmul_(wide[..., first], sine[:, second])
    return turned


def _narrow(wide: Tensor, dtype: torch.dtype) -> Tensor:
    return wide.to(dtype, memory_format=torch.contiguous_format)


# --- attention -------------------------------------------------------------------------------------------------------


def has_causal_attention(x: Tensor) -> bool:
    """Whether `causal_attention` is faster than torch's own: in bfloat16 on a processor, by two to three times."""
    return x.device.type == "cpu" and x.dtype is torch.bfloat16


def causal_attention(q: Tensor, k: Tensor, v: Tensor, scale: float | None = None) -> Tensor:
    """softmax(q kᵀ * scale) v, each position seeing itself and those before; scale is head_dim^-0.5 by default.

    q: (B, heads, T, head_dim); k, v: (B, kv_heads, T, head_dim). Products run in the format of q, each 128 rows at a
    time and only up to their last visible key; the weights are computed again on the way back instead of kept.
    """
    # A compiler would write these loops out, layer by layer, and make something slower of them: it gets one operation.
    attend = _whole_attention if torch.compiler.is_compiling() else _CausalAttention.apply
    return attend(q, k, v, scale or q.size(-1) ** -0.5)  # type: ignore[no-any-return, no-untyped-call]


class _CausalAttention(Function):
    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, scale: float) -> Tensor:
        ctx.save_for_backward(q, k, v)
        ctx.scale = scale
        return _attended(q, k, v, scale)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        q, k, v = ctx.saved_tensors
        return *_attention_gradients(gradients[0], q, k, v, ctx.scale), None


# Inside: N = B * kv_heads, and G query heads that share a key/value head lie side by side as rows of a product.


def _attended(q: Tensor, k: Tensor, v: Tensor, scale: float) -> Tensor:
    queries, keys, values = _beside(q, k, v, scale)
    y, future = torch.empty_like(queries), _future(queries)
    for some, start, end in _spans(queries):
        weights = _weights(queries[some, :, start:end], keys[some, :end].contiguous(), future)
        y[some, :, start:end] = (weights @ values[some, :end]).view_as(y[some, :, start:end])
    return y.view(q.shape)


def _attention_gradients(
    gradient: Tensor, q: Tensor, k: Tensor, v: Tensor, scale: float
) -> tuple[Tensor, Tensor, Tensor]:
    queries, keys, values = _beside(q, k, v, scale)
    gradient, future = gradient.reshape(queries.shape), _future(queries)
    into_queries = torch.empty_like(queries)
    into_keys = torch.zeros(keys.shape, device=keys.device)  # in float32: sums over the spans
    into_values = torch.zeros_like(into_keys)
    for some, start, end in _spans(queries):
        # Products would copy these each time, and turned on their side, which is slow.
        seen, told = keys[some, :end].contiguous(), values[some, :end].contiguous()
        weights = _weights(queries[some, :, start:end], seen, future)
        mine, above = (rows[some, :, start:end].flatten(1, 2) for rows in (queries, gradient))
        into_values[some, :end] += (weights.mT @ above).float()
        into_scores = torch._softmax_backward_data(above @ told.mT, weights, -1, weights.dtype)
        into_queries[some, :, start:end] = (into_scores @ seen).view_as(into_queries[some, :, start:end])
        into_keys[some, :end] += (into_scores.mT @ mine).float()
    into_queries *= scale
    into_k, into_v = (into.to(keys.dtype).view(k.shape) for into in (into_keys, into_values))
    return into_queries.view(q.shape), into_k, into_v


def _beside(q: Tensor, k: Tensor, v: Tensor, scale: float) -> tuple[Tensor, Tensor, Tensor]:
    """(N, G, T, head_dim), times scale, and twice (N, T, head_dim)."""
    batch, kv_heads, positions, size = k.shape
    queries = (q * scale).reshape(batch * kv_heads, -1, positions, size)
    return queries, k.reshape(-1, positions, size), v.reshape(-1, positions, size)


def _spans(queries: Tensor) -> list[tuple[slice, int, int]]:
    """What is done at once: some of N, at least one for every thread, and positions from one to before another."""
    count, group, positions, _ = queries.shape
    rows = min(_ROWS, positions)
    size = max(torch.get_num_threads(), _SCORES // (group * rows * positions))
    parts = [slice(first, first + size) for first in range(0, count, size)]
    return [(some, start, min(start + rows, positions)) for some in parts for start in range(0, positions, rows)]


def _future(queries: Tensor) -> Tensor:
    """Added to the scores of as many keys: -inf where the key lies behind the query."""
    rows = min(_ROWS, queries.size(2))
    return torch.full((rows, rows), float("-inf"), dtype=queries.dtype, device=queries.device).triu(1)


def _weights(queries: Tensor, keys: Tensor, future: Tensor) -> Tensor:
    """(N, G * rows, S): how much each of the last rows, queries (N, G, rows, head_dim), heeds keys (N, S, head_dim)."""
    scores, rows = queries.flatten(1, 2) @ keys.mT, queries.size(2)
    scores.view(*queries.shape[:3], -1)[..., -rows:] += future[:rows, :rows]
    return torch._softmax(scores, -1, False)  # as softmax, which autocast would run in float32


# The same as operations that torch.compile leaves whole.
_whole_attention = torch.library.custom_op("seedling::causal_attention", _attended, mutates_args=())
_whole_gradients = torch.library.custom_op("seedling::causal_attention_backward", _attention_gradients, mutates_args=())
_whole_attention.register_fake(lambda q, k, v, scale: _like(q))
_whole_gradients.register_fake(lambda gradient, q, k, v, scale: (_like(q), _like(k), _like(v)))


def _like(x: Tensor) -> Tensor:
    return torch.empty_like(x, memory_format=torch.contiguous_format)


def _keep(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor, float], output: Tensor) -> None:
    ctx.save_for_backward(*inputs[:3])
    ctx.scale = inputs[3]


def _go_back(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
    return *_whole_gradients(gradient, *ctx.saved_tensors, ctx.scale), None


_whole_attention.register_autograd(_go_back, setup_context=_keep)
