"""Texts of the settings: a title that gives way, small words under it, and paths that can break."""

from __future__ import annotations

import re

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QSizePolicy

from app.widgets.labels import plain_label


class Title(QLabel):
    """A name that takes the line it is on, wants one line, and breaks only where it does not fit."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.font()).horizontalAdvance(self.text()) + 2 * self.margin() + 2
        return QSize(width, self.heightForWidth(width))


def breakable(text: str) -> str:
    """The text with places in its paths where a line may end, so that a long one is not cut off."""
    return re.sub(r"([/\\])", "\\1\u200b", text)


def small_label(text: str = "") -> QLabel:
    """Secondary text: small, muted, broken where the line ends."""
    label = plain_label(text, muted=True, wrap=True)
    label.setProperty("role", "small")
    return label
