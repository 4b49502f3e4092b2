"""A start that opens and loads nothing by itself, after one that ended badly: what it leaves out, and what it says.

`last_run` decides when. Then options that shape the window have their defaults (what they were stays in the file), no
chat is opened, no model loaded, nothing looked for or taken up again, until the person wants it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from app.last_run import SETTLE_S, Cause, LastRun, cause
from engine import log as logs
from engine import paths
from engine.errors import EngineError
from engine.settings import Settings

if TYPE_CHECKING:  # a start looks here before its window is shown, and mostly has nothing to say
    from app.engine_client import EngineClient
    from app.messages import Remedy
    from app.widgets.notice_bar import NoticeBar

# What a window may have ended of, as far as settings have a part in it.
HELD = "theme font_percent page chat window_geometry window_columns sidebar_shown panel_shown".split()


def shift_is_held() -> bool:
    """Whether the person asks for a safe start by a key, on platforms that tell of it before there is a window."""
    return bool(QGuiApplication.queryKeyboardModifiers() & Qt.KeyboardModifier.ShiftModifier)


def not_answering() -> EngineError:
    """The sentence for a start that found another window, which did not answer."""
    last = LastRun(_file()).last
    if last is None:
        return EngineError("already_running")
    command = f"taskkill /F /PID {last.pid}" if sys.platform == "win32" else f"kill -9 {last.pid}"
    return EngineError("already_running_process", process=last.pid, command=command)


def _file() -> Path:
    return paths.home() / "window.run"


class SafeMode(QObject):
    """One for each run that has the home: notes how far it comes, whether it is `on` or not.

    `usual_wanted`, `chat_wanted`: the person wants what was left out, or only the last chat. `report_wanted`: they
    would tell of what happened.
    """

    usual_wanted = Signal()
    chat_wanted = Signal()
    report_wanted = Signal()

    def __init__(self, asked: bool = False, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = LastRun(_file())
        last = self._run.last
        self._cause = cause(last, asked)
        self._names = ", ".join(last.loading) if last is not None else ""
        self._trace = logs.crash_of(last.pid) if last is not None else ""
        self._bar: NoticeBar | None = None
        self._chat: int | None = None
        self._with_chat = False  # whether the last one is offered
        self._settling = QTimer(self, singleShot=True, interval=1000 * SETTLE_S)
        self._settling.timeout.connect(self._run.settle)
        self._run.begin()
        self._crash_file = logs.CrashFile()

    @property
    def on(self) -> bool:
        return self._cause is not None

    def hold(self, settings: Settings) -> None:
        """Where it is on, before anything follows the settings."""
        if self.on:
            self._chat = settings.number("chat")
            settings.hold(HELD)

    def watch(self, clients: Iterable[EngineClient], name_of: Callable[[str], str]) -> None:
        """Note which models these are loading; name_of gives that of a path."""
        for client in clients:
            client.loading.connect(partial(self._note, self._run.load, name_of))
            client.load_ended.connect(partial(self._note, self._run.loaded, name_of))

    def usable(self) -> None:
        """The window stands; if it does so for a while, this was no bad start."""
        self._settling.start()

    def end(self) -> None:
        """The window has been closed."""
        self._settling.stop()
        self._crash_file.close()
        self._run.end()

    def refuse(self) -> None:
        """The window could not be opened, and the person has read why."""
        self._crash_file.close()
        self._run.refuse()

    # --- what is said -------------------------------------------------------------------------------------------------

    def say(self, add: Callable[[NoticeBar], object], chats: Sequence[int]) -> None:
        """Tell what happened and what can be done, if anything, in a bar that is added. chats: those that there are."""
        if self.on or self._trace:
            from app.widgets.notice_bar import NoticeBar

            self._bar = NoticeBar()
            self._bar.remedy_chosen.connect(self._choose)
            add(self._bar)
            self._with_chat = self._chat in chats
            self._show()

    def _show(self) -> None:
        from app.crash import versions
        from app.messages import Notice, Remedy

        assert self._bar is not None
        offers = {Remedy.START_AS_USUAL: self.on, Remedy.OPEN_LAST_CHAT: self._with_chat}
        offers |= {Remedy.REPORT: self._cause is not Cause.ASKED, Remedy.COPY: bool(self._trace)}
        remedies = tuple(remedy for remedy, offered in offers.items() if offered)
        self._bar.show_notice(Notice(self._sentence(), remedies, f"{versions()}\n\n{self._trace}", calm=True))

    def _sentence(self) -> str:
        match self._cause:
            case Cause.LOADING:
                text = self.tr(
                    "Last time Seedling ended while {names} was being loaded, so it opened nothing by itself."
                )
                return text.format(names=self._names)
            case Cause.TWICE:
                return self.tr("Seedling was cut short twice in a row, so it opened nothing by itself.")
            case Cause.ASKED:
                return self.tr("As you asked, Seedling opened nothing by itself.")
            case Cause.START:
                return self.tr("Last time Seedling ended while it was starting, so it opened nothing by itself.")
        return self.tr("Seedling crashed when it ran last. The details help to mend it; look through them first.")

    def _choose(self, remedy: Remedy) -> None:
        from app.messages import Remedy

        if remedy is Remedy.OPEN_LAST_CHAT:
            self._with_chat = False
            self._show()  # choosing has put the bar away
            self.chat_wanted.emit()
        elif remedy is Remedy.REPORT:
            self._show()
            self.report_wanted.emit()
        elif remedy is Remedy.START_AS_USUAL:
            self._run.begin()  # what is done now may end it as the start before did
            self._settling.start()
            self.usual_wanted.emit()

    def _note(self, say: Callable[[str], None], name_of: Callable[[str], str], params: dict[str, Any]) -> None:
        say(name_of(str(params["model"])))
