"""Thoughts in the transcript: folded above the reply, there for those who ask, and no part of what was said."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from transcript_views import TEXT, clipboard, structure, texts

from app.chat import thought as thought_module
from app.chat.phase import Phase
from app.chat.thought import Thought
from app.chat.transcript import Transcript

WORDS = "First, **this**.\n\nThen that 🌱.\n"


def unfold(view: Transcript, key: int = 1) -> None:
    """As the keyboard does."""
    block = view._messages[key].label.next()
    cursor = view.textCursor()
    cursor.setPosition(block.position())
    cursor.setPosition(block.position() + block.length() - 2, cursor.MoveMode.KeepAnchor)
    view.setFocus()
    view.setTextCursor(cursor)
    QTest.keyClick(view, Qt.Key.Key_Return)


def line(view: Transcript) -> str:
    (text,) = texts(view, "thought")
    return text.rstrip()


def test_a_thought_is_folded_until_it_is_asked_for(view: Transcript) -> None:
    view.add_message(1, "assistant", TEXT, "5 tok/s", thought=Thought([WORDS], 12.4))
    view.settle()
    folded = structure(view)
    assert line(view) == "▸ Thought for 12 s"
    assert texts(view, "thinking") == []
    unfold(view)
    assert line(view) == "▾ Thought for 12 s"
    assert texts(view, "thinking") == ["First, **this**.", "", "Then that 🌱.", ""]
    unfold(view)
    assert structure(view) == folded


def test_a_click_unfolds_it(qtbot: QtBot, view: Transcript) -> None:
    view.add_message(1, "assistant", "Hello", thought=Thought([WORDS], None))
    view.settle()
    assert line(view) == "▸ Thought"
    place = view.cursorRect(view.document().find("Though")).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert texts(view, "thinking")[0] == "First, **this**."


def test_the_keyboard_stays_at_the_line(view: Transcript) -> None:
    view.begin_message(1, "assistant")
    view.think("Hm")
    unfold(view)
    for shown in (["Hm"], [], ["Hm"]):
        assert texts(view, "thinking") == shown
        view._thoughts._tick.timeout.emit()
        assert view.textCursor().selectedText() == line(view)
        QTest.keyClick(view, Qt.Key.Key_Return)


def test_it_is_neither_copied_nor_found_with_the_reply(view: Transcript) -> None:
    view.add_message(1, "assistant", "Hello", thought=Thought([WORDS], 1))
    view.settle()
    unfold(view)
    assert clipboard(view) == "Seedling\nHello"
    assert not view.find("First")
    assert view.find("Hello")
    view.act(1, "copy")
    assert QGuiApplication.clipboard().text() == "Hello"
    assert "copy_thought" in view.offered(1)
    view.act(1, "copy_thought")
    assert QGuiApplication.clipboard().text() == WORDS


def test_what_can_be_seen_of_it_is_copied_where_it_alone_is_chosen(view: Transcript) -> None:
    view.add_message(1, "assistant", "Hello", thought=Thought([WORDS], 1))
    view.settle()
    unfold(view)
    view.setTextCursor(view.document().find("Then that"))
    view.copy()
    assert QGuiApplication.clipboard().text() == "Then that"


def test_seconds_are_counted_while_it_lasts(view: Transcript, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(thought_module, "monotonic", lambda: now)
    view.begin_message(1, "assistant")
    view.set_phase(Phase.THINKING)
    assert texts(view, "footer") == ["Thinking…"]
    view.think("Hm")
    assert (line(view), texts(view, "footer")) == ("▸ Thinking… 0 s", [""])
    now = 105.2
    view._thoughts._tick.timeout.emit()
    assert line(view) == "▸ Thinking… 5 s"
    now = 172.9
    view.append("Hello")
    assert line(view) == "▸ Thought for 1 min 12 s"
    now = 300.0
    view.append(" there")
    view.end_message()
    assert line(view) == "▸ Thought for 1 min 12 s"
    assert texts(view, "text") == ["Hello there"]
    assert not view._thoughts._tick.isActive()


def test_a_reply_that_only_thinks_ends_its_thought(view: Transcript) -> None:
    view.begin_message(1, "assistant")
    view.think("Hm")
    view.end_message(state="failed")
    assert line(view) == "▸ Thought for 1 s"


@pytest.mark.parametrize("unfolded", [False, True])
def test_a_thought_that_comes_piece_by_piece_looks_as_one_that_is_there(view: Transcript, unfolded: bool) -> None:
    chance = random.Random(7)
    thought = (WORDS + "long " * 900 + "\n") * 3
    view.add_message(1, "user", "Hi")
    view.add_message(2, "assistant", TEXT, "foot", thought=Thought([thought], 1))
    view.settle()
    whole = structure(view)
    view.clear()
    view.add_message(1, "user", "Hi")
    view.settle()
    view.begin_message(2, "assistant")
    at = 0
    while at < len(thought):
        size = chance.randint(1, 400)
        view.think(thought[at : at + size])
        if at == 0 and unfolded:
            unfold(view, 2)
        at += size
    for start in range(0, len(TEXT), 7):
        view.append(TEXT[start : start + 7])
    view.end_message("foot")
    if unfolded:
        assert "".join(texts(view, "thinking")) == thought.replace("\n", "")
        assert max(map(len, texts(view, "thinking"))) < 5000
        unfold(view, 2)
    assert structure(view) == whole


def test_unfolding_while_the_reply_is_written_disturbs_nothing(view: Transcript) -> None:
    view.add_message(1, "assistant", TEXT, "foot", thought=Thought([WORDS], 1))
    view.settle()
    whole = structure(view)
    view.clear()
    view.begin_message(1, "assistant")
    view.think(WORDS)
    for start in range(0, len(TEXT), 5):
        view.append(TEXT[start : start + 5])
        view.settle()
        unfold(view)
    if view._messages[1].thought.unfolded:
        unfold(view)
    view.end_message("foot")
    assert structure(view) == whole


def test_another_font_keeps_what_is_unfolded(view: Transcript) -> None:
    view.add_message(1, "assistant", "Hello", thought=Thought([WORDS], 1))
    view.settle()
    unfold(view)
    font = view.font()
    font.setPointSize(font.pointSize() + 4)
    view.setFont(font)
    view.settle()
    assert texts(view, "thinking")[0] == "First, **this**."
    assert texts(view, "text") == ["Hello"]


def test_a_reply_can_open_no_thought_by_a_link_of_its_own(view: Transcript) -> None:
    view.add_message(1, "assistant", "[x](thought:1) <a href='thought:1'>y</a>", thought=Thought([WORDS], 1))
    view.settle()
    anchors = {
        fragment[2]
        for _, _, runs in structure(view)
        for fragment in runs
        if fragment[2] and "Thought" not in fragment[0]
    }
    assert anchors == set()
