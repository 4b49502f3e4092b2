"""The composer: keys, growth, and pasting anything."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.chat.composer import MOST_LINES, PASTE_LIMIT, Composer


@pytest.fixture
def composer(qtbot: QtBot) -> Composer:
    composer = Composer()
    qtbot.add_widget(composer)
    composer.resize(500, 100)
    composer.show()
    return composer


def paste(composer: Composer, text: str) -> None:
    data = QMimeData()
    data.setText(text)
    composer.field.insertFromMimeData(data)


def test_enter_sends_and_shift_enter_breaks_the_line(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.field, "one")
    with qtbot.assert_not_emitted(composer.send_requested):
        qtbot.keyClick(composer.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(composer.field, "two")
    with qtbot.wait_signal(composer.send_requested):
        qtbot.keyClick(composer.field, Qt.Key.Key_Return)
    assert composer.take() == "one\ntwo"
    assert composer.text() == ""


def test_nothing_but_space_is_not_sent(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.field, "   ")
    with qtbot.assert_not_emitted(composer.send_requested):
        qtbot.keyClick(composer.field, Qt.Key.Key_Return)


def test_the_button_sends_or_stops(composer: Composer, qtbot: QtBot) -> None:
    assert not composer.button.isEnabled()
    qtbot.keyClicks(composer.field, "x")
    with qtbot.wait_signal(composer.send_requested):
        composer.button.click()
    composer.set_streaming(True)
    with qtbot.wait_signal(composer.stop_requested), qtbot.assert_not_emitted(composer.send_requested):
        composer.button.click()
        qtbot.keyClick(composer.field, Qt.Key.Key_Return)


def test_it_grows_with_its_text_up_to_a_limit(composer: Composer) -> None:
    heights = []
    for lines in (1, 3, MOST_LINES, 50):
        composer.field.setPlainText("\n".join("x" * lines))
        heights.append(composer.field.height())
    assert heights[0] < heights[1] < heights[2] == heights[3]


def test_a_short_paste_is_text_and_a_rich_one_too(composer: Composer) -> None:
    data = QMimeData()
    data.setHtml("<b>bold</b><img src='//host/share'>")
    data.setText("bold")
    composer.field.insertFromMimeData(data)
    assert composer.text() == "bold"


PASTES = {
    "letters": "A" * 1_000_000,
    "spaces and letters": " x" * 500_000,
    "newlines": "\n" * 999_999 + "x",
    "chinese": "水" * 1_000_000,
    "emoji": "👩‍🚀" * 250_000,
    "right to left": "שלום " * 200_000,
    "zalgo": "Z̷̢̛͙͎̈́" * 100_000,
    "nul": "\0" * 999_999 + "x",
    "long line": "y" * 5_000,
}


@pytest.mark.parametrize("name", PASTES)
def test_pasting_a_million_characters_neither_freezes_nor_loses_any(composer: Composer, name: str) -> None:
    text = PASTES[name]
    composer.field.setPlainText("before")
    paste(composer, text)
    composer.grab()
    assert composer.text() == f"before\n\n{text}"


def test_half_a_character_does_not_get_in(composer: Composer) -> None:
    paste(composer, "a\ud83db")
    assert composer.text().encode() in (b"ab", b"a?b")


def test_a_long_paste_can_be_taken_back(composer: Composer) -> None:
    paste(composer, "x" * (PASTE_LIMIT + 1))
    paste(composer, "y" * (PASTE_LIMIT + 1))
    assert composer.button.isEnabled()
    composer.findChildren(QPushButton)[0].click()
    assert composer.text() == "y" * (PASTE_LIMIT + 1)
    composer.findChildren(QPushButton)[-1].click()
    assert composer.text() == ""
    assert not composer.button.isEnabled()


def test_what_comes_back_stands_before_what_was_written_since(composer: Composer) -> None:
    composer.field.setPlainText("later")
    composer.restore("earlier")
    assert composer.text() == "earlier\nlater"
    composer.restore("z" * (PASTE_LIMIT + 1))
    assert len(composer.text()) > PASTE_LIMIT
