"""Decides what the page of settings does: shows every option as it is, moves folders, puts backups back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox

from app import messages
from app.background import Background
from app.engine_client import EngineClient
from app.figures import size_text
from app.messages import Notice
from app.settings.backing_up import BackingUp
from app.settings.moves import Moves
from app.settings.options import Options
from app.settings.page import SettingsPage
from app.widgets.labels import plain_box
from engine import log, paths, relocate
from engine.chat import backups, kept_states
from engine.errors import EngineError
from engine.settings import OPTIONS


class SettingsController(QObject):
    """`changed(name)`: of `Options`, or a folder has moved. `delete_chats_requested`: all of them.

    `database`: the chats that are open; `client`: a worker of its own, for moves.
    """

    changed = Signal(str)
    delete_chats_requested = Signal()

    def __init__(
        self,
        page: SettingsPage,
        options: Options,
        backing_up: BackingUp,
        database: Path,
        client: EngineClient,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._page, self._options, self._backing_up, self._database = page, options, backing_up, database
        self._settings, self._client, self._background = options.settings, client, background
        self.set = options.set
        self.moves = Moves(page.folder_rows, self._settings, client, background, self)
        options.changed.connect(self.changed)
        options.taken.connect(self._show)
        options.failed.connect(self._say_error)
        backing_up.changed.connect(self._show_backing_up)
        backing_up.failed.connect(self._say_error)
        page.option_changed.connect(self.set)
        page.shortcuts.changed.connect(lambda changes: self.set("shortcuts", changes))
        page.shown.connect(self.refresh)
        page.backups.make_requested.connect(backing_up.make)
        page.backups.restore_requested.connect(self._ask_to_restore)
        page.backups.keep_requested.connect(lambda: self._restore(""))
        page.privacy.delete_requested.connect(self._delete_chats)
        page.logs.delete_requested.connect(self._delete_logs)
        page.kept_states.delete_requested.connect(self._delete_kept_states)
        self.moves.said.connect(page.notice.show_notice)
        self.moves.switched.connect(self.changed)

    def start(self) -> None:
        """Show every value, say what could not be read, and what became of the last backup."""
        for name in OPTIONS:
            self._show(name)
        self._page.logs.show_place(paths.logs())
        self._page.privacy.show_places(self._database)
        self.moves.start()
        if self._settings.problems:
            said = [messages.sentence(problem.code, problem.data) for problem in self._settings.problems]
            self._page.notice.show_notice(Notice("\n".join(said)))
        elif self._backing_up.problem is not None:
            self._say_error(self._backing_up.problem)
        self._show_backing_up()

    def close(self) -> None:
        """A move is found again at the next start; its worker ends here."""
        self.moves.close()
        self._client.close()

    def refresh(self) -> None:
        """What lies on the disk: sizes, backups."""
        for name in self._page.folder_rows:
            self.moves.refresh(name)
        self._show_backups()
        self._background.run(lambda: relocate.measure("logs", paths.logs()), self._show_logs, self._say_error)
        self._background.run(kept_states.measure, self._show_kept_states, self._say_error)

    def _show(self, name: str) -> None:
        self._page.show_value(name, self._settings.value(name))

    # --- backups ----------------------------------------------------------------------------------------------

    def _show_backing_up(self) -> None:
        self._page.backups.show_busy(self._backing_up.busy)
        if not self._backing_up.busy:
            self._show_backups()

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
            self._background.run(
                lambda: backups.delete_all(paths.database()), lambda _: self._show_backups(), self._say_error
            )

    def _delete_logs(self) -> None:
        def deleted(freed: int) -> None:
            text = self.tr("Old logs are deleted: {size}. Those of running processes stay.")
            self._page.notice.show_notice(Notice(text.format(size=size_text(freed))))
            self.refresh()

        self._background.run(lambda: log.delete_old(paths.logs()), deleted, self._say_error)

    def _delete_kept_states(self) -> None:
        def deleted(freed: int) -> None:
            text = self.tr("What was kept of chats is deleted: {size}.")
            self._page.notice.show_notice(Notice(text.format(size=size_text(freed))))
            self.refresh()

        self._background.run(kept_states.clear, deleted, self._say_error)

    def _show_kept_states(self, found: tuple[int, int]) -> None:
        self._page.kept_states.show_size(*found)

    def _show_logs(self, found: tuple[int, int]) -> None:
        self._page.logs.show_size(*found)

    def _say_error(self, error: EngineError) -> None:
        self._page.notice.show_notice(Notice(messages.sentence(error.code, error.data), details=error.detail))
