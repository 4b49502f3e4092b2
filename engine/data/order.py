"""The order of training items: a pure function of seed and batch number, so a resumed run sees what it would have."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# Batches among which items are sorted by length: enough to waste little padding, few enough to stay well mixed.
_SORTED_TOGETHER = 16


def batch_at(
    seed: int, items: int, number: int, size: int, lengths: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Which items batch `number` (from 0) holds; (size,).

    The batches cut up an endless stream of shuffled passes, each of which holds every item once. With `lengths`,
    items of 16 neighbouring batches are dealt out again so that those of a batch are about equally long.
    """
    if lengths is None:
        return items_at(seed, items, number * size, size)
    group, place = divmod(number, _SORTED_TOGETHER)
    together = items_at(seed, items, group * _SORTED_TOGETHER * size, _SORTED_TOGETHER * size)
    by_length = together[np.argsort(lengths[together], kind="stable")].reshape(_SORTED_TOGETHER, size)
    mixed = np.random.Generator(np.random.PCG64([seed, group, 1])).permutation(_SORTED_TOGETHER)
    return by_length[mixed[place]]  # type: ignore[no-any-return]


def items_at(seed: int, items: int, start: int, count: int) -> NDArray[np.int64]:
    """The items at positions start … start + count of the endless stream of shuffled passes; (count,)."""
    positions = np.arange(start, start + count)
    passes, places = positions // items, positions % items
    order = np.empty(count, np.int64)
    for number in np.unique(passes):
        inside = passes == number
        order[inside] = _shuffled(seed, items, int(number))[places[inside]]
    return order


@lru_cache(maxsize=2)
def _shuffled(seed: int, items: int, number: int) -> NDArray[np.int64]:
    return np.random.Generator(np.random.PCG64([seed, number])).permutation(items)
