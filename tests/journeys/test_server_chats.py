"""Chats with models of servers, as they are led: what is asked for, what comes, and what never leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fake_servers import FakeCompatible, FakeLlamaCpp, FakeOpenAI
from person_at_servers import Person, someone
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QApplication, QCheckBox
from pytestqt.qtbot import QtBot

from engine.providers import prices, provider_list, reach
from engine.providers.prices import Price
from engine.settings import stored

CHAT = "/chat/completions"
SHOP_KEY, OPENAI_KEY = "sk-or-fake", "sk-proj-fake0123456789"


@pytest.fixture
def person(qtbot: QtBot, qapp: QApplication) -> Iterator[Person]:
    with someone(qtbot, qapp) as person:
        yield person


def test_a_stopped_reply_goes_on_where_the_server_can(person: Person) -> None:
    chat, view = person.seedling.chat, person.page.transcript
    with FakeLlamaCpp(reply=["word "] * 300, pace=0.03) as server:
        person.joins(server, "home")
        person.say("Hello!")
        person.wait(lambda: len(person.rows()) == 2 and person.rows()[-1].message.content)
        chat.stop()
        begun = person.wait_answered(2, "cancelled")
        assert "continue" in view.offered(view.shown()[-1])
        server.reply, server.pace = "and more.", 0.0
        chat.continue_last()
        assert person.wait_answered(2) == begun + "and more."
        assert server.asked["continue_final_message"] is True
        assert server.asked["messages"][-1] == {"role": "assistant", "content": begun}


def test_where_the_server_cannot_go_on_it_is_not_offered(person: Person) -> None:
    view = person.page.transcript
    with FakeOpenAI(models=["gpt-4o"], reply=["word "] * 300, pace=0.03) as server:
        person.joins(server, "openai", "gpt-4o", path="/v1", key=OPENAI_KEY)
        person.say("Hello!")
        person.wait(lambda: len(person.rows()) == 2 and person.rows()[-1].message.content)
        person.seedling.chat.stop()
        person.wait_answered(2, "cancelled")
        assert "regenerate" in view.offered(view.shown()[-1])
        assert "continue" not in view.offered(view.shown()[-1])


def test_another_version_stands_beside_the_first(person: Person) -> None:
    chat, view = person.seedling.chat, person.page.transcript
    with FakeLlamaCpp(reply="The first.") as server:
        person.joins(server, "home")
        person.say("Hello!")
        assert person.wait_answered(2) == "The first."
        server.reply = "The second."
        chat.regenerate()
        person.wait(lambda: person.rows()[-1].message.content == "The second." and person.rows()[-1].state == "done")
        assert [message["content"] for message in server.asked["messages"]] == ["Hello!"]
        view.act(view.shown()[-1], "previous")
        person.wait(lambda: person.rows()[-1].message.content == "The first.")
        person.say("And then?")
        person.wait_answered(4)
        said = [message["content"] for message in server.asked["messages"]]
        assert said == ["Hello!", "The first.", "And then?"]  # the version that is shown is the one that counts


def test_a_model_here_and_one_of_a_server_in_one_chat(person: Person) -> None:
    here = person.seedling.chat.models.name
    with FakeLlamaCpp(reply="From there.") as server:
        there = person.joins(server, "home")
        person.pick(here)
        person.page.panel.max_tokens.setValue(8)
        person.say("Hello!")
        first = person.wait_answered(2)
        assert person.rows()[-1].message.model
        assert server.requests(CHAT) == []  # not a word of it went there
        person.pick(there)
        person.say("And you?")
        assert person.wait_answered(4) == "From there."
        said = [message["content"] for message in server.asked["messages"]]
        assert said == ["Hello!", first, "And you?"]
        person.pick(here)
        person.say("Back again.")
        person.wait_answered(6)
        assert len(server.requests(CHAT)) == 1
        models = [row.message.model for row in person.rows() if row.message.role == "assistant"]
        assert models[0] == models[2] != models[1]


def test_the_panel_shows_what_is_offered_and_only_what_was_set_is_sent(person: Person) -> None:
    panel, form = person.page.panel, person.page.panel._form
    with FakeOpenAI(models=["gpt-4o"], reply="Hello there, friend.") as server:
        person.joins(server, "openai", "gpt-4o", path="/v1", key=OPENAI_KEY)
        person.say("Hello!")
        person.wait_answered(2)
        assert set(server.asked) == {"model", "messages", "stream", "stream_options"}  # all is left to the server
        shown = {name for name, field in panel._fields.items() if form.isRowVisible(field)}
        assert shown == {"temperature", "top_p", "seed", "max_tokens"}
        panel.temperature.setValue(0.5)
        panel.max_tokens.setValue(100)
        person.say("Once more.")
        person.wait_answered(4)
        assert server.asked["temperature"] == 0.5
        assert server.asked["max_completion_tokens"] == 100
        assert set(server.asked) == {
            "model", "messages", "stream", "stream_options", "temperature", "max_completion_tokens",
        }  # fmt: skip


def test_what_it_thinks_is_folded_kept_and_never_sent(person: Person) -> None:
    view = person.page.transcript
    with FakeLlamaCpp(thinking="Let me see. ", reply="Four.") as server:
        person.joins(server, "home")
        person.say("Two and two?")
        assert person.wait_answered(2) == "Four."
        person.wait(lambda: not view.busy)
        assert person.rows()[-1].thinking == "Let me see. "
        assert "Let me see." not in view.toPlainText()
        view.anchorClicked.emit(QUrl(f"thought:{view.shown()[-1]}"))
        assert "Let me see." in view.toPlainText()
        person.say("Sure?")
        person.wait_answered(4)
        assert "Let me see" not in json.dumps(server.asked)


def test_what_a_reply_costs_stands_below_it_and_in_the_panel(person: Person) -> None:
    person.page.transcript.set_statistics_shown(True)
    prices.save([Price("openai", "gpt-4o", input=2.0, output=10.0, currency="EUR")])
    with FakeOpenAI(models=["gpt-4o"], reply="Hello there, friend.") as server:
        person.joins(server, "openai", "gpt-4o", path="/v1", key=OPENAI_KEY)
        person.say("Hello!")
        person.wait_answered(2)
        person.wait(lambda: not person.page.transcript.busy)
        prompt, cached, written = 1, 1, 3  # tokens, as the server counts them, of which it remembers no more than all
        amount = (prompt - cached) * 2e-6 + cached * 2e-6 + written * 10e-6
        assert person.rows()[-1].stats["cost"] == {"amount": pytest.approx(amount), "currency": "EUR"}
        assert "0.000032 EUR" in person.page.transcript.toPlainText()
        person.wait(lambda: "This chat has cost 0.000032 EUR." in person.page.panel._cost.text())


def test_another_model_that_answers_is_named(person: Person) -> None:
    with FakeCompatible(models=["small", "tiny"], reply="Hello there, friend.", key=SHOP_KEY) as server:
        person.joins(server, "shop", "small", path="/api/v1", key=SHOP_KEY)
        server.answering = lambda body: "tiny"  # type: ignore[method-assign]
        person.say("Hello!")
        person.wait_answered(2)
        person.wait(lambda: "tiny answered, not small." in person.page.notice.text)
        assert person.rows()[-1].stats["answered_by"] == "tiny"


# --- where words go --------------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The window takes loopback for the local network."""
    monkeypatch.setattr(reach, "reach", lambda address: "network")


