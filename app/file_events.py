"""How macOS hands files and addresses over: as events of the application, also those of its start.

Written from Qt's documentation of QFileOpenEvent; it has not been run on macOS.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFileOpenEvent


class FileEvents(QObject):
    """Keeps what comes before somebody takes it."""

    def __init__(self, application: QObject) -> None:
        super().__init__(application)
        self._kept: list[str] = []
        self._open: Callable[[list[str]], object] | None = None
        application.installEventFilter(self)

    def hand_to(self, open: Callable[[list[str]], object]) -> None:
        """Have what has come, and all that comes from now on, opened by `open`."""
        self._open = open
        kept, self._kept = self._kept, []
        if kept:
            open(kept)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QFileOpenEvent):
            return False
        text = event.file() or event.url().toString()
        if self._open is None:
            self._kept.append(text)
        else:
            self._open([text])
        return True
