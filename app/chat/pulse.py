"""A small dot beside a reply that is being written; it breathes while the model thinks."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QWidget

_FRAME_MS = 80
_BREATH_MS = 1600


class Pulse(QWidget):
    """Quiet: `set_breathing`, and nothing moves where motion is switched off."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._breathing, self._motion, self._elapsed = False, True, 0
        self._timer = QTimer(self, interval=_FRAME_MS)
        self._timer.timeout.connect(self._advance)
        self.hide()

    def set_breathing(self, breathing: bool) -> None:
        if breathing != self._breathing:
            self._breathing = breathing
            self._run()

    def set_motion(self, motion: bool) -> None:
        self._motion = motion
        self._run()

    def moving(self) -> bool:
        return self._timer.isActive()

    def _run(self) -> None:
        if self._breathing and self._motion and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()
            self._elapsed = 0
            self.update()

    def _advance(self) -> None:
        self._elapsed = (self._elapsed + _FRAME_MS) % _BREATH_MS
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._run()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(0.65 + 0.35 * math.cos(2 * math.pi * self._elapsed / _BREATH_MS))
        painter.setBrush(self.palette().color(QPalette.ColorRole.Highlight))
        painter.setPen(self.palette().color(QPalette.ColorRole.Highlight))
        radius = 0.5 * min(self.width(), self.height()) - 1
        painter.drawEllipse(QPointF(self.width() / 2, self.height() / 2), radius, radius)
