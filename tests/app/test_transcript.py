"""The transcript: how a reply grows, which messages stand there, how the view scrolls."""

from __future__ import annotations

import random

import pytest
from markdown_texts import random_text
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import (
    QImage,
    QPaintEvent,
)
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from transcript_views import TEXT, blocks, show_streamed, show_whole, texts

from app.chat import transcript
from app.chat.markdown import LONGEST_LINE
from app.chat.transcript import Transcript
from app.chat.typeset import Property, kind_of
from app.messages import Notice

# --- streaming -------------------------------------------------------------------------------------------------------


@pytest.mark.trial(sample=150, full=5000)
def test_a_streamed_reply_is_the_same_document(view: Transcript, trials: range) -> None:
    for seed in trials:
        chance = random.Random(seed)
        text = TEXT if seed == 0 else random_text(chance, long_runs=False)[:3000]
        streamed = show_streamed(view, text, chance)
        whole = show_whole(view, text)
        assert len(streamed) == len(whole), seed
        for mine, theirs in zip(streamed, whole, strict=True):
            assert mine == theirs, seed
        assert view.message_text(1) == text


def test_finished_lines_are_never_touched_again(view: Transcript) -> None:
    view.begin_message(1, "assistant")
    view.append("First paragraph.\n\nSecond paragraph.\n\nThird ")
    changes: list[int] = []
    view.document().contentsChange.connect(lambda position, removed, added: changes.append(position))
    limit = view.document().find("Third").selectionStart()
    for _ in range(50):
        view.append("word ")
        view.settle()
    assert len(changes) >= 50
    assert min(changes) >= limit


def test_a_growing_paragraph_only_gets_what_is_new(view: Transcript) -> None:
    view.begin_message(1, "assistant")
    view.append("Some **strong** words")
    removed: list[int] = []
    view.document().contentsChange.connect(lambda position, gone, added: removed.append(gone))
    for _ in range(20):
        view.append(" more")
        view.settle()
    assert max(removed) == 0


class PaintWatch(QObject):
    """Where the view was painted: the top of each area."""

    def __init__(self, view: Transcript) -> None:
        super().__init__(view)
        self.tops: list[int] = []
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.tops.append(event.rect().top())
        return False


def test_streaming_does_not_paint_earlier_text(qtbot: QtBot, view: Transcript) -> None:
    view.begin_message(1, "assistant")
    view.append("A paragraph.\n\n" * 5 + "The last ")
    view.settle()
    qtbot.wait(60)
    watch = PaintWatch(view)
    line = view.cursorRect(view.document().find("The last")).top()
    for _ in range(5):
        painted = len(watch.tops)
        view.append("word ")
        view.settle()
        qtbot.waitUntil(lambda before=painted: len(watch.tops) > before, timeout=2000)
    assert min(watch.tops) > line - 40


def test_updates_are_throttled_and_the_last_is_shown(qtbot: QtBot, view: Transcript) -> None:
    view.begin_message(1, "assistant")
    view.append("first")
    assert texts(view) == ["first"]  # at once
    changes: list[int] = []
    view.document().contentsChange.connect(lambda position, removed, added: changes.append(added))
    for _ in range(100):
        view.append(" x")
    assert not changes
    qtbot.waitUntil(lambda: texts(view) == ["first" + " x" * 100], timeout=2000)
    assert len(changes) == 1


def test_ending_shows_everything(view: Transcript) -> None:
    view.begin_message(1, "assistant")
    view.append("a")
    view.append("b **c")
    view.end_message("1 tok/s")
    assert texts(view) == ["ab **c"]
    assert texts(view, "footer") == ["1 tok/s"]


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("done", "3 tok/s"),
        ("length", "Length limit reached · 3 tok/s"),
        ("cancelled", "Stopped by you · 3 tok/s"),
        ("interrupted", "Interrupted · 3 tok/s"),
        ("failed", "Cut short by an error · 3 tok/s"),
    ],
)
def test_how_a_reply_ended_is_said_in_words(view: Transcript, state: str, shown: str) -> None:
    view.begin_message(1, "assistant")
    view.append("a")
    view.end_message("3 tok/s", state)
    assert texts(view, "footer") == [shown]
    view.set_statistics_shown(False)
    assert texts(view, "footer") == [shown.removesuffix("3 tok/s").removesuffix(" · ")]
    view.add_message(2, "assistant", "b", "4 tok/s", state)
    view.settle()
    assert texts(view, "footer")[1] == texts(view, "footer")[0]
    view.set_statistics_shown(True)
    assert texts(view, "footer") == [shown, shown.replace("3", "4")]


