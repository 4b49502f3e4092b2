"""A heading that unfolds what is below it, which is made only when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.theme import icon, space
from app.widgets.fitting import follow_font


class Unfold(QWidget):
    """`made`: `content` is there from now on. `unfolded(shown)`: the person opened or closed it."""

    made = Signal()
    unfolded = Signal(bool)

    def __init__(self, title: str, make: Callable[[], QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self.content: QWidget | None = None
        self.button = QPushButton(title)
        self.button.setObjectName("unfold")
        self.button.setCheckable(True)
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.button.toggled.connect(self._toggle)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.button)
        follow_font(self, lambda: self._column.setSpacing(space(self)))
        self._draw()

    def _toggle(self, shown: bool) -> None:
        if shown and self.content is None:
            self.content = self._make()
            self._column.addWidget(self.content)
            self.made.emit()
        if self.content is not None:
            self.content.setVisible(shown)
        self._draw()
        self.unfolded.emit(shown)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "button"):
            self._draw()

    def _draw(self) -> None:
        closed = "chevron-left" if self.isRightToLeft() else "chevron-right"
        drawing = "chevron-down" if self.button.isChecked() else closed
        self.button.setIcon(icon(drawing, self.palette().color(QPalette.ColorRole.PlaceholderText)))
