"""Drawings on their own: one that stands still, and a ring that fills."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPalette, QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from app.theme import em, icon


class Drawing(QLabel):
    """A drawing in a colour of the palette, `lines` line heights in size; it follows palette and font."""

    def __init__(self, name: str, role: QPalette.ColorRole, lines: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._role, self._lines = name, role, lines
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._draw()

    def set_drawing(self, name: str, role: QPalette.ColorRole) -> None:
        if (name, role) != (self._name, self._role):
            self._name, self._role = name, role
            self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._draw()

    def _draw(self) -> None:
        side = em(self, self._lines)
        drawn = icon(self._name, self.palette().color(self._role))
        self.setPixmap(drawn.pixmap(QSize(side, side), self.devicePixelRatio()))


def progress_ring(percent: int, colour: QColor, rest: QColor, side: int, ratio: float) -> QPixmap:
    """A ring of which `percent` is in `colour`, from the top and with the clock; `side` in pixels of the widget."""
    from PySide6.QtGui import QPainter, QPen

    pixmap = QPixmap(QSize(side, side) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    width = side / 8
    circle = QRectF(0, 0, side, side).adjusted(width, width, -width, -width)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(rest, width))
    painter.drawEllipse(circle)
    painter.setPen(QPen(colour, width * 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawArc(circle, 90 * 16, -round(percent * 3.6 * 16))
    painter.end()
    return pixmap
