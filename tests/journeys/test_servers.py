"""The page of servers with the real worker and a server on loopback: connected, talked to, stopped, let go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fake_servers import FakeCompatible, FakeLlamaCpp
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.application import Seedling
from app.library.model_actions import ModelAction
from app.messages import Remedy
from app.providers.connect_dialog import ConnectDialog
from app.providers.key_dialogs import KeyDialog
from engine import keys, paths
from engine.chat.store import Store, StoredMessage
from engine.providers import provider_list
from engine.settings import Settings

KEY = "sk-canary-of-this-journey"


class Person:
    """Someone with a server on this computer."""

    def __init__(self, qtbot: QtBot, application: QApplication) -> None:
        settings = Settings()
        settings.set("motion", False)
        settings.set("stores_offered", True)
        self.qtbot, self.store = qtbot, Store(paths.database())
        self.seedling = Seedling(application, self.store, settings)
        self.view, self.window = self.seedling.servers_view, self.seedling.window
        self.local, self.page = self.seedling.models_page.local, self.seedling.page
        self.seedling.start()
        self.window.resize(1280, 800)
        self.window.show_page("models")
        self.seedling.models_page.show_view("servers")

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.wait_until(lambda: bool(condition()), timeout=60_000)

    def connect(self, address: str, name: str, key: str = "") -> ConnectDialog:
        self.view.connect_button.click()
        dialog = self.seedling.servers._dialog
        assert isinstance(dialog, ConnectDialog)
        dialog.address.setText(address)
        dialog.name.setText(name)
        dialog.key.setText(key)
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


@pytest.fixture
def person(qtbot: QtBot, qapp: QApplication) -> Iterator[Person]:
    person = Person(qtbot, qapp)
    yield person
    person.close()
    qtbot.wait(0)
    keys._for_this_run.clear()


def test_a_server_is_connected_talked_to_stopped_and_let_go(person: Person) -> None:
    with FakeLlamaCpp(models=["small"], reply="Hello there, friend.") as server:
        person.connect(server.url, "home")
        person.wait(lambda: "home is connected" in person.view.notice.text)
        card = person.view.card("home")
        assert card.badge.text() == "this machine"
        assert "llama.cpp" in card._about.text()
        name = provider_list.read()["home"].models[0].name
        person.choose(name)
        assert person.page.where.text == ""  # it stays on this machine
        person.say("Hello!")
        assert person.wait_answered(2) == "Hello there, friend."

        server.reply, server.pace = ["word "] * 400, 0.05
        person.say("And now a long one.")
        person.wait(lambda: len(person.rows()) == 4 and len(person.rows()[-1].message.content) > 20)
        person.seedling.chat.stop()
        assert len(person.wait_answered(4, "cancelled")) < 400 * 5
        person.wait(lambda: server.seen[-1].disconnected)

        person.window.show_page("models")
        person.seedling.models_page.show_view("servers")
        person.view.disconnect_requested.emit(card.server)
        box: Any = person.view.findChild(QMessageBox)
        next(button for button in box.buttons() if button.text() == "Disconnect").click()
        person.wait(lambda: not person.view.servers)
        assert provider_list.read() == {}
        person.wait(lambda: person.local.rows.model_of(name) is None)


def test_a_key_that_is_wrong_is_entered_anew_and_then_it_works(person: Person) -> None:
    with FakeCompatible(models=["small"], reply="Hello there, friend.", key=KEY) as server:
        address = f"{server.url}/api/v1"
        dialog = person.connect(address, "shop", "sk-wrong")
        person.wait(lambda: bool(dialog.problem.text()))
        assert provider_list.read() == {}
        dialog.key.setText(KEY)
        dialog.go_on.click()
        person.wait(lambda: "shop is connected" in person.view.notice.text)
        person.wait(lambda: provider_list.read()["shop"].provider.key_place == "run")
        name = provider_list.read()["shop"].models[0].name
        server.key = "sk-another"  # from now on another one is wanted
        person.choose(name)
        person.say("Hello!")
        person.wait(lambda: "does not know the key" in person.page.transcript.failure())

        server.key = KEY + "-new"
        person.page.transcript.remedy_chosen.emit(Remedy.ENTER_KEY)
        person.wait(lambda: isinstance(person.seedling.servers.keeping._dialog, KeyDialog))
        asked: Any = person.seedling.servers.keeping._dialog
        asked.field.setText(KEY + "-new")
        asked.remember.setChecked(False)
        asked.go_on.click()
        person.wait(lambda: person.seedling.servers.keeping._dialog is None)
        person.seedling.chat.regenerate()
        assert person.wait_answered(2) == "Hello there, friend."
        log = "".join(path.read_text("utf-8", "replace") for path in paths.logs().rglob("*") if path.is_file())
        kept = (paths.home() / "providers.json").read_text()
        assert KEY not in log
        assert KEY not in kept
