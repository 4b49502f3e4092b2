"""Figures as people read them: in their language, and none longer than it has to be."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from app.figures import decimal, number, percent, short_count, significant, size_text


@pytest.fixture(params=["en_US", "de_DE"])
def german(request: pytest.FixtureRequest, qapp: QApplication) -> bool:
    QLocale.setDefault(QLocale(request.param))
    return bool(request.param == "de_DE")


@pytest.mark.parametrize(
    ("made", "english"),
    [
        (lambda: number(1234567.4), "1,234,567"),
        (lambda: number(2**63), "9223372036854775808"),
        (lambda: size_text(10**30), "9.2\xa0EB"),
        (lambda: decimal(12.345, 1), "12.3"),
        (lambda: significant(0.036482, 4), "0.03648"),
        (lambda: significant(1.5, 4), "1.5"),
        (lambda: percent(0.031), "3.1\xa0%"),
        (lambda: percent(0.31), "31\xa0%"),
        (lambda: percent(0.0), "0\xa0%"),
        (lambda: size_text(1_200_000_000), "1.2\xa0GB"),
        (lambda: size_text(300_000_000), "300\xa0MB"),
        (lambda: short_count(8_400_000), "8.4M"),
        (lambda: short_count(135_000_000), "135M"),
    ],
)
def test_figures(german: bool, made: object, english: str) -> None:
    assert callable(made)
    swapped = english.translate(str.maketrans(",.", ".,"))
    assert made() == (swapped if german else english)
