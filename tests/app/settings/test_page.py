"""The page of settings: every option once, found by its words, reachable by key, at any width and size of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QFont, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.settings.page import SettingsPage
from app.settings.rows import Row, choice_name
from app.settings.storage import Answer
from engine import paths
from engine.settings import OPTIONS, SECTIONS

Desk = Any  # tests/app/settings/conftest.py


def rows(page: SettingsPage) -> list[Row]:
    return [row for row in page.findChildren(Row) if row.isVisibleTo(page)]


def titles(page: SettingsPage) -> list[str]:
    return [row.title.text() for row in rows(page)]


def test_every_option_is_there_once(desk: Desk) -> None:
    for option in OPTIONS.values():
        shown = [row for row in rows(desk.page) if option.title and row.title.text() == option.title]
        sentences = [row for row in shown if row.sentence.text() == option.sentence]
        assert len(sentences) == (1 if option.section and option.kind is not dict else 0), option.name
    assert set(desk.page.option_rows) | set(desk.page.folder_rows) | {"shortcuts"} == {
        option.name for option in OPTIONS.values() if option.section
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("theme", ["Theme"]),
        ("HIGH contrast", ["Theme"]),
        ("checkpoints", ["Runs"]),
        ("telemetry", ["What leaves this computer"]),
        ("search the chats", ["Search the chats"]),
        ("performance", ["Threads", "Memory for a model"]),
        ("xyzzy", ["Nothing found"]),
    ],
)
def test_the_search_leaves_what_was_looked_for(desk: Desk, text: str, found: list[str]) -> None:
    desk.qtbot.keyClicks(desk.page.search, text)
    assert titles(desk.page) == found
    desk.page.search.clear()
    assert len(titles(desk.page)) > 15
    assert "Nothing found" not in titles(desk.page)


def test_nothing_found_offers_the_way_back(desk: Desk) -> None:
    desk.page.search.setText("xyzzy")
    (button,) = (b for b in desk.page.findChildren(QAbstractButton) if b.text() == "Show all settings")
    button.click()
    assert desk.page.search.text() == ""
    assert "Theme" in titles(desk.page)


def test_a_section_comes_to_the_top(desk: Desk) -> None:
    desk.page.search.setText("theme")
    desk.wait(lambda: desk.page.backups.list.count())
    for index, name in enumerate(SECTIONS[:4]):
        desk.page.show_section(name)
        section = desk.page._sections[index]
        desk.wait(lambda section=section: section.mapTo(desk.page.area.viewport(), QPoint()).y() == 0)
        assert desk.page._list.currentRow() == SECTIONS.index(name)
    desk.page.show_section("logs")
    assert desk.page._list.currentRow() == SECTIONS.index("logs")  # though it cannot come to the top


# --- controls --------------------------------------------------------------------------------------------------------


def test_each_kind_of_control_says_what_is_wanted(desk: Desk) -> None:
    page, wanted = desk.page, []
    page.option_changed.connect(lambda *change: wanted.append(change))
    theme, size, motion = (page.option_rows[name].control for name in ("theme", "font_percent", "motion"))
    assert isinstance(theme, QComboBox)
    assert isinstance(size, QSpinBox)
    assert isinstance(motion, QCheckBox)
    theme.setFocus()
    desk.qtbot.keyClick(theme, Qt.Key.Key_Down)
    size.setFocus()
    size.selectAll()
    desk.qtbot.keyClicks(size, "250")
    assert wanted == [("theme", "light")]  # a number is meant once it is written
    desk.qtbot.keyClick(size, Qt.Key.Key_Return)
    motion.setFocus()
    desk.qtbot.keyClick(motion, Qt.Key.Key_Space)
    assert wanted == [("theme", "light"), ("font_percent", 250), ("motion", False)]


def test_showing_a_value_wants_nothing(desk: Desk) -> None:
    wanted: list[object] = []
    desk.page.option_changed.connect(lambda *change: wanted.append(change))
    for name in desk.page.option_rows:
        desk.page.show_value(name, OPTIONS[name].default)
    desk.page.show_value("theme", "contrast")
    assert wanted == []


def test_a_changed_option_can_be_set_back(desk: Desk) -> None:
    row = desk.page.option_rows["font_percent"]
    reset = row._reset
    assert reset.isHidden()
    desk.controller.set("font_percent", 150)
    assert not reset.isHidden()
    reset.setFocus()
    reset.click()
    desk.wait(lambda: reset.isHidden())
    assert desk.settings.number("font_percent") == 100
    assert row.control.hasFocus()


def test_the_wheel_scrolls_the_page_unless_the_control_has_the_focus(desk: Desk) -> None:
    field = desk.page.option_rows["memory_percent"].control
    assert isinstance(field, QSpinBox)
    place, down = QPointF(5, 5), QPoint(0, -120)

    def turn() -> None:
        buttons, none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        wheel = QWheelEvent(
            place, field.mapToGlobal(place), QPoint(), down, buttons, none, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.sendEvent(field, wheel)

    desk.page.search.setFocus()
    turn()
    assert field.value() == 75
    field.setFocus()
    turn()
    assert field.value() < 75


def test_choices_have_names(qapp: QApplication) -> None:
    for option in OPTIONS.values():
        names = [choice_name(option.name, choice) for choice in option.choices]
        assert len(set(names)) == len(names)
        assert not set(names) & set(option.choices), option.name
    assert choice_name("language", "fr") == "français"
    assert choice_name("language", "de") == "Deutsch"


# --- for everyone ----------------------------------------------------------------------------------------------------


def controls(page: QWidget) -> Iterator[QWidget]:
    """What can be reached by Tab, in its order; the field inside a spin box is a part of it."""
    widget = page.nextInFocusChain()
    while widget is not page:
        reached = widget.isVisibleTo(page) and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if reached and widget.focusProxy() is None:
            yield widget
        widget = widget.nextInFocusChain()


def test_everything_has_a_name_and_a_role(desk: Desk) -> None:
    desk.wait(lambda: desk.page.backups.list.count())
    found = list(controls(desk.page))
    assert len(found) > 30
    names = []
    for control in found:
        seen = QAccessible.queryAccessibleInterface(control)
        name = seen.text(QAccessible.Text.Name)
        assert name, control
        assert seen.role() not in (QAccessible.Role.NoRole, QAccessible.Role.Client), control
        names.append((name, seen.role()))
    buttons = [name for name, role in names if role is QAccessible.Role.PushButton]
    assert len(set(buttons)) == len(buttons), buttons  # "Change…" alone would not say what


def test_the_order_of_tab_is_the_order_on_the_page(desk: Desk) -> None:
    content = desk.page.area.widget()
    inside = [control for control in controls(desk.page) if content.isAncestorOf(control)]
    bottoms = [control.mapTo(content, control.rect().bottomLeft()).y() for control in inside]
    tops = [control.mapTo(content, QPoint()).y() for control in inside]
    assert all(bottom >= top for bottom, top in zip(bottoms[1:], tops, strict=False))


def test_the_focus_is_brought_into_view(desk: Desk) -> None:
    for control in controls(desk.page):
        control.setFocus(Qt.FocusReason.TabFocusReason)
        if desk.page.area.widget().isAncestorOf(control):
            desk.wait(lambda control=control: in_view(desk, control))


def in_view(desk: Desk, control: QWidget) -> bool:
    viewport = desk.page.area.viewport()
    return 0 <= control.mapTo(viewport, QPoint()).y() <= viewport.height() - control.height()


def test_the_focus_stays_in_view_while_what_is_above_it_grows_until_it_is_scrolled_away(desk: Desk) -> None:
    control = [c for c in controls(desk.page) if desk.page.area.widget().isAncestorOf(c)][-1]
    control.setFocus(Qt.FocusReason.TabFocusReason)
    desk.wait(lambda: in_view(desk, control))
    first, bar = desk.page.option_rows["theme"], desk.page.area.verticalScrollBar()
    first.setFixedHeight(first.height() + 400)
    highest = bar.maximum()
    desk.wait(lambda: bar.maximum() > highest and in_view(desk, control))
    bar.setValue(0)
    highest = bar.maximum()
    first.setFixedHeight(first.height() + 400)
    desk.wait(lambda: bar.maximum() > highest)
    QApplication.processEvents()
    assert bar.value() == 0


@pytest.fixture
def scaled(qapp: QApplication) -> Iterator[Callable[[float], None]]:
    before = QFont(qapp.font())

    def scale(factor: float) -> None:
        font = QFont(before)
        font.setPointSizeF(before.pointSizeF() * factor)
        qapp.setFont(font)

    yield scale
    qapp.setFont(before)


@pytest.mark.parametrize("factor", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("size", [(800, 600), (1200, 800)])
def test_nothing_is_cut_off(
    scaled: Callable[[float], None], open_desk: Callable[[], Desk], factor: float, size: tuple[int, int]
) -> None:
    scaled(factor)
    desk = open_desk()
    desk.page.resize(*size)
    desk.wait(lambda: desk.page.backups.list.count())
    desk.page.show_value("shortcuts", {"new_chat": "Ctrl+N"})
    desk.page.folder_rows["runs_folder"].show_note("A note.", *Answer)
    for row in desk.page.option_rows.values():
        row._reset.show()
    QApplication.processEvents()
    width = desk.page.area.viewport().width()
    content = desk.page.area.widget()
    assert content.width() <= width
    for widget in content.findChildren(QWidget):
        if not widget.isVisibleTo(desk.page) or not isinstance(widget, QLabel | QAbstractButton | QComboBox | QSpinBox):
            continue
        if isinstance(widget.parent(), QComboBox | QSpinBox):
            continue
        left = widget.mapTo(content, QPoint()).x()
        assert left >= 0
        assert left + widget.width() <= width, (widget, factor, size)
        if isinstance(widget, QLabel) and widget.wordWrap():
            assert widget.height() >= widget.heightForWidth(widget.width()), widget.text()
            words = widget.text().replace("\u200b", " ").split()
            needed = max((widget.fontMetrics().horizontalAdvance(word) for word in words), default=0)
            assert widget.width() >= needed, widget.text()
        elif isinstance(widget, QLabel):
            assert widget.width() >= widget.sizeHint().width(), widget.text()
        else:
            assert widget.width() >= widget.minimumSizeHint().width(), widget.accessibleName()


def test_right_to_left(qapp: QApplication, open_desk: Callable[[], Desk]) -> None:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        desk = open_desk()
        row = desk.page.option_rows["theme"]
        QApplication.processEvents()
        assert row.title.mapTo(row, QPoint()).x() > row.control.mapTo(row, QPoint()).x()
        assert row.title.mapTo(row, QPoint(row.title.width(), 0)).x() == pytest.approx(row.width(), abs=2)
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_names_from_a_file_are_plain_text(desk: Desk) -> None:
    for label in desk.page.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText, label.text()
    assert all(field.isReadOnly() for field in desk.page.area.widget().findChildren(QLineEdit) if "/" in field.text())


def test_a_program_that_carries_its_data_with_it_says_so(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said() -> list[str]:
        page = SettingsPage()
        qtbot.add_widget(page)
        return [text for label in page.findChildren(QLabel) if "beside the program" in (text := label.text())]

    assert said() == []
    monkeypatch.setattr(paths, "portable_home", lambda: tmp_path / "seedling-data")
    (sentence,) = said()
    assert "seedling-data" in sentence
