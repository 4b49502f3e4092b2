"""A bar with one sentence and the buttons that would help."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QGuiApplication, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.messages import Notice, Remedy, label
from app.theme import space
from app.widgets.buttons import IconButton
from app.widgets.drawing import Drawing
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label
from app.widgets.motion import unfold


class NoticeBar(QFrame):
    """Hidden until something is to be said. `remedy_chosen` carries a `Remedy`; copying is done here."""

    remedy_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._notice = Notice("")
        self._label = plain_label(wrap=True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._sign = Drawing("info", QPalette.ColorRole.PlaceholderText, 1.2)
        self._buttons = FlowLayout()
        self._copy = IconButton("copy", label(Remedy.COPY))
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._notice.details))
        close = IconButton("x", self.tr("Dismiss"))
        close.clicked.connect(self.clear)
        self._words = QHBoxLayout()
        self._words.addWidget(self._sign)
        self._words.addWidget(self._label, 1)
        self._words.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        self._words.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.addLayout(self._words)
        layout.addLayout(self._buttons)
        follow_font(self, self._fit)
        self.hide()

    @property
    def text(self) -> str:
        return self._notice.text if not self.isHidden() else ""

    def show_notice(self, notice: Notice) -> None:
        self._notice = notice
        self._label.setText(notice.text)
        if (notice.remedies or notice.details) and not notice.calm:
            self._sign.set_drawing("circle-alert", QPalette.ColorRole.BrightText)
        else:
            self._sign.set_drawing("info", QPalette.ColorRole.PlaceholderText)
        while item := self._buttons.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self._copy.setVisible(Remedy.COPY in notice.remedies)
        for remedy in (each for each in notice.remedies if each is not Remedy.COPY):
            button = QPushButton(label(remedy))
            button.clicked.connect(lambda _, remedy=remedy: self._choose(remedy))
            self._buttons.addWidget(button)
        unfold(self)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, notice.text))

    def clear(self) -> None:
        self.hide()

    def let_go(self) -> None:
        """Clear what holds for a while only."""
        if self._notice.passing:
            self.clear()

    def _fit(self) -> None:
        layout, step = self.layout(), space(self)
        assert layout is not None
        layout.setContentsMargins(step, step // 2, step, step // 2)
        layout.setSpacing(step // 2)
        self._words.setSpacing(step)
        self._buttons.setSpacing(round(0.75 * step))

    def _choose(self, remedy: Remedy) -> None:
        self.clear()
        self.remedy_chosen.emit(remedy)
