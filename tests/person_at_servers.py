"""Someone at the window with the real worker, who connects servers and talks to their models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fake_servers import FakeServer
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from app.application import Seedling
from app.library.model_actions import ModelAction
from app.providers.connect_dialog import ConnectDialog
from engine import keys, paths
from engine.chat.store import Store, StoredMessage
from engine.providers import provider_list
from engine.settings import Settings


class Person:
    """Someone with a server on this computer."""

    def __init__(self, qtbot: QtBot, application: QApplication) -> None:
        settings = Settings()
        settings.set("motion", False)
        settings.set("stores_offered", True)
        self.qtbot, self.store, self.settings = qtbot, Store(paths.database()), settings
        self.seedling = Seedling(application, self.store, settings)
        self.view, self.window = self.seedling.servers_view, self.seedling.window
        self.local, self.page = self.seedling.models_page.local, self.seedling.page
        self.seedling.start()
        self.window.resize(1280, 800)
        self.window.show_page("models")
        self.seedling.models_page.show_view("servers")

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.wait_until(lambda: bool(condition()), timeout=60_000)

    def connect(self, address: str, name: str, key: str = "", kind: str = "auto") -> ConnectDialog:
        self.view.connect_button.click()
        dialog = self.seedling.servers._dialog
        assert isinstance(dialog, ConnectDialog)
        dialog.address.setText(address)
        dialog.name.setText(name)
        dialog.key.setText(key)
        dialog.kind.setCurrentIndex(dialog.kind.findData(kind))
        dialog.remember.setChecked(False)
        dialog.go_on.click()
        return dialog

    def choose(self, name: str) -> None:
        """Begin a chat with a model of the list."""
        self.window.show_page("models")
        self.seedling.models_page.show_view("local")
        self.wait(lambda: self.local.rows.model_of(name) is not None)
        self.local.select(name)
        self.wait(lambda: ModelAction.CHAT in self.local.detail._buttons)
        self.local.detail.button(ModelAction.CHAT).click()
        self.wait(lambda: self.seedling.chat.models.name == name)

    def say(self, text: str) -> None:
        self.page.composer.restore(text)
        self.seedling.chat.send()

    def rows(self) -> list[StoredMessage]:
        chat = self.seedling.chat.current
        return self.store.messages(chat) if chat is not None else []

    def wait_answered(self, count: int, state: str = "done") -> str:
        self.wait(lambda: len(self.rows()) == count and self.rows()[-1].state == state)
        return self.rows()[-1].message.content

    def close(self) -> None:
        self.window.close()
        self.window.deleteLater()
        self.seedling.deleteLater()

    def joins(self, server: FakeServer, name: str, model: str = "", *, path: str = "", key: str = "") -> str:
        """Connect it, and begin a chat with this model of it, or its first; the model's name here."""
        self.connect(server.url + path, name, key, server.kind)
        self.wait(lambda: name in provider_list.read())
        listed = provider_list.read()[name].models
        full = next(each.name for each in listed if model in ("", each.id))
        self.choose(full)
        return full

    def pick(self, name: str) -> None:
        """Choose a model for the chat that is shown."""
        self.page.picker.chosen.emit(name)
        self.wait(lambda: self.seedling.chat.models.name == name)

    def answers(self, label: str) -> str:
        """Press a button of the question that is asked, and say what was asked."""
        self.wait(lambda: self.page.findChild(QMessageBox) is not None)
        box = self.page.findChild(QMessageBox)
        text = box.text()
        next(button for button in box.buttons() if button.text() == label).click()
        self.wait(lambda: self.page.findChild(QMessageBox) is None)
        return text

    def wait_failed(self, words: str) -> list[str]:
        """Until the card says so; its buttons."""
        self.wait(lambda: words in self.page.transcript.failure())
        self.wait(lambda: self.seedling.replies.of(self.seedling.chat.current) is None)
        return list(self._buttons())

    def press(self, label: str) -> None:
        """A button of the card."""
        self._buttons()[label].click()

    def _buttons(self) -> dict[str, QPushButton]:
        found = self.page.transcript.findChildren(QPushButton)
        return {button.text(): button for button in found if button.text() and not button.isHidden()}

    def said(self) -> list[tuple[str, str, str]]:
        """Role, words and state of what is stored."""
        return [(row.message.role, row.message.content, row.state) for row in self.rows()]


@contextmanager
def someone(qtbot: QtBot, application: QApplication) -> Iterator[Person]:
    person = Person(qtbot, application)
    yield person
    person.close()
    qtbot.wait(0)
    keys._for_this_run.clear()
