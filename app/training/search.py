"""Looking for rows with some words, beside the window, and stopping when other words are looked for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from app.background import Background

if TYPE_CHECKING:
    from engine.data.index import RowIndex

LIMIT = 10_000  # rows that are shown of those found


class RowSearch(QObject):
    """`found(numbers, searched)` as rows turn up, `ended` once all were looked at or LIMIT were found."""

    found = Signal(list, int)
    ended = Signal()
    _arrived = Signal(int, list, int)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._stop = threading.Event()
        self._number = 0
        self._arrived.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

    def start(self, index: RowIndex, text: str) -> None:
        self.stop()
        self._stop, self._number = threading.Event(), self._number + 1
        stop, number = self._stop, self._number

        def work() -> int:
            for searched, rows in index.find(text, LIMIT):
                if stop.is_set():
                    break
                self._arrived.emit(number, rows, searched)
            return number

        self._background.run(work, self._end, lambda _: self._end(number))

    def stop(self) -> None:
        """What is still to come is not heard any more."""
        self._stop.set()
        self._number += 1

    def _pass_on(self, number: int, rows: list[int], searched: int) -> None:
        if number == self._number:
            self.found.emit(rows, searched)

    def _end(self, number: int) -> None:
        if number == self._number:
            self.ended.emit()
