"""What the dialogs of servers have in common: fields that scroll, what went wrong, and buttons that stay in view."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from app.theme import em, space
from app.widgets.fitting import follow_font
from app.widgets.hint import Hint
from app.widgets.labels import plain_label
from app.widgets.scroll import Scroll


class ServerDialog(QDialog):
    """Stays open until whoever opened it accepts it, so that nothing has to be written twice."""

    WIDTH_EM, HEIGHT_EM = 28.0, 24.0

    def __init__(self, title: str, go_on: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.problem = Hint("triangle-alert")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(title)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.go_on = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.go_on.setText(go_on)
        self.go_on.setDefault(True)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
        self.buttons.accepted.connect(self.submit)
        self.buttons.rejected.connect(self.reject)
        self._content = QWidget()
        self.column = QVBoxLayout(self._content)
        self._whole = QVBoxLayout(self)
        self._area = Scroll(self._content)
        self._whole.addWidget(self._area, 1)
        self._whole.addWidget(self._bar)
        self._whole.addWidget(self.problem)
        self._whole.addWidget(self.buttons)
        self.busy = False
        self.finished.connect(self.deleteLater)
        self._bar.hide()

    def submit(self) -> None:
        """What is written shall count."""
        raise NotImplementedError

    def fill(self, first: QWidget) -> None:
        """After the column has all of its parts; first: what the keyboard is on."""
        first.setFocus()
        follow_font(self, self._fit)

    def add(self, label: str, field: QWidget, column: QVBoxLayout | None = None) -> None:
        """A field with its name above it; column: another than the dialog's own."""
        name = plain_label(label)
        name.setBuddy(field)
        field.setAccessibleName(label)
        pair = QVBoxLayout()
        pair.addWidget(name)
        pair.addWidget(field)
        (column or self.column).addLayout(pair)
        follow_font(name, lambda: pair.setSpacing(space(name, 0.4)))

    def show_busy(self, busy: bool) -> None:
        """Whether it is being done; Cancel stays."""
        self.busy = busy
        self._bar.setVisible(busy)
        self._content.setEnabled(not busy)
        self.go_on.setEnabled(not busy)
        if busy:
            self.problem.show_text("")

    def show_problem(self, text: str) -> None:
        self.show_busy(False)
        self.problem.show_text(text)

    def _fit(self) -> None:
        self.column.setSpacing(space(self, 1.5))
        self.column.setContentsMargins(space(self), space(self), space(self), space(self))
        self._whole.setContentsMargins(space(self, 2), space(self, 2), space(self, 2), space(self, 2))
        self._whole.setSpacing(space(self))
        room = self.screen().availableGeometry().size()
        self.resize(
            min(em(self, self.WIDTH_EM), room.width() * 9 // 10), min(em(self, self.HEIGHT_EM), room.height() * 9 // 10)
        )


def secret_field() -> QLineEdit:
    """For what nobody shall read along, nor an input method learn."""
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    return field
