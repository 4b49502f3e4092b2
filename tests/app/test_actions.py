"""Actions: one table, keys that a person may change, and nothing that is not bound."""

from __future__ import annotations

import logging
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.actions import ACTIONS, Actions


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    with qtbot.wait_active(window):
        window.show()
    return window


def press(qtbot: QtBot, window: QWidget, keys: str) -> None:
    stroke = QKeySequence(keys)[0]
    qtbot.keyClick(window, stroke.key(), stroke.keyboardModifiers())


def test_the_table_agrees_with_itself() -> None:
    actions = Actions({})
    assert actions.conflicts({}) == {}
    assert actions.problems == []
    for id, action in ACTIONS.items():
        assert id == action.id
        assert actions.keys(id) == action.keys


def test_the_keys_people_know() -> None:
    known = {
        "new_chat": ("Ctrl+N", "Ctrl+Shift+O"),
        "palette": ("Ctrl+K", "Ctrl+Shift+P"),
        "find": ("Ctrl+F",),
        "sidebar": ("Ctrl+B",),
        "settings": ("Ctrl+,",),
        "shortcuts": ("Ctrl+/",),
        "model": ("Ctrl+L",),
        "regenerate": ("Ctrl+R",),
        "stop": ("Esc",),
        "edit_last": ("Ctrl+Shift+E",),
        "delete_chat": ("Ctrl+Shift+D",),
        "copy_last": ("Ctrl+Shift+C",),
        "copy_code": ("Ctrl+Shift+;",),
        "zoom_in": ("Ctrl++", "Ctrl+="),
        "zoom_out": ("Ctrl+-",),
        "page_1": ("Ctrl+1",),
    }
    assert {id: ACTIONS[id].keys for id in known} == known


# --- binding ---------------------------------------------------------------------------------------------------------


def test_only_what_is_bound_is_there(qtbot: QtBot, window: QWidget) -> None:
    done: list[str] = []
    actions = Actions({})
    actions.bind("find", partial(done.append, "find"))
    actions.install(window)
    press(qtbot, window, "Ctrl+N")
    press(qtbot, window, "Ctrl+F")
    assert done == ["find"]
    assert [(action.id, action.title, action.section) for action in actions.bound()] == [
        ("find", "Find in this chat", "Messages")
    ]
    actions.bind("new_chat", partial(done.append, "new"), "Begin")  # later, and by another name
    press(qtbot, window, "Ctrl+Shift+O")
    assert done == ["find", "new"]
    assert [action.title for action in actions.bound()] == ["Begin", "Find in this chat"]
    actions.run("find")
    assert done[-1] == "find"


def test_what_is_not_in_the_table_cannot_be_bound() -> None:
    with pytest.raises(KeyError):
        Actions({}).bind("fly", print)


# --- other keys ------------------------------------------------------------------------------------------------------


def test_other_keys_take_the_place_of_the_usual_ones(qtbot: QtBot, window: QWidget) -> None:
    done: list[str] = []
    actions = Actions({"new_chat": "Ctrl+T, F7"})
    actions.bind("new_chat", partial(done.append, "new"))
    actions.install(window)
    for keys in ("Ctrl+N", "Ctrl+T", "F7"):
        press(qtbot, window, keys)
    assert done == ["new", "new"]
    with qtbot.wait_signal(actions.changed):
        actions.set_keys({"new_chat": ""})
    press(qtbot, window, "Ctrl+T")
    assert actions.keys("new_chat") == ()
    actions.set_keys({})
    press(qtbot, window, "Ctrl+N")
    assert done == ["new", "new", "new"]
    assert actions.bound()[0].keys == ("Ctrl+N", "Ctrl+Shift+O")  # the usual ones, for a page that shows both


