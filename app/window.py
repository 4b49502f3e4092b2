"""The window: a rail of pages and the page that is shown; it remembers its place."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from PySide6.QtCore import QByteArray, QSize, Signal
from PySide6.QtGui import QCloseEvent, QIcon, QPalette
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.rail import Rail
from app.theme import em, icon
from app.widgets.fitting import follow_font
from engine.settings import Settings

SMALLEST_SCREEN = QSize(800, 600)  # every page can be used in a window of this size, however large its text is
_LAST = ("settings", "help")  # the pages whose buttons are at the rail's bottom


class MainWindow(QMainWindow):
    """`on_close` runs once, before the window goes, if it `may_close`. `page_shown`: the id of the page shown now.

    `make_page` is asked for a page that is shown for the first time, which it adds by `set_page`; without it, or where
    it could not make it, the page stays empty.
    """

    page_shown = Signal(str)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._closed = False
        self.on_close: Callable[[], object] = lambda: None
        self.may_close: Callable[[], bool] = lambda: True
        self.make_page: Callable[[str], object] | None = None
        self._empty: set[str] = set()  # pages that are still to be made
        self._pages: dict[str, QWidget] = {}
        content = QWidget(self)  # what has its parent from the start need not follow another one's looks again
        self.rail = Rail(content)
        self._stack = QStackedWidget(content)
        self.rail.page_chosen.connect(self.show_page)
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._column = QVBoxLayout()
        self._column.addWidget(self._stack, 1)
        row.addWidget(self.rail)
        row.addLayout(self._column, 1)
        self.setCentralWidget(content)
        self.setWindowTitle("Seedling")
        self.setWindowIcon(QIcon(icon("seedling", self.palette().color(QPalette.ColorRole.Highlight))))
        follow_font(self, lambda: self.setMinimumSize(QSize(em(self, 36), em(self, 26)).boundedTo(SMALLEST_SCREEN)))

    # --- pages --------------------------------------------------------------------------------------------------------

    def add_page(self, id: str, icon_name: str, title: str, widget: QWidget | None = None) -> None:
        """A further page, with a button on the rail; the first one is shown. Without a widget it is to be made."""
        if widget is None:
            self._empty.add(id)
        self._pages[id] = widget or QWidget(self._stack)
        self._stack.addWidget(self._pages[id])
        self.rail.add(id, icon_name, title, at_bottom=id in _LAST)
        if len(self._pages) == 1:
            self.rail.select(id)

    def set_page(self, id: str, widget: QWidget) -> None:
        """Put a page where an empty one was."""
        empty, shown = self._pages[id], id == self.current_page
        self._empty.remove(id)
        self._pages[id] = widget
        self._stack.addWidget(widget)
        if shown:
            self._stack.setCurrentWidget(widget)
        self._stack.removeWidget(empty)
        empty.deleteLater()

    @property
    def place(self) -> QWidget:
        """The parent of pages."""
        return self._stack

    @property
    def pages(self) -> list[str]:
        return list(self._pages)

    @property
    def current_page(self) -> str:
        """Its id."""
        return next(id for id, widget in self._pages.items() if widget is self._stack.currentWidget())

    def show_page(self, id: str) -> None:
        """Where it cannot be made, what is shown stays. Raises KeyError for a page that there is not."""
        if id in self._empty and self.make_page is not None:
            self.make_page(id)
        if id in self._empty and self.make_page is not None:
            self.rail.select(self.current_page)
            return
        changed = id != self.current_page
        self._stack.setCurrentWidget(self._pages[id])
        self.rail.select(id)
        if changed:
            self.page_shown.emit(id)

    def add_banner(self, banner: QWidget) -> None:
        """Something that is to be said above every page."""
        self._column.insertWidget(0, banner)

    # --- place --------------------------------------------------------------------------------------------------------

    def restore(self) -> None:
        """As it was last time; where that no longer fits a screen, Qt moves it."""
        if not self.restoreGeometry(QByteArray(decoded(self._settings.text("window_geometry")))):
            room = self.screen().availableGeometry().size()
            self.resize(QSize(em(self, 85), em(self, 54)).boundedTo(room))
        if (page := self._settings.text("page")) in self._pages:
            self.show_page(page)

    def remember(self) -> None:
        """Put place and page into the settings, which the caller saves."""
        self._settings.set("window_geometry", encoded(bytes(self.saveGeometry().data())))
        self._settings.set("page", self.current_page)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._closed and not self.may_close():
            event.ignore()
            return
        super().closeEvent(event)
        if not self._closed:
            self._closed = True
            self.on_close()


def encoded(data: bytes) -> str:
    """What Qt says of a place or of columns, as the settings keep it."""
    return base64.b64encode(data).decode()


def decoded(text: str) -> bytes:
    """The way back; nothing where the text is damaged."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
