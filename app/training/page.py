"""The training page: drop a file, choose, watch. Only the view; `controller.py` decides."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.settings.texts import Title
from app.theme import set_text_role, space
from app.training.beside.view import BesideView
from app.training.home import Home
from app.training.prepare import Prepare
from app.training.watch.compare_view import CompareView
from app.training.watch.view import WatchView
from app.widgets.buttons import IconButton
from app.widgets.fitting import follow_font
from app.widgets.notice_bar import NoticeBar


class TrainingPage(QWidget):
    """Five views, one at a time. `back_requested`: to the one before. `shown`: the page has come into view."""

    back_requested = Signal()
    shown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.home, self.prepare, self.watch, self.compare = Home(), Prepare(), WatchView(), CompareView()
        self.beside = BesideView()
        self.notice = NoticeBar()
        back = "chevron-right" if self.isRightToLeft() else "chevron-left"
        self._back = IconButton(back, self.tr("Back"))
        self._back.clicked.connect(self.back_requested)
        self._title = Title("")
        self._header = QHBoxLayout()
        self._header.addWidget(self._back)
        self._header.addWidget(self._title, 1)
        self._stack = QStackedWidget()
        self._stack.setMinimumHeight(1)  # a notice with its buttons comes first where room is short
        for view in (self.home, self.prepare, self.watch, self.compare, self.beside):
            self._stack.addWidget(view)
        self._notices = QVBoxLayout()
        self._notices.addWidget(self.notice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._header)
        layout.addLayout(self._notices)
        layout.addWidget(self._stack, 1)
        follow_font(self, self._fit)
        self.show_home()

    @property
    def view(self) -> QWidget:
        """The one that is shown."""
        view = self._stack.currentWidget()
        assert view is not None
        return view

    def show_home(self) -> None:
        self._show(self.home, self.tr("Training"), "title")

    def show_prepare(self, name: str) -> None:
        """name: of what was dropped."""
        self._show(self.prepare, name, "title")
        if (focused := QApplication.focusWidget()) is not None:
            focused.clearFocus()  # nothing here is meant by the key that is pressed next

    def show_watch(self) -> None:
        self._show(self.watch, self.tr("All trainings"), "body")

    def show_compare(self) -> None:
        self._show(self.compare, self.tr("All trainings"), "body")

    def show_beside(self, run: str) -> None:
        """run: the training it was asked for at, to which Back leads."""
        self._show(self.beside, run, "body")

    def _show(self, view: QWidget, title: str, role: str) -> None:
        """Runs have their own titles; above them stands where Back leads to."""
        self._stack.setCurrentWidget(view)
        self._title.setText(title)
        self._title.setProperty("muted", role == "body")
        set_text_role(self._title, role)
        self._back.setVisible(view is not self.home)
        to_run = view is self.beside
        self._back.set_label(self.tr("Back to the training") if to_run else self.tr("Back to all trainings"))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()

    def _fit(self) -> None:
        self._header.setContentsMargins(space(self, 2), space(self, 2), space(self, 2), space(self))
        self._header.setSpacing(space(self))
        self._notices.setContentsMargins(space(self, 2), 0, space(self, 2), 0)
