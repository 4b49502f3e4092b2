"""Numbers of rows in recipes: read, joined, written, and asked for a batch at a time."""

from __future__ import annotations

import random

import pytest

from engine.data.row_numbers import RowNumbers


def test_as_people_write_them() -> None:
    rows = RowNumbers.read(["200-250", "17", " 18 - 19 ", "240-260"])
    assert rows.texts() == ("17-19", "200-260")
    assert (len(rows), rows.last) == (64, 259)
    assert rows.holds(15, 6).tolist() == [False, True, True, True, False, False]
    empty = RowNumbers.read([])
    assert (empty.texts(), len(empty), empty.last, empty.holds(0, 2).tolist()) == ((), 0, -1, [False, False])


@pytest.mark.parametrize("text", ["", "0", "-1", "5-3", "0-3", "a", "1.5", "1-2-3", "1,2", "٣", "1" * 16])
def test_what_is_no_row(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        RowNumbers.read(["1", text])
    assert str(caught.value) == text


@pytest.mark.trial(sample=200, full=5000)
def test_any_rows_come_back(trials: range) -> None:
    for seed in trials:
        chance = random.Random(seed)
        numbers = {chance.randrange(60) for _ in range(chance.randrange(40))}
        rows = RowNumbers.of(chance.sample(sorted(numbers), len(numbers)))
        assert len(rows) == len(numbers)
        assert (RowNumbers.read(rows.texts()).ranges == rows.ranges).all()
        first, count = chance.randrange(50), chance.randrange(30)
        assert rows.holds(first, count).tolist() == [number in numbers for number in range(first, first + count)]
