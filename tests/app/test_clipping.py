"""No text is clipped and nothing reaches out of its place, at any text size, in a window of 800x600 and a wide one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from PySide6.QtCore import QDeadlineTimer, QTranslator
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot
from window_checks import SCALES, clipped, text_size
from window_states import states

from app import translation
from engine.settings import OPTIONS, Settings

Desk = Any  # tests/app/conftest.py


@pytest.fixture(params=SCALES)
def percent(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[int]:
    with text_size(qapp, request.param):
        yield request.param


@pytest.mark.parametrize(("width", "height"), [(800, 600), (1600, 1000)])
def test_nothing_is_clipped(percent: int, open_desk: Callable[[], Desk], width: int, height: int) -> None:
    desk = open_desk()
    desk.window.resize(width, height)
    faults = {name: clipped_at_rest(desk, widget) for name, widget in states(desk)}
    assert (desk.window.width(), desk.window.height()) == (width, height)
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize("language", sorted(set(OPTIONS["language"].choices) - {"system", "en"}))
@pytest.mark.parametrize("size", [100, 200])
def test_nothing_is_clipped_in_another_language(
    language: str, size: int, qapp: QApplication, open_desk: Callable[[], Desk]
) -> None:
    with speaking(qapp, language), text_size(qapp, size):
        desk = open_desk()
        desk.window.resize(800, 600)
        faults = {name: clipped_at_rest(desk, widget) for name, widget in states(desk)}
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize("grown", SCALES[1:])
def test_nothing_is_clipped_when_the_text_of_an_open_window_grows(desk: Desk, qapp: QApplication, grown: int) -> None:
    desk.window.resize(800, 600)
    before = desk.page.composer.field.fontMetrics().height()
    with text_size(qapp, 100):
        desk.seedling._theme.set_font_percent(grown)
        desk.qtbot.wait(20)
        faults = {name: clipped_at_rest(desk, widget) for name, widget in states(desk)}
    assert desk.page.composer.field.fontMetrics().height() > before * grown / 110
    assert {name: found for name, found in faults.items() if found} == {}


@contextmanager
def speaking(application: QApplication, language: str) -> Iterator[None]:
    before, settings = set(application.findChildren(QTranslator)), Settings()
    settings.set("language", language)
    translation.install(application, settings)
    yield
    for translator in set(application.findChildren(QTranslator)) - before:
        application.removeTranslator(translator)
        translator.deleteLater()


def clipped_at_rest(desk: Desk, widget: QWidget) -> list[str]:
    """A busy machine may not have laid everything out when it is looked at: what stays counts."""
    deadline = QDeadlineTimer(5000)
    while (found := clipped(widget)) and not deadline.hasExpired():
        desk.qtbot.wait(100)
    return found


# --- the check itself ------------------------------------------------------------------------------------------------

LONG = "A text that is quite a bit longer than there is room for"


def combo() -> QComboBox:
    box = QComboBox()
    box.addItem(LONG)
    return box


def spin() -> QSpinBox:
    box = QSpinBox()
    box.setSpecialValueText(LONG)
    return box


def wrapped() -> QLabel:
    label = QLabel(LONG)
    label.setWordWrap(True)
    return label


def tool() -> QToolButton:
    button = QToolButton()
    button.setText(LONG)
    button.setToolButtonStyle(button.toolButtonStyle().ToolButtonTextOnly)
    return button


def tabs() -> QTabBar:
    bar = QTabBar()
    bar.setUsesScrollButtons(False)
    bar.addTab(LONG)
    return bar


MADE: dict[str, Callable[[], QWidget]] = {
    "label": lambda: QLabel(LONG),
    "wrapped label": wrapped,
    "button": lambda: QPushButton(LONG),
    "tool button": tool,
    "check box": lambda: QCheckBox(LONG),
    "placeholder": lambda: QLineEdit(placeholderText=LONG),
    "placeholder of lines": lambda: QPlainTextEdit(placeholderText=LONG),
    "combo box": combo,
    "special value": spin,
    "tabs": tabs,
}


@pytest.mark.parametrize("kind", MADE)
def test_the_check_finds_a_clipped_text(qtbot: QtBot, kind: str) -> None:
    widget = MADE[kind]()
    qtbot.addWidget(widget)
    widget.setMinimumSize(1, 1)
    widget.resize(600, 60)
    widget.show()
    assert clipped(widget) == []
    widget.resize(60, 20)
    assert LONG in str(clipped(widget))


def test_the_check_finds_what_reaches_out_and_what_lies_over(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    inner = QLabel("x", window)
    window.resize(100, 100)
    inner.setGeometry(10, 10, 50, 50)
    window.show()
    assert clipped(window) == []
    inner.move(80, 10)
    assert "reaches out" in str(clipped(window))
    inner.hide()
    column = QVBoxLayout(window)
    one, two = QLabel("one"), QLabel("two")
    column.addWidget(one)
    column.addWidget(two)
    qtbot.wait(10)
    assert clipped(window) == []
    two.move(one.pos())
    assert "lies over" in str(clipped(window))


def test_a_shortened_button_must_say_the_rest(qtbot: QtBot) -> None:
    button = QPushButton("A lo…")
    qtbot.addWidget(button)
    button.show()
    assert "nothing says the rest" in str(clipped(button))
    button.setToolTip("A long name")
    assert clipped(button) == []
