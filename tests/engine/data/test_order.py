"""The order of the data: every item once a pass, the same for the same seed, whatever came before."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data import order
from engine.data.order import batch_at, items_at


@pytest.mark.parametrize(("items", "size"), [(10, 3), (7, 7), (3, 10), (1, 4), (100, 16)])
@pytest.mark.parametrize("by_length", [False, True])
def test_every_item_once_a_pass(items: int, size: int, by_length: bool) -> None:
    lengths = np.arange(items) % 5 if by_length else None
    batches = 16 * items  # whole groups and whole passes
    stream = np.concatenate([batch_at(1, items, number, size, lengths) for number in range(batches)])
    assert np.bincount(stream, minlength=items).tolist() == [16 * size] * items
    if not by_length:
        passes = stream.reshape(-1, items)
        assert all(sorted(one) == list(range(items)) for one in passes)


def test_a_batch_depends_on_nothing_but_seed_and_number() -> None:
    lengths = np.random.default_rng(0).integers(1, 99, 50)
    forwards = [batch_at(3, 50, number, 4, lengths).tolist() for number in range(40)]
    order._shuffled.cache_clear()
    backwards = [batch_at(3, 50, number, 4, lengths).tolist() for number in reversed(range(40))]
    assert forwards == backwards[::-1]


def test_passes_and_seeds_differ() -> None:
    first, second = items_at(1, 50, 0, 50), items_at(1, 50, 50, 50)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, items_at(2, 50, 0, 50))


def test_a_batch_by_length_wastes_little() -> None:
    lengths = np.random.default_rng(0).integers(1, 1000, 1000)

    def padding(with_lengths: bool) -> float:
        batches = [batch_at(3, 1000, n, 8, lengths if with_lengths else None) for n in range(112)]
        return sum(float(lengths[batch].max() * 8 - lengths[batch].sum()) for batch in batches)

    assert padding(True) < padding(False) / 5
