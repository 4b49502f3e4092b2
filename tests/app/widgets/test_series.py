"""Points of a curve: appended, replaced where a run is resumed, smoothed, and thinned without changing the picture."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.widgets.series import Series, columns, logarithms, span, thinned


def series(values: np.ndarray) -> Series:
    found = Series()
    found.append(np.arange(1.0, len(values) + 1), values)
    return found


def test_points_are_kept_in_parts_as_in_one() -> None:
    values = np.random.default_rng(1).normal(size=5000)
    whole, parts = series(values), Series()
    for start in range(0, 5000, 37):
        parts.append(np.arange(start + 1.0, min(start + 37, 5000) + 1), values[start : start + 37])
        parts.smoothed(0.9)
    assert parts.count == 5000
    assert np.array_equal(whole.values, parts.values)
    assert np.array_equal(whole.steps, parts.steps)
    assert parts.smoothed(0.9) == pytest.approx(whole.smoothed(0.9), rel=1e-12)


def test_smoothing_is_the_debiased_moving_average() -> None:
    values = np.random.default_rng(2).normal(3, 1, 1000)
    average, wanted = 0.0, []
    for number, value in enumerate(values, 1):
        average = 0.98 * average + 0.02 * value
        wanted.append(average / (1 - 0.98**number))
    assert series(values).smoothed(0.98) == pytest.approx(wanted, rel=1e-9)
    assert np.array_equal(series(values).smoothed(0.0), values)


def test_steps_that_are_made_again_replace_those_before() -> None:
    found = series(np.arange(100.0))
    found.smoothed(0.9)
    found.append(np.array([51.0, 52.0]), np.array([7.0, 8.0]))
    assert found.count == 52
    assert found.values[-2:].tolist() == [7.0, 8.0]
    fresh = series(np.array([*range(50), 7.0, 8.0], float))
    assert found.smoothed(0.9) == pytest.approx(fresh.smoothed(0.9))


def test_what_is_no_number_is_left_out() -> None:
    found = series(np.array([1.0, math.nan, math.inf, 2.0]))
    assert (found.steps.tolist(), found.values.tolist()) == ([1.0, 4.0], [1.0, 2.0])


def test_the_nearest_point() -> None:
    found = Series()
    assert found.at(3) is None
    found.append(np.array([10.0, 20.0, 40.0]), np.array([1.0, 2.0, 3.0]))
    assert [found.at(step) for step in (-5, 14, 16, 29, 31, 99)] == [
        (10.0, 1.0), (10.0, 1.0), (20.0, 2.0), (20.0, 2.0), (40.0, 3.0), (40.0, 3.0)
    ]  # fmt: skip


def test_thinning_keeps_the_lowest_and_highest_of_every_column() -> None:
    steps, values = np.arange(100_000.0), np.random.default_rng(3).normal(size=100_000)
    shown, found = thinned(steps, values, 20_000, 70_000, 500)
    assert len(shown) <= 2 * 503
    inside = (steps >= 20_000) & (steps < 70_000)
    for column in range(500):
        part = values[inside][column * 100 : (column + 1) * 100]
        drawn = found[(shown >= 20_000 + column * 100) & (shown < 20_000 + (column + 1) * 100)]
        assert (drawn.min(), drawn.max()) == (part.min(), part.max())
    assert shown[0] < 20_000 <= shown[2]  # lines go on beyond both edges
    assert shown[-1] >= 70_000


def test_few_points_are_left_alone() -> None:
    steps, values = np.arange(50.0), np.arange(50.0)
    shown, found = thinned(steps, values, 0, 49, 500)
    assert np.array_equal(shown, steps)
    assert np.array_equal(found, values)
    assert len(thinned(np.empty(0), np.empty(0), 0, 1, 10)[0]) == 0


def test_a_logarithmic_scale_has_no_room_for_zero() -> None:
    steps, values = logarithms(np.arange(3.0), np.array([0.0, 1.0, 100.0]))
    assert (steps.tolist(), values.tolist()) == ([1.0, 2.0], [0.0, 2.0])


def test_the_span_has_room_also_for_a_flat_curve() -> None:
    assert span([], False) is None
    low, high = span([np.array([2.0, 2.0])], False) or (0, 0)
    assert low < 2 < high
    low, high = span([np.array([1.0, 3.0]), np.empty(0), np.array([-1.0])], False) or (0, 0)
    assert low < -1
    assert high > 3


def test_rows_become_columns() -> None:
    rows: list[dict[str, object]] = [
        {"step": 1, "loss": 3.0, "confusion": [[1]]},
        {"step": 2, "loss": None, "val_loss": 2},
        {"step": "x", "loss": 1.0},
    ]
    found = columns(rows)
    assert {name: (steps.tolist(), values.tolist()) for name, (steps, values) in found.items()} == {
        "loss": ([1.0], [3.0]),
        "val_loss": ([2.0], [2.0]),
    }
