"""Files dropped anywhere on the window, whatever lies there.

Qt offers what is dragged to the widget below the mouse first, and a field of text would take a file for its name. So
the window is listened to before its widgets, and only files are taken from them.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDragMoveEvent, QDropEvent, QPalette
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from app.theme import set_text_role, space
from app.widgets.drawing import Drawing
from app.widgets.file_dialogs import local_path
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label
from engine.errors import EngineError


class FileDrops(QObject):
    """`dropped`: the paths, of this computer. `refused`: an EngineError; nothing has looked at the file."""

    dropped = Signal(list)
    refused = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._veil = _Veil(window)
        window.winId()  # there is a handle from now on
        handle = window.windowHandle()
        assert handle is not None
        handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event:
            case QDragMoveEvent() if _files(event.mimeData()):  # also QDragEnterEvent
                if QApplication.activeModalWidget() is not None:
                    event.ignore()
                    return True
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
                self._veil.cover()
                return True
            case QDropEvent() if _files(event.mimeData()):
                self._veil.hide()
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
                self._take(_files(event.mimeData()))
                return True
        if event.type() is QEvent.Type.DragLeave:
            self._veil.hide()
        return False

    def _take(self, names: list[str]) -> None:
        try:
            paths = [local_path(name) for name in names]
        except EngineError as error:
            self.refused.emit(error)
            return
        self.dropped.emit(paths)


def _files(data: QMimeData) -> list[str]:
    """What is dragged, where all of it is files."""
    names = [url.toLocalFile() for url in data.urls()]
    return names if all(names) else []


class _Veil(QFrame):
    """Lies over the window while a file is above it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("dropVeil")
        words = plain_label(self.tr("Drop it to see what can be learnt from it"), wrap=True)
        set_text_role(words, "title")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column = QVBoxLayout(self)
        self._column.addStretch(1)
        self._column.addWidget(Drawing("download", QPalette.ColorRole.Highlight, 3))
        self._column.addWidget(words)
        self._column.addStretch(1)
        follow_font(self, lambda: self._column.setSpacing(space(self, 2)))
        self.hide()

    def cover(self) -> None:
        window = self.window()
        step = space(self, 2)
        self.setGeometry(window.rect().adjusted(step, step, -step, -step))
        self.raise_()
        self.show()
