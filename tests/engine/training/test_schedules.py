"""Schedules: where they begin, stay and end."""

from __future__ import annotations

import itertools

import pytest

from engine.training.schedules import make_schedule


@pytest.mark.parametrize("name", ["constant", "cosine", "wsd"])
@pytest.mark.parametrize(("steps", "warmup"), [(1, 0), (2, 1), (20, 0), (20, 5), (20, 20), (1000, 100)])
def test_shape(name: str, steps: int, warmup: int) -> None:
    schedule = make_schedule(name, steps, warmup, 0.4, 0.05)
    shares = [schedule(step) for step in range(steps)]
    assert all(0 < share <= 1 for share in shares)
    assert shares[:warmup] == [pytest.approx((step + 1) / (warmup + 1)) for step in range(warmup)]
    after = shares[warmup:]
    assert all(earlier >= later for earlier, later in itertools.pairwise(after))
    if name != "constant" and len(after) > 3:
        assert after[-1] == pytest.approx(0.05)


def test_wsd_is_stable_until_its_decay() -> None:
    schedule = make_schedule("wsd", 100, 10, 0.4, 0.0)
    assert [schedule(step) for step in range(10, 60)] == [1.0] * 50
    assert schedule(60) < 1
    assert schedule(99) == 0


def test_cosine_is_half_way_in_the_middle() -> None:
    assert make_schedule("cosine", 101, 0, 0.4, 0.0)(50) == pytest.approx(0.5)
