"""The page of servers with the real worker and a server on loopback: connected, talked to, stopped, let go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fake_servers import FakeCompatible, FakeLlamaCpp
from person_at_servers import Person, someone
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.providers.key_dialogs import KeyDialog
from engine import paths
from engine.providers import provider_list

KEY = "sk-canary-of-this-journey"


@pytest.fixture
def person(qtbot: QtBot, qapp: QApplication) -> Iterator[Person]:
    with someone(qtbot, qapp) as person:
        yield person


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
        assert person.wait_failed("does not know the key")[:2] == ["Enter the key", "Try again"]

        server.key = KEY + "-new"
        person.press("Enter the key")
        person.wait(lambda: isinstance(person.seedling.servers.keeping._dialog, KeyDialog))
        asked: Any = person.seedling.servers.keeping._dialog
        asked.field.setText(KEY + "-new")
        asked.remember.setChecked(False)
        asked.go_on.click()
        person.wait(lambda: person.seedling.servers.keeping._dialog is None)
        person.press("Try again")
        assert person.wait_answered(2) == "Hello there, friend."
        log = "".join(path.read_text("utf-8", "replace") for path in paths.logs().rglob("*") if path.is_file())
        kept = (paths.home() / "providers.json").read_text()
        assert KEY not in log
        assert KEY not in kept
