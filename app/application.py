"""The whole window program in one place: what it is made of, and who gets what."""

from __future__ import annotations

import logging
import sys

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from app import messages, shortcuts
from app.background import Background
from app.chat.chat_list import ChatListModel
from app.chat.controller import ChatController
from app.chat.page import ChatPage
from app.chat.replies import Replies
from app.crash import CrashReporter
from app.engine_client import EngineClient
from app.messages import Notice
from app.signals import SignalListener
from app.single_instance import SingleInstance
from app.theme import Theme
from app.widgets.labels import plain_box
from app.window import MainWindow
from engine import log as logs
from engine import paths
from engine.chat.store import Store
from engine.errors import EngineError, from_os_error
from engine.settings import Settings

log = logging.getLogger(__name__)


class Seedling(QObject):
    """Settings, store, engine client, page and window, wired."""

    def __init__(self, application: QApplication, store: Store, client: EngineClient, settings: Settings) -> None:
        super().__init__()
        self._settings, self._store, self._client = settings, store, client
        self._background = Background(self)
        self._theme = Theme(application, settings.text("theme"))
        chats = ChatListModel(self)
        self.replies = Replies(client, store, self._background, self)
        self.page = ChatPage(chats)
        self.chat = ChatController(self.page, chats, store, self.replies, settings, self._background, self)
        self.window = MainWindow(self.page, settings, self.close)
        self.page.sidebar.set_theme(settings.text("theme"))
        self.page.sidebar.theme_chosen.connect(self._choose_theme)
        self.page.sidebar.shortcuts_requested.connect(self._show_shortcuts)
        shortcuts.install(
            self.window,
            {
                "new_chat": self.chat.new_chat,
                "search": self._focus_search,
                "find": self.page.open_find,
                "model": self.page.picker.showMenu,
                "regenerate": self.chat.regenerate,
                "stop": self.chat.stop,
                "sidebar": self.page.toggle_sidebar,
                "panel": self._toggle_panel,
                "shortcuts": self._show_shortcuts,
            },
        )

    def start(self) -> None:
        self.window.restore()
        self.chat.start()
        self.window.show()

    def come_forward(self) -> None:
        self.window.setWindowState(self.window.windowState() & ~self.window.windowState().WindowMinimized)
        self.window.raise_()
        self.window.activateWindow()

    def end(self) -> None:
        """Close as the window's button does, whatever dialog is open."""
        self.window.close()
        QApplication.quit()

    def close(self) -> None:
        """What is being written is kept as interrupted; the worker ends; then the store closes."""
        self.window.remember()
        self.chat.close()
        self._save_settings()
        self._client.close()
        self._background.close()
        self._store.close()

    def _choose_theme(self, choice: str) -> None:
        self._settings.set("theme", choice)
        self._theme.choose(choice)
        self._save_settings()

    def _toggle_panel(self) -> None:
        self.page.toggle_panel()
        self._settings.set("panel_shown", not self.page.panel.isHidden())

    def _focus_search(self) -> None:
        self.page.show_sidebar(True)
        self.page.sidebar.focus_search()

    def _show_shortcuts(self) -> None:
        dialog = shortcuts.ShortcutsDialog(self.window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _save_settings(self) -> None:
        try:
            self._settings.save()
        except OSError as error:
            log.warning("the settings could not be saved: %s", error)


def run() -> int:
    """Open the window and stay until it is closed; the exit code."""
    logs.start("window")
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Seedling")
    application.setDesktopFileName("seedling")
    qInstallMessageHandler(_log_qt)
    instance = SingleInstance()
    try:
        if not instance.acquire():
            if instance.knock():
                return 0
            raise EngineError("already_running")
        store, set_aside = Store.open_or_set_aside(paths.database())
    except EngineError as error:
        return _refuse(error)
    except OSError as error:
        return _refuse(from_os_error(error))
    reporter = CrashReporter()
    reporter.install()
    seedling = Seedling(application, store, EngineClient(), Settings())
    instance.knocked.connect(seedling.come_forward)
    SignalListener(seedling.end, parent=seedling)
    seedling.start()
    if set_aside is not None:
        text = seedling.tr("The chats could not be read, so this list is new. The damaged file is kept as {place}.")
        seedling.page.notice.show_notice(Notice(text.format(place=set_aside)))
    code = application.exec()
    instance.release()
    return code


def _refuse(error: EngineError) -> int:
    """Say why the window does not open, in a dialog and to whoever started it from a terminal; the exit code."""
    text = messages.sentence(error.code, error.data)
    print(f"seedling: {text}", file=sys.stderr)
    plain_box(None, "Seedling", text).exec()
    return 1


def _log_qt(kind: QtMsgType, _: QMessageLogContext, text: str) -> None:
    level = logging.WARNING if kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg) else logging.DEBUG
    log.log(level, "Qt: %s", text)
