"""What the figures of a run give reason to say, each with what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app import messages
from app.theme import space
from app.widgets.announce import announce
from app.widgets.drawing import Drawing
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label
from engine.training.advice import Advice


class AdviceCards(QWidget):
    """One card for each; hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[Advice, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        follow_font(self, lambda: self._column.setSpacing(space(self)))
        self.hide()

    def show_advice(self, advice: Sequence[Advice]) -> None:
        if tuple(advice) == self._shown:
            return
        known, self._shown = {each.code for each in self._shown}, tuple(advice)
        while item := self._column.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for each in advice:
            text, cure = messages.advice(each.code, each.data, each.step)
            self._column.addWidget(_Card(text, cure))
            if each.code not in known:
                announce(self, f"{text} {cure}")
        self.setVisible(bool(advice))


class _Card(QFrame):
    def __init__(self, text: str, cure: str) -> None:
        super().__init__()
        self.setObjectName("notice")
        self._row, self._words = QHBoxLayout(self), QVBoxLayout()
        sign = Drawing("triangle-alert", QPalette.ColorRole.BrightText, 1.2)
        self._row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(self._words, 1)
        for label in (plain_label(text, wrap=True), plain_label(cure, muted=True, wrap=True)):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._words.addWidget(label)
        follow_font(self, self._fit)

    def _fit(self) -> None:
        step = space(self)
        self._row.setContentsMargins(step, step, step, step)
        self._row.setSpacing(step)
        self._words.setSpacing(step // 4)
