"""The window that says when it can be used: only when it has been painted and a key has become text."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLineEdit, QMainWindow
from pytestqt.qtbot import QtBot

from app.first_key import FirstKey


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    made = QMainWindow()
    made.setCentralWidget(QLineEdit())
    qtbot.addWidget(made)
    return made


def watched(window: QMainWindow) -> tuple[FirstKey, QLineEdit, list[str]]:
    field, said = window.centralWidget(), list[str]()
    assert isinstance(field, QLineEdit)
    watch = FirstKey(window, field, lambda: said.append("end"))
    field.textChanged.connect(watch.typed)
    return watch, field, said


def test_a_painted_window_that_takes_a_key_says_so_once(
    window: QMainWindow, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    _, field, said = watched(window)
    window.show()
    qtbot.waitUntil(lambda: said == ["end"])
    assert field.text() == "a"
    field.setText("more")
    window.repaint()
    assert said == ["end"]
    assert capsys.readouterr().out == "usable\n"


def test_text_that_is_put_back_is_no_key(window: QMainWindow, capsys: pytest.CaptureFixture[str]) -> None:
    _, field, said = watched(window)
    field.setText("a draft")
    assert said == []
    assert capsys.readouterr().out == ""


def test_a_field_that_takes_no_keys_is_not_usable(window: QMainWindow, qtbot: QtBot) -> None:
    watch, field, said = watched(window)
    field.setReadOnly(True)
    window.show()
    qtbot.waitUntil(lambda: watch._pressed)
    qtbot.wait(50)
    assert said == []
