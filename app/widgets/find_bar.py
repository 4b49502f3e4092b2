"""The bar that searches the text shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QWidget

from app.theme import space
from app.widgets.buttons import IconButton
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label


class FindBar(QFrame):
    """`find_requested(text, backwards)`; the owner answers with `show_found`. `closed` when it is put away."""

    find_requested = Signal(str, bool)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findBar")
        self.field = QLineEdit(placeholderText=self.tr("Find in this chat"), clearButtonEnabled=True)
        self.field.setAccessibleName(self.tr("Find in this chat"))
        self._result = plain_label(muted=True)
        previous = IconButton("chevron-up", self.tr("Find previous"))
        following = IconButton("chevron-down", self.tr("Find next"))
        close = IconButton("x", self.tr("Close the find bar"))
        layout = QHBoxLayout(self)
        layout.addWidget(self.field, 1)
        layout.addWidget(self._result)
        for button in (previous, following, close):
            layout.addWidget(button)
        self.field.textChanged.connect(lambda: self._find(backwards=False))
        previous.clicked.connect(lambda: self._find(backwards=True))
        following.clicked.connect(lambda: self._find(backwards=False))
        close.clicked.connect(self.put_away)
        follow_font(self, self._fit)
        self.hide()

    def _fit(self) -> None:
        layout, step = self.layout(), space(self)
        assert layout is not None
        layout.setContentsMargins(step, step // 2, step, step // 2)
        layout.setSpacing(step // 2)

    def open(self) -> None:
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def put_away(self) -> None:
        self.hide()
        self.closed.emit()

    def show_found(self, found: bool) -> None:
        self._result.setText("" if found else self.tr("Not found"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._find(backwards=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)

    def _find(self, backwards: bool) -> None:
        if text := self.field.text():
            self.find_requested.emit(text, backwards)
        else:
            self.show_found(True)
