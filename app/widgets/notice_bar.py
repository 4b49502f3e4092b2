"""A bar with one sentence and the buttons that would help."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.messages import Notice, Remedy, label
from app.theme import em
from app.widgets.buttons import IconButton
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label


class NoticeBar(QFrame):
    """Hidden until something is to be said. `remedy_chosen` carries a `Remedy`; copying is done here."""

    remedy_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._notice = Notice("")
        self._label = plain_label(wrap=True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = FlowLayout(spacing=em(self, 0.25))
        close = IconButton("close", self.tr("Dismiss"))
        close.clicked.connect(self.clear)
        words = QVBoxLayout()
        words.setSpacing(em(self, 0.25))
        words.addWidget(self._label)
        words.addLayout(self._buttons)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(em(self, 0.8), em(self, 0.4), em(self, 0.4), em(self, 0.4))
        layout.setSpacing(em(self, 0.5))
        layout.addLayout(words, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    @property
    def text(self) -> str:
        return self._notice.text if not self.isHidden() else ""

    def show_notice(self, notice: Notice) -> None:
        self._notice = notice
        self._label.setText(notice.text)
        while item := self._buttons.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for remedy in notice.remedies:
            button = QPushButton(label(remedy))
            button.clicked.connect(lambda _, remedy=remedy: self._choose(remedy))
            self._buttons.addWidget(button)
        self.show()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, notice.text))

    def clear(self) -> None:
        self.hide()

    def _choose(self, remedy: Remedy) -> None:
        if remedy is Remedy.COPY:
            QGuiApplication.clipboard().setText(self._notice.details)
            return
        self.clear()
        self.remedy_chosen.emit(remedy)
