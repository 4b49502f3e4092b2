"""What was seen before, in eight bytes a row: a hash set of digests in one array, filled and asked in batches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Digests = NDArray[np.uint64]

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # Knuth's multiplicative hashing, with 2^64 over the golden ratio


def digests(rows: Iterable[Any], count: int) -> Digests:
    """One a row, by Python's keyed hash of 64 bits; (count,). They hold within one process only.

    Two of n different rows have the same with a probability of about n² / 2^65: for a million, one in 37 million.
    """
    found = np.fromiter(map(hash, rows), np.int64, count).view(np.uint64)
    found[found == 0] = 1  # 0 marks an empty place of the set
    return found


class DigestSet:
    """Open addressing with linear probing, at most half full; 16 to 32 bytes a digest."""

    def __init__(self) -> None:
        self._table: Digests = np.zeros(1 << 12, np.uint64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, new: Digests) -> NDArray[np.bool_]:
        """Add them; (digests,), True for each that was there already, be it earlier in the same batch."""
        while 2 * (self._count + len(new)) > len(self._table):
            self._grow()
        in_order = np.sort(new)  # many times as fast as finding where each stands first, and mostly enough
        if not (in_order[1:] == in_order[:-1]).any():
            return ~self._insert(new)
        repeated = np.ones(len(new), np.bool_)
        different, first = np.unique(new, return_index=True)
        repeated[first] = ~self._insert(different)
        return repeated

    def holds(self, asked: Digests) -> NDArray[np.bool_]:
        """(digests,): whether each was added."""
        found = np.zeros(len(asked), np.bool_)
        places, open_ = self._places(asked), np.arange(len(asked))
        while len(open_):
            stands = self._table[places[open_]]
            found[open_] = stands == asked[open_]
            open_ = open_[(stands != 0) & (stands != asked[open_])]
            places[open_] = (places[open_] + 1) & (len(self._table) - 1)
        return found

    def _places(self, of: Digests) -> NDArray[np.int64]:
        """Where each is looked for first."""
        bits = len(self._table).bit_length() - 1
        return ((of * _SPREAD) >> np.uint64(64 - bits)).astype(np.int64)

    def _insert(self, different: Digests) -> NDArray[np.bool_]:
        """Add digests that differ from each other; (digests,), True for those that were not there."""
        new = np.zeros(len(different), np.bool_)
        places, open_ = self._places(different), np.arange(len(different))
        while len(open_):
            wanted, at = different[open_], places[open_]
            free = self._table[at] == 0
            self._table[at[free]] = wanted[free]  # of several for one place, the last one gets it
            stands = self._table[at] == wanted
            new[open_[free & stands]] = True
            open_ = open_[~stands]
            places[open_] = (places[open_] + 1) & (len(self._table) - 1)
        self._count += int(new.sum())
        return new

    def _grow(self) -> None:
        old = self._table[self._table != 0]
        self._table, self._count = np.zeros(4 * len(self._table), np.uint64), 0
        self._insert(old)
