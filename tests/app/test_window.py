"""The window as a whole: it stays alive, it can be used by keyboard and by ear, and it shows text as text."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QLabel, QLineEdit, QPlainTextEdit, QWidget

from app import shortcuts
from app.chat.chat_list import ChatItem, ChatListModel
from app.theme import DARK, LIGHT, Colours
from engine.library.models import ModelEntry

Desk = Any  # tests/app/conftest.py

HOSTILE = '<img src="//host/share/x.png"><b>bold</b> & ![](//host/share) %1 {x}'


def test_a_reply_that_pours_in_is_kept_whole(desk: Desk) -> None:
    desk.ask_and_wait("warm")
    ended: list[Any] = []
    desk.seedling.replies.ended.connect(ended.append)
    desk.page.composer.restore("do flood 20000")
    desk.chat.send()
    desk.wait(lambda: bool(ended))
    desk.wait_idle()
    assert len(desk.rows()[-1].message.content) == len("flood ") * 20_000


@pytest.mark.parametrize(("width", "height"), [(800, 600), (1920, 1080)])
def test_everything_fits(desk: Desk, width: int, height: int) -> None:
    desk.window.resize(width, height)
    desk.qtbot.wait(20)
    assert (desk.window.width(), desk.window.height()) == (width, height)
    inside = desk.window.rect()
    for widget in (desk.page.composer, desk.page.picker, desk.page.sidebar):
        corner = widget.mapTo(desk.window, widget.rect().bottomRight())
        assert inside.contains(corner)


def test_the_side_panel_begins_closed_where_there_is_little_room(desk: Desk) -> None:
    assert desk.page.panel.isHidden() == (desk.window.width() < 1000)
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    shown = not desk.page.panel.isHidden()
    desk.window.close()
    assert desk.settings.flag("panel_shown") is shown


def test_place_columns_and_chat_are_remembered(open_desk: Callable[[], Desk]) -> None:
    desk = open_desk()
    desk.ask_and_wait("first")
    desk.ask_and_wait("second")
    desk.chat.new_chat()
    desk.ask_and_wait("third")
    chat = desk.chat.current
    desk.window.resize(701, 602)
    desk.page.toggle_sidebar()
    desk.close()
    desk = open_desk()
    assert (desk.window.width(), desk.window.height()) == (701, 602)
    assert desk.page.sidebar.isHidden()
    assert desk.chat.current == chat


def test_damaged_geometry_is_ignored(open_desk: Callable[[], Desk], home: Any) -> None:
    (home / "settings.json").write_text('{"window_geometry": "!!", "window_columns": "AAAA", "chat": 999}')
    desk = open_desk()
    assert desk.window.width() > 300
    assert desk.chat.current is None


def test_every_shortcut_does_something(desk: Desk) -> None:
    names = {shortcut.name for shortcut in shortcuts.SHORTCUTS}
    keys = [keys for shortcut in shortcuts.SHORTCUTS for keys in shortcut.keys]
    assert len(keys) == len(set(keys))
    with pytest.raises(KeyError):
        shortcuts.install(QWidget(), dict.fromkeys(names - {"stop"}, print))
    control = Qt.KeyboardModifier.ControlModifier
    desk.ask_and_wait("hello")
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_B, control)
    assert desk.page.sidebar.isHidden()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_K, control)
    assert not desk.page.sidebar.isHidden()
    assert desk.page.sidebar.search.hasFocus()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F, control)
    assert desk.page.find_bar.isVisible()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Escape)
    assert not desk.page.find_bar.isVisible()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_N, control)
    assert desk.chat.current is None
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Slash, control)
    dialog = desk.window.findChild(shortcuts.ShortcutsDialog)
    assert dialog.isVisible()
    dialog.reject()


def test_find_marks_what_it_finds(desk: Desk) -> None:
    desk.ask_and_wait("a needle in the hay")
    desk.page.open_find()
    desk.page.find_bar.field.setText("needle")
    assert desk.page.transcript.textCursor().selectedText() == "needle"
    desk.page.find_bar.field.setText("zebra")
    assert any(label.text() == "Not found" for label in desk.page.find_bar.findChildren(QLabel))


# --- for every person ------------------------------------------------------------------------------------------------


def test_everything_that_takes_the_keyboard_has_a_name(desk: Desk) -> None:
    kinds = (QAbstractButton, QLineEdit, QPlainTextEdit, QAbstractSpinBox)
    desk.page.open_find()
    widgets = [w for w in desk.window.findChildren(QWidget) if isinstance(w, kinds)]
    reached = [w for w in widgets if w.focusPolicy() is not Qt.FocusPolicy.NoFocus and w.focusProxy() is None]
    own = [w for w in reached if not w.objectName().startswith("qt_")]  # the others are parts of Qt's spin boxes
    assert len(own) > 15
    assert [w for w in own if not w.accessibleName() and not (isinstance(w, QAbstractButton) and w.text())] == []


def test_tab_leads_from_the_message_to_the_button(desk: Desk) -> None:
    desk.write("hello")
    desk.qtbot.keyClick(desk.page.composer.field, Qt.Key.Key_Tab)
    assert desk.page.composer.button.hasFocus()


def brightness(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_text_can_be_read(colours: Colours) -> None:
    for front, back in (
        (colours.text, colours.window),
        (colours.text, colours.sidebar),
        (colours.text, colours.hover),
        (colours.muted, colours.window),
        (colours.muted, colours.sidebar),
        (colours.on_accent, colours.accent),
        (colours.accent, colours.window),
    ):
        dark, light = sorted((brightness(front), brightness(back)))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (front, back)


# --- text is text ----------------------------------------------------------------------------------------------------


def test_nothing_but_messages_is_ever_markup(desk: Desk, library: list[ModelEntry]) -> None:
    library.append(ModelEntry(HOSTILE, library[0].path, "gguf", "llama", False, HOSTILE))
    desk.ask_and_wait(HOSTILE)
    desk.chat.choose_model(HOSTILE)
    desk.write("hello")
    desk.press_enter()
    desk.wait_card("<b>bold</b>")
    desk.page.picker.menu().aboutToShow.emit()
    desk.qtbot.wait(50)
    labels = desk.window.findChildren(QLabel)
    assert len(labels) > 5
    assert [
        label.text() for label in labels if label.textFormat() is not Qt.TextFormat.PlainText and label.text()
    ] == []
    assert [w.toolTip() for w in desk.window.findChildren(QWidget) if "<" in w.toolTip()] == []


def test_a_title_is_painted_as_it_is(desk: Desk) -> None:
    model = desk.page.sidebar.list.model()
    assert isinstance(model, ChatListModel)
    model.set_chats([ChatItem(1, HOSTILE, time.time())])
    assert model.index(1).data(Qt.ItemDataRole.ToolTipRole) is None
    assert not desk.page.sidebar.list.grab().isNull()
