"""The transcript: what it shows, how it grows, what can be copied and found, and what it never does."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from markdown_texts import random_text
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QRect, Qt, QUrl
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QImage,
    QKeySequence,
    QPaintEvent,
    QPalette,
    QTextBlock,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.chat import transcript
from app.chat.reading import selected_text
from app.chat.transcript import Transcript
from app.chat.typeset import Colours, Property, contrast, kind_of
from app.messages import Notice

TEXT = """# Title

Some *text* with `code` and [a link](https://example.org/a?b=1).

1. one
2. two
   - nested

```python
def f(x):
    return x  # done
```

| a | b |
|---|--:|
| 1 | 2 |

> quoted

The end 👩‍👩‍👧‍👦.
"""


@pytest.fixture
def view(qtbot: QtBot) -> Transcript:
    view = Transcript()
    view.set_statistics_shown(True)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    qtbot.waitExposed(view)
    return view


def blocks(view: Transcript) -> list[QTextBlock]:
    out = []
    block = view.document().firstBlock()
    while block.isValid():
        out.append(block)
        block = block.next()
    return out


def texts(view: Transcript, *kinds: str) -> list[str]:
    return [block.text() for block in blocks(view) if kind_of(block) in (kinds or ("text",))]


def structure(view: Transcript) -> list[Any]:
    """Everything that makes a document what it looks like: text, block formats, runs and their formats."""
    out: list[Any] = []
    for block in blocks(view):
        form = block.blockFormat()
        properties = {p: v for p, v in form.properties().items() if p != Property.COPY}
        properties.pop(0x1100, None)  # index of the table, a number of Qt's own
        runs = []
        iterator = block.begin()
        while not iterator.atEnd():
            fragment = iterator.fragment()
            char = fragment.charFormat()
            look = (char.fontItalic(), char.fontWeight(), char.fontFixedPitch(), char.foreground().color().name())
            runs.append((fragment.text(), look, re.sub(r"copy-code:\d+", "copy-code", char.anchorHref())))
            iterator += 1
        out.append((block.text(), {k: str(v) for k, v in properties.items()}, runs))
    return out


def show_whole(view: Transcript, text: str) -> list[Any]:
    view.clear()
    view.add_message(1, "assistant", text, "foot")
    view.settle()
    return structure(view)


def show_streamed(view: Transcript, text: str, chance: random.Random) -> list[Any]:
    view.clear()
    view.begin_message(1, "assistant")
    at = 0
    most = max(3, len(text) // chance.choice([3, 10, 40]))
    while at < len(text):
        size = chance.randint(1, most)
        view.append(text[at : at + size])
        if chance.random() < 0.8:
            view.settle()
        at += size
    view.end_message("foot")
    return structure(view)


def select(view: Transcript, start: int, end: int) -> None:
    cursor = QTextCursor(view.document())
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)


def clipboard(view: Transcript) -> str:
    view.selectAll()
    view.copy()
    return QGuiApplication.clipboard().text()


def click_link(view: Transcript, name: str) -> None:
    """Follow the link with this text by keyboard, as a person does."""
    document = view.document()
    found = document.find(name)
    while not found.isNull() and not found.charFormat().isAnchor():
        found = document.find(name, found)
    assert not found.isNull(), name
    view.setFocus()
    view.setTextCursor(found)
    QTest.keyClick(view, Qt.Key.Key_Return)


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


# --- long lines ------------------------------------------------------------------------------------------------------


def longest_block(view: Transcript) -> int:
    return max(block.length() for block in blocks(view))


@pytest.mark.parametrize("role", ["user", "assistant"])
def test_an_unbroken_line_is_divided_and_copied_whole(view: Transcript, role: str) -> None:
    line = "".join(random.Random(1).choice("abcdefXYZ0189+/") for _ in range(400_000))
    view.add_message(1, role, line)
    view.settle()
    assert longest_block(view) <= 2001
    assert view.message_text(1) == line
    name = texts(view, "label")[0]
    assert clipboard(view) == f"{name}\n{line}"
    assert view.find(line[1990:2010])
    assert selected_text(view.textCursor()) == line[1990:2010]


def test_an_unbroken_line_that_streams(view: Transcript) -> None:
    view.begin_message(1, "assistant")
    sizes: list[int] = []
    view.document().contentsChange.connect(lambda position, removed, added: sizes.append(max(removed, added)))
    for _ in range(400):
        view.append("A" * 1000)
        view.settle()
    view.end_message()
    assert longest_block(view) <= 2001
    assert max(sizes) < 10_000  # an update costs the same at the end as at the start
    assert sum(len(text) for text in texts(view)) == 400_000


def test_a_long_line_of_code(view: Transcript) -> None:
    code = "x = '" + "é👩‍👧B" * 3000 + "'"
    view.add_message(1, "assistant", f"```python\n{code}\n\nprint(x)\n```\n")
    view.settle()
    assert longest_block(view) <= 4001  # in UTF-16
    click_link(view, "Copy")
    assert QGuiApplication.clipboard().text() == f"{code}\n\nprint(x)"


# --- copying ---------------------------------------------------------------------------------------------------------


def test_copy_button_of_a_listing(qtbot: QtBot, view: Transcript) -> None:
    code = "def f():\n\n    '''é 👩‍👧'''\n\treturn  1  \n"
    view.add_message(1, "assistant", f"Text\n\n```python\n{code}\n```\n\n```\nother\n```\n- x\n  ```\n  nested\n  ```")
    view.settle()
    with qtbot.waitSignal(view.copied) as copied:
        click_link(view, "Copy")
    assert copied.args == [code]
    assert QGuiApplication.clipboard().text() == code
    document = view.document()
    links = [found for found in [document.find("Copy")] if not found.isNull()]
    while not (found := document.find("Copy", links[-1])).isNull():
        links.append(found)
    for link, expected in zip(links, [code, "other", "nested"], strict=True):
        view.setTextCursor(link)
        QTest.keyClick(view, Qt.Key.Key_Return)
        assert QGuiApplication.clipboard().text() == expected


def test_copy_button_while_the_listing_grows(view: Transcript) -> None:
    view.begin_message(1, "assistant")
    view.append("```python\n" + "x = 1\n" * 100 + "y = ")
    view.settle()
    click_link(view, "Copy")
    assert QGuiApplication.clipboard().text() == "x = 1\n" * 100 + "y = "


def test_a_selection_is_copied_as_plain_text(view: Transcript) -> None:
    view.add_message(1, "user", "one\n\ntwo")
    view.add_message(2, "assistant", TEXT, "5 tok/s")
    view.settle()
    copied = clipboard(view)
    assert copied == (
        "You\none\n\ntwo\n\nSeedling\nTitle\n\nSome text with code and a link.\n\n1. one\n2. two\n◦ nested\n\n"
        "def f(x):\n    return x  # done\n\na\tb\n1\t2\n\nquoted\n\nThe end 👩‍👩‍👧‍👦."
    )
    data = view.createMimeDataFromSelection()
    assert data.formats() == ["text/plain"]


def test_a_selection_within_lines(view: Transcript) -> None:
    view.add_message(1, "assistant", "👩‍👩‍👧‍👦 first\n\nsecond")
    view.settle()
    start = view.document().find("first").selectionStart()
    end = view.document().find("second").selectionStart() + 3
    select(view, start + 1, end)
    assert selected_text(view.textCursor()) == "irst\n\nsec"


def test_a_selection_of_cells(view: Transcript) -> None:
    view.add_message(1, "assistant", "| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |\n| 4 | 5 | 6 |")
    view.settle()
    select(view, view.document().find("2").selectionStart(), view.document().find("6").selectionEnd())
    assert selected_text(view.textCursor()) == "2\t3\n5\t6"


def test_a_selection_of_a_footer_alone(view: Transcript) -> None:
    view.add_message(1, "assistant", "a", "12 tok/s")
    view.settle()
    found = view.document().find("12 tok/s")
    select(view, found.selectionStart(), found.selectionEnd())
    assert selected_text(view.textCursor()) == "12 tok/s"


def test_copy_message_from_the_menu(qtbot: QtBot, view: Transcript) -> None:
    view.add_message(1, "user", "question")
    view.add_message(2, "assistant", "**answer**")
    view.settle()
    place = view.cursorRect(view.document().find("answer")).center()
    view.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.mapToGlobal(place)))
    menu = next(menu for menu in view.findChildren(QMenu) if menu.isVisible())
    action = next(action for action in menu.actions() if action.text() == "Copy message")
    with qtbot.waitSignals([view.copied, view.action_requested]):
        action.trigger()
    menu.close()
    assert QGuiApplication.clipboard().text() == "**answer**"


# --- finding ---------------------------------------------------------------------------------------------------------


def found(view: Transcript, text: str, backwards: bool = False) -> tuple[str, int] | None:
    if not view.find(text, backwards):
        return None
    return selected_text(view.textCursor()), view.textCursor().selectionStart()


def test_find_goes_round(view: Transcript) -> None:
    view.add_message(1, "user", "apple pear")
    view.add_message(2, "assistant", "An **Apple** and 👩‍👧 an `APPLE`.\n\n- apple")
    places = [found(view, "apple") for _ in range(5)]
    assert [place and place[0] for place in places] == ["apple", "Apple", "APPLE", "apple", "apple"]
    assert places[4] == places[0]
    assert len({place and place[1] for place in places}) == 4
    back = [found(view, "apple", backwards=True) for _ in range(4)]
    assert back == [places[3], places[2], places[1], places[0]]
    assert not view.find("zebra")
    assert not view.find("")
    assert view.textCursor().selectedText() == "apple"


def test_find_while_the_word_is_typed(view: Transcript) -> None:
    view.add_message(1, "assistant", "pear peach\n\npeach")
    starts = []
    for word in ("p", "pe", "pea", "peac", "peach", "peach"):
        assert view.find(word)
        starts.append(view.textCursor().selectionStart())
    first, second, third = (view.document().find("pear").selectionStart() + offset for offset in (0, 5, 11))
    assert starts == [first, first, first, second, second, third]


def test_find_across_lines_and_not_in_captions(view: Transcript) -> None:
    view.add_message(1, "user", "one two\nthree")
    view.add_message(2, "assistant", "```python\nx\n```", "seconds")
    assert found(view, "two\nthree") == ("two\nthree", view.document().find("two").selectionStart())
    for caption in ("You", "Seedling", "python", "Copy", "seconds"):
        assert not view.find(caption)


def test_find_shows_what_it_found(view: Transcript) -> None:
    view.add_message(1, "assistant", "needle\n\n" + "\n\n".join(f"Paragraph {i}." for i in range(200)))
    view.settle()
    assert view.find("needle")
    assert view.viewport().rect().contains(view.cursorRect())


def test_find_in_a_chat_that_is_still_being_laid_out(view: Transcript) -> None:
    for key in range(300):
        view.add_message(key, "assistant", f"message number {key}.")
    assert found(view, "number 3.") is not None


# --- what a text can never do ----------------------------------------------------------------------------------------

HOSTILE = (
    "![a](//127.0.0.1/share/x.png) ![b](file://{path}) ![c]({path}) ![d](https://e.org/x.png) ![e][r]\n\n"
    '<img src="{path}"> <img src="file://{path}">\n\n<link rel=stylesheet href="{path}">\n\n<style>@import "{path}";'
    "</style>\n\n<table background='{path}'><tr><td>x</table>\n\n[r]: {path}\n\n| ![f]({path}) |\n|---|\n"
    "| <img src='{path}'> |\n\n```html\n<img src='{path}'>\n```\n"
)


def test_no_resource_is_ever_loaded(view: Transcript, tmp_path: Path) -> None:
    picture = tmp_path / "x.png"
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    assert image.save(str(picture))
    for name in (str(picture), QUrl.fromLocalFile(str(picture)), QUrl(str(picture)), "//127.0.0.1/share/x.png"):
        for kind in QTextDocument.ResourceType:
            resource = view.loadResource(kind.value, name)
            assert isinstance(resource, QImage)
            assert resource.isNull()
        through_qt = view.document().resource(QTextDocument.ResourceType.ImageResource.value, QUrl(name))
        assert not isinstance(through_qt, QImage) or through_qt.isNull()


def test_nothing_a_model_wrote_is_an_image_or_html(view: Transcript, tmp_path: Path) -> None:
    text = HOSTILE.format(path=tmp_path / "x.png")
    view.add_message(1, "assistant", text, "<img src='/x'>")
    view.add_message(2, "user", text)
    view.add_message(3, "<img src='/x'>", "a")
    view.show_failure(Notice(text))
    view.settle()
    content = "".join(block.text() for block in blocks(view))
    assert "\ufffc" not in content
    assert content.count(str(tmp_path)) > 10
    for block in blocks(view):
        iterator = block.begin()
        while not iterator.atEnd():
            assert not iterator.fragment().charFormat().isImageFormat()
            iterator += 1


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_nothing_is_opened_because_of_a_text(tmp_path: Path) -> None:
    """The system's own account of every file that was opened and every address that was called."""
    canary = tmp_path / "canary-7f3a.png"
    canary.write_bytes(b"x")
    text = tmp_path / "text.md"
    text.write_text(HOSTILE.format(path=canary))
    program = (
        "import sys; from PySide6.QtWidgets import QApplication; from app.chat.transcript import Transcript\n"
        "app = QApplication([]); view = Transcript(); view.resize(600, 900); view.show()\n"
        "text = open(sys.argv[1]).read(); view.add_message(1, 'assistant', text); view.add_message(2, 'user', text)\n"
        "view.settle(); view.grab(); view.selectAll(); view.copy(); app.processEvents()"
    )
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-e", "trace=open,openat,stat,connect", "-o", str(trace), sys.executable, "-c", program]
    subprocess.run([*command, str(text)], check=True, timeout=120, cwd=Path(transcript.__file__).parents[2])
    calls = trace.read_text(errors="replace")
    assert "text.md" in calls
    assert "canary-7f3a" not in calls
    assert "127.0.0.1" not in calls


def test_links_are_only_announced(qtbot: QtBot, view: Transcript, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(url: QUrl) -> bool:
        raise AssertionError(url)

    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", opened)
    view.add_message(1, "assistant", "[web](https://example.org/a?b=1&c=%20) [mail](mailto:a@example.org)")
    view.settle()
    for name, address in (("web", "https://example.org/a?b=1&c=%20"), ("mail", "mailto:a@example.org")):
        with qtbot.waitSignal(view.link_activated) as activated:
            click_link(view, name)
        assert activated.args == [address]
    assert view.source().isEmpty()


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "//h/s", "/etc/passwd", "ftp://h/x", "qrc:/x", "smb://h/x", "x"]
)
def test_other_addresses_are_inert(qtbot: QtBot, view: Transcript, address: str) -> None:
    with qtbot.assertNotEmitted(view.link_activated):
        view.anchorClicked.emit(QUrl(address))
    assert view.source().isEmpty()
    assert not view.openLinks()


