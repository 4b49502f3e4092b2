"""What a person sees first and can type into: the window with its rail, and the page of chats as it looks empty.

Nothing here waits for chats, models or workers. They come a moment later (`app.application`), while one types already.
"""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QApplication

from app.chat.page import ChatPage
from app.theme import Theme, em
from app.window import MainWindow, decoded, encoded
from engine.settings import Settings

PANEL_FROM_WIDTH_EM = 80  # narrower windows start without the side panel
_PAGES = (  # from the top of the rail: id, drawing, title
    ("chat", "message-square", QT_TRANSLATE_NOOP("pages", "Chat")),
    ("models", "box", QT_TRANSLATE_NOOP("pages", "Models")),
    ("training", "curve", QT_TRANSLATE_NOOP("pages", "Training")),
    ("settings", "settings", QT_TRANSLATE_NOOP("pages", "Settings")),
    ("help", "circle-help", QT_TRANSLATE_NOOP("pages", "Help")),
)


class Front:
    """The window, how it looks, and the chat page in it; the other pages are empty until they are wanted."""

    def __init__(self, application: QApplication, settings: Settings) -> None:
        self.settings = settings
        self.theme = Theme(application, settings)
        self.window = MainWindow(settings)
        self.page = ChatPage(self.window.place)
        for id, drawing, title in _PAGES:
            words = QCoreApplication.translate("pages", str(title))
            self.window.add_page(id, drawing, words, self.page if id == "chat" else None)
        self._panel_at_start = self.page.wants_panel

    def show(self) -> None:
        """Open the window as it was last time."""
        self.restore()
        self.page.picker.set_model(self.settings.text("model"))
        self.page.composer.field.setFocus()
        self.window.show()

    def greet(self) -> None:
        """Say what an empty chat says, where no other one is about to be opened."""
        if self.settings.number("chat") is None:
            self.page.show_welcome(True)

    def restore(self) -> None:
        """Give the window its place, its page and its columns."""
        settings, page, window = self.settings, self.page, self.window
        window.restore()
        panel = settings.flag("panel_shown")
        page.restore_columns(
            decoded(settings.text("window_columns")),
            sidebar=bool(settings.flag("sidebar_shown")),
            panel=window.width() >= em(window, PANEL_FROM_WIDTH_EM) if panel is None else panel,
        )
        self._panel_at_start = page.wants_panel

    def remember(self) -> None:
        """Put place, page and columns into the settings, which the caller saves."""
        self.window.remember()
        self.settings.set("window_columns", encoded(self.page.columns()))
        self.settings.set("sidebar_shown", self.page.wants_sidebar)
        if self.page.wants_panel != self._panel_at_start:  # else the window's width goes on deciding
            self.settings.set("panel_shown", self.page.wants_panel)
