"""Asks for a token of the hub: kept in the system's keyring, or only while Seedling runs."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from app.settings.texts import small_label
from app.theme import em, space
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label
from app.widgets.scroll import Scroll


class TokenDialog(QDialog):
    """`entered(token, remember)`."""

    entered = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Token of the hub"))
        words = plain_label(
            self.tr("A token lets Seedling fetch what your account may. Make one that can only read."), wrap=True
        )
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setAccessibleName(self.tr("Token"))
        self.remember = QCheckBox(self.tr("Keep it in the system's keyring"))
        self.remember.setChecked(True)
        note = small_label(self.tr("Otherwise it is forgotten when Seedling ends. It is never written to a file."))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.accept_button.setText(self.tr("Use it"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.field.textChanged.connect(lambda text: self.accept_button.setEnabled(bool(text.strip())))
        self.accept_button.setEnabled(False)
        content = QWidget()
        self._column = QVBoxLayout(content)
        for widget in (words, self.field, self.remember, note):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        self._whole = QVBoxLayout(self)
        self._whole.addWidget(Scroll(content), 1)
        self._whole.addWidget(buttons)
        self.accepted.connect(lambda: self.entered.emit(self.field.text().strip(), self.remember.isChecked()))
        follow_font(self, self._fit)

    def _fit(self) -> None:
        self._column.setSpacing(space(self, 1.5))
        self._column.setContentsMargins(space(self), space(self), space(self), space(self))
        self._whole.setContentsMargins(space(self, 2), space(self, 2), space(self, 2), space(self, 2))
        room = self.screen().availableGeometry().size()
        self.resize(min(em(self, 26), room.width() * 9 // 10), min(em(self, 15), room.height() * 9 // 10))
