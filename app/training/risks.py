"""What may go wrong with a training as it is asked for, each with what would help: said before it starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app import messages
from app.settings.texts import small_label
from app.theme import space
from app.widgets.drawing import Drawing
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label


class Risks(QWidget):
    """A card each; hidden where there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        follow_font(self, lambda: self._column.setSpacing(space(self)))
        self.show_risks(())

    def show_risks(self, risks: Sequence[Mapping[str, Any]]) -> None:
        """As the job `plan` ends: `code` and `data` of each."""
        while item := self._column.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for risk in risks:
            self._column.addWidget(_card(*messages.advice(risk["code"], risk["data"])))
        self.setVisible(bool(risks))


def _card(text: str, cure: str) -> QWidget:
    card = QFrame()
    card.setObjectName("panel")
    words = QVBoxLayout()
    words.addWidget(plain_label(text, wrap=True))
    if cure:
        words.addWidget(small_label(cure))
    row = QHBoxLayout(card)
    row.addWidget(Drawing("triangle-alert", QPalette.ColorRole.PlaceholderText, 1.1), 0, Qt.AlignmentFlag.AlignTop)
    row.addLayout(words, 1)
    row.setContentsMargins(space(card, 1.5), space(card), space(card, 1.5), space(card))
    row.setSpacing(space(card, 1.2))
    words.setSpacing(space(card, 0.3))
    return card
