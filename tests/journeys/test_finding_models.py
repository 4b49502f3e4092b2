"""From a word to a chat with a model of the hub; halfway its worker is killed, and the window is closed and opened."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from fake_hub import FakeHub
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.application import Seedling
from engine import paths
from engine.chat.store import Store
from engine.library import models
from engine.library.download import journal
from engine.library.download.part import NOTE_BYTES as NOTED
from engine.settings import Settings


class Person:
    def __init__(self, qtbot: QtBot, application: QApplication) -> None:
        settings = Settings()
        settings.set("motion", False)
        settings.set("stores_offered", True)
        self.qtbot, self.store = qtbot, Store(paths.database())
        self.seedling = Seedling(application, self.store, settings)
        self.window, self.view = self.seedling.window, self.seedling.discover_view
        self.downloads = self.seedling.discover.downloads
        self.seedling.start()
        self.window.show_page("models")
        self.seedling.models_page.show_view("discover")

    def wait(self, condition: Callable[[], Any]) -> None:
        self.qtbot.wait_until(lambda: bool(condition()), timeout=60_000)

    def states(self) -> list[str]:
        return [transfer.state for transfer in self.downloads.transfers()]

    def close(self) -> None:
        self.window.close()
        self.window.deleteLater()
        self.seedling.deleteLater()


def test_a_model_is_found_fetched_and_talked_to(qtbot: QtBot, qapp: QApplication, hub: FakeHub) -> None:
    file = paths.resource("starter") / "starter-q8_0.gguf"
    size = file.stat().st_size
    hub.add("org/small-GGUF", {"README.md": b"---\nlicense: apache-2.0\n---\n# Small\n", "small-Q8_0.gguf": file})
    person = Person(qtbot, qapp)
    view, repository = person.view, person.view.repository
    view.field.setText("small")
    assert not hub.seen, "typing asks nobody"
    qtbot.keyClick(view.field, Qt.Key.Key_Return)
    person.wait(lambda: [offer.repo for offer in view.rows.offers] == ["org/small-GGUF"])
    view.list.opened.emit(view.rows.offers[0])
    person.wait(lambda: repository.repository is not None and repository.choice.verdict)
    assert repository.choice.verdict == "fits"
    person.wait(lambda: repository.card.toPlainText().strip() == "Small")

    hub.fault("stall", path="small-Q8_0.gguf", at=size * 3 // 4, times=100)
    repository.download.click()
    person.wait(lambda: any(download.done > NOTED for download in journal.downloads()))
    (running,) = person.downloads._running.values()
    os.kill(running[1]._process.processId(), signal.SIGKILL)
    person.wait(lambda: person.states() == ["failed"])
    person.close()

    hub.faults.clear()
    person = Person(qtbot, qapp)
    person.wait(lambda: person.states() and person.states()[0] in ("paused", "failed"))
    (transfer,) = person.downloads.transfers()
    assert NOTED <= transfer.done < size, "what was fetched is known"
    hub.seen.clear()
    person.view.downloads.row(transfer.wanted.key).resume.click()
    person.wait(lambda: person.states() == ["done"])
    assert hub.sent("small-Q8_0.gguf") <= size - NOTED, "it went on behind a note"
    (fetched,) = (entry for entry in models.entries() if entry.origin == "downloaded")
    assert fetched.path.resolve().read_bytes() == file.read_bytes()

    person.view.downloads.row(transfer.wanted.key).open.click()
    person.wait(lambda: person.window.current_page == "chat")
    person.seedling.page.composer.field.setPlainText("Hello")
    qtbot.keyClick(person.seedling.page.composer.field, Qt.Key.Key_Return)
    person.wait(lambda: person.seedling.chat.current is not None)
    chat = person.seedling.chat.current

    def answered() -> bool:
        replies = [row for row in person.store.messages(chat) if row.message.role == "assistant"]
        return bool(replies) and replies[-1].state == "done" and bool(replies[-1].message.content)

    person.wait(answered)
    person.close()
