"""The rail and the pages beside it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.window import MainWindow
from engine.settings import Settings


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    window = MainWindow(Settings())
    qtbot.addWidget(window)
    for id, icon, title in (
        ("chat", "message-square", "Chat"),
        ("settings", "settings", "Settings"),
        ("models", "box", "Models"),
    ):
        window.add_page(id, icon, title, QLabel(title))
    with qtbot.wait_active(window):
        window.show()
    return window


def checked(window: MainWindow) -> list[str]:
    return [id for id in window.pages if window.rail.button(id).isChecked()]


def test_the_first_page_is_shown_and_a_click_shows_another(window: MainWindow, qtbot: QtBot) -> None:
    assert window.current_page == "chat"
    assert checked(window) == ["chat"]
    with qtbot.wait_signal(window.page_shown) as shown:
        qtbot.mouseClick(window.rail.button("models"), Qt.MouseButton.LeftButton)
    assert shown.args == ["models"]
    assert window.current_page == "models"
    assert checked(window) == ["models"]


def test_a_page_that_is_shown_already_is_not_shown_again(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.assert_not_emitted(window.page_shown):
        window.show_page("chat")
        qtbot.mouseClick(window.rail.button("chat"), Qt.MouseButton.LeftButton)
    assert checked(window) == ["chat"]


def test_there_is_no_page_that_was_not_added(window: MainWindow) -> None:
    with pytest.raises(KeyError):
        window.show_page("train")
    assert window.current_page == "chat"


def test_settings_are_at_the_bottom(window: MainWindow) -> None:
    tops = {id: window.rail.button(id).y() for id in window.pages}
    assert tops["chat"] < tops["models"] < tops["settings"]
    assert window.rail.height() - tops["settings"] < 3 * window.rail.button("settings").height()


def test_arrows_move_along_the_rail_and_space_chooses(window: MainWindow, qtbot: QtBot) -> None:
    window.rail.button("chat").setFocus()
    order = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        focused = QApplication.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, key)
        order.append(next(id for id in window.pages if window.rail.button(id).hasFocus()))
    assert order == ["models", "settings", "chat", "settings"]
    qtbot.keyClick(window.rail.button("settings"), Qt.Key.Key_Space)
    assert window.current_page == "settings"


def test_a_button_names_its_page_and_its_key(window: MainWindow) -> None:
    window.rail.show_keys(lambda title, id: f"{title} by {id}", {"chat": "page_1"})
    assert window.rail.button("chat").accessibleName() == "Chat"
    assert window.rail.button("chat").toolTip() == "Chat by page_1"
    assert window.rail.button("models").toolTip() == "Models"
