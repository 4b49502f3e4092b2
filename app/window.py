"""The window: holds the chat page, remembers its place and columns."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QCloseEvent, QIcon, QPalette
from PySide6.QtWidgets import QMainWindow

from app.chat.page import ChatPage
from app.theme import em, icon
from engine.settings import Settings

PANEL_FROM_WIDTH_EM = 80  # narrower windows start without the side panel


class MainWindow(QMainWindow):
    """`on_close` runs once, before the window goes."""

    def __init__(self, page: ChatPage, settings: Settings, on_close: Callable[[], None]) -> None:
        super().__init__()
        self._page, self._settings, self._on_close = page, settings, on_close
        self._closed = False
        self.setWindowTitle("Seedling")
        self.setWindowIcon(QIcon(icon("seedling", self.palette().color(QPalette.ColorRole.Highlight))))
        self.setCentralWidget(page)
        self.setMinimumSize(QSize(em(self, 36), em(self, 26)))

    def restore(self) -> None:
        """As it was last time; where that no longer fits a screen, Qt moves it."""
        if not self.restoreGeometry(QByteArray(_decoded(self._settings.text("window_geometry")))):
            room = self.screen().availableGeometry().size()
            self.resize(QSize(em(self, 85), em(self, 54)).boundedTo(room))
        self._page.restore_columns(_decoded(self._settings.text("window_columns")))
        self._page.show_sidebar(bool(self._settings.flag("sidebar_shown")))
        panel = self._settings.flag("panel_shown")
        self._page.show_panel(self.width() >= em(self, PANEL_FROM_WIDTH_EM) if panel is None else panel)

    def remember(self) -> None:
        """Put place and columns into the settings, which the caller saves."""
        self._settings.set("window_geometry", _encoded(bytes(self.saveGeometry().data())))
        self._settings.set("window_columns", _encoded(self._page.columns()))
        self._settings.set("sidebar_shown", not self._page.sidebar.isHidden())

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        if not self._closed:
            self._closed = True
            self._on_close()


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
