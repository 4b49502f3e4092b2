"""The window program with the scripted worker in place of the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import scripted_workers
from PySide6.QtCore import QCoreApplication, QEvent, QLocale, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import ahead
from app.application import Seedling
from app.chat.reply import Reply
from app.chat.transcript import Transcript
from engine import paths
from engine.chat.store import Store, StoredMessage
from engine.library import models
from engine.library.models import ModelEntry
from engine.settings import Settings

_ENGLISH = QLocale("en_US")


def entry(name: str, problem: str | None = None, bundled: bool = False) -> ModelEntry:
    """A model of the scripted worker; its name says how loading goes."""
    return ModelEntry(name, Path(f"/models/{name}.gguf"), "gguf", "llama", bundled, problem)


@pytest.fixture(autouse=True)
def english_figures() -> Iterator[None]:
    """Numbers and dates as in the United States, whatever the system's language and whatever a test before has set."""
    QLocale.setDefault(_ENGLISH)
    yield
    QLocale.setDefault(_ENGLISH)


@pytest.fixture(autouse=True)
def library(monkeypatch: pytest.MonkeyPatch) -> list[ModelEntry]:
    """The models there are; a test may change the list."""
    known = [entry("starter", bundled=True), entry("slow"), entry("refuse"), entry("crash"), entry("hang")]
    known.append(entry("gone", problem="its file is missing."))
    monkeypatch.setattr(models, "entries", lambda: list(known))
    return known


@pytest.fixture(autouse=True)
def nothing_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are made when a test wants them, on a slow machine as on a fast one."""
    monkeypatch.setattr(ahead, "AFTER_MS", 3_600_000)


class Desk:
    """A window and what a person does with it."""

    def __init__(self, qtbot: QtBot, application: QApplication) -> None:
        self.qtbot = qtbot
        self.settings = Settings()
        self.settings.set("motion", False)  # what is shown is there at once
        self.settings.set("stores_offered", True)  # nothing is looked for unasked
        self.store = Store(paths.database())
        workers = scripted_workers.workers()
        self.client = workers.chat
        self.seedling = Seedling(application, self.store, self.settings, workers)
        self.page, self.chat, self.window = self.seedling.page, self.seedling.chat, self.seedling.window
        self.begun: list[Reply] = []
        self.seedling.replies.began.connect(self.begun.append)
        with qtbot.wait_active(self.window):
            self.seedling.start()

    def wait(self, condition: Callable[[], bool], timeout: int = 20_000) -> None:
        """Until the condition holds; long, because a busy disk takes seconds to flush."""
        self.qtbot.wait_until(condition, timeout=timeout)

    def write(self, text: str) -> None:
        self.qtbot.keyClicks(self.page.composer.field, text)

    def press_enter(self) -> None:
        self.qtbot.keyClick(self.page.composer.field, Qt.Key.Key_Return)

    def ask(self, text: str) -> None:
        """Write a message, send it, and wait until its reply has begun."""
        before = len(self.begun)
        self.write(text)
        self.press_enter()
        self.wait(lambda: len(self.begun) > before)

    def ask_and_wait(self, text: str) -> None:
        self.ask(text)
        self.wait_idle()

    def wait_idle(self) -> None:
        """Until no reply of the chat shown is being written, and the store has everything."""
        self.wait(lambda: self.seedling.replies.of(self.chat.current) is None)
        self.store.rename_chat(self.chat.current or 0, self.title()).exception()  # the last in the writer's queue

    def rows(self) -> list[StoredMessage]:
        return self.store.messages(self.chat.current) if self.chat.current is not None else []

    def title(self) -> str:
        return next((chat.title for chat in self.store.chats() if chat.id == self.chat.current), "")

    def wait_notice(self, words: str) -> None:
        self.wait(lambda: words in self.page.notice.text)

    def wait_card(self, words: str) -> None:
        self.wait(lambda: words in self.page.transcript.failure())

    def close(self) -> None:
        self.window.may_close = lambda: True
        self.window.close()


@pytest.fixture
def open_desk(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[[], Desk]]:
    """Opens a window; what was open before must have been closed by the test."""
    desks: list[Desk] = []

    def open() -> Desk:
        desks.append(Desk(qtbot, qapp))
        return desks[-1]

    yield open
    for desk in desks:
        desk.close()
        desk.window.deleteLater()
        desk.seedling.deleteLater()
    qapp.setStyleSheet("")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def desk(open_desk: Callable[[], Desk]) -> Desk:
    return open_desk()


@pytest.fixture
def view(qtbot: QtBot) -> Transcript:
    view = Transcript()
    view.set_statistics_shown(True)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    qtbot.waitExposed(view)
    return view
