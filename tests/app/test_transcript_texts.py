"""What of the transcript can be copied and found, long lines included, and in which scripts."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot
from transcript_views import TEXT, blocks, click_link, clipboard, longest_block, select, texts

from app.chat.reading import selected_text
from app.chat.transcript import Transcript
from app.chat.typeset import kind_of

# --- long lines ------------------------------------------------------------------------------------------------------


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
