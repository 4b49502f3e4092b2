"""The set of digests says exactly what a Python set would."""

from __future__ import annotations

import random

import numpy as np
import pytest

from engine.data.digests import DigestSet, digests


def test_equal_rows_have_equal_digests() -> None:
    rows = [("a", "b"), ("ab", ""), ("a", "b"), (("a",), "b"), "a"]
    found = digests(rows, len(rows))
    assert found[0] == found[2]
    assert len(set(found.tolist())) == 4
    assert found.dtype == np.uint64


@pytest.mark.parametrize("spread", [50, 5_000, 2**63])
def test_it_is_a_set(spread: int) -> None:
    generator, real, ours = random.Random(spread), set[int](), DigestSet()
    for _ in range(30):
        batch = [generator.randrange(1, spread) for _ in range(generator.randrange(1, 2000))]
        batch = batch if generator.random() < 0.5 else list(dict.fromkeys(batch))
        expected = []
        for digest in batch:
            expected.append(digest in real)
            real.add(digest)
        assert ours.add(np.array(batch, np.uint64)).tolist() == expected
    assert len(ours) == len(real)
    asked = [*list(real)[:100], *(generator.randrange(1, 2**64) for _ in range(100))]
    assert ours.holds(np.array(asked, np.uint64)).tolist() == [digest in real for digest in asked]


def test_it_is_compact() -> None:
    ours = DigestSet()
    for first in range(0, 200_000, 5000):
        ours.add(np.arange(first + 1, first + 5001, dtype=np.uint64))
    assert ours._table.nbytes <= 64 * 200_000


def test_nothing() -> None:
    assert DigestSet().add(digests([], 0)).tolist() == []
