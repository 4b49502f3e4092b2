"""The window as a person has it, opened, closed and opened again; with the helpers of the program that is tried (see
tests/tried_program.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import tried_program
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import app.engine_client
import app.workers
import engine.chat.templates
from app.application import Seedling
from app.workers import Workers
from engine import paths
from engine.chat.store import Store, StoredMessage
from engine.settings import Settings


@pytest.fixture(scope="session", autouse=True)
def helpers() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if tried_program.FROZEN:
            for module in (app.engine_client, app.workers, engine.chat.templates):
                patch.setattr(module, "helper_command", tried_program.helper_command)
        yield


class Person:
    """Someone in front of the window with its real workers and the starter."""

    def __init__(self, qtbot: QtBot, application: QApplication, workers: Workers | None) -> None:
        self.qtbot = qtbot
        self.store = Store(paths.database())
        settings = Settings()
        settings.set("stores_offered", True)  # nothing is looked for unasked
        self.seedling = Seedling(application, self.store, settings, workers)
        self.page = self.seedling.page
        self.seedling.start()

    def send(self, text: str) -> None:
        self.qtbot.keyClicks(self.page.composer.field, text)
        self.qtbot.keyClick(self.page.composer.field, Qt.Key.Key_Return)

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.wait_until(condition, timeout=60_000)

    def messages(self) -> list[StoredMessage]:
        chat = self.seedling.chat.current
        return [] if chat is None else self.store.messages(chat)

    def states(self) -> list[str]:
        return [row.state for row in self.messages()]

    def ask(self, text: str) -> StoredMessage:
        """The reply, when it is written and stored."""
        before = len(self.messages())
        self.send(text)
        self.wait(lambda: len(self.messages()) == before + 2 and "streaming" not in self.states())
        return self.messages()[-1]

    def quit(self) -> None:
        self.seedling.window.close()


@pytest.fixture
def open_window(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[..., Person]]:
    """Opens a window; what was open before must have been closed by the test."""
    people: list[Person] = []

    def open(workers: Workers | None = None) -> Person:
        people.append(Person(qtbot, qapp, workers))
        return people[-1]

    yield open
    for person in people:
        person.quit()
        person.seedling.window.deleteLater()
        person.seedling.deleteLater()
    qtbot.wait(0)
