"""Buttons with one of our drawings on them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from app.theme import em, icon


class IconButton(QToolButton):
    """A flat button that shows a drawing in the palette's colours; `label` is its tooltip and accessible name."""

    def __init__(
        self,
        drawing: str,
        label: str,
        role: QPalette.ColorRole = QPalette.ColorRole.PlaceholderText,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._drawing, self._role = drawing, role
        self._drawn: tuple[str, str, int] | None = None  # drawing, colour and size of the present icon
        self.set_label(label)
        self._redraw()

    def set_label(self, label: str) -> None:
        self.setToolTip(label)
        self.setAccessibleName(label)

    def set_drawing(self, drawing: str) -> None:
        self._drawing = drawing
        self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._redraw()

    def _redraw(self) -> None:
        colour, side = self.palette().color(self._role), em(self, 1.15)
        if self._drawn == (self._drawing, colour.name(), side):
            return
        self._drawn = (self._drawing, colour.name(), side)
        self.setIconSize(QSize(side, side))
        disabled = self.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
        self.setIcon(icon(self._drawing, colour, disabled))


def asking_button(text: str) -> QPushButton:
    """A button whose text ends in dots, because it asks for more before it does anything; nothing of it is cut off."""
    button = QPushButton(text)
    button.setAccessibleName(text)
    return button
