"""The window as a whole: it stays alive, it can be used by keyboard and by ear, and it shows text as text."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from app.actions import ACTIONS
from app.chat.chat_list import ChatItem, ChatListModel
from app.shortcuts import ShortcutsDialog
from app.window import encoded
from engine.library.models import ModelEntry
from engine.settings import OPTIONS, Settings

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
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
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


def test_the_open_page_is_remembered(open_desk: Callable[[], Desk]) -> None:
    desk = open_desk()
    assert desk.window.current_page == "chat"
    press(desk, "Ctrl+3")
    desk.close()
    assert open_desk().window.current_page == "training"


def test_a_remembered_page_that_this_version_does_not_have_is_ignored(open_desk: Callable[[], Desk], home: Any) -> None:
    (home / "settings.json").write_text('{"page": "garden"}')
    assert open_desk().window.current_page == "chat"


def test_what_concerns_the_chat_is_done_on_its_page(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    desk.window.show_page("settings")
    press(desk, "Esc")
    assert desk.window.current_page == "settings"
    press(desk, "Ctrl+F")
    assert desk.window.current_page == "chat"
    assert desk.page.find_bar.isVisible()


def test_damaged_geometry_is_ignored(open_desk: Callable[[], Desk], home: Any) -> None:
    (home / "settings.json").write_text('{"window_geometry": "!!", "window_columns": "AAAA", "chat": 999}')
    desk = open_desk()
    assert desk.window.width() > 300
    assert desk.chat.current is None


@pytest.mark.parametrize("place", [(9000, 7000, 900, 700), (-5000, -5000, 900, 700), (10, 10, 6000, 5000)])
def test_a_window_from_a_screen_that_is_gone_comes_back_to_one_that_is_there(
    open_desk: Callable[[], Desk], place: tuple[int, int, int, int], home: Any
) -> None:
    elsewhere = QWidget()
    elsewhere.setGeometry(*place)
    settings = Settings()
    settings.set("window_geometry", encoded(bytes(elsewhere.saveGeometry().data())))
    settings.save()
    desk = open_desk()
    screen = desk.window.screen().availableGeometry()
    assert screen.contains(desk.window.geometry().center())
    assert screen.contains(desk.window.geometry().topLeft())


# --- columns ---------------------------------------------------------------------------------------------------------


def test_what_has_no_room_beside_the_chat_takes_its_place(desk: Desk) -> None:
    page = desk.page
    desk.ask_and_wait("hello")
    desk.window.setMinimumSize(1, 1)
    desk.window.resize(20 * page.fontMetrics().height(), 600)
    desk.qtbot.wait(20)
    assert (page.sidebar.isVisible(), page.transcript.isVisible()) == (False, True)
    press(desk, "Ctrl+B")
    assert (page.sidebar.isVisible(), page.transcript.isVisible()) == (True, False)
    press(desk, "Ctrl+.")
    assert (page.sidebar.isVisible(), page.panel.isVisible(), page.transcript.isVisible()) == (False, True, False)
    next(b for b in page.panel.findChildren(QAbstractButton) if b.accessibleName() == "Back to the chat").click()
    assert (page.panel.isVisible(), page.transcript.isVisible()) == (False, True)
    press(desk, "Ctrl+B")
    page.sidebar.list.clicked.emit(page.sidebar.list.currentIndex())  # a chat is chosen
    assert (page.sidebar.isVisible(), page.transcript.isVisible()) == (False, True)
    desk.window.resize(1600, 600)
    desk.qtbot.wait(20)
    assert (page.sidebar.isVisible(), page.transcript.isVisible()) == (True, True)  # it was asked for


def test_the_panel_asked_for_last_comes_before_the_sidebar(desk: Desk) -> None:
    page = desk.page
    page.show_sidebar(True)
    page.show_panel(True)
    room = page._centre.minimumWidth() + max(page.panel.minimumWidth(), page.sidebar.minimumWidth()) + 20
    desk.window.resize(room + desk.window.rail.width(), 600)
    desk.qtbot.wait(20)
    assert (page.panel.isVisible(), page.sidebar.isVisible()) == (True, False)
    page.show_sidebar(True)
    assert (page.panel.isVisible(), page.sidebar.isVisible()) == (False, True)


# --- keys ------------------------------------------------------------------------------------------------------------


def press(desk: Desk, keys: str) -> None:
    """As a person does, wherever the keyboard is."""
    stroke = QKeySequence(keys)[0]
    target = desk.window.focusWidget() or desk.window
    desk.qtbot.keyClick(target, stroke.key(), stroke.keyboardModifiers())


@pytest.mark.parametrize("place", ["composer", "search", "transcript", "panel", "chats"])
def test_every_key_reaches_its_action_wherever_one_writes(desk: Desk, place: str) -> None:
    page = desk.page
    desk.ask_and_wait("hello")
    widget = {
        "composer": page.composer.field,
        "search": page.sidebar.search,
        "transcript": page.transcript,
        "panel": page.panel.system,
        "chats": page.sidebar.list,
    }[place]
    page.show_panel(True)
    done: list[str] = []
    for id in ACTIONS:
        desk.seedling.actions.bind(id, lambda id=id: done.append(id))
    for id, action in ACTIONS.items():
        for keys in action.keys:
            widget.setFocus()
            press(desk, keys)
            assert done == [id], keys
            done.clear()


def test_the_first_shortcuts(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    press(desk, "Ctrl+B")
    assert desk.page.sidebar.isHidden()
    press(desk, "Ctrl+Shift+F")
    assert not desk.page.sidebar.isHidden()
    assert desk.page.sidebar.search.hasFocus()
    press(desk, "Ctrl+F")
    assert desk.page.find_bar.isVisible()
    press(desk, "Esc")
    assert not desk.page.find_bar.isVisible()
    press(desk, "Ctrl+N")
    assert desk.chat.current is None
    press(desk, "Ctrl+/")
    dialog = desk.window.findChild(ShortcutsDialog)
    assert dialog.isVisible()
    dialog.reject()


def test_keys_of_the_settings_are_taken_or_named(open_desk: Callable[[], Desk], home: Any) -> None:
    (home / "settings.json").write_text('{"shortcuts": {"sidebar": "F8", "find": "Ctrl+N"}}')
    desk = open_desk()
    assert "Ctrl+N" in desk.page.notice.text
    press(desk, "F8")
    assert desk.page.sidebar.isHidden()


def test_tooltips_name_the_present_keys(desk: Desk) -> None:
    def tips() -> str:
        return " ".join(widget.toolTip() for widget in desk.window.findChildren(QWidget))

    assert "New chat (Ctrl+N)" in tips()
    assert "Chat (Ctrl+1)" in tips()
    desk.seedling.actions.set_keys({"new_chat": "F9", "page_1": "", "stop": "F10"})
    assert "New chat (F9)" in tips()
    assert "Ctrl+N" not in tips()
    assert "Ctrl+1" not in tips()
    desk.page.composer.set_streaming(True)
    assert desk.page.composer.button.toolTip() == "Stop (F10)"


def test_the_list_of_shortcuts_has_the_present_keys_and_is_searched(desk: Desk) -> None:
    desk.seedling.actions.set_keys({"sidebar": "F8", "find": ""})
    dialog = ShortcutsDialog(desk.seedling.actions, desk.window)
    desk.qtbot.addWidget(dialog)
    dialog.show()

    def rows() -> list[str]:
        return [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]

    assert "F8" in rows()
    assert "Find in this chat" not in rows()  # it has no keys
    assert "Show a page" not in rows()  # nothing is bound to it
    assert "Send the message" in rows()
    dialog.field.setText("hide")
    assert rows() == ["Window", "Show or hide the chats", "F8", "Show or hide the side panel", "Ctrl+."]
    dialog.field.setText("f8")
    assert rows() == ["Window", "Show or hide the chats", "F8"]
    dialog.field.setText("zzz")
    assert rows() == ["Nothing found"]


def test_chats_are_walked_through_by_key(desk: Desk) -> None:
    for text in ("one", "two", "three"):
        desk.chat.new_chat()
        desk.ask_and_wait(text)
    seen = [desk.title()]
    for keys in ("Ctrl+Tab", "Ctrl+PgDown", "Ctrl+PgDown", "Ctrl+Shift+Tab", "Ctrl+PgUp"):
        press(desk, keys)
        seen.append(desk.title())
    assert seen == ["three", "two", "one", "three", "one", "two"]


def test_renaming_and_deleting_by_key(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    press(desk, "Ctrl+B")
    press(desk, "F2")
    editor = desk.page.sidebar.list.findChild(QLineEdit)
    assert editor.hasFocus()
    editor.setText("Another title")
    desk.qtbot.keyClick(editor, Qt.Key.Key_Return)
    desk.wait(lambda: desk.title() == "Another title")
    press(desk, "Ctrl+Shift+D")
    box = desk.window.findChild(QMessageBox)
    box.button(QMessageBox.StandardButton.Cancel).click()
    assert desk.title() == "Another title"


def test_themes_follow_one_another(desk: Desk) -> None:
    seen = [desk.settings.text("theme")]
    for _ in OPTIONS["theme"].choices:
        desk.seedling.actions.run("theme")
        seen.append(desk.settings.text("theme"))
    assert seen[0] == seen[-1]
    assert set(seen) == set(OPTIONS["theme"].choices)


def test_find_goes_on_by_key(desk: Desk) -> None:
    desk.ask_and_wait("tick tock tick")
    press(desk, "F3")  # nothing to look for yet
    assert desk.page.find_bar.field.hasFocus()
    desk.page.find_bar.field.setText("tick")
    places = []
    for keys in ("F3", "F3", "Shift+F3"):
        press(desk, keys)
        places.append(desk.page.transcript.textCursor().selectionStart())
    assert places[0] != places[1]
    assert places[2] == places[0]


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


def test_the_row_with_the_keyboard_has_a_ring(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    desk.page.show_sidebar(True)
    view = desk.page.sidebar.list
    accent = desk.page.palette().color(QPalette.ColorRole.Highlight).name()

    def ring() -> int:
        row = view.grab(view.visualRect(view.currentIndex())).toImage()
        return sum(row.pixelColor(x, y).name() == accent for x in range(row.width()) for y in range(row.height()))

    desk.window.activateWindow()
    desk.page.composer.field.setFocus()
    desk.wait(desk.page.composer.field.hasFocus)
    assert ring() == 0
    view.setFocus()
    desk.wait(view.hasFocus)
    assert ring() > view.viewport().width()


def test_an_empty_list_says_what_comes_next(desk: Desk) -> None:
    def words() -> list[str]:
        return [label.text() for label in desk.page.sidebar.findChildren(QLabel) if label.isVisible()]

    desk.page.show_sidebar(True)
    assert any("Write a message" in text for text in words())
    desk.ask_and_wait("hello")
    assert words() == []
    desk.page.sidebar.search.setText("nowhere")
    desk.wait(lambda: words() == ["Nothing found"])
    clear = next(b for b in desk.page.sidebar.findChildren(QPushButton) if b.isVisible())
    desk.qtbot.mouseClick(clear, Qt.MouseButton.LeftButton)
    desk.wait(lambda: words() == [])
    assert desk.page.sidebar.search.text() == ""


def test_the_first_thing_seen_is_that_nothing_leaves_this_computer(desk: Desk) -> None:
    texts = [label.text() for label in desk.page.welcome.findChildren(QLabel) if label.isVisible()]
    assert "Everything stays on this computer. No account, no telemetry." in texts


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
