"""A long chat, the window closed or killed, and the same chat again: what was read once is not read again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.application import Seedling
from app.engine_client import EngineClient
from app.workers import Workers
from engine import paths
from engine.chat import kept_states
from engine.chat.store import Store, StoredMessage
from engine.settings import Settings

LONG = "Tell me a story about a cat that lives in a house by the sea. " * 20

# The real worker, to which a chat that any computer evaluates quickly is worth keeping, too.
WORKER = "from engine.chat import keeping; keeping.WORTH_S = 0.0; keeping.READ_BYTES_PER_S = 1e12; "
WORKER += "import engine.worker; engine.worker.main()"


class Person:
    """Someone in front of the window."""

    def __init__(self, qtbot: QtBot, application: QApplication) -> None:
        self.qtbot = qtbot
        self.store = Store(paths.database())
        settings = Settings()
        settings.set("stores_offered", True)  # nothing is looked for unasked
        self.worker = EngineClient([sys.executable, "-c", WORKER])
        self.seedling = Seedling(application, self.store, settings, Workers(chat=self.worker))
        self.seedling.start()

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.wait_until(lambda: bool(condition()), timeout=60_000)

    def rows(self) -> list[StoredMessage]:
        chat = self.seedling.chat.current
        return [] if chat is None else self.store.messages(chat)

    def ask(self, text: str) -> dict[str, Any]:
        """The figures of the reply, when it is stored."""
        before = len(self.rows())
        self.seedling.page.composer.restore(text)
        self.qtbot.keyClick(self.seedling.page.composer.field, Qt.Key.Key_Return)
        self.wait(lambda: len(self.rows()) == before + 2 and all(row.state == "done" for row in self.rows()))
        stats = self.rows()[-1].stats
        assert stats is not None
        return stats

    def wait_kept(self, tokens: int) -> None:
        """Until so many are kept of the chat, which happens when its reply has ended for a while."""

        def is_kept() -> bool:
            found = kept_states.look(self.seedling.chat.current or 0)
            return found is not None and len(found.ids) >= tokens

        self.wait(is_kept)

    def quit(self) -> None:
        self.seedling.window.close()


@pytest.fixture
def open_window(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[[], Person]]:
    people: list[Person] = []

    def open() -> Person:
        people.append(Person(qtbot, qapp))
        return people[-1]

    yield open
    for person in people:
        person.quit()
        person.seedling.window.deleteLater()
        person.seedling.deleteLater()
    qtbot.wait(0)


def test_a_long_chat_is_reopened_as_it_was_left(open_window: Callable[[], Person]) -> None:
    person = open_window()
    first = person.ask(LONG)
    known = first["prompt_tokens"] + first["output_tokens"]
    assert first["cached_tokens"] == 0
    person.wait_kept(known)
    person.quit()

    person = open_window()
    second = person.ask("And then?")
    assert second["cached_tokens"] == known > 250
    person.wait_kept(known + 1)
    (worker,) = [child for child in _children() if WORKER in child.cmdline()]
    worker.kill()  # as it happens to a worker whose window is killed
    person.wait(lambda: not worker.is_running())
    person.quit()

    person = open_window()
    third = person.ask("And then?")
    assert third["cached_tokens"] >= second["prompt_tokens"]
    chat = person.seedling.chat.current
    assert chat is not None
    person.seedling.chat.delete_chat(chat)
    person.wait(lambda: kept_states.measure() == (0, 0))


def _children() -> list[Any]:
    import psutil

    return psutil.Process().children()
