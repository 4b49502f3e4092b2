"""Choosing the next token with llama.cpp's own samplers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from engine.runtime.base import Sampling
from engine.runtime.llama_library import c


@contextmanager
def sampler(sampling: Sampling, vocabulary: int, ids: Sequence[int]) -> Iterator[Any | None]:
    """llama.cpp's chain, in the order of `Sampling`; it has seen `ids`. None: just take the likeliest."""
    penalty = sampling.repetition_penalty != 1.0 and sampling.penalty_window > 0
    if sampling.temperature == 0 and not penalty:
        yield None
        return
    parameters = c.llama_sampler_chain_default_params()
    parameters.no_perf = True
    chain = c.llama_sampler_chain_init(parameters)
    try:
        if penalty:
            window = sampling.penalty_window
            penalties = c.llama_sampler_init_penalties(vocabulary, window, sampling.repetition_penalty, 0.0, 0.0)
            for id in ids[-window:]:
                c.llama_sampler_accept(penalties, id)
            c.llama_sampler_chain_add(chain, penalties)
        if sampling.temperature == 0:
            c.llama_sampler_chain_add(chain, c.llama_sampler_init_greedy())
        else:
            # the largest 32-bit number asks llama.cpp for a seed of its own
            seed = random.SystemRandom().randrange(0xFFFFFFFF) if sampling.seed is None else sampling.seed % 0xFFFFFFFF
            c.llama_sampler_chain_add(chain, c.llama_sampler_init_top_k(sampling.top_k))
            c.llama_sampler_chain_add(chain, c.llama_sampler_init_top_p(sampling.top_p, 1))
            c.llama_sampler_chain_add(chain, c.llama_sampler_init_min_p(sampling.min_p, 1))
            c.llama_sampler_chain_add(chain, c.llama_sampler_init_temp(sampling.temperature))
            c.llama_sampler_chain_add(chain, c.llama_sampler_init_dist(seed))
        yield chain
    finally:
        c.llama_sampler_free(chain)