def test_nothing_can_be_dropped_or_written(view: Transcript) -> None:
    assert not view.acceptDrops()
    assert not view.viewport().acceptDrops()
    assert not view.canInsertFromMimeData(QMimeData())
    before = view.toPlainText()
    view.setFocus()
    QTest.keyClicks(view, "abc")
    assert view.toPlainText() == before
    assert view.isReadOnly()


@pytest.mark.parametrize(
    "unit", ["A", " ", "\n", "中", "👩‍👧", "ا", "z\u0335\u0321", "\0", "\ud800", "*", "[", "`", "> ", "- "]
)
def test_anything_can_be_pasted(view: Transcript, unit: str) -> None:
    text = unit * (30_000 // len(unit))
    view.add_message(1, "user", text)
    view.begin_message(2, "assistant")
    view.append(text)
    view.end_message()
    view.settle()
    assert longest_block(view) <= 4002
    assert view.message_text(1) == text


# --- looks and screen readers ----------------------------------------------------------------------------------------


def palette(base: str, text: str) -> QPalette:
    colours = QPalette()
    colours.setColor(QPalette.ColorRole.Base, QColor(base))
    colours.setColor(QPalette.ColorRole.Text, QColor(text))
    return colours


@pytest.mark.parametrize(("base", "text"), [("#ffffff", "#000000"), ("#1c1f1d", "#e5e9e6"), ("#000000", "#ffff00")])
def test_every_colour_can_be_read(base: str, text: str) -> None:
    colours = Colours.of(palette(base, text))
    for colour in (colours.text, colours.muted, colours.link):
        assert contrast(colour, QColor(base)) >= 4.5
    for colour in (colours.text, *colours.roles.values()):
        assert contrast(colour, colours.box) >= 4.5


def test_a_change_of_palette_changes_everything_shown(view: Transcript) -> None:
    view.add_message(1, "assistant", TEXT, "foot")
    view.begin_message(2, "assistant")
    view.append("Streaming ```x``` **b")
    view.settle()
    view.setPalette(palette("#ffffff", "#000000"))
    view.settle()
    light = structure(view)
    view.setPalette(palette("#101010", "#f0f0f0"))
    view.settle()
    dark = structure(view)
    assert [row[0] for row in light] == [row[0] for row in dark]
    assert light != dark
    view.append("old** and more")
    view.end_message("done")
    assert texts(view)[-1] == "Streaming x bold and more"
    view.setPalette(palette("#ffffff", "#000000"))
    view.settle()
    assert structure(view)[: len(light) - 4] == light[: len(light) - 4]


def test_a_change_of_font_keeps_the_place(qtbot: QtBot, view: Transcript) -> None:
    for key in range(60):
        view.add_message(key, "assistant", f"message {key}")
    view.settle()
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    seen = view._first_in_view()
    assert seen is not None
    font = view.font()
    font.setPointSize(20)
    view.setFont(font)
    view.settle()
    after = view._first_in_view()
    assert after is not None
    assert after[0].key == seen[0].key
    assert view._style().em > 25


def test_screen_readers_get_the_text(view: Transcript) -> None:
    view.add_message(1, "user", "question")
    view.add_message(2, "assistant", "The *answer*.")
    view.settle()
    interface = QAccessible.queryAccessibleInterface(view)
    assert interface.text(QAccessible.Text.Name) == "Conversation"
    text = interface.textInterface()
    whole = text.text(0, text.characterCount())
    assert "question" in whole
    assert "The answer." in whole


def test_finished_lines_are_announced_politely(view: Transcript, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, QAccessible.AnnouncementPoliteness]] = []

    def update(event: QAccessibleAnnouncementEvent) -> None:
        if event.type() == QAccessible.Event.Announcement:
            said.append((event.message(), event.politeness()))

    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", update)
    view.begin_message(1, "assistant")
    for piece in ("One *sentence*.", "\n\nAnd", " another.\n\nx"):
        view.append(piece)
        view.settle()
    view.end_message()
    assert [text for text, _ in said] == ["One sentence.", "And another.\nx"]
    assert {politeness for _, politeness in said} == {QAccessible.AnnouncementPoliteness.Polite}


