"""An n-gram language model over token ids: what a network has to beat.

Interpolated modified Kneser-Ney smoothing (Chen and Goodman 1998, "An Empirical Study of Smoothing Techniques for
Language Modeling", TR-10-98, section 3), the strongest of the classic ones, in NumPy. For a token x after h:

    p(x | h) = (c(h x) - D(c)) / c(h) + gamma(h) p(x | h without its first token)

where c counts occurrences at the highest order and, below, the different tokens that stand before. gamma gives away
exactly what the discounts D took, so probabilities sum to 1; below the single token stands 1 / vocabulary.

A text may count several times (`weights`), as in a mix that repeats its best part. Discounts are about how often
something turned up independently, so they are estimated on the texts counted once, and then scaled by the mean weight
of an n-gram's occurrences: equal weights give the plain formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Ids = Sequence[int] | NDArray[np.int32]  # the tokens of a text

ORDER = 5
_LEAST_DISCOUNT = 0.05


@dataclass(frozen=True)
class _Order:
    """The n-grams of one length. An n-gram is its suffix (number in the order below) and the token before it;
    a context likewise, without the predicted token: `key = number below * vocabulary + token`.

    keys, context_keys: sorted. kept: (n-grams,) discounted count by the total of the context. given: (contexts,)
    gamma, the share that is left to the order below.
    """

    keys: Ints
    kept: Floats
    context_keys: Ints
    given: Floats


class NGram:
    """A trained model; `probabilities` and `bits` are all it does."""

    def __init__(self, orders: list[_Order], vocabulary: int, end: int) -> None:
        self._orders, self._vocabulary, self._end = orders, vocabulary, end

    @classmethod
    def train(
        cls,
        texts: Sequence[Ids],
        vocabulary: int,
        end: int,
        weights: Sequence[float] | None = None,
        order: int = ORDER,
    ) -> NGram:
        """Count `texts`, ids below `vocabulary`; every text is followed by `end`, and preceded by it order - 1 times.

        weights: (texts,) how often each counts; once without them. At least one text is needed.
        """
        stream, targets = _stream(texts, end, order)
        per_text = np.ones(len(texts)) if weights is None else np.asarray(weights, np.float64)
        occurrences = np.repeat(per_text, [len(text) + 1 for text in texts])
        grams, contexts = _numbers(stream, targets, vocabulary, order)
        orders: list[_Order] = []
        # the highest order counts occurrences; each one below the n-grams above that end in it
        holders, counted = np.arange(len(targets)), occurrences
        for length in range(order, 0, -1):
            keys, number, context_keys, context = *grams[length - 1], *contexts[length - 1]
            of_holder = number[holders]
            counts = np.bincount(of_holder, minlength=len(keys))
            mass = np.bincount(of_holder, counted, minlength=len(keys))
            first = np.empty(len(keys), np.int64)
            first[number] = np.arange(len(number))  # some place where the n-gram stands
            within = context[first]
            discount = _discounts(counts)[np.minimum(counts, 3)] * mass / counts
            total = np.bincount(within, mass, minlength=len(context_keys))
            given = np.bincount(within, discount, minlength=len(context_keys)) / total
            orders.append(_Order(keys, (mass - discount) / total[within], context_keys, given))
            holders, counted = first, mass / counts
        return cls(orders[::-1], vocabulary, end)

    def probabilities(self, text: Ids) -> Floats:
        """(len(text) + 1,): of each token after those before it, and of the end."""
        order = len(self._orders)
        stream, targets = _stream([text], self._end, order)
        p = np.full(len(targets), 1 / self._vocabulary)
        gram, context = np.zeros(len(targets), np.int64), np.zeros(len(targets), np.int64)
        for length, table in enumerate(self._orders, 1):
            gram = _find(table.keys, gram, stream[targets - length + 1], self._vocabulary)
            if length > 1:
                context = _find(table.context_keys, context, stream[targets - length + 1], self._vocabulary)
            known = np.where(gram >= 0, table.kept[gram], 0.0) + table.given[context] * p
            p = np.where(context >= 0, known, p)
        return p

    def bits(self, texts: Iterable[Ids]) -> float:
        """What it takes to write down the texts and where each ends: the sum of -log2 p."""
        return float(sum(-np.log2(self.probabilities(text)).sum() for text in texts))


def _stream(texts: Sequence[Ids], end: int, order: int) -> tuple[Ints, Ints]:
    """All texts in one array, each with order - 1 ends before it and one behind; and the places that are predicted."""
    before = np.full(order - 1, end, np.int64)
    stream = np.concatenate([part for text in texts for part in (before, np.asarray(text, np.int64), [end])])
    lengths = np.array([len(text) + 1 for text in texts])
    starts = np.cumsum(lengths + order - 1) - lengths
    targets = np.arange(lengths.sum()) + np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    return stream, targets


def _numbers(
    stream: Ints, targets: Ints, vocabulary: int, order: int
) -> tuple[list[tuple[Ints, Ints]], list[tuple[Ints, Ints]]]:
    """For each length: the sorted keys of its n-grams and, for each target, which of them it ends; contexts alike."""
    nothing = np.zeros(len(targets), np.int64)
    grams, contexts = [], [(np.zeros(1, np.int64), nothing)]
    gram = context = nothing
    for length in range(1, order + 1):
        left = stream[targets - length + 1]
        keys, gram = np.unique(gram * vocabulary + left, return_inverse=True)
        grams.append((keys, gram))
        if length > 1:
            keys, context = np.unique(context * vocabulary + left, return_inverse=True)
            contexts.append((keys, context))
    return grams, contexts


def _find(keys: Ints, below: Ints, left: Ints, vocabulary: int) -> Ints:
    """The numbers of n-grams, -1 for those that never occurred."""
    wanted = below * vocabulary + left
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where((below >= 0) & (keys[at] == wanted), at, -1)


def _discounts(counts: Ints) -> Floats:
    """(4,): what is taken from an n-gram seen 0, 1, 2, and 3 or more times (Chen and Goodman 1998, equation 26).

    Texts too small to estimate it from get the middle of what is possible. Never nothing is taken: whatever was not
    seen stays possible.
    """
    n = np.bincount(np.minimum(counts, 5), minlength=6)[1:5].astype(np.float64)
    if not n.all():
        return np.array([0.0, 0.5, 1.0, 1.5])
    y = n[0] / (n[0] + 2 * n[1])
    found = [i - (i + 1) * y * n[i] / n[i - 1] for i in (1, 2, 3)]
    return np.array([0.0, *(min(max(d, _LEAST_DISCOUNT), i) for i, d in enumerate(found, 1))])
