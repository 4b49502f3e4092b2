"""Watches for the moment at which a window can be used."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

_KEY = "a"


class FirstKey(QObject):
    """Presses a key once the window was painted, and prints a line when its letter is there."""

    def __init__(self, window: QWidget, field: QWidget, end: Callable[[], object]) -> None:
        super().__init__(window)
        self._window, self._field, self._end = window, field, end
        self._pressed = False
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._window.removeEventFilter(self)
            QTimer.singleShot(0, self._press)  # the painting itself comes first
        return False

    def _press(self) -> None:
        self._pressed = True
        pressed = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, _KEY)
        QCoreApplication.postEvent(self._field, pressed)

    def typed(self) -> None:
        if self._pressed:  # and not a draft that is put back
            self._pressed = False
            print("usable", flush=True)
            self._end()