def test_words_leave_only_once_the_person_agreed(person: Person, elsewhere: None) -> None:
    here = person.seedling.chat.models.name
    with FakeLlamaCpp(reply="From there.") as server:
        person.connect(server.url, "box")
        person.wait(lambda: "box" in provider_list.read())
        name = provider_list.read()["box"].models[0].name
        person.wait(lambda: person.seedling.destinations.of(name) is not None)
        person.window.show_page("chat")
        person.page.picker.chosen.emit(name)
        assert "127.0.0.1" in person.answers("Cancel")
        assert person.seedling.chat.models.name == here
        assert server.requests(CHAT) == []
        person.page.picker.chosen.emit(name)
        person.answers("Use it")
        person.wait(lambda: person.seedling.chat.models.name == name)
        assert "in your network" in person.page.where.text
        person.say("Hello!")
        assert person.wait_answered(2) == "From there."


def test_the_switch_is_turned_on_in_the_middle_of_a_chat(person: Person, elsewhere: None) -> None:
    with FakeLlamaCpp(reply="From there.") as server:
        person.connect(server.url, "box")
        person.wait(lambda: "box" in provider_list.read())
        name = provider_list.read()["box"].models[0].name
        person.wait(lambda: person.seedling.destinations.of(name) is not None)
        person.window.show_page("chat")
        person.page.picker.chosen.emit(name)
        person.answers("Use it")
        person.say("Hello!")
        assert person.wait_answered(2) == "From there."
        before = len(server.seen)
        switch = person.seedling.settings_page.option_rows["stay_here"].findChild(QCheckBox)
        person.window.show_page("settings")
        switch.click()
        person.wait(lambda: stored("stay_here"))
        person.window.show_page("chat")
        person.say("A secret.")
        person.wait(lambda: "Nothing leaves this computer" in person.page.notice.text)
        assert person.said()[-1] == ("user", "A secret.", "done")  # it is kept
        assert len(server.seen) == before
        switch.click()
        person.wait(lambda: not stored("stay_here"))  # on the disk, where the worker reads it
        person.seedling.chat.regenerate()
        assert person.wait_answered(4) == "From there."
