"""Choosing the next token: small pure functions on logits (V,), composed into one by `make_sampler`.

A filter sets what it drops to -inf and never drops the likeliest token, so what remains is always a distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from engine.gpt.model import GPT, KVCache
from engine.runtime.base import Sampling

Sampler = Callable[[Tensor, Sequence[int]], int]  # (logits (V,), ids so far) -> the next id

_DROPPED = float("-inf")


def make_sampler(sampling: Sampling, generator: torch.Generator | None = None) -> Sampler:
    """The one function that a configuration means, its steps in the order `Sampling` documents.

    Equal seeds give equal choices. `generator` overrides `sampling.seed`.
    """
    if generator is None:
        generator = torch.Generator()
        _ = generator.seed() if sampling.seed is None else generator.manual_seed(sampling.seed)

    def sample(logits: Tensor, ids: Sequence[int]) -> int:
        logits = logits.float()
        if sampling.repetition_penalty != 1 and sampling.penalty_window > 0:
            logits = repetition_penalty(logits, ids[-sampling.penalty_window :], sampling.repetition_penalty)
        if sampling.temperature <= 0:
            return greedy(logits)
        if sampling.top_k > 0:
            logits = top_k(logits, sampling.top_k)
        if sampling.top_p < 1:
            logits = top_p(logits, sampling.top_p)
        if sampling.min_p > 0:
            logits = min_p(logits, sampling.min_p)
        return draw(temperature(logits, sampling.temperature), generator)

    return sample


def repetition_penalty(logits: Tensor, ids: Sequence[int], penalty: float) -> Tensor:
    """Make tokens that occur in `ids` less likely: positive logits divided by the penalty, others multiplied.

    Keskar et al. 2019 (CTRL, arXiv:1909.05858), in the form of llama.cpp and transformers. Once per token, however
    often it occurs.
    """
    seen = torch.tensor(sorted({id for id in ids if 0 <= id < logits.numel()}), dtype=torch.long, device=logits.device)
    values = logits[seen]
    return logits.index_copy(0, seen, torch.where(values > 0, values / penalty, values * penalty))


def top_k(logits: Tensor, k: int) -> Tensor:
    """Keep the k likeliest (Fan et al. 2018, arXiv:1805.04833). Of equal ones any may go: exactly k remain."""
    if k >= logits.numel():
        return logits
    values, places = logits.topk(k)
    return torch.full_like(logits, _DROPPED).index_copy(0, places, values)


def top_p(logits: Tensor, p: float) -> Tensor:
    """Keep the smallest set of likeliest tokens that together reach p (Holtzman et al. 2019, arXiv:1904.09751)."""
    values, places = logits.sort(descending=True, stable=True)
    probabilities = values.softmax(dim=0)
    before = probabilities.cumsum(dim=0) - probabilities  # what the likelier ones hold together
    drop = before >= p
    drop[0] = False
    return logits.index_fill(0, places[drop], _DROPPED)


def min_p(logits: Tensor, p: float) -> Tensor:
    """Drop tokens below the share p of the likeliest one's probability (Nguyen et al. 2024, arXiv:2407.01082)."""
    probabilities = logits.softmax(dim=0)
    best = probabilities.max()
    return logits.masked_fill((probabilities < p * best) & (probabilities < best), _DROPPED)


def temperature(logits: Tensor, value: float) -> Tensor:
    """Sharpen (below 1) or flatten (above 1) the distribution. Shifted so that none overflows, however small it is."""
    return (logits - logits.max()) / max(value, torch.finfo(logits.dtype).tiny)


def greedy(logits: Tensor) -> int:
    """The likeliest token; of equal ones the first."""
    return int(logits.argmax())


def draw(logits: Tensor, generator: torch.Generator | None = None) -> int:
    """A token with its probability."""
    return int(torch.multinomial(logits.softmax(dim=0), 1, generator=generator))


@torch.inference_mode()
def generate(model: GPT, ids: Sequence[int], sampler: Sampler, ends: frozenset[int] = frozenset()) -> Iterator[int]:
    """Ids after `ids`, until one in `ends` (which is yielded) or the context is full.

    The plain loop, for samples during training and for tests; chats go through the runtime, which also keeps its cache
    between calls. Raises EngineError `context_overflow` when `ids` alone do not fit.
    """
    # 1. The prompt, in one pass that fills the cache.
    cache = KVCache(model.config, 1, model.config.context, model.embedding.weight.dtype, model.embedding.weight.device)
    ids, new = list(ids), list(ids)
    while True:
        # 2. Logits behind the last token only: the head is the widest matrix of a small model.
        hidden = model.hidden(torch.tensor([new], device=model.embedding.weight.device), cache)
        # 3. Choose, give, and go on from there.
        new = [sampler(model.head(hidden[0, -1]), ids)]
        ids += new
        yield new[0]
        if new[0] in ends or len(ids) > model.config.context:
            return
