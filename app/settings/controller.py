"""Decides what the page of settings does: sets, saves, moves, backs up. The program's parts follow `changed`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QMessageBox

from app import messages
from app.background import Background
from app.engine_client import EngineClient
from app.messages import Notice
from app.settings.moves import Moves
from app.settings.page import SettingsPage
from app.widgets.labels import plain_box
from engine import hardware, log, paths, relocate
from engine.chat import backups
from engine.errors import EngineError
from engine.settings import OPTIONS, Settings, Value

BACKUP_CHECK_MS = 30 * 60 * 1000


class SettingsController(QObject):
    """`changed(name)`: the option has a new value, which is saved. `delete_chats_requested`: all of them.

    `database`: the chats that are open; `client`: a worker of its own, for moves.
    """

    changed = Signal(str)
    delete_chats_requested = Signal()

    def __init__(
        self,
        page: SettingsPage,
        settings: Settings,
        database: Path,
        client: EngineClient,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._page, self._settings, self._database = page, settings, database
        self._client, self._background = client, background
        self.moves = Moves(page.folder_rows, settings, client, background, self)
        self._backing_up = False
        self._daily = QTimer(self, interval=BACKUP_CHECK_MS)
        self._daily.timeout.connect(self._back_up_daily)
        page.option_changed.connect(self.set)
        page.shortcuts.changed.connect(lambda changes: self.set("shortcuts", changes))
        page.shown.connect(self.refresh)
        page.backups.make_requested.connect(self.back_up)
        page.backups.restore_requested.connect(self._ask_to_restore)
        page.backups.keep_requested.connect(lambda: self._restore(""))
        page.privacy.delete_requested.connect(self._delete_chats)
        page.logs.delete_requested.connect(self._delete_logs)
        self.moves.said.connect(page.notice.show_notice)
        self.moves.switched.connect(self.changed)

    def start(self) -> None:
        """Show every value, say what could not be read, and make the backup of the day."""
        self.show_values()
        self._page.logs.show_place(paths.logs())
        self._page.privacy.show_places(self._database)
        self.moves.start()
        if self._settings.problems:
            said = [messages.sentence(problem.code, problem.data) for problem in self._settings.problems]
            self._page.notice.show_notice(Notice("\n".join(said)))
        self._back_up_daily()
        self._daily.start()

    def show_values(self) -> None:
        for name in OPTIONS:
            self._page.show_value(name, self._settings.value(name))

    def close(self) -> None:
        """A move is found again at the next start; its worker ends here."""
        self._daily.stop()
        self.moves.close()
        self._client.close()

    def refresh(self) -> None:
        """What lies on the disk: sizes, backups."""
        for name in self._page.folder_rows:
            self.moves.refresh(name)
        self._show_backups()
        self._background.run(lambda: relocate.measure("logs", paths.logs()), self._show_logs, self._say_error)

    # --- options ----------------------------------------------------------------------------------------------

    def set(self, name: str, value: Value) -> None:
        """Take the value at once, save it beside the window, then say so; back to the old one if it cannot be kept."""
        before = self._settings.value(name)
        if value == before:
            return
        self._settings.set(name, value)
        self._page.show_value(name, value)

        def failed(error: EngineError) -> None:
            if self._settings.value(name) == value:
                self._settings.set(name, before)
                self._page.show_value(name, before)
                self.changed.emit(name)
            self._say_error(error)

        self._background.run(self._settings.save, lambda _: self._saved(name), failed)

    def _saved(self, name: str) -> None:
        if name == "log_level":
            log.start("window")
        self.changed.emit(name)

    # --- backups ----------------------------------------------------------------------------------------------

    def back_up(self) -> None:
        keep = self._settings.number("keep_backups")

        def work() -> None:
            backups.make(self._database)
            if keep:
                backups.thin(keep)

        self._run_backup(work)

    def _back_up_daily(self) -> None:
        keep = self._settings.number("keep_backups") or 0
        self._run_backup(lambda: backups.make_daily(self._database, keep))

    def _run_backup(self, work: Callable[[], object]) -> None:
        if self._backing_up:
            return

        def done() -> None:
            self._backing_up = False
            self._page.backups.show_busy(False)
            self._show_backups()

        def failed(error: EngineError) -> None:
            done()
            self._say_error(error)

        self._backing_up = True
        self._page.backups.show_busy(True)
        self._background.run(work, lambda _: done(), failed)

    def _show_backups(self) -> None:
        def show(found: list[backups.Backup]) -> None:
            self._page.backups.show_backups(found, self._settings.text("restore"))

        self._background.run(backups.found, show, self._say_error)

    def _ask_to_restore(self, name: str) -> None:
        box = plain_box(
            self._page,
            self.tr("Put a backup back"),
            self.tr("Put this backup in the place of all present chats when Seedling starts next?"),
            self.tr("The present chats are kept in a file beside it."),
        )
        restore = box.addButton(self.tr("Put it back"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.finished.connect(lambda _: self._restore(name) if box.clickedButton() is restore else None)
        box.finished.connect(box.deleteLater)
        box.open()

    def _restore(self, name: str) -> None:
        self.set("restore", name)
        self._show_backups()

    # --- deleting ---------------------------------------------------------------------------------------------

    def _delete_chats(self, with_backups: bool) -> None:
        self.delete_chats_requested.emit()
        if with_backups:
            self._background.run(backups.delete_all, lambda _: self._show_backups(), self._say_error)

    def _delete_logs(self) -> None:
        def deleted(freed: int) -> None:
            text = self.tr("Old logs are deleted: {size}. Those of running processes stay.")
            self._page.notice.show_notice(Notice(text.format(size=hardware.size_text(freed))))
            self.refresh()

        self._background.run(lambda: log.delete_old(paths.logs()), deleted, self._say_error)

    def _show_logs(self, found: tuple[int, int]) -> None:
        self._page.logs.show_size(*found)

    def _say_error(self, error: EngineError) -> None:
        self._page.notice.show_notice(Notice(messages.sentence(error.code, error.data), details=error.detail))
