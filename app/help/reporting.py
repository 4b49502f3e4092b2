"""Has a report of a problem collected beside the window, shown, and saved where the person says."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app import messages
from app.background import Background
from app.help.report_dialog import ReportDialog
from app.widgets.file_dialogs import choose_new_file
from engine import files, report
from engine.errors import EngineError


class Reporting(QObject):
    """One report at a time; a dialog that is closed waits for nothing."""

    def __init__(self, window: QWidget, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window, self._background = window, background
        self.dialog: ReportDialog | None = None

    def open(self) -> None:
        if self.dialog is not None:
            self.dialog.raise_()
            return
        self.dialog = dialog = ReportDialog(self._window)
        dialog.save_requested.connect(self._save)
        dialog.finished.connect(self._close)
        dialog.open()
        self._background.run(report.collect, self._show, self._fail)

    def _close(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def _show(self, text: str) -> None:
        if self.dialog is not None:
            self.dialog.show_report(text)

    def _fail(self, error: EngineError) -> None:
        self._say(messages.sentence(error.code, error.data))

    def _say(self, text: str) -> None:
        if self.dialog is not None:
            self.dialog.say(text)

    def _save(self, text: str) -> None:
        title, pattern = self.tr("Save the report"), self.tr("Texts (*.txt)")
        try:
            path = choose_new_file(self.dialog or self._window, title, "seedling-report.txt", pattern)
        except EngineError as error:
            self._fail(error)
            return
        if path is not None:
            self._background.run(
                lambda: files.write_bytes(path, text.encode("utf-8")), lambda _: self._saved(path), self._fail
            )

    def _saved(self, path: Path) -> None:
        self._say(self.tr("The report is saved: {place}").format(place=path))
