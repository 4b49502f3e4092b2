"""How the transcript looks and what screen readers hear."""

from __future__ import annotations

import pytest
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QGuiApplication,
    QKeySequence,
    QPalette,
)
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from transcript_views import TEXT, blocks, structure, texts

from app.chat.transcript import Transcript
from app.chat.typeset import Colours, contrast

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
    assert view.style_of_text().em > 25


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
    style = view.style_of_text().colours
    assert {style.bubble.name(), style.box.name(), style.border.name(), "#ffffff"} <= colours
