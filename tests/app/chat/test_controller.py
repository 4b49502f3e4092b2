"""The chat page as a person uses it, with a scripted worker: ask, stop, switch, quit, reopen, and what may go wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from app.chat import replies as replies_module
from app.chat.chat_list import Role
from app.chat.load import LoadState
from app.widgets import links
from engine.errors import EngineError
from engine.library.models import ModelEntry

Desk = Any  # tests/app/conftest.py
Open = Callable[[], Desk]


def titles(desk: Desk) -> list[str]:
    model = desk.page.sidebar.list.model()
    rows = [model.index(row) for row in range(model.rowCount())]
    return [index.data() for index in rows if not index.data(Role.HEADING)]


# --- asking ----------------------------------------------------------------------------------------------------------


def test_a_question_streams_an_answer_and_both_are_stored(desk: Desk) -> None:
    desk.ask_and_wait("do count 50")
    question, reply = desk.rows()
    assert (question.message.role, question.message.content, question.state) == ("user", "do count 50", "done")
    assert reply.message.content == "".join(f"{n} " for n in range(50))
    assert reply.message.tokens == tuple(range(50))
    assert reply.message.model == "f00d"
    assert reply.state == "done"
    assert reply.stats["reason"] == "stop"
    assert "tokens" not in reply.stats
    assert desk.page.transcript.message_text(reply.id) == reply.message.content
    assert desk.page.composer.text() == ""


def test_the_model_sees_the_system_prompt_and_the_whole_conversation(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, dict[str, Any]]] = []
    submit = desk.client.submit
    monkeypatch.setattr(desk.client, "submit", lambda job, params: (sent.append((job, params)), submit(job, params))[1])
    desk.page.panel.system.setPlainText("Be brief.")
    desk.page.panel.temperature.setValue(0.25)
    desk.page.panel.max_tokens.setValue(99)
    desk.page.panel.context.setValue(512)
    desk.ask_and_wait("first")
    desk.ask_and_wait("second")
    (load, loading), (_, _), (chat, asked) = sent
    assert (load, chat) == ("load", "chat")
    options, defaults = {"context": 512}, {"memory_percent": 75}
    assert loading == {"model": "/models/starter.gguf", "backend": "llama", "options": options, "defaults": defaults}
    assert [(m["role"], m["content"]) for m in asked["messages"]] == [
        ("system", "Be brief."),
        ("user", "first"),
        ("assistant", "first"),
        ("user", "second"),
    ]
    assert asked["messages"][2]["tokens"] == [0]
    assert asked["options"]["temperature"] == 0.25
    assert asked["options"]["max_tokens"] == 99


def test_nothing_goes_to_the_model_before_it_is_stored(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.ask_and_wait("hello")
    slow: Future[int] = Future()
    monkeypatch.setattr(desk.store, "add_message", lambda *_, **__: slow)
    submitted: list[str] = []
    monkeypatch.setattr(desk.client, "submit", lambda job, _: submitted.append(job))
    desk.write("wait for it")
    desk.press_enter()
    desk.qtbot.wait(50)
    assert submitted == []


def test_what_cannot_be_stored_goes_back_to_the_composer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.ask_and_wait("hello")
    full: Future[int] = Future()
    full.set_exception(EngineError("disk_full", place="seedling.db"))
    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "add_message", lambda *_, **__: full)
        desk.write("precious words")
        desk.press_enter()
        desk.wait_notice("The disk is full")
    assert desk.page.composer.text() == "precious words"
    assert len(desk.rows()) == 2
    press(desk.page.notice, "Try again")
    desk.wait(lambda: len(desk.rows()) == 4)


def test_a_suggestion_is_sent_by_a_click(desk: Desk) -> None:
    button = desk.page.welcome.findChild(QPushButton, "suggestion")
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    desk.wait(lambda: len(desk.rows()) == 2)
    assert desk.rows()[0].message.content == button.text()
    desk.wait_idle()


def test_the_title_comes_from_the_first_message(desk: Desk) -> None:
    desk.ask_and_wait("<b>What</b> is the capital of France, and how many people live there today?")
    assert desk.title() == "<b>What</b> is the capital of France, and how…"
    desk.ask_and_wait("And of Spain?")
    assert desk.title().startswith("<b>What</b>")


def test_writing_goes_on_while_a_reply_streams_and_enter_keeps_it(desk: Desk) -> None:
    desk.ask("do count 100000 5")
    desk.write("the next question")
    desk.press_enter()
    assert desk.page.composer.text() == "the next question"
    assert len(desk.rows()) == 2
    desk.chat.stop()
    desk.wait_idle()
    assert desk.page.composer.text() == "the next question"


# --- stopping --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["do count 100000 5", "do hang", "do deaf"])
def test_stop_keeps_the_words(desk: Desk, order: str) -> None:
    desk.ask(order)
    desk.wait(lambda: bool(desk.seedling.replies.of(desk.chat.current).parts))
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Escape)
    desk.wait(lambda: desk.seedling.replies.of(desk.chat.current) is None, timeout=5000)
    desk.wait_idle()
    _, reply = desk.rows()
    assert reply.state == "cancelled"
    assert len(reply.message.content) > 0
    desk.ask_and_wait("still there?")
    assert desk.rows()[-1].message.content == "still there?"


def test_a_reply_stopped_before_its_first_word_leaves_only_the_question(desk: Desk) -> None:
    desk.chat.choose_model("hang")
    desk.ask("hello")
    desk.wait(lambda: "Stop" in desk.page.composer.button.accessibleName())
    desk.page.composer.button.click()
    desk.wait_idle()
    assert [row.message.role for row in desk.rows()] == ["user"]


def test_stopping_a_model_that_loads_for_nobody(desk: Desk) -> None:
    desk.wait(lambda: bool(desk.chat.models.entries))
    desk.chat.choose_model("slow")
    desk.wait(lambda: desk.page.picker.state is LoadState.LOADING)
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Escape)
    desk.wait(lambda: desk.page.picker.state is LoadState.EMPTY)


def test_a_model_that_is_loaded_just_when_stop_is_pressed_is_kept_and_not_asked(
    open_desk: Open, library: list[ModelEntry]
) -> None:
    library.append(replace(library[0], name="stubborn", path=Path("/models/stubborn.gguf")))
    desk = open_desk()
    desk.wait(lambda: bool(desk.chat.models.entries))
    desk.chat.choose_model("stubborn")
    desk.wait(lambda: desk.page.picker.state is LoadState.LOADED)
    desk.page.panel.context.setValue(256)  # it is loaded again, for the reply
    desk.ask("hello")
    desk.wait(lambda: desk.page.picker.state is LoadState.LOADING)
    desk.chat.stop()
    desk.wait_idle()
    assert [row.message.role for row in desk.rows()] == ["user"]
    assert desk.page.picker.state is LoadState.LOADED


# --- switching, quitting ---------------------------------------------------------------------------------------------


def test_a_reply_goes_on_while_another_chat_is_shown(desk: Desk) -> None:
    desk.ask("do count 60 20")
    first = desk.chat.current
    desk.chat.new_chat()
    assert desk.page.transcript.message_text is not None
    desk.ask("meanwhile")
    second = desk.chat.current
    desk.chat.open_chat(first)
    reply = desk.rows()[-1]
    desk.wait(lambda: "1 2 3 " in desk.page.transcript.message_text(reply.id))
    desk.wait_idle()
    assert desk.rows()[-1].message.content == "".join(f"{n} " for n in range(60))
    assert desk.page.transcript.message_text(reply.id) == desk.rows()[-1].message.content
    desk.chat.open_chat(second)
    desk.wait_idle()
    assert desk.rows()[-1].message.content == "meanwhile"


def test_a_reply_that_waits_for_its_turn_can_be_stopped(desk: Desk) -> None:
    desk.ask("do count 100000 5")
    first = desk.chat.current
    desk.chat.new_chat()
    desk.ask("waiting")
    desk.chat.stop()
    desk.wait_idle()
    assert [row.message.role for row in desk.rows()] == ["user"]
    assert desk.seedling.replies.of(first) is not None


def test_every_chat_keeps_its_draft(desk: Desk) -> None:
    desk.ask_and_wait("one")
    first = desk.chat.current
    desk.write("draft of one")
    desk.chat.new_chat()
    assert desk.page.composer.text() == ""
    desk.write("draft of a new chat")
    desk.chat.open_chat(first)
    assert desk.page.composer.text() == "draft of one"
    desk.chat.new_chat()
    assert desk.page.composer.text() == "draft of a new chat"


def test_quit_and_reopen_finds_the_chat(open_desk: Open) -> None:
    desk = open_desk()
    desk.page.panel.system.setPlainText("You are a fox.")
    desk.page.panel.seed.setValue(7)
    desk.ask_and_wait("hello fox")
    desk.close()
    desk = open_desk()
    assert titles(desk) == ["hello fox"]
    assert [row.message.content for row in desk.rows()] == ["hello fox", "hello fox"]
    assert desk.page.transcript.message_text(desk.rows()[1].id) == "hello fox"
    assert desk.page.panel.parameters().system == "You are a fox."
    assert desk.page.panel.parameters().sampling.seed == 7


def test_quitting_while_a_reply_streams_keeps_it_as_interrupted(open_desk: Open) -> None:
    desk = open_desk()
    desk.ask("do count 100000 5")
    reply = desk.seedling.replies.of(desk.chat.current)
    desk.wait(lambda: len(reply.parts) > 20)
    shown = reply.text
    desk.close()
    assert psutil.Process().children() == []
    desk = open_desk()
    _, kept = desk.rows()
    assert kept.state == "interrupted"
    assert kept.message.content.startswith(shown)


def test_a_window_that_is_killed_loses_at_most_the_last_second(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.ask("do count 100000 5")
    reply = desk.seedling.replies.of(desk.chat.current)
    desk.wait(lambda: len(reply.parts) > 20)
    shown = reply.text
    desk.qtbot.wait(replies_module.KEEP_EVERY_MS + 100)
    stored = desk.rows()[-1]  # what a crash at this moment would leave
    assert stored.state == "streaming"
    assert stored.message.content.startswith(shown)


# --- what may go wrong -----------------------------------------------------------------------------------------------


def press(notice: Any, text: str) -> None:
    next(button for button in notice.findChildren(QPushButton) if button.text() == text).click()


def test_a_crash_keeps_the_words_says_so_and_the_next_message_works(desk: Desk) -> None:
    desk.ask_and_wait("do crash SIGSEGV")
    desk.wait_card("SIGSEGV")
    _, reply = desk.rows()
    assert reply.state == "failed"
    assert reply.message.content == "before the fall "
    desk.ask_and_wait("again")
    assert desk.rows()[-1].message.content == "again"
    assert desk.page.transcript.failure() == ""


def test_try_again_replaces_the_reply_that_failed(desk: Desk) -> None:
    desk.ask_and_wait("do crash SIGABRT")
    desk.wait_card("SIGABRT")
    first = desk.rows()[1].id
    press(desk.page.transcript, "Try again")
    desk.wait(lambda: desk.rows()[-1].id != first and desk.rows()[-1].state == "failed")
    desk.wait_card("SIGABRT")


def test_the_sentence_of_the_engine_is_shown(desk: Desk) -> None:
    desk.ask_and_wait("do fail not_found")
    desk.wait_card("somewhere does not exist.")
    assert [row.message.role for row in desk.rows()] == ["user"]


def test_a_failure_in_another_chat_is_told_when_it_is_opened(desk: Desk) -> None:
    desk.ask("do count 20 20")
    desk.chat.new_chat()
    desk.ask("do fail not_found")
    second = desk.chat.current
    desk.chat.new_chat()
    desk.wait(lambda: desk.seedling.replies.of(second) is None)
    assert desk.page.transcript.failure() == ""
    desk.chat.open_chat(second)
    desk.wait_card("does not exist")


@pytest.mark.parametrize(("model", "words"), [("refuse", "does not exist"), ("crash", "SIGSEGV"), ("gone", "missing")])
def test_a_model_that_does_not_load_says_why(desk: Desk, model: str, words: str) -> None:
    desk.chat.choose_model(model)
    desk.write("hello")
    desk.press_enter()
    desk.wait_card(words)
    desk.wait(lambda: [row.message.role for row in desk.rows()] == ["user"])
    desk.wait_idle()
    desk.chat.choose_model("starter")
    desk.ask_and_wait("hello")
    assert desk.rows()[-1].message.content.endswith("hello")


def test_a_model_that_left_the_library_is_named(desk: Desk, library: list[ModelEntry]) -> None:
    desk.ask_and_wait("hello")
    library.clear()
    desk.write("again")
    desk.press_enter()
    desk.wait_card("no model called starter")


def test_three_deaths_stop_and_explain_and_choosing_a_model_starts_again(desk: Desk) -> None:
    for _ in range(3):
        desk.ask_and_wait("do exit 3")
        desk.wait_card("exit code 3")
    desk.ask_and_wait("hello")
    desk.wait_card("3 times within a minute")
    desk.chat.choose_model("slow")
    desk.ask_and_wait("hello")
    assert desk.page.transcript.failure() == ""


# --- regenerating ----------------------------------------------------------------------------------------------------


def test_regenerating_replaces_the_last_reply(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    before = desk.rows()[1].id
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    desk.wait(lambda: desk.rows()[-1].id != before)
    desk.wait_idle()
    rows = desk.rows()
    assert [row.message.content for row in rows] == ["hello", "hello"]
    assert rows[1].id != before


def test_a_regeneration_that_fails_without_a_word_keeps_the_old_reply(desk: Desk, library: list[ModelEntry]) -> None:
    desk.ask_and_wait("hello")
    before = desk.rows()[1]
    desk.chat.choose_model("refuse")
    desk.wait_notice("does not exist")
    desk.chat.regenerate()
    desk.wait_card("does not exist")
    desk.wait_idle()
    assert desk.rows()[1:] == [before]
    assert desk.page.transcript.message_text(before.id) == "hello"


def test_a_model_chosen_while_another_is_loaded_comes_next(open_desk: Open) -> None:
    desk = open_desk()
    desk.wait(lambda: desk.page.picker.state is LoadState.LOADING)
    desk.chat.choose_model("slow")
    desk.wait(lambda: desk.page.picker.state is LoadState.LOADED)
    assert desk.seedling.replies.load.path == "/models/slow.gguf"


# --- models ----------------------------------------------------------------------------------------------------------


def test_a_chosen_model_is_loaded_and_remembered(open_desk: Open) -> None:
    desk = open_desk()
    desk.wait(lambda: desk.page.picker.state is LoadState.LOADED)  # the starter is ready before it is asked
    desk.chat.choose_model("slow")
    assert desk.page.picker.state is not LoadState.LOADED
    desk.wait(lambda: desk.page.picker.state is LoadState.LOADED)
    desk.close()
    desk = open_desk()
    assert "slow" in desk.page.picker.text()
    assert desk.page.picker.state is LoadState.EMPTY  # loaded with the first message, not at the start


def test_every_chat_keeps_its_model(desk: Desk) -> None:
    desk.ask_and_wait("one")
    first = desk.chat.current
    desk.chat.new_chat()
    desk.chat.choose_model("slow")
    assert "slow" in desk.page.picker.text()
    desk.chat.open_chat(first)
    assert "starter" in desk.page.picker.text()


def test_unloading_frees_the_worker(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    desk.page.picker.unload_requested.emit()
    desk.wait(lambda: desk.page.picker.state is LoadState.EMPTY and not psutil.Process().children())
    desk.ask_and_wait("again")


def test_another_context_loads_the_model_again(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    states: list[LoadState] = []
    desk.seedling.replies.load_changed.connect(lambda state, _: states.append(state))
    desk.page.panel.context.setValue(256)
    desk.ask_and_wait("again")
    assert LoadState.LOADING in states


# --- the list --------------------------------------------------------------------------------------------------------


def test_renaming(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    model = desk.page.sidebar.list.model()
    model.setData(model.index_of(desk.chat.current), "  A <i>new</i>\n name ")
    desk.wait(lambda: titles(desk) == ["A <i>new</i> name"])
    assert desk.title() == "A <i>new</i> name"


def test_deleting_asks_first(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    desk.page.sidebar.delete_requested.emit(desk.chat.current)
    box = desk.page.findChild(QMessageBox)
    assert box.textFormat() == Qt.TextFormat.PlainText
    box.button(QMessageBox.StandardButton.Cancel).click()
    assert len(desk.store.chats()) == 1
    desk.page.sidebar.delete_requested.emit(desk.chat.current)
    box = desk.page.findChildren(QMessageBox)[-1]
    next(b for b in box.buttons() if box.buttonRole(b) == QMessageBox.ButtonRole.DestructiveRole).click()
    desk.wait(lambda: desk.store.chats() == [])
    desk.wait(lambda: titles(desk) == [])
    assert desk.chat.current is None


def test_deleting_a_chat_whose_reply_streams(desk: Desk) -> None:
    desk.ask("do count 100000 5")
    chat = desk.chat.current
    desk.chat.delete_chat(chat)
    desk.wait(lambda: desk.store.chats() == [])
    desk.wait(lambda: desk.seedling.replies.of(chat) is None)
    desk.ask_and_wait("hello")
    assert desk.page.transcript.failure() == ""


def test_searching_finds_titles_and_words(desk: Desk) -> None:
    for text in ("the fox", "the hen", "a dog"):
        desk.ask_and_wait(text)
        desk.chat.new_chat()
    desk.page.sidebar.search.setText("the")
    desk.wait(lambda: sorted(titles(desk)) == ["the fox", "the hen"])
    desk.page.sidebar.search.setText("zebra")
    desk.wait(lambda: titles(desk) == [])
    desk.page.sidebar.search.setText("")
    desk.wait(lambda: len(titles(desk)) == 3)


def test_a_late_answer_to_an_older_search_is_not_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.ask_and_wait("the fox")
    search, late = desk.store.search, threading.Event()

    def slow_search(text: str) -> list[int]:
        if text == "fox":
            late.wait(10)
        found: list[int] = search(text)
        return found

    monkeypatch.setattr(desk.store, "search", slow_search)
    desk.page.sidebar.search_changed.emit("fox")
    desk.page.sidebar.search_changed.emit("zebra")
    desk.wait(lambda: titles(desk) == [])
    late.set()
    desk.qtbot.wait(100)
    assert titles(desk) == []


# --- links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "//host/share", "javascript:alert(1)", "\\\\host\\x", "ssh://x"]
)
def test_only_web_and_mail_addresses_can_be_opened(desk: Desk, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    desk.page.transcript.link_activated.emit(address)
    assert desk.page.findChild(QMessageBox) is None


def test_a_link_is_opened_only_after_its_address_was_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(links.QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    desk.page.transcript.link_activated.emit("https://example.org/?q=<b>x</b>")
    box = desk.page.findChild(QMessageBox)
    assert box.textFormat() == Qt.TextFormat.PlainText
    assert "https://example.org/" in box.informativeText()
    assert opened == []
    next(b for b in box.buttons() if box.buttonRole(b) == QMessageBox.ButtonRole.AcceptRole).click()
    assert len(opened) == 1


def test_every_action_can_be_rebound_on_the_settings_page(desk: Desk) -> None:
    bound = {action.id for action in desk.seedling.actions.bound()}
    assert {"page_1", "page_2"} <= bound
    assert set(desk.seedling.settings_page.shortcuts.action_rows) == bound


def test_the_look_changes_and_is_kept(desk: Desk, qtbot: QtBot) -> None:
    desk.seedling.settings.set("theme", "dark")
    desk.wait(lambda: desk.window.palette().window().color().lightness() < 60)
    desk.seedling.settings.set("theme", "light")
    desk.wait(lambda: desk.window.palette().window().color().lightness() > 200)
    assert desk.settings.path.read_text().count("light") == 1
