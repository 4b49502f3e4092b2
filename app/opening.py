"""How the program opens: its front at once, and the rest a slice at a time, while a person may type already.

This module loads little, and so does the front; `tests/app/test_opening.py` holds what may be loaded by then.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Generator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from engine import log as logs
from engine.errors import EngineError, from_os_error
from engine.settings import Settings

# isort: split
# PySide reads the source of every module that is loaded after it, so what needs no Qt comes first.
from PySide6.QtCore import QEvent, QMessageLogContext, QObject, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from app import translation
from app.front import Front
from app.safe_mode import SafeMode, not_answering, shift_is_held
from app.single_instance import SingleInstance
from app.slices import Slices
from app.theme import styled_application

if TYPE_CHECKING:
    from app.application import Seedling
    from app.file_events import FileEvents
    from app.messages import Notice

log = logging.getLogger(__name__)

UNSEEN_MS = 300  # where the window is not painted by then, nobody looks at it, and nothing is waited for
# What the program is loaded from, each in a slice of its own: leaves first, so that none takes long.
_PARTS = (
    "apsw",
    "engine.chat.store",
    "engine.events",
    "app.messages",
    "engine.relocate",
    "app.settings.start",
    "psutil",
    "engine.providers.provider_list",
    "engine.about",
    "app.engine_client",
    "engine.library.models",
    "markdown_it.rules_inline",
    "markdown_it",
    "app.chat.highlight",
    "app.chat.markdown",
    "app.chat.typeset",
    "app.chat.floats",
    "app.chat.transcript",
    "app.chat.side_panel",
    "app.chat.replies",
    "app.chat.model_choice",
    "app.chat.controller",
    "app.drops",
    "app.application",
)


class Opening(QObject):
    """Begins when the window has been painted, and makes the program."""

    def __init__(
        self,
        application: QApplication,
        front: Front,
        instance: SingleInstance,
        safe: SafeMode,
        handed: Sequence[str] = (),
    ) -> None:
        super().__init__(front.window)
        self._application, self._front, self._instance, self._safe = application, front, instance, safe
        self._handed, self._events = handed, _file_events(application)
        self._seedling: Seedling | None = None
        self.ended_well = True
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
        """All of it; where that fails, the person reads why, and the program ends."""
        yield  # a key that was pressed meanwhile comes first
        self._front.greet()
        yield
        from app import installer_mark

        installer_mark.put_up()
        yield
        import_module("app.crash")
        yield
        from app.crash import CrashReporter

        self._reporter = CrashReporter()
        self._reporter.install()
        try:
            yield from self._make()
        except (EngineError, OSError) as trouble:
            code = refuse(trouble)
            self._refused(code)
        except Exception as error:  # the next start is a safe one
            self.ended_well = False
            self._reporter.show(error)
            self._application.exit(1)

    def _make(self) -> Generator[None, None, None]:
        for part in _PARTS:
            import_module(part)
            yield
        from app.settings.start import open_chats

        opened = open_chats(self._front.settings)
        if opened is None:  # the person would rather leave than do without their chats
            self._refused(0)
            return
        store, notices = opened
        try:
            for piece in ("transcript", "panel", "notice", "find_bar"):
                getattr(self._front.page, piece)
                yield
        except BaseException:  # the window was closed, or there is a bug
            store.close()
            raise
        from app.application import Seedling

        front = self._front
        seedling = Seedling(self._application, store, front.settings, front=front, safely=self._safe.on)
        self._seedling = seedling
        self._attend(seedling)
        seedling.start()
        self._say(seedling, notices)
        self._take_what_is_handed(seedling)
        self._instance.open_door()

    def _refused(self, code: int) -> None:
        """The person has read why this start comes to nothing."""
        self.ended_well = False
        self._safe.refuse()
        self._application.exit(code)

    def _attend(self, seedling: Seedling) -> None:
        """Have the window follow what comes from outside, and what came of it noted for the next start."""
        from app.signals import SignalListener

        safe = self._safe
        self._instance.knocked.connect(seedling.come_forward)
        SignalListener(seedling.end, parent=seedling)
        safe.watch(seedling.workers.holders, seedling.chat.models.name_of)
        safe.usual_wanted.connect(seedling.start_as_usual)
        safe.chat_wanted.connect(seedling.open_last_chat)
        safe.report_wanted.connect(seedling.handlers.report)
        self._reporter.report_wanted.connect(seedling.handlers.report)
        QTimer.singleShot(0, safe.usable)

    def _take_what_is_handed(self, seedling: Seedling) -> None:
        """Files and addresses of this start, and of those to come."""
        if self._handed:
            seedling.handed.open(self._handed)
        self._instance.knocked.connect(lambda texts: seedling.handed.open(texts) if texts else None)
        if self._events is not None:
            self._events.hand_to(seedling.handed.open)

    def _say(self, seedling: Seedling, notices: Sequence[Notice]) -> None:
        """All that a person should know of this start."""
        from app.messages import Notice

        self._safe.say(seedling.window.add_banner, [chat.id for chat in seedling.chat.chats])
        if notices:
            text, details = "\n".join(each.text for each in notices), "\n".join(each.details for each in notices)
            seedling.page.notice.show_notice(Notice(text, details=details.strip()))


def run(shown: Callable[[Front], object] | None = None, safely: bool = False, handed: Sequence[str] = ()) -> int:
    """Open the window and stay until it is closed; the exit code. shown: called once the front is.

    safely: it opens and loads nothing by itself. handed: what it is to open, as `engine.handed.read` takes it.
    """
    logs.start("window")
    application = styled_application(sys.argv[:1])
    application.setApplicationName("Seedling")
    application.setDesktopFileName("seedling")
    qInstallMessageHandler(_log_qt)
    instance = SingleInstance(handed)
    is_first = instance.is_first()
    if not is_first:
        return 0 if is_first is False else refuse(not_answering())
    safe = SafeMode(safely or shift_is_held())
    try:
        settings = Settings()
        safe.hold(settings)
        translation.install(application, settings)
        application.lastWindowClosed.connect(instance.close_door)
        front = Front(application, settings)
        front.show()
    except Exception as error:  # the next start is a safe one
        from app.crash import CrashReporter

        CrashReporter().show(error)
        return 1
    opening = Opening(application, front, instance, safe, handed)
    if shown is not None:
        shown(front)
    code = application.exec()
    if opening.ended_well:
        safe.end()
    instance.release()
    return code


def _file_events(application: QApplication) -> FileEvents | None:
    """Elsewhere than on macOS files are arguments; and a listener in Python would have each event wait for it."""
    if sys.platform == "darwin":
        from app.file_events import FileEvents

        return FileEvents(application)
    return None


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
