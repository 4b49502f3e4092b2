"""How a text is cut: every token a box with its number and bytes, read on its ground, gone through by keys."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPalette
from pytestqt.qtbot import QtBot

from app.figures import number
from app.palettes import CONTRAST_DARK, CONTRAST_LIGHT, DARK, LIGHT, Colours, palette_of
from app.training.tokens_view import TokensView, tints_of, visible
from app.widgets.curves import luminance

Person = Any  # conftest.py


def pieces(*spelled: bytes) -> list[dict[str, Any]]:
    return [{"id": number, "bytes": each.hex()} for number, each in enumerate(spelled)]


@pytest.fixture
def view(qtbot: QtBot) -> TokensView:
    view = TokensView()
    qtbot.addWidget(view)
    view.resize(400, 300)
    with qtbot.wait_active(view):
        view.show()
    return view


@pytest.mark.parametrize(
    ("spelled", "seen"),
    [
        (b" the", "␣the"),
        (b"\n\n", "↵↵"),
        ("漢".encode(), "漢"),
        ("👩".encode()[:2], "F0 9F"),
        ("\u200d".encode(), "U+200D"),
        ("\u202e".encode(), "U+202E"),
        (b"<b>", "<b>"),
        (b"", ""),
    ],
)
def test_all_of_a_token_can_be_seen(spelled: bytes, seen: str) -> None:
    assert visible(spelled) == seen


@pytest.mark.parametrize("colours", [LIGHT, DARK, CONTRAST_LIGHT, CONTRAST_DARK])
def test_text_is_read_on_every_ground_and_neighbours_differ(colours: Colours) -> None:
    palette = palette_of(colours)
    text, edge = palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.Dark)
    tints = tints_of(palette)
    for tint, following in itertools.pairwise([*tints, tints[0]]):
        assert contrast(text, tint) >= 7
        assert contrast(edge, tint) >= 2.4
        assert tint != following


def contrast(one: QColor, other: QColor) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_numbers_and_facts(qtbot: QtBot, view: TokensView) -> None:
    view.show_pieces("a <b>", pieces(b"a", b" <", b"b>"), 2048, sampled=True)
    assert view._facts.text() == (
        f"3 tokens · 1.7 characters each · from a vocabulary of {number(2048)} · learnt from the beginning of your text"
    )
    view.strip.setFocus(Qt.FocusReason.TabFocusReason)
    assert view._token.text() == "a: token 0, bytes 61"
    qtbot.keyClick(view.strip, Qt.Key.Key_Right)
    assert view._token.text() == "␣<: token 1, bytes 20 3C" == view.strip.accessibleDescription()
    qtbot.keyClick(view.strip, Qt.Key.Key_End)
    assert view._token.text().startswith("b>")
    view.show_pieces("", [], 2048, sampled=False)
    assert view._facts.text() == f"0 tokens · from a vocabulary of {number(2048)}"


def test_boxes_stay_within_and_flow_as_the_text_is_read(qtbot: QtBot, view: TokensView) -> None:
    latin, arabic = pieces(*[b"token"] * 40, b"x" * 500), pieces(*["كلمة".encode()] * 40)
    view.show_pieces("abc", latin, 100, sampled=False)
    qtbot.wait(20)
    places = view.strip._placed()
    assert all(view.strip.rect().contains(place) for place in places)
    assert not any(a.intersects(b) for a, b in itertools.combinations(places, 2))
    assert places[0].x() < places[1].x()
    view.show_pieces("12 كلمة", arabic, 100, sampled=False)
    assert view.strip._placed()[0].x() > view.strip._placed()[1].x()
    qtbot.keyClick(view.strip, Qt.Key.Key_Left)
    qtbot.keyClick(view.strip, Qt.Key.Key_Left)
    assert "token 1" in view._token.text()


def test_a_text_is_cut_as_it_is_written_by_the_tokenizer_to_come(person: Person) -> None:
    person.prepare_data("texts")
    tokens = person.card.tokens
    person.click(person.prepare.questions.goal.button("new"))
    person.wait(person.foot.start.isEnabled)
    person.click(person.card.views.button("tokens"))
    person.wait(lambda: len(tokens.strip._boxes) == len("ZZ 0"))
    assert f"vocabulary of {number(2048)}" in tokens._facts.text()
    tokens.field.clear()
    tokens.field.insertPlainText("ab ü")
    person.wait(lambda: len(tokens.strip._boxes) == 5)
    person.training.planner.change("vocabulary", 512)
    person.wait(lambda: "vocabulary of 512" in tokens._facts.text())
    person.click(person.prepare.questions.goal.button("text"))
    person.wait(lambda: "vocabulary of 256" in tokens._facts.text())


def test_the_boxes_are_as_light_as_the_theme(person: Person) -> None:
    person.prepare_data("texts")
    person.click(person.card.views.button("tokens"))
    strip = person.card.tokens.strip
    person.wait(lambda: strip._boxes)
    for theme, light in (("light", True), ("dark", False)):
        person.desk.seedling._theme.choose(theme)
        person.qtbot.wait(20)
        box = strip._placed()[0]
        colour = strip.window().grab().toImage().pixelColor(strip.mapTo(strip.window(), box.topLeft()) + QPoint(4, 4))
        assert (luminance(colour) > 0.5) is light, theme


def test_nothing_is_cut_where_it_is_not_looked_at(person: Person) -> None:
    person.prepare_data("texts")
    person.card.tokens.field.setPlainText("words")
    person.qtbot.wait(300)
    assert person.card.tokens.strip._boxes == []
