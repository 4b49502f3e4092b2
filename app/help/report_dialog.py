"""A report of a problem: read and changed by the person, then copied or saved by them. Nothing is sent."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from app.theme import em
from app.widgets.labels import plain_label


class ReportDialog(QDialog):
    """`save_requested(text)`. Until `show_report` nothing can be done with it."""

    save_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Report a problem"))
        explanation = plain_label(
            self.tr(
                "No word of your chats and files is in it, and no key. Nothing is sent: read it, change what you "
                "like, and pass it on yourself."
            ),
            wrap=True,
        )
        self.text = QPlainTextEdit(placeholderText=self.tr("Collecting…"))
        self.text.setObjectName("code")
        self.text.setAccessibleName(self.tr("Report"))
        self.text.setTabChangesFocus(True)
        self.text.setMinimumSize(1, 1)
        self.said = plain_label(muted=True, wrap=True)
        self.said.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = buttons.addButton(self.tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        self.save = buttons.addButton(self.tr("Save…"), QDialogButtonBox.ButtonRole.ActionRole)
        self.save.setAccessibleName(self.tr("Save the report"))
        self.copy.clicked.connect(self._copy)
        self.save.clicked.connect(lambda: self.save_requested.emit(self.text.toPlainText()))
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(em(self, 0.7))
        layout.setContentsMargins(em(self), em(self), em(self), em(self))
        for widget in (explanation, self.text, self.said, buttons):
            layout.addWidget(widget)
        layout.setStretch(1, 1)
        room = self.screen().availableGeometry().size() if parent is None else parent.window().size()
        self.setMinimumSize(1, 1)
        self.resize(min(em(self, 48), room.width()), min(em(self, 34), room.height()))
        self._wait(True)

    def show_report(self, text: str) -> None:
        self.text.setPlainText(text)
        self._wait(False)

    def say(self, text: str) -> None:
        self.said.setText(text)
        self.said.show()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.said, text))

    def _wait(self, waits: bool) -> None:
        self.text.setReadOnly(waits)
        self.copy.setDisabled(waits)
        self.save.setDisabled(waits)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.say(self.tr("The report is copied."))
