"""Acting on messages: versions, editing, continuing, deleting; and what a reply is said to do until it ends."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QPushButton

from app.chat.phase import Phase
from engine.chat.messages import Message
from engine.errors import EngineError

Desk = Any  # tests/app/conftest.py


def said(desk: Desk) -> list[str]:
    """What the store shows of the chat; the transcript shows the same."""
    transcript = desk.page.transcript
    desk.wait(lambda: transcript.shown() == [row.id for row in desk.rows()])
    stored = [row.message.content for row in desk.rows()]
    assert [transcript.message_text(key) for key in transcript.shown()] == stored
    return stored


def act(desk: Desk, place: int, action: str) -> None:
    """On the message at this place, and wait until it is done."""
    before = [(row.id, row.message, row.state) for row in desk.rows()]
    desk.page.transcript.act(desk.rows()[place].id, action)
    desk.wait(lambda: [(row.id, row.message, row.state) for row in desk.rows()] != before)
    desk.wait_idle()


def edit(desk: Desk, place: int, text: str) -> None:
    desk.page.transcript.act(desk.rows()[place].id, "edit")
    desk.page.composer.field.selectAll()
    desk.ask_and_wait(text)


def versions(desk: Desk) -> list[tuple[int, int]]:
    shown = desk.page.transcript._messages.values()
    return [tuple(message.version) for message in shown]


def confirm(desk: Desk) -> QMessageBox:
    box: QMessageBox = desk.page.findChildren(QMessageBox)[-1]
    next(b for b in box.buttons() if box.buttonRole(b) == QMessageBox.ButtonRole.DestructiveRole).click()
    return box


# --- versions --------------------------------------------------------------------------------------------------------


def test_a_regenerated_reply_stands_beside_the_old_one(desk: Desk) -> None:
    desk.ask_and_wait("do count 3")
    first = desk.rows()[1].id
    desk.chat.regenerate()
    desk.wait(lambda: desk.rows()[-1].id != first)
    desk.wait_idle()
    assert desk.rows()[1].versions == (first, desk.rows()[1].id)
    assert said(desk) == ["do count 3", "0 1 2 "]
    assert versions(desk) == [(1, 1), (2, 2)]
    act(desk, 1, "previous")
    assert desk.rows()[1].id == first
    assert said(desk) == ["do count 3", "0 1 2 "]
    assert versions(desk) == [(1, 1), (1, 2)]


def test_an_edited_message_begins_another_branch_and_the_old_one_comes_back(desk: Desk) -> None:
    desk.ask_and_wait("one")
    desk.ask_and_wait("two")
    edit(desk, 0, "uno")
    assert said(desk) == ["uno", "uno"]
    assert versions(desk)[0] == (2, 2)
    act(desk, 0, "previous")
    assert said(desk) == ["one", "one", "two", "two"]
    act(desk, 0, "next")
    assert said(desk) == ["uno", "uno"]
    desk.ask_and_wait("due")
    assert said(desk) == ["uno", "uno", "due", "due"]
    act(desk, 0, "previous")
    assert said(desk) == ["one", "one", "two", "two"]


def test_the_model_sees_only_the_branch_that_is_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.ask_and_wait("one")
    desk.ask_and_wait("two")
    sent: list[dict[str, Any]] = []
    submit = desk.client.submit
    monkeypatch.setattr(desk.client, "submit", lambda job, params: (sent.append(params), submit(job, params))[1])
    edit(desk, 2, "due")
    assert [m["content"] for m in sent[-1]["messages"]] == ["one", "one", "due"]
    act(desk, 1, "regenerate")
    assert [m["content"] for m in sent[-1]["messages"]] == ["one"]
    assert said(desk) == ["one", "one"]  # what followed the old reply waits beside it
    act(desk, 1, "previous")
    assert said(desk) == ["one", "one", "due", "due"]


def test_versions_are_there_after_reopening(open_desk: Any) -> None:
    desk = open_desk()
    desk.ask_and_wait("one")
    edit(desk, 0, "uno")
    desk.close()
    desk = open_desk()
    assert said(desk) == ["uno", "uno"]
    assert versions(desk) == [(2, 2), (1, 1)]


# --- editing ---------------------------------------------------------------------------------------------------------


def test_editing_keeps_the_draft_and_escape_brings_it_back(desk: Desk) -> None:
    desk.ask_and_wait("one")
    desk.write("a draft")
    desk.page.transcript.act(desk.rows()[0].id, "edit")
    composer = desk.page.composer
    assert composer.editing
    assert composer.text() == "one"
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Escape)
    assert not composer.editing
    assert composer.text() == "a draft"
    edit(desk, 0, "uno")
    assert composer.text() == "a draft"
    assert said(desk) == ["uno", "uno"]


def test_up_in_an_empty_composer_edits_the_last_message(desk: Desk) -> None:
    desk.ask_and_wait("one")
    desk.page.composer.restore("two\nlines")
    desk.ask_and_wait(" or more")
    field = desk.page.composer.field
    desk.qtbot.keyClick(field, Qt.Key.Key_Up)
    assert desk.page.composer.editing
    assert desk.page.composer.text() == desk.rows()[2].message.content
    desk.page.composer.end_editing()
    desk.write("x")
    desk.qtbot.keyClick(field, Qt.Key.Key_Up)
    assert not desk.page.composer.editing


def test_another_chat_ends_editing(desk: Desk) -> None:
    desk.ask_and_wait("one")
    first = desk.chat.current
    desk.write("draft")
    desk.chat.edit_last()
    desk.chat.new_chat()
    assert not desk.page.composer.editing
    desk.chat.open_chat(first)
    assert desk.page.composer.text() == "draft"
    desk.page.composer.take()
    desk.ask_and_wait("two")
    assert said(desk) == ["one", "one", "two", "two"]


def test_an_edit_that_cannot_be_stored_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.ask_and_wait("one")
    full: Future[int] = Future()
    full.set_exception(EngineError("disk_full", place="seedling.db"))
    desk.chat.edit_last()
    desk.write(" more")
    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "add_message", lambda *_, **__: full)
        desk.press_enter()
        desk.wait_notice("The disk is full")
    assert desk.page.composer.editing
    assert desk.page.composer.text() == "one more"
    assert said(desk) == ["one", "one"]
    desk.press_enter()
    desk.wait(lambda: len(desk.begun) == 2)
    desk.wait_idle()
    assert said(desk) == ["one more", "one more"]


# --- continuing ------------------------------------------------------------------------------------------------------


def test_a_stopped_reply_goes_on_in_the_same_message(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.ask("do count 100000 5")
    reply = desk.seedling.replies.of(desk.chat.current)
    desk.wait(lambda: len(reply.parts) > 3)
    desk.chat.stop()
    desk.wait_idle()
    stopped = desk.rows()[1]
    assert stopped.state == "cancelled"
    sent: list[dict[str, Any]] = []
    submit = desk.client.submit

    def shorter(job: str, params: dict[str, Any]) -> Any:
        sent.append(params)
        return submit(job, {**params, "do": "count 3"})

    monkeypatch.setattr(desk.client, "submit", shorter)
    act(desk, 1, "continue")
    desk.wait(lambda: desk.rows()[1].state == "done")
    question, whole = desk.rows()
    assert sent[0]["options"]["continue_final_message"] is True
    assert sent[0]["messages"] == [question.message.to_json(), stopped.message.to_json()]
    assert whole.id == stopped.id
    assert whole.versions == (stopped.id,)
    assert said(desk)[1] == stopped.message.content + "0 1 2 "
    assert whole.stats["output_tokens"] == stopped.stats["output_tokens"] + 3


def test_a_continuation_that_fails_at_once_leaves_the_reply_as_it_was(desk: Desk) -> None:
    desk.ask("do count 100000 5")
    reply = desk.seedling.replies.of(desk.chat.current)
    desk.wait(lambda: len(reply.parts) > 3)
    desk.chat.stop()
    desk.wait_idle()
    before = desk.rows()
    desk.chat.choose_model("refuse")
    desk.wait_notice("does not exist")
    for attempt in range(2):
        if attempt == 0:
            desk.page.transcript.act(before[1].id, "continue")
        else:
            press(desk, "Try again")
        desk.wait(lambda attempt=attempt: len(desk.begun) == 2 + attempt)
        desk.wait_idle()
        desk.wait_card("does not exist")
        assert desk.rows() == before
        said(desk)


def press(desk: Desk, text: str) -> None:
    next(button for button in desk.page.transcript.findChildren(QPushButton) if button.text() == text).click()


def test_closing_while_a_reply_goes_on_keeps_all_of_it(open_desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = open_desk()
    desk.ask("do count 100000 5")
    reply = desk.seedling.replies.of(desk.chat.current)
    desk.wait(lambda: len(reply.parts) > 3)
    desk.chat.stop()
    desk.wait_idle()
    before = desk.rows()[1].message.content
    submit = desk.client.submit
    endless = {"do": "count 100000 5"}
    monkeypatch.setattr(desk.client, "submit", lambda job, params: submit(job, {**params, **endless}))
    desk.page.transcript.act(desk.rows()[1].id, "continue")
    desk.wait(lambda: len(desk.begun) == 2 and len(desk.begun[-1].parts) > 3)
    shown = desk.begun[-1].text
    desk.close()
    kept = open_desk().rows()[1]
    assert kept.state == "interrupted"
    assert kept.message.content.startswith(shown)
    assert shown.startswith(before)


@pytest.mark.parametrize("action", ["regenerate", "continue"])
def test_closing_before_the_first_word_leaves_what_was_there(open_desk: Any, action: str) -> None:
    desk = open_desk()
    desk.ask("do count 100000 5")
    reply = desk.seedling.replies.of(desk.chat.current)
    desk.wait(lambda: len(reply.parts) > 3)
    desk.chat.stop()
    desk.wait_idle()
    before = desk.rows()
    desk.chat.choose_model("hang")
    desk.page.transcript.act(before[1].id, action)
    desk.wait(lambda: len(desk.begun) == 2)
    desk.close()
    assert open_desk().rows() == before


# --- deleting --------------------------------------------------------------------------------------------------------


def test_deleting_asks_first_and_takes_what_follows(desk: Desk) -> None:
    desk.ask_and_wait("one")
    desk.ask_and_wait("two")
    transcript = desk.page.transcript
    transcript.act(desk.rows()[2].id, "delete")
    desk.page.findChild(QMessageBox).button(QMessageBox.StandardButton.Cancel).click()
    assert len(said(desk)) == 4
    transcript.act(desk.rows()[2].id, "delete")
    box = confirm(desk)
    assert "cannot be brought back" in box.informativeText()
    desk.wait(lambda: len(desk.rows()) == 2)
    assert said(desk) == ["one", "one"]


def test_a_deleted_version_gives_way_to_the_one_before(desk: Desk) -> None:
    desk.ask_and_wait("one")
    desk.ask_and_wait("two")
    edit(desk, 0, "uno")
    desk.page.transcript.act(desk.rows()[0].id, "delete")
    confirm(desk)
    desk.wait(lambda: len(desk.rows()) == 4)
    assert said(desk) == ["one", "one", "two", "two"]
    assert versions(desk)[0] == (1, 1)


# --- while a reply is written ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["edit", "regenerate", "continue", "delete", "previous", "next"])
def test_nothing_but_copying_while_a_reply_is_written(desk: Desk, action: str) -> None:
    desk.ask_and_wait("one")
    desk.ask("do count 100000 5")
    before = [row.id for row in desk.rows()]
    desk.page.transcript.action_requested.emit(before[0], action)
    desk.chat.regenerate()
    desk.chat.edit_last()
    desk.qtbot.wait(50)
    assert [row.id for row in desk.rows()] == before
    assert not desk.page.composer.editing
    assert desk.page.findChild(QMessageBox) is None
    desk.wait(lambda: bool(desk.seedling.replies.of(desk.chat.current).parts))
    desk.chat.copy_last()
    assert QGuiApplication.clipboard().text().startswith("0 ")
    desk.chat.stop()
    desk.wait_idle()


def test_copying_the_last_reply(desk: Desk) -> None:
    desk.chat.copy_last()  # there is none: nothing happens
    desk.ask_and_wait("one")
    desk.ask_and_wait("do count 2")
    desk.chat.copy_last()
    assert QGuiApplication.clipboard().text() == "0 1 "


# --- states ----------------------------------------------------------------------------------------------------------


def feet(desk: Desk) -> list[str]:
    """The line under each message."""
    shown = desk.page.transcript._messages.values()
    return [message.foot(False)[1] for message in shown]


def test_a_reply_says_what_it_does_until_it_ends(desk: Desk) -> None:
    phases: list[tuple[Phase, int]] = []
    desk.seedling.replies.phase_changed.connect(lambda reply: phases.append((reply.phase, reply.percent)))
    desk.chat.choose_model("slow")
    desk.ask("do count 100000 5")
    desk.wait(lambda: "Loading the model" in feet(desk)[-1])
    desk.wait(lambda: phases[-1][0] is Phase.WRITING)
    desk.wait(lambda: feet(desk)[-1] == "")
    seen = [phase for phase, _ in phases]
    assert [phase for i, phase in enumerate(seen) if phase not in seen[:i]] == [
        Phase.LOADING,
        Phase.THINKING,
        Phase.WRITING,
    ]
    assert len({percent for phase, percent in phases if phase is Phase.LOADING}) > 5
    desk.chat.stop()
    assert feet(desk)[-1] == "Stopping…"
    assert desk.page.composer.button.accessibleName() == "Stopping…"
    assert not desk.page.composer.button.isEnabled()
    desk.wait_idle()
    assert feet(desk)[-1] == "Stopped by you"
    assert "Send" in desk.page.composer.button.accessibleName()


def test_words_that_come_while_it_stops_do_not_change_that_it_does(desk: Desk) -> None:
    desk.ask("do deaf")
    parts = desk.seedling.replies.of(desk.chat.current).parts
    desk.wait(lambda: len(parts) > 3)
    desk.chat.stop()
    stopped_at = len(parts)
    desk.wait(lambda: len(parts) > stopped_at + 3)
    assert feet(desk)[-1] == "Stopping…"
    desk.wait_idle()
    assert feet(desk)[-1] == "Stopped by you"


def test_the_state_is_there_after_looking_at_another_chat(desk: Desk) -> None:
    desk.ask("do hang")
    first = desk.chat.current
    desk.wait(lambda: bool(desk.seedling.replies.of(first).parts))
    desk.chat.new_chat()
    desk.ask("waiting")
    assert feet(desk)[-1].startswith("Waiting")
    desk.chat.open_chat(first)
    assert feet(desk)[-1] == ""
    desk.chat.stop()
    assert feet(desk)[-1] == "Stopping…"
    desk.wait(lambda: desk.seedling.replies.of(first) is None)


def test_a_failure_stands_in_its_chat_alone_and_goes_with_the_next_attempt(desk: Desk) -> None:
    desk.ask_and_wait("do fail not_found")
    desk.wait_card("does not exist")
    first = desk.chat.current
    assert desk.page.notice.text == ""
    desk.chat.new_chat()
    assert desk.page.transcript.failure() == ""
    desk.chat.open_chat(first)
    assert "does not exist" in desk.page.transcript.failure()
    desk.ask_and_wait("hello")
    assert desk.page.transcript.failure() == ""


def test_what_a_card_offers_is_done(desk: Desk) -> None:
    desk.ask_and_wait("do fail not_found")
    desk.wait_card("does not exist")
    press(desk, "Copy details")
    assert QGuiApplication.clipboard().text() == "scripted"
    press(desk, "Try again")
    desk.wait(lambda: len(desk.begun) == 2)
    desk.wait_idle()
    desk.wait_card("does not exist")
    desk.page.picker.showMenu = lambda: chosen.append(True)
    chosen: list[bool] = []
    press(desk, "Choose another model")
    assert chosen == [True]


def test_a_reply_cut_by_a_crash_says_so_after_reopening(open_desk: Any) -> None:
    desk = open_desk()
    desk.ask_and_wait("one")
    desk.store.add_message(desk.chat.current, Message("assistant", "half"), "streaming").result()
    desk.close()
    desk = open_desk()
    assert feet(desk) == ["", "", "Interrupted"]
