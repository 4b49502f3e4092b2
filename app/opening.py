"""How the program opens: its front at once, and the rest a slice at a time, while a person may type already.

This module loads little, and so does the front; `tests/app/test_opening.py` holds what may be loaded by then.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Generator
from importlib import import_module
from typing import TYPE_CHECKING

from engine import log as logs
from engine.errors import EngineError, from_os_error
from engine.settings import Settings

# isort: split
# PySide reads the source of every module that is loaded after it, so what needs no Qt comes first.
from PySide6.QtCore import QEvent, QMessageLogContext, QObject, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from app.front import Front
from app.single_instance import SingleInstance
from app.slices import Slices
from app.theme import styled_application

if TYPE_CHECKING:
    from app.application import Seedling

log = logging.getLogger(__name__)

UNSEEN_MS = 300  # where the window is not painted by then, nobody looks at it, and nothing is waited for
# What the program is loaded from, each for a slice.
_PARTS = (
    "app.crash",
    "engine.chat.store",
    "app.settings.start",
    "app.engine_client",
    "app.chat.markdown",
    "app.chat.transcript",
    "app.chat.side_panel",
    "app.chat.replies",
    "app.chat.controller",
    "app.drops",
    "app.application",
)


class Opening(QObject):
    """Begins when the window has been painted, and makes the program."""

    def __init__(self, application: QApplication, settings: Settings, front: Front, instance: SingleInstance) -> None:
        super().__init__(front.window)
        self._application, self._settings, self._front, self._instance = application, settings, front, instance
        self._seedling: Seedling | None = None
        self._slices = Slices(self._work(), self)
        front.window.on_close = self._slices.stop
        front.window.installEventFilter(self)
        QTimer.singleShot(UNSEEN_MS, self._slices.start)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            watched.removeEventFilter(self)
            self._slices.start()
        return False

    def _work(self) -> Generator[None, None, None]:
        yield  # a key that was pressed meanwhile comes first
        for part in _PARTS:
            import_module(part)
            yield
        from app.crash import CrashReporter
        from app.settings.start import open_store

        self._reporter = CrashReporter()
        self._reporter.install()
        try:
            opened = open_store(self._settings)
        except (EngineError, OSError) as error:
            self._application.exit(refuse(error))
            return
        if opened is None:  # the person would rather leave than do without their chats
            self._application.exit(0)
            return
        store, notices = opened
        try:
            for part in ("transcript", "panel", "notice", "find_bar"):
                getattr(self._front.page, part)
                yield
        except GeneratorExit:  # the window was closed
            store.close()
            raise
        from app.application import Seedling
        from app.signals import SignalListener

        seedling = self._seedling = Seedling(self._application, store, self._settings, front=self._front)
        self._instance.knocked.connect(seedling.come_forward)
        SignalListener(seedling.end, parent=seedling)
        seedling.start()
        for notice in notices:
            seedling.page.notice.show_notice(notice)
        self._instance.listen()


def run(shown: Callable[[Front], object] | None = None) -> int:
    """Open the window and stay until it is closed; the exit code. shown: called once the front is."""
    logs.start("window")
    application = styled_application(sys.argv[:1])
    application.setApplicationName("Seedling")
    application.setDesktopFileName("seedling")
    qInstallMessageHandler(_log_qt)
    instance = SingleInstance()
    try:
        if not instance.take():
            if instance.knock():
                return 0
            raise EngineError("already_running")
    except (EngineError, OSError) as error:
        return refuse(error)
    settings = Settings()
    front = Front(application, settings)
    front.show()
    Opening(application, settings, front, instance)
    if shown is not None:
        shown(front)
    code = application.exec()
    instance.release()
    return code


def refuse(trouble: EngineError | OSError) -> int:
    """Say why the window does not open, in a dialog and to whoever started it from a terminal; the exit code."""
    from app import messages
    from app.widgets.labels import plain_box

    error = trouble if isinstance(trouble, EngineError) else from_os_error(trouble)
    text = messages.sentence(error.code, error.data)
    print(f"seedling: {text}", file=sys.stderr)
    plain_box(None, "Seedling", text).exec()
    return 1


def _log_qt(kind: QtMsgType, _: QMessageLogContext, text: str) -> None:
    level = logging.WARNING if kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg) else logging.DEBUG
    log.log(level, "Qt: %s", text)
