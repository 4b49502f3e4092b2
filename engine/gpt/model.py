"""The in-house GPT, top to bottom: cache, norms, embedding, positions, attention, feed-forward, block, output,
families, model, initialisation.

A family (`FAMILIES`) chooses its modules when a model is built; every forward is the same for all of them.
Shapes in comments: B sequences, T new positions, S positions in all (cached ones first), `width` of the stream.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (everyone's name for it)
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.checkpoint import checkpoint

from engine.errors import EngineError
from engine.gpt import kernels
from engine.gpt.config import GPTConfig

# --- the cache -------------------------------------------------------------------------------------------------------


class KVCache:
    """Keys and values of the positions seen so far, so that each is computed once.

    keys, values: (layers, B, kv_heads, positions, head_dim), of which the first `length` positions are filled.
    """

    def __init__(
        self,
        config: GPTConfig,
        batch: int,
        positions: int,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        shape = (config.layers, batch, config.kv_heads, positions, config.head_dim)
        self.keys = torch.empty(shape, dtype=dtype, device=device)
        self.values = torch.empty(shape, dtype=dtype, device=device)
        self.positions = positions
        self.length = 0

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Store (B, kv_heads, T, head_dim) behind the filled positions; returns all S of them.

        `length` moves on only when every layer is done (`GPT.hidden`), so a pass that fails leaves the cache as it was.
        """
        end = self.length + keys.size(2)
        self.keys[layer, :, :, self.length : end] = keys
        self.values[layer, :, :, self.length : end] = values
        return self.keys[layer, :, :, :end].to(keys.dtype), self.values[layer, :, :, :end].to(values.dtype)

    def truncate(self, length: int) -> None:
        """Forget every position from `length` on."""
        if not 0 <= length <= self.length:
            raise ValueError(f"cannot truncate {self.length} positions to {length}")
        self.length = length


# --- norms -----------------------------------------------------------------------------------------------------------