def test_an_unusual_ending_has_a_drawing(view: Transcript) -> None:
    def drawing() -> QImage:
        view.settle()
        place = view.cursorRect(view.document().find("Stopped"))
        return view.viewport().grab(QRect(place.left() - 2 * place.height(), place.top(), 25, 15)).toImage()

    view.set_statistics_shown(False)
    view.add_message(1, "assistant", "a", "", "cancelled")
    image = drawing()
    colours = {image.pixelColor(x, y).name() for y in range(image.height()) for x in range(image.width())}
    assert len(colours) > 1


def test_links_defined_late_are_links_at_the_end(view: Transcript) -> None:
    view.begin_message(1, "assistant")
    for piece in ("See [the page][1].\n\nMore.\n\nStill more.\n\n", "[1]: https://example.org/\n\n", "End."):
        view.append(piece)
        view.settle()
    assert texts(view)[0] == "See [the page][1]."
    view.end_message()
    assert texts(view) == ["See the page.", "More.", "Still more.", "End."]


def test_appending_needs_a_reply(view: Transcript) -> None:
    with pytest.raises(RuntimeError):
        view.append("a")


# --- messages --------------------------------------------------------------------------------------------------------


def test_what_a_person_wrote_is_shown_as_typed(view: Transcript) -> None:
    view.add_message(1, "user", "# not a *heading*\n\n<b>x</b> [a](http://e.org)")
    view.settle()
    assert texts(view, "label") == ["You"]
    assert texts(view) == ["# not a *heading*", "", "<b>x</b> [a](http://e.org)"]
    assert not any(kind_of(block) == "heading" for block in blocks(view))
    assert [bool(block.blockFormat().property(Property.BUBBLE)) for block in blocks(view)][1:3] == [True, True]


def test_messages_stand_in_order_however_they_come(view: Transcript) -> None:
    for key in range(5):
        view.add_message(key, "user" if key % 2 == 0 else "assistant", f"message {key}", f"foot {key}")
    view.begin_message(5, "assistant")  # before the others are laid out
    view.append("message 5")
    view.settle()
    view.add_message(6, "user", "message 6")
    view.append(" goes on")
    view.settle()
    assert texts(view) == [*(f"message {i}" for i in range(5)), "message 5 goes on", "message 6"]
    view.end_message("foot 5")
    assert texts(view, "footer") == [f"foot {i}" for i in range(6)] + [""]


def test_removing_and_changing_messages(view: Transcript) -> None:
    for key in range(4):
        view.add_message(key, "assistant", f"| message {key} |\n|---|\n| cell |", f"foot {key}")
    view.remove_message(3)  # not laid out yet
    view.settle()
    view.remove_message(1)
    view.remove_message(99)
    view.add_message(7, "assistant", "new")
    view.settle()
    assert texts(view, "footer") == ["foot 0", "foot 2", ""]
    assert texts(view, "cell", "text") == ["message 0", "cell", "message 2", "cell", "new"]
    view.remove_message(0)
    view.remove_message(2)
    view.remove_message(7)
    assert [kind_of(block) for block in blocks(view)] == ["filler", "end"]
    with pytest.raises(KeyError):
        view.message_text(7)


def test_a_reply_can_be_removed_while_it_is_written(view: Transcript) -> None:
    view.add_message(1, "user", "question")
    view.begin_message(2, "assistant")
    view.append("| a |\n|---|\n| 1")
    view.remove_message(2)
    view.settle()
    assert texts(view) == ["question"]
    view.begin_message(3, "assistant")
    view.append("again")
    view.end_message()
    assert texts(view) == ["question", "again"]


def test_clear(view: Transcript) -> None:
    view.add_message(1, "user", "question")
    view.begin_message(2, "assistant")
    view.append("a")
    view.append("b")
    view.show_failure(Notice("n"))
    view.clear()
    view.settle()
    assert "".join(block.text() for block in blocks(view)).strip("\u200b") == ""
    assert view.failure() == ""


def test_a_role_of_its_own_is_the_name_shown(view: Transcript) -> None:
    view.add_message(1, "starter\ufffc <b>", "a")
    view.settle()
    assert texts(view, "label") == ["starter\ufffd <b>"]


def test_a_long_chat_opens_at_its_newest_message(qtbot: QtBot, view: Transcript) -> None:
    for key in range(600):
        view.add_message(key, "assistant", f"message {key}\n\nwith *two* paragraphs", "foot")
    qtbot.waitUntil(lambda: "message 599" in texts(view), timeout=2000)
    assert "message 0" not in texts(view)
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    view.settle()
    assert texts(view)[::2] == [f"message {key}" for key in range(600)]
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()


