"""Figures of classifiers, beside counts made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.confusion import confusion, f1, figures


def test_rows_are_what_was_wanted() -> None:
    assert confusion([0, 0, 1, 2], [0, 1, 1, 0], 3).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]


def test_figures_by_hand() -> None:
    matrix = np.array([[90, 10], [2, 8]])
    assert figures(matrix)["accuracy"] == pytest.approx(98 / 110)
    assert figures(matrix)["balanced_accuracy"] == pytest.approx((0.9 + 0.8) / 2)
    assert f1(matrix) == pytest.approx([2 * 90 / (2 * 90 + 12), 2 * 8 / (2 * 8 + 12)])
    assert figures(matrix)["macro_f1"] == pytest.approx(f1(matrix).mean())


def test_always_the_frequent_class_is_no_good_balance() -> None:
    assert figures(np.array([[95, 0], [5, 0]]))["balanced_accuracy"] == 0.5


def test_classes_that_do_not_occur_count_for_nothing() -> None:
    assert figures(np.array([[3, 0, 0], [0, 4, 0], [0, 0, 0]])) == {
        "accuracy": 1.0,
        "balanced_accuracy": 1.0,
        "macro_f1": 1.0,
    }
    assert figures(np.zeros((2, 2), np.int64)) == {"accuracy": 0.0, "balanced_accuracy": 0.0, "macro_f1": 0.0}
