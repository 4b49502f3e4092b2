"""Figures as people read them, in the person's language."""

from __future__ import annotations

from PySide6.QtCore import QLocale

_MOST = 2**63  # Qt's whole numbers end here; files may claim more
_HELD = "\N{NO-BREAK SPACE}"  # a line does not end between a figure and its unit


def number(count: float) -> str:
    """Whole, with the marks of the language between thousands."""
    whole = round(count)
    return QLocale().toString(whole) if abs(whole) < _MOST else str(whole)


def decimal(value: float, digits: int) -> str:
    """With so many digits behind the point."""
    return QLocale().toString(float(value), "f", digits)


def significant(value: float, digits: int) -> str:
    """With so many digits that count, without zeros at its end."""
    return QLocale().toString(float(value), "g", digits)


def percent(share: float) -> str:
    """Of 1; what is there, but would be rounded to nothing, is not shown as nothing."""
    return f"{decimal(share * 100, 1 if 0 < share < 0.1 else 0)}{_HELD}%"


def size_text(count: int) -> str:
    """Bytes in the largest unit of which there is one, with a decimal below a hundred: `1.2 GB`, `300 MB`."""
    count = min(count, _MOST - 1)
    digits = 0 if count >= 1000 and count / 1000 ** ((len(str(count)) - 1) // 3) >= 100 else 1
    return QLocale().formattedDataSize(count, digits, QLocale.DataSizeFormat.DataSizeSIFormat).replace(" ", _HELD)


def short_count(count: int) -> str:
    """`8.4M`, `1.2B`: as models are named."""
    for unit, size in (("B", 10**9), ("M", 10**6), ("K", 10**3)):
        if count >= size:
            return f"{decimal(count / size, 1 if count < 100 * size else 0)}{unit}"
    return str(count)
