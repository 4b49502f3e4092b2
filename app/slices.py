"""Work of the window's thread in pieces, so that what a person does comes between them."""

from __future__ import annotations

from collections.abc import Generator

from PySide6.QtCore import QObject, QTimer


class Slices(QObject):
    """Goes on to the next `yield` of `work` whenever the event loop turns; what it raises ends it."""

    def __init__(self, work: Generator[None, None, None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._go_on)

    def start(self) -> None:
        self._timer.start()

    def stop(self) -> None:
        """Leave the rest undone."""
        self._timer.stop()
        self._work.close()

    def finish(self) -> None:
        """Do all that is left, now."""
        self._timer.stop()
        for _ in self._work:
            pass

    def _go_on(self) -> None:
        try:
            next(self._work)
        except StopIteration:
            self._timer.stop()
        except BaseException:
            self._timer.stop()
            raise
