"""How well a classifier tells classes apart, from how often each was taken for each. Pure, no torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Confusion = NDArray[np.int64]  # (classes, classes): texts of the row's class that were taken for the column's


def confusion(wanted: Sequence[int] | NDArray[Any], found: Sequence[int] | NDArray[Any], classes: int) -> Confusion:
    """wanted, found: the numbers of the classes, equally many."""
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (np.asarray(wanted, np.int64), np.asarray(found, np.int64)), 1)
    return matrix


def f1(matrix: Confusion) -> NDArray[np.float64]:
    """2 TP / (2 TP + FP + FN) of each class (classes,); 0 for one that neither occurs nor is found."""
    both = matrix.sum(0) + matrix.sum(1)
    return 2.0 * matrix.diagonal() / np.maximum(both, 1)  # type: ignore[no-any-return]


def figures(matrix: Confusion) -> dict[str, float]:
    """`accuracy`, `balanced_accuracy` (the mean share found of each class that occurs) and `macro_f1`, each 0 to 1.

    macro_f1 is the mean over classes that occur or are found.
    """
    occur, seen = matrix.sum(1), matrix.sum(0) + matrix.sum(1)
    right = matrix.diagonal()
    return {
        "accuracy": float(right.sum() / max(1, matrix.sum())),
        "balanced_accuracy": float((right[occur > 0] / occur[occur > 0]).mean()) if occur.any() else 0.0,
        "macro_f1": float(f1(matrix)[seen > 0].mean()) if seen.any() else 0.0,
    }
