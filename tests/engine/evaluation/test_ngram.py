"""The n-gram model against its own formula written out word by word, and against what probabilities must be."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from engine.evaluation.ngram import ORDER, NGram, _discounts

END = 0
VOCABULARY = 7
TEXTS = [[1, 2, 3, 1, 2, 4], [1, 2, 3, 5], [2, 3, 1, 2, 3, 1, 2], [4, 4, 4], [5, 1, 2, 3], []]


def spelled_out(texts: list[list[int]], weights: list[float], order: int, text: list[int]) -> list[float]:
    """Kneser-Ney with plain dictionaries and recursion, as the module's first lines define it."""
    padded = [([END] * (order - 1) + text + [END], weight) for text, weight in zip(texts, weights, strict=True)]
    counts: dict[int, Counter[tuple[int, ...]]] = {order: Counter()}
    mass: dict[int, defaultdict[tuple[int, ...], float]] = {order: defaultdict(float)}
    for tokens, weight in padded:
        for at in range(order - 1, len(tokens)):
            gram = tuple(tokens[at - order + 1 : at + 1])
            counts[order][gram] += 1
            mass[order][gram] += weight
    for length in range(order - 1, 0, -1):
        counts[length], mass[length] = Counter(), defaultdict(float)
        for gram, count in counts[length + 1].items():
            counts[length][gram[1:]] += 1
            mass[length][gram[1:]] += mass[length + 1][gram] / count

    def probability(context: tuple[int, ...], token: int) -> float:
        length = len(context) + 1
        below = probability(context[1:], token) if context else 1 / VOCABULARY
        same = [gram for gram in counts[length] if gram[:-1] == context]
        if not same:
            return below
        table = _discounts(np.array(list(counts[length].values())))
        taken = {g: table[min(counts[length][g], 3)] * mass[length][g] / counts[length][g] for g in same}
        total = sum(mass[length][gram] for gram in same)
        gram = (*context, token)
        kept = (mass[length][gram] - taken[gram]) / total if gram in taken else 0.0
        return float(kept + sum(taken.values()) / total * below)

    tokens = [END] * (order - 1) + text + [END]
    return [probability(tuple(tokens[at - order + 1 : at]), tokens[at]) for at in range(order - 1, len(tokens))]


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("weights", [[1] * 6, [6, 1, 2, 1, 3, 1]])
@pytest.mark.parametrize("text", [[1, 2, 3, 1], [6, 6], [], [4, 1, 2, 3, 5, 5, 1]])
def test_it_is_the_formula(order: int, weights: list[float], text: list[int]) -> None:
    model = NGram.train(TEXTS, VOCABULARY, END, weights, order)
    assert model.probabilities(text) == pytest.approx(spelled_out(TEXTS, weights, order, text), rel=1e-12)


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("weights", [None, [6, 1, 2, 1, 3, 1]])
@pytest.mark.parametrize("before", [[], [1], [1, 2], [1, 2, 3, 1], [6], [3, 6, 1, 2, 3]])
def test_probabilities_sum_to_one(order: int, weights: list[float] | None, before: list[int]) -> None:
    model = NGram.train(TEXTS, VOCABULARY, END, weights, order)
    total = sum(model.probabilities([*before, token])[len(before)] for token in range(VOCABULARY))
    assert total == pytest.approx(1, abs=1e-12)
    assert (model.probabilities(before) > 0).all()


def test_equal_weights_are_no_weights() -> None:
    plain, weighted = (NGram.train(TEXTS, VOCABULARY, END, weights) for weights in (None, [2.5] * len(TEXTS)))
    assert weighted.probabilities([1, 2, 3, 6]) == pytest.approx(plain.probabilities([1, 2, 3, 6]), rel=1e-12)


def test_a_weight_makes_a_text_likelier() -> None:
    light, heavy = (NGram.train(TEXTS, VOCABULARY, END, [weight, 1, 1, 1, 1, 1]) for weight in (1, 9))
    assert heavy.bits([TEXTS[0]]) < light.bits([TEXTS[0]])


def test_bits_are_those_of_all_tokens_and_ends() -> None:
    model = NGram.train(TEXTS, VOCABULARY, END)
    expected = -sum(math.log2(p) for text in TEXTS for p in model.probabilities(text))
    assert model.bits(TEXTS) == pytest.approx(expected, rel=1e-12)
    assert len(model.probabilities([1, 2])) == 3


def test_what_follows_for_sure_costs_little_and_a_longer_memory_less() -> None:
    cycle = [[1, 2, 3, 4, 5] * 40, [1, 1, 2, 2, 3] * 40]
    costs = [NGram.train(cycle, VOCABULARY, END, order=order).bits(cycle) for order in (1, 2, 3)]
    assert costs[0] > 2 * costs[1] > 2 * costs[2]
    assert ORDER == 5


def test_discounts_are_those_of_chen_and_goodman() -> None:
    counts = np.array([1] * 8 + [2] * 4 + [3] * 2 + [4] * 1 + [9] * 3)
    y = 8 / (8 + 2 * 4)
    expected = [0, 1 - 2 * y * 4 / 8, 2 - 3 * y * 2 / 4, 3 - 4 * y * 1 / 2]
    assert _discounts(counts) == pytest.approx(expected)


def test_discounts_of_few_or_strange_counts_stay_possible() -> None:
    assert list(_discounts(np.array([1, 1, 2]))) == [0, 0.5, 1, 1.5]
    strange = _discounts(np.array([1] * 2 + [2] * 50 + [3] * 90 + [4] * 200))
    assert all(0 < taken <= count for count, taken in enumerate(strange) if count)
