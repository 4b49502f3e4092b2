"""The window by ear and by keyboard: all has a name and a role, Tab reaches all, replies are announced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from window_checks import interfaces, is_reached, nameless, shown, tab_order
from window_states import states

Desk = Any  # tests/app/conftest.py


@pytest.fixture(autouse=True)
def screen_reader() -> Iterator[None]:
    """As if one were listening."""
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


def press_tab(widget: QWidget) -> None:
    QTest.keyClick(widget, Qt.Key.Key_Tab)


def unreached(window: QWidget, start: QWidget) -> list[str]:
    """Controls that Tab does not lead to from `start`, although they take the keyboard."""
    assert QTest.qWaitForWindowActive(window)  # until then the keyboard is in another one
    start.setFocus()
    visited = tab_order(window, press_tab)
    wanted = [widget for widget in shown(window) if is_reached(widget) and not _has_no_rows(widget)]
    return [repr(widget) for widget in wanted if widget not in visited and not _is_chosen_by_arrows(widget)]


def _has_no_rows(widget: QWidget) -> bool:
    model = getattr(widget, "model", None)
    return callable(model) and model() is not None and model().rowCount() == 0


def _is_chosen_by_arrows(widget: QWidget) -> bool:
    """In an exclusive group Qt gives Tab to one button and the arrows to the others."""
    group = getattr(widget, "group", None)
    return callable(group) and group() is not None and group().exclusive() and not widget.property("checked")


# --- the window ------------------------------------------------------------------------------------------------------


def test_everything_a_screen_reader_reaches_has_a_name_and_its_role(desk: Desk) -> None:
    seen = 0
    faults = {}
    for name, widget in states(desk):
        seen += sum(1 for _ in interfaces(QAccessible.queryAccessibleInterface(widget)))
        if found := nameless(widget):
            faults[name] = found
    assert faults == {}
    assert seen > 300


def test_tab_visits_every_control_and_comes_back(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    desk.window.resize(1600, 900)
    desk.page.show_panel(True)
    desk.page.open_find()
    desk.write("x")
    desk.qtbot.wait(30)
    assert unreached(desk.window, desk.page.composer.field) == []


def test_tab_visits_every_control_of_a_dialog(desk: Desk) -> None:
    for name, widget in states(desk):
        if widget.isWindow() and widget is not desk.window and not widget.inherits("QMenu"):
            first = next(each for each in shown(widget) if is_reached(each))
            assert unreached(widget, first) == [], name


def test_tab_stays_in_the_palette(desk: Desk) -> None:
    desk.seedling.actions.run("palette")
    palette = desk.seedling.palette
    rows = []
    for _ in range(3):
        press_tab(QApplication.focusWidget() or palette)
        rows.append(palette.list.currentIndex().row())
    assert palette.field.hasFocus()
    assert rows == [1, 2, 3]


def test_every_page_is_shown_by_key(desk: Desk) -> None:
    for number, page in enumerate(desk.window.pages, 1):
        QTest.keyClick(desk.window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
        assert desk.window.current_page == page


def test_a_reply_is_announced_politely(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, QAccessible.AnnouncementPoliteness]] = []

    def listen(event: Any) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            said.append((event.message(), event.politeness()))

    monkeypatch.setattr(QAccessible, "updateAccessibility", listen)
    desk.ask_and_wait("once upon a time")
    assert ("once upon a time", QAccessible.AnnouncementPoliteness.Polite) in said


def test_the_palette_says_the_row_it_is_at(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def listen(event: Any) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            said.append(event.message())

    desk.seedling.actions.run("palette")
    monkeypatch.setattr(QAccessible, "updateAccessibility", listen)
    QTest.keyClick(desk.seedling.palette.field, Qt.Key.Key_Down)
    assert said == ["Search the chats, Chats, Ctrl+Shift+F"]


# --- the checks themselves -------------------------------------------------------------------------------------------


@pytest.fixture
def form(qtbot: QtBot) -> QWidget:
    form = QWidget()
    qtbot.addWidget(form)
    row = QHBoxLayout(form)
    for text in ("one", "two"):
        row.addWidget(QPushButton(text))
    with qtbot.wait_active(form):
        form.show()
    return form


def test_the_check_finds_a_nameless_control(form: QWidget) -> None:
    assert nameless(form) == []
    area = QScrollArea(form)
    form.layout().addWidget(area)
    area.show()
    assert "has no name" in str(nameless(form))
    area.setAccessibleName("area")
    assert nameless(form) == []
    field = QLineEdit(form)
    form.layout().addWidget(field)
    field.show()
    assert "has no name" in str(nameless(form))
    field.setAccessibleName("field")
    assert nameless(form) == []


def test_the_check_finds_a_wrong_role(form: QWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("window_checks._BUTTON_ROLES", (QAccessible.Role.CheckBox,))
    assert "is called" in str(nameless(form))


def test_the_check_finds_what_tab_leaves_out_and_traps(form: QWidget, qtbot: QtBot) -> None:
    one, two = form.findChildren(QPushButton)
    assert unreached(form, one) == []

    class Trap(QPushButton):
        def focusNextPrevChild(self, _: bool) -> bool:
            return True

    trap = Trap("trap")
    column = QVBoxLayout()
    column.addWidget(trap)
    form.layout().insertLayout(1, column)
    QWidget.setTabOrder(one, trap)
    QWidget.setTabOrder(trap, two)
    trap.show()
    assert repr(two) in unreached(form, one)
