"""Backups of the chats: one on each day that Seedling runs, and whenever a person asks for one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.background import Background
from engine.errors import EngineError
from engine.settings import Settings

CHECK_MS = 30 * 60 * 1000


class BackingUp(QObject):
    """`changed`: one is being made now, or no longer. `failed`: an EngineError, also kept in `problem`."""

    changed = Signal()
    failed = Signal(object)

    def __init__(
        self, settings: Settings, database: Path, background: Background, parent: QObject | None = None
    ) -> None:
        """database: the chats that are open."""
        super().__init__(parent)
        self._settings, self._database, self._background = settings, database, background
        self.busy = False
        self.problem: EngineError | None = None  # of the last one
        self._daily = QTimer(self, interval=CHECK_MS)
        self._daily.timeout.connect(self._make_daily)

    def start(self) -> None:
        """Make that of the day, and look again while the program runs."""
        self._make_daily()
        self._daily.start()

    def make(self) -> None:
        keep = self._settings.number("keep_backups")

        def work() -> None:
            from engine.chat import backups

            backups.make(self._database)
            if keep:
                backups.thin(keep)

        self._run(work)

    def close(self) -> None:
        self._daily.stop()

    def _make_daily(self) -> None:
        keep = self._settings.number("keep_backups") or 0

        def work() -> None:
            from engine.chat import backups

            backups.make_daily(self._database, keep)

        self._run(work)

    def _run(self, work: Callable[[], object]) -> None:
        if not self.busy:
            self.busy = True
            self.changed.emit()
            self._background.run(work, lambda _: self._ended(None), self._ended)

    def _ended(self, problem: EngineError | None) -> None:
        self.busy, self.problem = False, problem
        self.changed.emit()
        if problem is not None:
            self.failed.emit(problem)
