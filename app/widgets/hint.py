"""A sentence in a frame with what helps, for as long as it holds."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.theme import space
from app.widgets.drawing import Drawing
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label


class Hint(QFrame):
    """A sentence with a sign and buttons; hidden while there is nothing to say."""

    def __init__(self, drawing: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._words = plain_label(wrap=True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._line, self._buttons = QHBoxLayout(), FlowLayout()
        self._line.addWidget(Drawing(drawing, QPalette.ColorRole.PlaceholderText, 1.2), 0, Qt.AlignmentFlag.AlignTop)
        self._line.addWidget(self._words, 1)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._line)
        self._column.addLayout(self._buttons)
        follow_font(self, self._fit)
        self.hide()

    def add_button(self, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(text)
        self._buttons.addWidget(button)
        return button

    def show_text(self, text: str) -> None:
        self._words.setText(text)
        self.setVisible(bool(text))

    def text(self) -> str:
        return self._words.text()

    def _fit(self) -> None:
        step = space(self)
        self._column.setContentsMargins(step, step, step, step)
        self._column.setSpacing(step)
        self._line.setSpacing(step)
        self._buttons.setSpacing(step)
