"""A window that says when it can be used, for `seedling bench start`: ours, or an empty one of Qt's to compare it with.

Usable is a window that has been painted and in which a key that is pressed then arrives as text.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QWidget

_KEY = "a"


def main(arguments: list[str]) -> int:
    """`window` opens ours, anything else an empty one with a field; a line is printed, and both close."""
    return _ours() if arguments == ["window"] else _empty()


def _ours() -> int:
    from app.front import Front
    from app.opening import run

    def shown(front: Front) -> None:
        field = front.page.composer.field
        watch = _Usable(front.window, field, front.window.close)
        field.textChanged.connect(watch.typed)

    return run(shown)


def _empty() -> int:
    application = QApplication(sys.argv[:1])
    window, field = QMainWindow(), QLineEdit()
    window.setCentralWidget(field)
    watch = _Usable(window, field, application.quit)
    field.textChanged.connect(watch.typed)
    window.show()
    return application.exec()


class _Usable(QObject):
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