def test_select_all_by_key_takes_in_what_is_not_laid_out_yet(view: Transcript) -> None:
    for key in range(300):
        view.add_message(key, "user", f"message {key}")
    view.setFocus()
    QTest.keySequence(view, QKeySequence(QKeySequence.StandardKey.SelectAll))
    QTest.keySequence(view, QKeySequence(QKeySequence.StandardKey.Copy))
    copied = QGuiApplication.clipboard().text()
    assert "message 0\n" in copied
    assert copied.endswith("message 299")


def test_no_tooltips(view: Transcript) -> None:
    view.add_message(1, "assistant", '[a](https://e.org "<img src=/x>")')
    view.settle()
    assert view.toolTip() == ""
    for block in blocks(view):
        iterator = block.begin()
        while not iterator.atEnd():
            assert iterator.fragment().charFormat().toolTip() == ""
            iterator += 1


def test_boxes_are_painted_behind_listings_and_bubbles(view: Transcript) -> None:
    view.setPalette(palette("#ffffff", "#000000"))
    view.add_message(1, "user", "question")
    view.add_message(2, "assistant", "```\ncode\n```\n\n> quote")
    view.settle()
    image = view.viewport().grab().toImage()
    colours = {image.pixelColor(x, y).name() for y in range(image.height()) for x in range(60)}
    style = view._style().colours
    assert {style.bubble.name(), style.box.name(), style.border.name(), "#ffffff"} <= colours


