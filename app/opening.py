"""How the program opens: its front at once, and the rest a slice at a time, while a person may type already.

This module loads little, and so does the front; `tests/app/test_opening.py` holds what may be loaded by then.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Generator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMessageLogContext, QObject, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from app.front import Front
from app.safe_mode import SafeMode, not_answering, shift_is_held
from app.single_instance import SingleInstance
from app.slices import Slices
from engine import log as logs
from engine.errors import EngineError, from_os_error
from engine.settings import Settings

if TYPE_CHECKING:
    from app.application import Seedling
    from app.messages import Notice
    from app.widgets.notice_bar import NoticeBar

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

    def __init__(
        self,
        application: QApplication,
        settings: Settings,
        front: Front,
        instance: SingleInstance,
        safe: SafeMode,
    ) -> None:
        super().__init__(front.window)
        self._application, self._settings, self._front, self._instance = application, settings, front, instance
        self._safe = safe
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
        try:
            yield from self._make()
        except Exception as error:  # a bug of ours, after which there is nothing to use; the next start is a safe one
            from app.crash import CrashReporter

            self._safe.fail()
            CrashReporter().show(error)
            self._application.exit(1)

    def _make(self) -> Generator[None, None, None]:
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
            self._end(refuse(error))
            return
        if opened is None:  # the person would rather leave than do without their chats
            self._end(0)
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

        safe = self._safe
        seedling = Seedling(self._application, store, self._settings, front=self._front, safely=safe.on)
        self._seedling = seedling
        self._instance.knocked.connect(seedling.come_forward)
        SignalListener(seedling.end, parent=seedling)
        safe.watch(seedling.workers.holders, seedling.chat.models.name_of)
        safe.usual_wanted.connect(seedling.start_as_usual)
        safe.chat_wanted.connect(seedling.open_last_chat)
        seedling.start()
        safe.say(seedling.window.add_banner, [chat.id for chat in seedling.chat.chats])
        say([*_of_settings(self._settings), *notices], seedling.page.notice)
        self._instance.listen()
        safe.usable()

    def _end(self, code: int) -> None:
        """Without a window, for a reason that the person has read."""
        self._safe.refuse()
        self._application.exit(code)


def run(shown: Callable[[Front], object] | None = None, safely: bool = False) -> int:
    """Open the window and stay until it is closed; the exit code. shown: called once the front is.

    safely: nothing is opened or loaded by itself.
    """
    logs.start("window")
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Seedling")
    application.setDesktopFileName("seedling")
    qInstallMessageHandler(_log_qt)
    instance = SingleInstance()
    is_first = instance.is_first()
    if not is_first:
        return 0 if is_first is False else refuse(not_answering())
    application.lastWindowClosed.connect(instance.close_door)
    safe, settings = SafeMode(safely or shift_is_held()), Settings()
    safe.hold(settings)
    front = Front(application, settings)
    front.show()
    Opening(application, settings, front, instance, safe)
    if shown is not None:
        shown(front)
    code = application.exec()
    safe.end()
    instance.release()
    return code


def say(notices: Sequence[Notice], bar: NoticeBar) -> None:
    """All that a person should know of this start, at once."""
    from app.messages import Notice

    if notices:
        text, details = "\n".join(each.text for each in notices), "\n".join(each.details for each in notices)
        bar.show_notice(Notice(text, details=details.strip()))


def _of_settings(settings: Settings) -> list[Notice]:
    """Their page says which values did not fit; here, that none could be read."""
    from app import messages

    lost = [problem for problem in settings.problems if problem.code in ("settings_broken", "settings_unreadable")]
    return [messages.Notice(messages.sentence(problem.code, problem.data)) for problem in lost]


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
