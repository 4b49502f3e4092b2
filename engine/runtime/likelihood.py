"""How likely a model finds its tokens: one look at a row of logits."""

from __future__ import annotations

import numpy as np

from engine.errors import EngineError


def check_finite(highest: float, place: str) -> None:
    """Raises EngineError `not_a_number` unless this is the highest logit of a row that one can choose from.

    -inf forbids a token; NaN and +inf are the marks of broken weights, and sampling them never ends well.
    """
    if not -np.inf < highest < np.inf:
        raise EngineError("not_a_number", place=place)


def likelihoods(logits: np.ndarray, highest: float, id: int, count: int) -> tuple[float, tuple[tuple[int, float], ...]]:
    """The probability of a token, and the `count` likeliest ids with theirs, best first, of equal ones the first.

    logits: (vocabulary,), float32, as the model gave them; highest: the highest of them, finite. The probabilities are
    their softmax, summed pairwise in float32: within 1e-6 of what float64 gives.
    """
    shares = np.subtract(logits, highest)
    np.exp(shares, out=shares)
    whole = float(shares.sum())
    count = min(count, len(logits))
    least = np.partition(logits, len(logits) - count)[-count]
    best = np.flatnonzero(logits >= least)  # more than `count`, where some are equal
    best = best[np.argsort(-logits[best], kind="stable")][:count]
    return float(shares[id]) / whole, tuple(zip(best.tolist(), (shares[best] / whole).tolist(), strict=True))