def at_any_time(view: Transcript, act: Callable[[], None]) -> None:
    """Do something in every state: empty, waiting, laid out, streaming, ended."""
    act()
    view.add_message(1, "user", "a")
    act()
    view.settle()
    view.begin_message(2, "assistant")
    act()
    view.append("```python\nx")
    act()
    view.append("\n```\n\n| a |\n|--|\n| 1 |\n")
    act()
    view.end_message()
    act()


@pytest.mark.parametrize("act", ["style", "resize", "find", "failure", "statistics", "hand", "paint", "copy"])
def test_nothing_breaks_in_any_state(view: Transcript, act: str) -> None:
    acts: dict[str, Callable[[], object]] = {
        "style": lambda: view.changeEvent(QEvent(QEvent.Type.PaletteChange)),
        "resize": lambda: view.resize(random.randint(50, 900), random.randint(50, 900)),
        "find": lambda: view.find("x"),
        "failure": lambda: view.show_failure(random.choice([None, Notice("long words " * random.randint(1, 50))])),
        "statistics": lambda: view.set_statistics_shown(random.random() < 0.5),
        "hand": lambda: QTest.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier),
        "paint": view.grab,
        "copy": view.selectAll,
    }

    def do() -> None:
        acts[act]()

    at_any_time(view, do)
    view.settle()
    assert texts(view, "text", "code", "cell") == ["a", "x", "a", "1"]


def test_interval_is_within_what_was_promised() -> None:
    assert 30 <= transcript.INTERVAL <= 50


# --- other scripts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "italic"), [("*light*", True), ("*الضوء*", False), ("*光*", False), ("*אור*", False)])
def test_only_scripts_with_italics_are_slanted(view: Transcript, text: str, italic: bool) -> None:
    view.add_message(1, "assistant", text)
    view.settle()
    block = next(block for block in blocks(view) if kind_of(block) == "text")
    assert block.begin().fragment().charFormat().fontItalic() is italic


def test_the_windows_own_words_begin_where_its_language_does(view: Transcript, qapp: QApplication) -> None:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        view.add_message(1, "user", "hello")
        view.settle()
        label = next(block for block in blocks(view) if kind_of(block) == "label")
        assert label.blockFormat().layoutDirection() is Qt.LayoutDirection.RightToLeft
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
