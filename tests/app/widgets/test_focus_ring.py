"""The ring shows where the keyboard is in the conversation, and leaves the mouse alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.stylesheet import RING
from app.widgets.focus_ring import FocusRing

View = tuple[QPlainTextEdit, FocusRing, QLineEdit]


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[View]:
    window = QWidget()
    qtbot.addWidget(window)
    text, other = QPlainTextEdit("words"), QLineEdit()
    ring = FocusRing(text)
    column = QVBoxLayout(window)
    column.addWidget(other)
    column.addWidget(text)
    window.resize(300, 200)
    window.show()
    window.activateWindow()
    qtbot.wait_until(window.isActiveWindow)
    other.setFocus()
    yield text, ring, other
    window.close()  # it has to live until here


def test_the_keyboard_brings_the_ring(qtbot: QtBot, view: View) -> None:
    text, ring, other = view
    qtbot.keyClick(other, Qt.Key.Key_Tab)
    assert text.hasFocus()
    assert ring.isVisible()
    assert ring.geometry() == text.rect()
    image, accent = text.grab().toImage(), text.palette().color(QPalette.ColorRole.Highlight).name()
    edges = [QPoint(50, 0), QPoint(50, RING - 1), QPoint(0, 50), QPoint(image.width() - 1, 50)]
    assert [image.pixelColor(edge).name() for edge in edges] == [accent] * 4
    other.setFocus()
    assert not ring.isVisible()


def test_a_click_brings_none_and_reaches_the_text(qtbot: QtBot, view: View) -> None:
    text, ring, _ = view
    qtbot.mouseClick(text.viewport(), Qt.MouseButton.LeftButton)
    text.setFocus(Qt.FocusReason.MouseFocusReason)
    assert text.hasFocus()
    assert not ring.isVisible()
    assert ring.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


def test_it_grows_with_its_view(view: View) -> None:
    text, ring, _ = view
    text.resize(123, 45)
    assert ring.geometry() == text.rect()
