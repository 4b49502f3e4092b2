"""Keys as people read them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeySequence

TextWithKeys = Callable[[str, str], str]  # a title and an action's id -> the title with the keys that do it


def native(keys: str) -> str:
    """Keys as this system writes them."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