def test_a_tooltip_names_the_present_key() -> None:
    actions = Actions({})
    assert actions.text_with_keys("New chat", "new_chat") == "New chat (Ctrl+N)"
    actions.set_keys({"new_chat": "ctrl+shift+t"})
    assert actions.text_with_keys("New chat", "new_chat") == "New chat (Ctrl+Shift+T)"
    actions.set_keys({"new_chat": ""})
    assert actions.text_with_keys("New chat", "new_chat") == "New chat"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Ctrl+,", ("Ctrl+,",)),
        ("Ctrl+,, Ctrl+T", ("Ctrl+,", "Ctrl+T")),
        ("Ctrl++, Ctrl+=", ("Ctrl++", "Ctrl+=")),
        ("Ctrl+T,Ctrl+Y", ("Ctrl+T", "Ctrl+Y")),
        ("F9", ("F9",)),
        ("Ctrl+T, Ctrl+T", ("Ctrl+T",)),
        ("", ()),
    ],
)
def test_how_keys_are_written(text: str, keys: tuple[str, ...]) -> None:
    actions = Actions({"settings": text, "zoom_in": ""})
    assert actions.problems == []
    assert actions.keys("settings") == keys


@pytest.mark.parametrize(
    "text", ["A", "Shift+A", "Return", "Ctrl", "nonsense", "Ctrl+Foo", "Ctrl+K Ctrl+T", "Ctrl+T, , F5"]
)
def test_what_is_no_shortcut_is_named_and_left_out(text: str) -> None:
    actions = Actions({"new_chat": text})
    (problem,) = actions.problems
    assert text in problem
    assert "New chat" in problem
    assert actions.keys("new_chat") == ("Ctrl+N", "Ctrl+Shift+O")


def test_an_action_of_another_version_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    actions = Actions({"fly": "Ctrl+N"})
    assert actions.problems == []
    assert "fly" in caplog.text


# --- two actions, one key --------------------------------------------------------------------------------------------


def test_a_key_that_another_action_has_is_refused_and_both_are_named() -> None:
    actions = Actions({"new_chat": "Ctrl+F"})
    assert actions.keys("new_chat") == ("Ctrl+N", "Ctrl+Shift+O")
    assert actions.keys("find") == ("Ctrl+F",)
    (problem,) = actions.problems
    assert "Ctrl+F" in problem
    assert "New chat" in problem
    assert "Find in this chat" in problem


def test_keys_may_be_swapped() -> None:
    actions = Actions({"new_chat": "Ctrl+F", "find": "Ctrl+N"})
    assert actions.problems == []
    assert (actions.keys("new_chat"), actions.keys("find")) == (("Ctrl+F",), ("Ctrl+N",))


def test_one_refusal_may_bring_the_next() -> None:
    # "find" cannot have a letter, so it keeps Ctrl+F, so "new_chat" cannot have that
    actions = Actions({"new_chat": "Ctrl+F", "find": "N"})
    assert len(actions.problems) == 2
    assert actions.keys("new_chat") == ("Ctrl+N", "Ctrl+Shift+O")


def test_conflicts_are_told_before_anything_is_set() -> None:
    actions = Actions({})
    assert actions.conflicts({"new_chat": "Ctrl+F"}) == {"Ctrl+F": ["new_chat", "find"]}
    assert actions.conflicts({"new_chat": "Ctrl+F", "find": ""}) == {}
    assert actions.keys("new_chat") == ("Ctrl+N", "Ctrl+Shift+O")


KEYS = st.sampled_from([keys for action in ACTIONS.values() for keys in action.keys] + ["", "F9", "A", "x+", "Ctrl+T"])


@given(st.dictionaries(st.sampled_from(list(ACTIONS)), KEYS, max_size=8))
def test_whatever_the_file_holds_no_key_has_two_meanings(shortcuts: dict[str, str]) -> None:
    actions = Actions(shortcuts)
    keys = [key for id in ACTIONS for key in actions.keys(id)]
    assert len(keys) == len(set(keys))
    assert all(Qt.Key.Key_unknown is not QKeySequence(key)[0].key() for key in keys)
