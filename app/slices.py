"""Work of the window's thread in pieces, so that what a person does comes between them."""

from __future__ import annotations

from collections.abc import Generator

from PySide6.QtCore import QObject, QTimer


class Slices(QObject):
    """Goes on to the next `yield` of `work` whenever the event loop turns; what it raises ends it.

    pause_ms: between two slices, for what nobody waits for.
    """

    def __init__(self, work: Generator[None, None, None], parent: QObject | None = None, pause_ms: int = 0) -> None:
        super().__init__(parent)
        self._work = work
        self._timer = QTimer(self, singleShot=True, interval=pause_ms)
        self._timer.timeout.connect(self._go_on)
        self._working = self._stopped = False

    def start(self) -> None:
        if not self._stopped and not self._working:
            self._timer.start()

    def stop(self) -> None:
        """Leave the rest undone."""
        self._stopped = True
        self._timer.stop()
        if not self._working:
            self._work.close()

    def _go_on(self) -> None:
        self._working = True  # a dialog may turn the event loop meanwhile
        try:
            next(self._work)
        except StopIteration:
            self._stopped = True
        finally:
            self._working = False
        if self._stopped:
            self._work.close()
        else:
            self._timer.start()
