"""A column that scrolls up and down only, and follows the keyboard to what it is on.

It stays there while what is above it grows, until the person scrolls away.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from app.theme import em


class Scroll(QScrollArea):
    def __init__(self, content: QWidget) -> None:
        super().__init__(widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it has it
        self.setWidget(content)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow)
        self._follows = True  # what the keyboard is on was last seen within the view
        self._again = QTimer(self, singleShot=True, interval=0)  # once all has its new place
        self._again.timeout.connect(self._stay)
        self.verticalScrollBar().valueChanged.connect(self._look)
        self.verticalScrollBar().rangeChanged.connect(self._grown)

    def _focused(self) -> QWidget | None:
        now, content = QApplication.focusWidget(), self.widget()
        return now if now is not None and content is not None and content.isAncestorOf(now) else None

    def _follow(self, *_: object) -> None:
        if (now := self._focused()) is not None:
            self.ensureWidgetVisible(now, 0, em(self, 3))
            self._follows = True

    def _look(self) -> None:
        if (now := self._focused()) is not None:
            self._follows = not now.visibleRegion().isEmpty()

    def _grown(self, *_: int) -> None:
        self._again.start()

    def _stay(self) -> None:
        if self._follows:
            self._follow()
