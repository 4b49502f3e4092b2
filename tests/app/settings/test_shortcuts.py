"""Rebinding keys: changed, added, taken from another, switched off, set back."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from app.settings.shortcuts import KeyDialog, ShortcutsSection, is_safe, keys_of
from engine.settings import Settings

Desk = Any  # tests/app/settings/conftest.py


@pytest.fixture
def section(desk: Desk) -> ShortcutsSection:
    found: ShortcutsSection = desk.page.shortcuts
    return found


def ask(section: ShortcutsSection, id: str) -> KeyDialog:
    section.action_rows[id].change_button.click()
    dialog = section.findChildren(KeyDialog)[-1]
    assert isinstance(dialog, KeyDialog)
    return dialog


def press(qtbot: QtBot, dialog: KeyDialog, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    dialog.field.setFocus()
    qtbot.keyClick(dialog.field, key, modifier)


CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


def test_other_keys_take_the_place_of_the_usual_ones_and_are_kept(desk: Desk, section: ShortcutsSection) -> None:
    dialog = ask(section, "new_chat")
    assert not dialog.replace_button.isEnabled()
    press(desk.qtbot, dialog, Qt.Key.Key_T, CTRL)
    dialog.replace_button.click()
    desk.wait_saved("shortcuts")
    assert Settings().mapping("shortcuts") == {"new_chat": "Ctrl+T"}
    assert section.action_rows["new_chat"].keys.text() == "Ctrl+T"
    section.action_rows["new_chat"].reset_button.click()
    desk.wait(lambda: Settings().mapping("shortcuts") == {})
    assert "Ctrl+Shift+O" in section.action_rows["new_chat"].keys.text()


def test_keys_can_be_added(desk: Desk, section: ShortcutsSection) -> None:
    dialog = ask(section, "search")
    press(desk.qtbot, dialog, Qt.Key.Key_F3, NONE)
    dialog.add_button.click()
    assert desk.settings.mapping("shortcuts") == {"search": "Ctrl+K, F3"}


def test_a_key_that_is_taken_names_its_owner_who_loses_it(desk: Desk, section: ShortcutsSection) -> None:
    dialog = ask(section, "search")
    press(desk.qtbot, dialog, Qt.Key.Key_N, CTRL)
    assert "New chat" in dialog.note.text()
    dialog.replace_button.click()
    assert desk.settings.mapping("shortcuts") == {"search": "Ctrl+N", "new_chat": "Ctrl+Shift+O"}
    section.action_rows["new_chat"].reset_button.click()  # takes it back
    assert desk.settings.mapping("shortcuts") == {"search": ""}


def test_a_key_for_writing_is_refused(desk: Desk, section: ShortcutsSection) -> None:
    dialog = ask(section, "search")
    press(desk.qtbot, dialog, Qt.Key.Key_A, NONE)
    assert "for writing" in dialog.note.text()
    assert not dialog.replace_button.isEnabled()
    assert not dialog.add_button.isEnabled()


def test_an_action_can_be_switched_off(desk: Desk, section: ShortcutsSection) -> None:
    section.action_rows["stop"].off_button.click()
    assert desk.settings.mapping("shortcuts") == {"stop": ""}
    assert section.action_rows["stop"].keys.text() == "off"
    assert section.action_rows["stop"].off_button.isHidden()
    section._reset_all.click()
    assert desk.settings.mapping("shortcuts") == {}
    assert section._reset_all.isHidden()


def test_what_equals_the_usual_keys_is_no_change(desk: Desk, section: ShortcutsSection) -> None:
    section.action_rows["stop"].off_button.click()
    dialog = ask(section, "stop")
    press(desk.qtbot, dialog, Qt.Key.Key_Escape, NONE)
    dialog.replace_button.click()
    assert desk.settings.mapping("shortcuts") == {}


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Ctrl+N, Ctrl+Shift+O", ("Ctrl+N", "Ctrl+Shift+O")),
        ("Ctrl+,, Ctrl+K", ("Ctrl+,", "Ctrl+K")),
        ("Ctrl+,", ("Ctrl+,",)),
        ("", ()),
        (", ", ()),
    ],
)
def test_how_keys_are_written(section: ShortcutsSection, text: str, keys: tuple[str, ...]) -> None:
    action = section._actions[0]
    assert keys_of(action, {action.id: text}) == keys
    assert keys_of(action, {}) == action.keys


@pytest.mark.parametrize(
    ("key", "safe"),
    [
        *((key, False) for key in ("A", "Shift+A", "Space", "Return", "Left", "Shift+Tab", "F")),
        *((key, True) for key in ("Ctrl+A", "Alt+1", "F5", "Shift+F5", "Esc", "Meta+J", "Ctrl++", "Ctrl+,")),
    ],
)
def test_which_keys_are_safe(section: ShortcutsSection, key: str, safe: bool) -> None:
    assert QKeySequence(key).count() == 1
    assert is_safe(key) is safe
