"""What a training will take, and the button that starts it: always in view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.figures import number, size_text
from app.settings.texts import Title
from app.theme import space
from app.training.watch.texts import duration_text
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.notice_bar import NoticeBar
from engine.events import Progress


class Foot(QFrame):
    """`stop_requested`: while a training is being prepared."""

    start_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("foot")
        self.notice = NoticeBar()
        self.notice.installEventFilter(self)
        self._text = ""
        self._words = Title("")
        self._words.setProperty("muted", True)
        self.start = QPushButton(self.tr("Start"))
        self.start.setDefault(True)
        self.start.setEnabled(False)
        self.start.clicked.connect(self.start_requested)
        self.stop = QPushButton(self.tr("Stop"))
        self.stop.clicked.connect(self.stop_requested)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._line = FlowLayout()
        self._line.addWidget(self._words)
        self._line.addWidget(self.stop)
        self._line.addWidget(self.start)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.notice)
        self._column.addWidget(self._bar)
        self._column.addLayout(self._line)
        follow_font(self, self._fit)
        self.set_preparing(False)

    def show_text(self, text: str) -> None:
        self._text = text
        self._show_words()
        self.start.setAccessibleDescription(text)

    def show_estimate(self, estimate: Mapping[str, Any] | None) -> None:
        """estimate: `seconds`, and `memory` and `disk` in bytes; what is not known is left out."""
        parts = []
        if estimate is not None:
            if (seconds := estimate.get("seconds")) is not None:
                parts.append(self.tr("about {duration}").format(duration=duration_text(seconds)))
            if (memory := estimate.get("memory")) is not None:
                parts.append(self.tr("{size} of memory").format(size=size_text(memory)))
            if (disk := estimate.get("disk")) is not None:
                parts.append(self.tr("{size} on the disk").format(size=size_text(disk)))
        text = self.tr("Estimated: {what}. It is measured before it begins.")
        self.show_text(text.format(what=", ".join(parts)) if parts else self.tr("Ready to start."))

    def show_preparing(self, event: Progress) -> None:
        """The data becomes tokens before the first step."""
        what = event.message or self.tr("Preparing")
        self.show_text(self.tr("{what}: {count}").format(what=what, count=number(event.done)) if event.done else what)
        self._bar.setRange(0, event.total)
        self._bar.setValue(event.done)

    def set_preparing(self, preparing: bool) -> None:
        """Whether a training has been asked for and has not begun yet."""
        self._bar.setVisible(preparing)
        self.stop.setVisible(preparing)
        self.start.setVisible(not preparing)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._show_words()
        return super().eventFilter(watched, event)

    def _show_words(self) -> None:
        """What has gone wrong stands in their place: for both there may be no room."""
        self._words.setText(self._text if self.notice.isHidden() else "")

    def _fit(self) -> None:
        self._column.setContentsMargins(space(self, 3), space(self), space(self, 3), space(self))
        self._column.setSpacing(space(self))
        self._line.setSpacing(space(self, 2))
