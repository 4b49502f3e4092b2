"""A bug of ours reaches the person as a report to copy, and the program goes on."""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QMetaMethod, QObject, Qt, Signal, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from app.theme import em
from app.widgets.labels import plain_label
from engine import paths

log = logging.getLogger(__name__)


class CrashReporter(QObject):
    """Shows what reaches `sys.excepthook`, from any thread, one report at a time.

    `report_wanted`: the person would tell of it. Without anyone who listens, it is not offered.
    """

    report_wanted = Signal()
    _raised = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._showing = False
        self._raised.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        sys.excepthook = self._report
        threading.excepthook = lambda raised: self._report(
            raised.exc_type, raised.exc_value or raised.exc_type(), raised.exc_traceback
        )

    def show(self, error: Exception) -> None:
        """At once, and until it is read: there is no window yet."""
        log.error("a bug ended the start", exc_info=error)
        CrashDialog("".join(traceback.format_exception(error))).exec()

    def _report(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        log.error("a bug reached the window", exc_info=(kind, error, trace))
        self._raised.emit("".join(traceback.format_exception(kind, error, trace)))

    def _show(self, trace: str) -> None:
        if self._showing:  # a bug that repeats would bury the window under dialogs
            return
        self._showing = True
        dialog = CrashDialog(trace, QApplication.activeWindow())
        if self.isSignalConnected(QMetaMethod.fromSignal(self.report_wanted)):
            dialog.offer_report()
        dialog.exec()
        self._showing = False
        if dialog.wants_report:
            self.report_wanted.emit()


class CrashDialog(QDialog):
    """The report: versions and traceback, as plain text."""

    def __init__(self, trace: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something went wrong"))
        self._report = f"{versions()}\n\n{trace}"
        text = QPlainTextEdit(self._report)
        text.setObjectName("field")
        text.setReadOnly(True)
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        text.setAccessibleName(self.tr("Report"))
        self.wants_report = False
        self._buttons = buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton(self.tr("Copy report"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._report))
        buttons.rejected.connect(self.reject)
        explanation = self.tr(
            "This is a mistake in Seedling, not yours. Your chats are kept. The report below helps to mend it; "
            "look through it before you pass it on. The log is in {folder}."
        )
        layout = QVBoxLayout(self)
        layout.setSpacing(em(self, 0.7))
        layout.addWidget(plain_label(explanation.format(folder=paths.logs()), wrap=True))
        layout.addWidget(text)
        layout.addWidget(buttons)
        self.resize(em(self, 45), em(self, 26))

    def offer_report(self) -> None:
        """Let the person tell of it, with the logs and what else helps."""
        button = self._buttons.addButton(self.tr("Report a problem…"), QDialogButtonBox.ButtonRole.ActionRole)
        button.setAccessibleName(self.tr("Report a problem"))
        button.clicked.connect(self._choose_report)

    def _choose_report(self) -> None:
        self.wants_report = True
        self.accept()


def versions() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        ours = version("seedling")
    except PackageNotFoundError:
        ours = "from source"
    return f"Seedling {ours}, Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}"