class RMSNorm(nn.Module):
    """x / sqrt(mean(x²) + epsilon) * weight, in float32 (Zhang & Sennrich 2019, arXiv:1910.07467)."""

    def __init__(self, size: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return kernels.rms_norm(x, self.gain(), self.epsilon)

    def rotated(self, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        """The norm of each head, turned as `kernels.rotate` does. x: (B, heads, T, head_dim)."""
        return kernels.norm_and_rotate(x, self.gain(), self.epsilon, cosine, sine)

    def gain(self) -> Tensor:
        return self.weight


class RMSNormOfHeads(RMSNorm):
    """One RMSNorm over all heads together. x: (B, heads, T, head_dim)."""

    def __init__(self, heads: int, head_dim: int, epsilon: float) -> None:
        super().__init__(heads * head_dim, epsilon)

    def forward(self, x: Tensor) -> Tensor:
        side_by_side = x.transpose(1, 2)
        return super().forward(side_by_side.flatten(2)).view(side_by_side.shape).transpose(1, 2)

    def rotated(self, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        return kernels.rotate(self(x), cosine, sine)


class RMSNormFromOne(RMSNorm):
    """RMSNorm by 1 + weight, as Gemma stores it: a weight that decays to zero leaves the stream as it is."""

    def __init__(self, size: int, epsilon: float) -> None:
        super().__init__(size, epsilon)
        nn.init.zeros_(self.weight)

    def gain(self) -> Tensor:
        return 1 + self.weight.float()


class LayerNorm(nn.Module):
    """(x - mean) / sqrt(variance + epsilon) * weight + bias, in float32 (Ba et al. 2016, arXiv:1607.06450)."""

    def __init__(self, size: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.bias = nn.Parameter(torch.zeros(size))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self.weight.float(), self.bias.float()
        return F.layer_norm(x.float(), weight.shape, weight, bias, self.epsilon).to(kernels.product_type(x))


# --- embedding -------------------------------------------------------------------------------------------------------


class ScaledEmbedding(nn.Embedding):
    """Vectors times sqrt(width), so that a matrix small enough for the output layer still gives a stream of size one
    (Vaswani et al. 2017, section 3.4).
    """

    def forward(self, ids: Tensor) -> Tensor:
        vectors: Tensor = super().forward(ids)
        return vectors * math.sqrt(self.embedding_dim)


# --- positions -------------------------------------------------------------------------------------------------------


class LearnedPositions(nn.Module):
    """One trained vector per position, added to the token's; queries and keys stay as they are."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(config.context, config.width))

    def embed(self, x: Tensor, start: int) -> Tensor:
        return x + self.weight[start : start + x.size(1)]

    def rotate(self, x: Tensor, start: int, local: bool, norm: nn.Module) -> Tensor:
        return norm(x)  # type: ignore[no-any-return]


class RotaryPositions(nn.Module):
    """RoPE (Su et al. 2021, arXiv:2104.09864): queries and keys are rotated by their position.

    Number i of a head is paired with number i + head_dim/2 (the order of Hugging Face and of llama.cpp's NEOX
    rotation), and the pair turns by position * theta^(-2i/head_dim), slowed by its part of `rope_factors`. Where only
    a share of each head rotates (`config.rotary_dim` numbers), the rest stays as it is.
    Layers with a window may have a base of their own (`local_rope_theta`), which is never slowed.
    """

    cosine: Tensor  # (one or two rotations, context, head_dim), float32
    sine: Tensor  # (one or two rotations, context, rotary_dim), float32

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        frequencies = [rope_frequencies(config, config.rope_theta) / rope_factors(config)]
        if config.local_rope_theta:
            frequencies.append(rope_frequencies(config, config.local_rope_theta))
        positions = torch.arange(config.context, dtype=torch.float32, device="cpu")
        angles = torch.stack([torch.outer(positions, each) for each in frequencies])
        angles = torch.cat((angles, angles), dim=-1)
        kept = config.head_dim - config.rotary_dim
        self.register_buffer("cosine", F.pad(angles.cos(), (0, kept), value=1.0), persistent=False)
        self.register_buffer("sine", angles.sin(), persistent=False)

    def embed(self, x: Tensor, start: int) -> Tensor:
        return x

    def rotate(self, x: Tensor, start: int, local: bool, norm: nn.Module) -> Tensor:
        """x: (B, heads, T, head_dim) at positions start .. start + T - 1, after its norm. local: by the base of
        windowed layers.
        """
        here = int(local), slice(start, start + x.size(2))
        turn = norm.rotated if isinstance(norm, RMSNorm) else kernels.rotate
        return turn(x, self.cosine[here], self.sine[here])

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> nn.Module:
        """Follow the model to its device but never to bfloat16: far positions would lose their angle."""
        cosine, sine = self.cosine, self.sine
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.cosine, self.sine = cosine.to(self.cosine.device), sine.to(self.sine.device)
        return self


def rope_frequencies(config: GPTConfig, theta: float) -> Tensor:
    """(rotary_dim / 2,): the angle between two neighbouring positions, for each pair."""
    steps = torch.arange(0, config.rotary_dim, 2, dtype=torch.float32, device="cpu") / config.rotary_dim
    return 1.0 / theta**steps


def rope_factors(config: GPTConfig) -> Tensor:
    """(rotary_dim / 2,): by how much each pair turns more slowly than it was first trained to.

    `linear`: all alike (Chen et al. 2023, arXiv:2306.15595). `llama3`: pairs that turn fully more than
    `rope_high_factor` times within the original context not at all, those below `rope_low_factor` turns by the whole
    factor, and those between by a mixture (Llama 3.1, arXiv:2407.21783; its reference code `apply_scaling`).
    """
    frequencies = rope_frequencies(config, config.rope_theta)
    if config.rope_scaling == "linear":
        return torch.full_like(frequencies, config.rope_factor)
    if config.rope_scaling == "llama3":
        turns = config.rope_original_context * frequencies / (2 * math.pi)
        spread = config.rope_high_factor - config.rope_low_factor
        kept = ((turns - config.rope_low_factor) / spread).clamp(0, 1)  # share of the frequency that stays as it was
        return 1 / ((1 - kept) / config.rope_factor + kept)
    return torch.ones_like(frequencies)


# --- attention -------------------------------------------------------------------------------------------------------


def attend(
    q: Tensor, k: Tensor, v: Tensor, dropout: float = 0.0, window: int | None = None, scale: float | None = None
) -> Tensor:
    """Causal attention by the fastest kernels here. Equal to `textbook_attention`, which a test shows.

    q: (B, heads, T, head_dim), the last T of the S positions in k, v: (B, kv_heads, S, head_dim). window: how many
    positions a query sees, itself included; all of them by default. scale: of the scores, by default head_dim^-0.5.
    """
    new, positions = q.size(2), k.size(2)
    chunk = 1 < new < positions  # several positions behind cached ones; a single one sees everything
    far = window is not None and window < positions
    if new == positions and not far and not dropout and kernels.has_causal_attention(q):
        return kernels.causal_attention(q, k, v, scale)
    allowed = ~_hidden(new, positions, window, q.device) if chunk or far else None
    return F.scaled_dot_product_attention(
        q, k, v, allowed, dropout, is_causal=allowed is None and new > 1, scale=scale, enable_gqa=q.size(1) != k.size(1)
    )


def textbook_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    dropout: float = 0.0,
    window: int | None = None,
    scale: float | None = None,
    softcap: float = torch.inf,
) -> tuple[Tensor, Tensor]:
    """Causal attention step by step, arguments as in `attend`; also returns the weights (B, heads, T, S).

    softmax(q kᵀ / sqrt(head_dim)) v with -inf at hidden positions (Vaswani et al. 2017, arXiv:1706.03762).
    softcap: the scores stay below it, by `cap`.
    """
    group = q.size(1) // k.size(1)  # query heads that share a key/value head
    k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
    scores = q @ k.transpose(-2, -1) * (scale or q.size(-1) ** -0.5)
    scores = cap(scores, softcap).masked_fill(_hidden(q.size(2), k.size(2), window, q.device), float("-inf"))
    weights = F.dropout(scores.softmax(dim=-1), dropout)  # survivors are scaled by 1 / (1 - dropout)
    return weights @ v, weights


def cap(x: Tensor, limit: float) -> Tensor:
    """x, bent so that it stays between -limit and limit: limit * tanh(x / limit) (Gemma 2, arXiv:2408.00118)."""
    return x if limit == torch.inf else limit * torch.tanh(x / limit)


def _hidden(new: int, positions: int, window: int | None, device: torch.device) -> Tensor:
    """(T, S): True where a key lies in the query's future, or as far behind it as the window is long."""
    place = torch.arange(positions, device=device)
    distance = place[positions - new :, None] - place
    return (distance < 0) | (distance >= (window or positions))


class Attention(nn.Module):
    """Multi-head causal self-attention, with as many key/value heads as the configuration says."""

    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        family = FAMILIES[config.shape]
        self.head_dim, self.dropout = config.head_dim, config.dropout
        self.window = config.window if config.windowed(layer) else None
        self.local = config.local_rope_theta > 0 and config.windowed(layer)
        self.scale = config.query_scalar**-0.5 if config.query_scalar else None
        self.softcap = config.attention_softcap
        inner = config.heads * config.head_dim
        self.query = nn.Linear(config.width, inner, bias=config.qkv_bias)
        self.key = nn.Linear(config.width, config.kv_heads * config.head_dim, bias=config.qkv_bias)
        self.value = nn.Linear(config.width, config.kv_heads * config.head_dim, bias=config.qkv_bias)
        self.query_norm = family.head_norm(config.heads, config.head_dim, config.norm_epsilon)
        self.key_norm = family.head_norm(config.kv_heads, config.head_dim, config.norm_epsilon)
        self.output = nn.Linear(inner, config.width, bias=family.bias)

    def forward(self, x: Tensor, positions: Positions, start: int, cache: KVCache | None, layer: int) -> Tensor:
        q, k, v = (self._heads(linear(x)) for linear in (self.query, self.key, self.value))
        q = positions.rotate(q, start, self.local, self.query_norm)
        k = positions.rotate(k, start, self.local, self.key_norm)
        if cache is not None:
            k, v = cache.extend(layer, k, v)
        y = self.attend(q, k, v)
        return self.output(y.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return attend(q, k, v, self.dropout if self.training else 0.0, self.window, self.scale)

    def _heads(self, x: Tensor) -> Tensor:
        """(B, T, heads * head_dim) -> (B, heads, T, head_dim)"""
        return x.view(*x.shape[:2], -1, self.head_dim).transpose(1, 2)


class CappedAttention(Attention):
    """Attention whose scores are capped, which no fused kernel of torch can do."""

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        return textbook_attention(q, k, v, dropout, self.window, self.scale, self.softcap)[0]


# --- feed-forward ----------------------------------------------------------------------------------------------------


class GELU(nn.Module):
    """down(gelu(up(x))), with the tanh form of GELU that GPT-2 was trained with (arXiv:1606.08415)."""

    form = "tanh"

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.up = nn.Linear(config.width, config.feed_forward)
        self.down = nn.Linear(config.feed_forward, config.width)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.gelu(self.up(x), approximate=self.form))  # type: ignore[no-any-return]


class ExactGELU(GELU):
    """GELU as it is defined, by the error function."""

    form = "none"


class SwiGLU(nn.Module):
    """down(silu(gate(x)) * up(x)), without biases (Shazeer 2020, arXiv:2002.05202)."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.gate = nn.Linear(config.width, config.feed_forward, bias=False)
        self.up = nn.Linear(config.width, config.feed_forward, bias=False)
        self.down = nn.Linear(config.feed_forward, config.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.silu(self.gate(x)) * self.up(x))  # type: ignore[no-any-return]


class GeGLU(SwiGLU):
    """down(gelu(gate(x)) * up(x)), with the tanh form of GELU (Shazeer 2020, arXiv:2002.05202)."""

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.gelu(self.gate(x), approximate="tanh") * self.up(x))  # type: ignore[no-any-return]


# --- block -----------------------------------------------------------------------------------------------------------


class Block(nn.Module):
    """Attention, then feed-forward; each reads the stream and adds to it, with norms before, after or both."""

    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        family = FAMILIES[config.shape]
        before, after = (family.norm if wanted else nn.Identity for wanted in (family.norm_before, family.norm_after))
        self.attention_norm = before(config.width, config.norm_epsilon)
        self.attention = family.attention(config, layer)
        self.attention_post_norm = after(config.width, config.norm_epsilon)
        self.feed_forward_norm = before(config.width, config.norm_epsilon)
        self.feed_forward = family.feed_forward(config)
        self.feed_forward_post_norm = after(config.width, config.norm_epsilon)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, positions: Positions, start: int, cache: KVCache | None, layer: int) -> Tensor:
        y = self.attention(self.attention_norm(x), positions, start, cache, layer)
        x = x + self.dropout(self.attention_post_norm(y))
        y = self.feed_forward(self.feed_forward_norm(x))
        return x + self.dropout(self.feed_forward_post_norm(y))  # type: ignore[no-any-return]


class ParallelBlock(Block):
    """Attention and feed-forward side by side: both read the same stream (GPT-J; arXiv:2204.06745)."""

    def forward(self, x: Tensor, positions: Positions, start: int, cache: KVCache | None, layer: int) -> Tensor:
        y = self.dropout(self.attention(self.attention_norm(x), positions, start, cache, layer))
        return x + y + self.dropout(self.feed_forward(self.feed_forward_norm(x)))  # type: ignore[no-any-return]


# --- output ----------------------------------------------------------------------------------------------------------


class Softcap(nn.Module):
    """Logits that stay below a limit, see `cap`."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.limit = config.logit_softcap

    def forward(self, logits: Tensor) -> Tensor:
        return cap(logits, self.limit)


# --- families --------------------------------------------------------------------------------------------------------

Positions = LearnedPositions | RotaryPositions


@dataclass(frozen=True)
class Family:
    """What a shape is made of, and how its weights begin.

    By default as Llama (arXiv:2307.09288): RMSNorm, rotary positions, SwiGLU, no biases. Weights then begin as
    nanochat's do: readers keep the size of what they read, writers are zero, so each block begins as the identity. A
    tied embedding stays small, because it also gives the first logits. With AdamW on stories (qwen3 of 0.6M parameters,
    160 steps, three spreads tried) 3.68 against GPT-2's spreads at 4.09.
    """

    embedding: Callable[[int, int], nn.Embedding] = nn.Embedding
    positions: Callable[[GPTConfig], Positions] = RotaryPositions
    block: Callable[[GPTConfig, int], Block] = Block
    norm: Callable[[int, float], nn.Module] = RMSNorm
    norm_before: bool = True  # of what attention and feed-forward read
    norm_after: bool = False  # of what they write
    attention: Callable[[GPTConfig, int], Attention] = Attention
    head_norm: Callable[[int, int, float], nn.Module] = nn.Identity  # of query heads, and of key heads
    feed_forward: Callable[[GPTConfig], nn.Module] = SwiGLU
    bias: bool = False  # on the attention's output
    logits: Callable[[GPTConfig], nn.Module] = nn.Identity
    embedding_std: Callable[[GPTConfig], float] = lambda config: 0.5 * config.width**-0.5 if config.tied else 0.5
    input_std: Callable[[GPTConfig], float] = lambda config: config.width**-0.5  # of matrices that read the stream
    output_std: Callable[[GPTConfig], float] = lambda config: 0.0  # of the two per block that write to it


_GEMMA3 = Family(  # arXiv:2503.19786
    embedding=ScaledEmbedding,
    norm=RMSNormFromOne,
    norm_after=True,
    head_norm=lambda heads, size, epsilon: RMSNormFromOne(size, epsilon),
    feed_forward=GeGLU,
    output_std=lambda config: config.width**-0.5,
)

FAMILIES = {
    # GPT-2 (Radford et al. 2019): what flows through the stream grows with depth, so its writers begin smaller.
    "gpt2": Family(
        norm=LayerNorm,
        positions=LearnedPositions,
        feed_forward=GELU,
        bias=True,
        embedding_std=lambda config: 0.02,
        input_std=lambda config: 0.02,
        output_std=lambda config: 0.02 * (2 * config.layers) ** -0.5,
    ),
    "gemma2": replace(_GEMMA3, head_norm=nn.Identity, attention=CappedAttention, logits=Softcap),  # arXiv:2408.00118
    "gemma3_text": _GEMMA3,
    "gpt_neox": Family(norm=LayerNorm, block=ParallelBlock, feed_forward=ExactGELU, bias=True),  # arXiv:2204.06745
    "llama": Family(),
    "mistral": Family(),  # arXiv:2310.06825; its window is the configuration's
    "phi3": Family(),  # arXiv:2404.14219
    "qwen2": Family(),  # arXiv:2412.15115; its biases are the configuration's `qkv_bias`
    "olmo2": Family(  # arXiv:2501.00656
        norm_before=False,
        norm_after=True,
        head_norm=RMSNormOfHeads,
        output_std=lambda config: config.width**-0.5,
    ),
    "qwen3": Family(head_norm=lambda heads, size, epsilon: RMSNorm(size, epsilon)),  # arXiv:2505.09388
    "starcoder2": Family(norm=LayerNorm, feed_forward=GELU, bias=True),  # arXiv:2402.19173
}


# --- the model -------------------------------------------------------------------------------------------------------


class GPT(nn.Module):
    """A decoder-only transformer. With `seed`, equal configurations give equal weights.

    recompute: whether training keeps only what enters each block and computes the rest again when it goes back
    (Chen et al. 2016, arXiv:1604.06174): far less memory for a forward pass more.
    """

    def __init__(self, config: GPTConfig, seed: int | None = None) -> None:
        super().__init__()
        family = FAMILIES[config.shape]
        self.config, self.recompute = config, False
        self.embedding = family.embedding(config.vocabulary, config.width)
        self.positions = family.positions(config)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(family.block(config, layer) for layer in range(config.layers))
        self.norm = family.norm(config.width, config.norm_epsilon)
        self.output = None if config.tied else nn.Linear(config.width, config.vocabulary, bias=False)
        self.logits = family.logits(config)
        initialise(self, seed)

    def forward(self, ids: Tensor, cache: KVCache | None = None) -> Tensor:
        """Logits for the token after each position: (B, T) -> (B, T, vocabulary). Errors as in `hidden`."""
        return self.head(self.hidden(ids, cache))

    def hidden(self, ids: Tensor, cache: KVCache | None = None) -> Tensor:
        """The stream after the final norm: (B, T) -> (B, T, width). With a cache, ids continue what is in it.

        Raises EngineError `context_overflow` beyond the context or the cache; the cache is then as it was.
        """
        start = cache.length if cache else 0
        room = min(self.config.context, cache.positions) if cache else self.config.context
        end = start + ids.size(1)
        if end > room:
            raise EngineError("context_overflow", asked=end, context=room)
        x = self.dropout(self.positions.embed(self.embedding(ids), start))
        again = self.recompute and self.training and torch.is_grad_enabled()
        for layer, block in enumerate(self.blocks):
            run = partial(checkpoint, block, use_reentrant=False) if again else block
            x = run(x, self.positions, start, cache, layer)
        if cache:
            cache.length = end
        return self.norm(x)  # type: ignore[no-any-return]

    def head(self, hidden: Tensor) -> Tensor:
        """Logits of any hidden vectors: (..., width) -> (..., vocabulary)."""
        return self.logits(F.linear(hidden, (self.output or self.embedding).weight))  # type: ignore[no-any-return]

    @staticmethod
    def load(folder: str | Path) -> GPT:
        """The model in a Hugging Face folder, float32, ready to use. Raises EngineError as `hf.load` does."""
        from engine.gpt import hf

        return hf.load(folder)

    @staticmethod
    def shapes(config: GPTConfig) -> GPT:
        """The model without memory, its parameters on torch's meta device: to be measured, or to take in others."""
        with torch.device("meta"), _Undrawn():
            return GPT(config)


class _Undrawn(TorchFunctionMode):
    """No first values for what has no memory. To draw them there, torch loads its compiler: a second of every load."""

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if function.__name__ in ("normal_", "kaiming_uniform_", "uniform_"):
            return args[0] if args else kwargs["tensor"]
        return function(*args, **kwargs)


# --- initialisation --------------------------------------------------------------------------------------------------


@torch.no_grad()
def initialise(model: GPT, seed: int | None = None) -> None:
    """Set every parameter: embeddings and matrices N(0, std) as their family says, biases 0; norms change nothing yet.

    With `seed` the result depends on nothing else; without, on torch's own generator.
    """
    family, config = FAMILIES[model.config.shape], model.config
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        if "norm" in name:
            continue  # as its module made it
        if name.endswith("bias"):
            parameter.zero_()
        elif name.endswith(("attention.output.weight", "feed_forward.down.weight")):
            parameter.normal_(0.0, family.output_std(config), generator=generator)
        elif name.startswith("blocks"):
            parameter.normal_(0.0, family.input_std(config), generator=generator)
        elif name == "embedding.weight":
            parameter.normal_(0.0, family.embedding_std(config), generator=generator)
        else:  # learned positions, an untied output layer
            parameter.normal_(0.0, 0.02, generator=generator)
