"""What moves ends where it would have been at once, and with motion switched off it is there at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPropertyAnimation
from PySide6.QtWidgets import QApplication, QLabel, QSplitter, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.theme import MOTION
from app.widgets import motion


@pytest.fixture(autouse=True)
def moving(qapp: QApplication) -> Iterator[None]:
    before = qapp.property("motion")
    qapp.setProperty(MOTION, True)
    yield
    qapp.setProperty("motion", before)


@pytest.fixture
def splitter(qtbot: QtBot) -> QSplitter:
    splitter = QSplitter()
    qtbot.addWidget(splitter)
    for _ in range(2):
        splitter.addWidget(QWidget())
    splitter.resize(400, 200)
    splitter.setSizes([100, 300])
    splitter.show()
    qtbot.wait_exposed(splitter)
    return splitter


def moves(widget: QWidget) -> bool:
    return bool(widget.findChildren(QPropertyAnimation))


@pytest.mark.parametrize("from_left", [True, False])
def test_a_column_slides_to_its_place(qtbot: QtBot, splitter: QSplitter, from_left: bool) -> None:
    column = splitter.widget(0 if from_left else 1)
    place, beside = column.geometry(), splitter.widget(1 if from_left else 0)
    room = beside.width()
    motion.slide_in(column, splitter, from_left)
    assert moves(column)
    assert column.x() != place.x()
    assert beside.width() == room
    qtbot.wait_until(lambda: not moves(column))
    assert column.geometry() == place


def test_a_column_ends_in_the_place_of_a_window_that_was_resized_meanwhile(qtbot: QtBot, splitter: QSplitter) -> None:
    column = splitter.widget(1)
    motion.slide_in(column, splitter, from_left=False)
    splitter.resize(700, 200)
    qtbot.wait_until(lambda: not moves(column))
    assert column.geometry().right() == splitter.contentsRect().right()


def test_a_notice_unfolds_to_its_height(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    notice = QLabel("one\ntwo\nthree")
    notice.hide()
    column = QVBoxLayout(window)
    column.addWidget(notice)
    column.addStretch()
    window.resize(200, 300)
    window.show()
    qtbot.wait_exposed(window)
    motion.unfold(notice)
    assert notice.maximumHeight() < notice.sizeHint().height()
    qtbot.wait_until(lambda: not moves(notice))
    assert notice.height() == notice.sizeHint().height()
    motion.unfold(notice)  # it is there already
    assert not moves(notice)


def test_without_motion_everything_is_there_at_once(qtbot: QtBot, qapp: QApplication, splitter: QSplitter) -> None:
    qapp.setProperty(MOTION, False)
    column = splitter.widget(0)
    place = column.geometry()
    motion.slide_in(column, splitter, from_left=True)
    assert (column.geometry(), moves(column)) == (place, False)
    column.hide()
    motion.unfold(column)
    assert not moves(column)
    assert column.isVisible()


def test_motion_is_short() -> None:
    assert motion.DURATION_MS <= 150
