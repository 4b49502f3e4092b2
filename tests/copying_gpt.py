"""A model that copies: put together by hand, so it needs no training, and as large as one likes.

Each head of the first layer looks so and so many places back and brings along what stands there. A head of the second
looks for where the same tokens stood before, and takes over what followed them there (an induction head: Olsson et al.
2022, arXiv:2209.11895). Further layers compute as any others do and add nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from engine.gpt.config import GPTConfig
from engine.gpt.model import GPT, Attention

HEAD = 128
_PAIRS = HEAD // 2
_THETA = 1e12  # so that the slow half of a head hardly turns within some thousand positions
_FAST, _SLOW = (
    slice(0, 20),
    slice(22, 64),
)  # pairs of a head: those that tell places apart, and those that hold contents

_MOST_BACK = 6
_WRITTEN = 128  # numbers that say how a token is written


class _Stream:
    """Where things stand in it: a one, what a token is, how it is written, what those before are, what comes next."""

    def __init__(self, heads: int) -> None:
        self.back = min(heads, _MOST_BACK)  # tokens that must be the same
        self.size = 2 * (_SLOW.stop - _SLOW.start) // self.back  # numbers that say what a token is
        sizes = [self.size] * (1 + self.back) + [_WRITTEN] * 2
        ends = torch.tensor(sizes).cumsum(0).add(1).tolist()
        self.now, *self.before, self.written, self.next = (
            slice(end - size, end) for end, size in zip(ends, sizes, strict=True)
        )


def copying_gpt(
    vocabulary: int,
    context: int = 4096,
    layers: int = 2,
    heads: int = 3,
    renamed: Mapping[int, int] = {},
) -> GPT:
    """A model that goes on as the text did where it had the same tokens last, as many as it has heads, up to six.

    renamed: ids of which it writes another instead, and then goes on as if it had copied.
    """
    width, stream = heads * HEAD, _Stream(heads)
    feed_forward = 8 * width // 3 // 64 * 64
    model = GPT(
        GPTConfig(
            "llama", vocabulary, context, width, layers, heads, heads, HEAD, feed_forward, tied=False, rope_theta=_THETA
        ),
        seed=0,
    )
    draw = torch.Generator().manual_seed(1)
    names = _directions(vocabulary, stream.size, draw)
    written = _directions(vocabulary, _WRITTEN, draw)
    shown = written.clone()
    for old, new in renamed.items():
        names[new] = names[old]
        shown[new], shown[old] = written[old], 0.0
    with torch.no_grad():
        for block in model.blocks:
            block.attention.output.weight.zero_()
            block.feed_forward.down.weight.zero_()
        embedding, head = model.embedding.weight.zero_(), model.output.weight.zero_()
        embedding[:, 0], embedding[:, stream.now], embedding[:, stream.written] = 1.0, names, written
        head[:, stream.next] = 20 * shown
        _look_back(model.blocks[0].attention, stream)
        _look_up(model.blocks[1].attention, stream)
    return model.eval()


def _directions(count: int, size: int, draw: torch.Generator) -> Tensor:
    rows = torch.randn(count, size, generator=draw)
    return rows / rows.norm(dim=1, keepdim=True)


def _look_back(attention: Attention, stream: _Stream) -> None:
    """Head n attends to the place n + 1 back alone, and copies what stands there."""
    query, key, value = (linear.weight.zero_() for linear in (attention.query, attention.key, attention.value))
    strength = 20 / math.sqrt(query.shape[1] / 3)  # of a one after RMSNorm
    turn = _THETA ** (-torch.arange(_PAIRS) / _PAIRS)[_FAST]
    for number, before in enumerate(stream.before):
        first = number * HEAD
        query[first : first + HEAD][_FAST, 0] = strength * torch.cos(turn * (number + 1))
        query[first + _PAIRS : first + HEAD][_FAST, 0] = -strength * torch.sin(turn * (number + 1))
        key[first : first + HEAD][_FAST, 0] = strength
        value[first : first + stream.size, stream.now] = torch.eye(stream.size) * strength / 20
        attention.output.weight[before, first : first + stream.size] = torch.eye(stream.size)


def _look_up(attention: Attention, stream: _Stream) -> None:
    """The first head attends to where those before are the last ones here, and says what stands there."""
    query, key, value = (linear.weight.zero_() for linear in (attention.query, attention.key, attention.value))
    norm = 1 / math.sqrt(query.shape[1] / (3 + stream.back))
    pairs = torch.arange(_PAIRS)[_SLOW]
    rows = torch.cat([pairs, pairs + _PAIRS])
    for place, (here, there) in enumerate(zip([stream.now, *stream.before], stream.before, strict=False)):
        into = rows[place * stream.size : (place + 1) * stream.size]
        query[into, here] = 60 * norm * torch.eye(stream.size)
        key[into, there] = 60 * norm * torch.eye(stream.size)
    value[:_WRITTEN, stream.written] = torch.eye(_WRITTEN) * norm
    attention.output.weight[stream.next, :_WRITTEN] = torch.eye(_WRITTEN)