def test_a_very_long_chat_is_laid_out_as_far_as_it_is_read(
    qtbot: QtBot, view: Transcript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript, "READY", 5000)
    for key in range(2000):
        view.add_message(key, "user", f"message {key}")
    qtbot.waitUntil(lambda: not view._laying.isActive(), timeout=5000)
    laid = len(texts(view))
    assert 100 < laid < 1500
    view.add_message(2000, "user", "message 2000")
    view.add_message(2001, "user", "message 2001")
    qtbot.waitUntil(lambda: not view._laying.isActive(), timeout=5000)
    assert texts(view)[-3:] == ["message 1999", "message 2000", "message 2001"]
    assert len(texts(view)) == laid + 2
    assert view.find("message 2001")
    assert view.find("message 2000", backwards=True)
    assert len(texts(view)) == laid + 2  # finding what is near needs no more
    view.verticalScrollBar().setValue(0)
    qtbot.waitUntil(lambda: len(texts(view)) > laid + 2, timeout=5000)
    assert view.find("message 7")
    assert texts(view) == [f"message {key}" for key in range(2002)]


@pytest.mark.parametrize("text", ["A" * 1_000_000, "שלום " * 110_000, "a\n" * 300_000])
def test_a_very_long_message_is_laid_out_a_little_at_a_time(qtbot: QtBot, view: Transcript, text: str) -> None:
    """Qt lays out what was inserted when the change ends, however long that takes."""
    added: list[int] = []
    view.document().contentsChange.connect(lambda _position, _removed, count: added.append(count))
    view.add_message(1, "user", text)
    qtbot.wait_until(lambda: sum(added) > 100_000)
    assert max(added) < 2 * transcript._SLICE_CHARACTERS + LONGEST_LINE


def test_laying_out_above_does_not_move_what_is_read(qtbot: QtBot, view: Transcript) -> None:
    for key in range(400):
        view.add_message(key, "assistant", f"message {key}\n\nwith *two* paragraphs", "foot")
    while view.verticalScrollBar().maximum() < 2000:
        view._lay(0.002, everything=True)
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    assert view._waiting
    read = view.cursorForPosition(QPoint(5, 250))  # stays with its words, whatever comes in above
    before = view.cursorRect(read).top()
    view.settle()
    assert abs(view.cursorRect(read).top() - before) <= 1  # bars count whole pixels, lines do not


# --- scrolling -------------------------------------------------------------------------------------------------------


def test_stays_at_the_bottom_until_the_person_scrolls_up(qtbot: QtBot, view: Transcript) -> None:
    bar = view.verticalScrollBar()
    view.begin_message(1, "assistant")
    for i in range(60):
        view.append(f"Paragraph {i}.\n\n")
        view.settle()
        assert bar.value() == bar.maximum()
    assert bar.maximum() > 0
    assert view._latest.isHidden()
    bar.setValue(100)
    assert view._latest.isVisible()
    for i in range(20):
        view.append(f"More {i}.\n\n")
        view.settle()
        assert bar.value() == 100
    view._latest.click()
    assert bar.value() == bar.maximum()
    assert view._latest.isHidden()
    view.append("More.\n\nMore.")
    view.settle()
    assert bar.value() == bar.maximum()


def test_keys_move_the_view(view: Transcript) -> None:
    view.add_message(1, "assistant", "\n\n".join(f"Paragraph {i}." for i in range(100)))
    view.settle()
    view.setFocus()
    bar = view.verticalScrollBar()
    bottom = bar.value()
    QTest.keyClick(view, Qt.Key.Key_PageUp)
    up = bar.value()
    assert up < bottom
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert bar.value() == 0
    QTest.keyClick(view, Qt.Key.Key_PageDown)
    assert 0 < bar.value() < up
    QTest.keyClick(view, Qt.Key.Key_End)
    assert bar.value() == bar.maximum()


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_a_line_has_60_to_80_characters_at_any_text_size(qtbot: QtBot, view: Transcript, factor: int) -> None:
    font = view.font()
    font.setPointSizeF(font.pointSizeF() * factor)
    view.setFont(font)
    view.resize(4000, 500)
    story = "She opened the window and the whole garden was full of birds that had come back over the sea. " * 40
    view.add_message(1, "assistant", story)
    view.settle()
    block = next(b for b in blocks(view) if kind_of(b) == "text")
    lines = [block.layout().lineAt(number).textLength() for number in range(block.layout().lineCount() - 1)]
    assert len(lines) > 20
    assert min(lines) >= 60
    assert max(lines) <= 84
    assert 60 <= sum(lines) / len(lines) <= 80


def test_the_column_is_in_the_middle(qtbot: QtBot, view: Transcript) -> None:
    view.resize(2000, 500)
    qtbot.wait(1)
    assert abs(view.viewport().x() - (2000 - view.viewport().width()) / 2) < 20
    view.resize(400, 500)
    qtbot.wait(1)
    assert view.viewport().width() > 370
    assert view.horizontalScrollBar().maximum() == 0
