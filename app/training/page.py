"""The training page: drop a file, choose, watch. Only the view; `controller.py` decides."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TypeVar

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

View = TypeVar("View", bound=QWidget)


class TrainingPage(QWidget):
    """Five views, one at a time, each made when it is first asked for.

    `back_requested`: to the one before. `shown`: the page has come into view.
    """

    back_requested = Signal()
    shown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = NoticeBar()
        back = "chevron-right" if self.isRightToLeft() else "chevron-left"
        self._back = IconButton(back, self.tr("Back"))
        self._back.clicked.connect(self.back_requested)
        self._title = Title("")
        self._header = QHBoxLayout()
        self._header.addWidget(self._back)
        self._header.addWidget(self._title, 1)
        self._stack = QStackedWidget(self)
        self._stack.setMinimumHeight(1)  # a notice with its buttons comes first where room is short
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

    def in_slices(self) -> Iterator[None]:
        """Make all views, one after another."""
        for view in ("prepare", "watch", "compare", "beside"):
            getattr(self, view)
            yield

    @cached_property
    def home(self) -> Home:
        return self._added(Home(self._stack))

    @cached_property
    def prepare(self) -> Prepare:
        return self._added(Prepare(self._stack))

    @cached_property
    def watch(self) -> WatchView:
        return self._added(WatchView(self._stack))

    @cached_property
    def compare(self) -> CompareView:
        return self._added(CompareView(self._stack))

    @cached_property
    def beside(self) -> BesideView:
        return self._added(BesideView(self._stack))

    def _added(self, view: View) -> View:
        self._stack.addWidget(view)
        return view

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
        self._show(self.beside, run, "body", self.tr("Back to the training"))

    def _show(self, view: QWidget, title: str, role: str, back: str = "") -> None:
        """Runs have their own titles; above them stands where Back leads to."""
        self._stack.setCurrentWidget(view)
        self._title.setText(title)
        self._title.setProperty("muted", role == "body")
        set_text_role(self._title, role)
        self._back.setVisible(view is not self.home)
        self._back.set_label(back or self.tr("Back to all trainings"))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()

    def _fit(self) -> None:
        self._header.setContentsMargins(space(self, 2), space(self, 2), space(self, 2), space(self))
        self._header.setSpacing(space(self))
        self._notices.setContentsMargins(space(self, 2), 0, space(self, 2), 0)
