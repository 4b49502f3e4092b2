"""How likely a model finds its tokens: one look at a row of logits."""

from __future__ import annotations

import math

import numpy as np

from engine.errors import EngineError


def check_finite(logits: np.ndarray, place: str) -> int:
    """The likeliest id of a row of logits, of equal ones the first. Raises EngineError `not_a_number`.

    -inf forbids a token; NaN and +inf are the marks of broken weights, and sampling them never ends well.
    """
    likeliest = int(logits.argmax())  # a NaN, where there is one
    if not -math.inf < logits[likeliest] < math.inf:
        raise EngineError("not_a_number", place=place)
    return likeliest


def likelihoods(logits: np.ndarray, likeliest: int, id: int, count: int) -> tuple[float, tuple[tuple[int, float], ...]]:
    """The probability of a token, and the `count` likeliest ids with theirs, best first, of equal ones the first.

    logits: (vocabulary,), float32, as the model gave them, the likeliest of them finite. The probabilities are their
    softmax, added up pairwise in float32: within a millionth of what float64 gives. A small model writes a token in a
    third of a millisecond, so this is a handful of calls, each over the row once.
    """
    shares = np.exp(logits - logits[likeliest])
    whole = float(np.add.reduce(shares))
    ranked = logits.copy()
    count = min(count, len(ranked))
    ranked.partition(len(ranked) - count)
    best = (logits >= ranked[-count]).nonzero()[0]  # more than `count`, where some are equal
    found = sorted(zip((-shares[best]).tolist(), best.tolist(), strict=True))[:count]
    return float(shares[id]) / whole, tuple([(id, -share / whole) for share, id in found])
