"""The command palette: what it finds, in which order, by keyboard and by mouse, and that it waits for nobody."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.palette import MOST_SHOWN, Answer, Command, CommandPalette, ranked

Desk = Any  # tests/app/conftest.py


class Bench:
    """A palette over a window with a field in it, and what was done."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.window = QWidget()
        qtbot.addWidget(self.window)
        column = QVBoxLayout(self.window)
        self.below = QLineEdit()
        column.addWidget(self.below)
        self.other = QPushButton("button")
        column.addWidget(self.other)
        self.palette = CommandPalette(self.window)
        self.window.resize(800, 600)
        with qtbot.wait_active(self.window):
            self.window.show()
        self.below.setFocus()
        self.done: list[str] = []

    def command(self, title: str, **more: Any) -> Command:
        return Command(more.pop("id", title), title, partial(self.done.append, title), **more)

    def open(self, *titles: str, later: Callable[[str, Answer], object] | None = None) -> None:
        commands = [self.command(title) for title in titles]
        self.palette.open((lambda _: commands,), (later,) if later else ())

    def type(self, text: str) -> None:
        QTest.keyClicks(self.palette.field, text)

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.palette.field, key)

    def titles(self) -> list[str]:
        model = self.palette.model
        return [model.index(row).data() for row in range(model.rowCount())]

    def current(self) -> str:
        return str(self.palette.list.currentIndex().data())


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench(qtbot)


def test_typing_narrows_and_enter_does_it(bench: Bench) -> None:
    bench.open("New chat", "Next theme", "Quit")
    assert bench.titles() == ["New chat", "Next theme", "Quit"]
    bench.type("th")
    assert bench.titles() == ["Next theme"]
    bench.press(Qt.Key.Key_Return)
    assert bench.done == ["Next theme"]
    assert bench.palette.isHidden()
    assert bench.below.hasFocus()


def test_arrows_move_and_go_around(bench: Bench) -> None:
    bench.open("a", "b", "c")
    seen = [bench.current()]
    for key in (
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
        Qt.Key.Key_Up,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
    ):
        bench.press(key)
        seen.append(bench.current())
    assert seen == ["a", "b", "c", "a", "c", "a", "c"]
    assert bench.palette.field.hasFocus()


def test_escape_closes_and_nothing_is_done(bench: Bench) -> None:
    bench.open("a")
    bench.press(Qt.Key.Key_Escape)
    assert bench.palette.isHidden()
    assert bench.done == []
    assert bench.below.hasFocus()


def test_nothing_found_says_so_and_enter_does_nothing(bench: Bench) -> None:
    bench.open("a")
    bench.type("zzz")
    assert bench.palette.list.isHidden()
    bench.press(Qt.Key.Key_Down)
    bench.press(Qt.Key.Key_Return)
    assert bench.done == []
    assert not bench.palette.isHidden()


def test_a_click_on_a_row_does_it_and_one_beside_closes(bench: Bench) -> None:
    bench.open("a", "b")
    place = bench.palette.list.visualRect(bench.palette.model.index(1)).center()
    QTest.mouseClick(bench.palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert bench.done == ["b"]
    bench.open("a")
    QTest.mouseClick(bench.palette, Qt.MouseButton.LeftButton, pos=QPoint(2, 590))
    assert bench.palette.isHidden()
    assert bench.done == ["b"]


def test_it_closes_when_the_keyboard_goes_elsewhere(bench: Bench) -> None:
    bench.open("a")
    bench.other.setFocus()
    assert bench.palette.isHidden()
    assert bench.other.hasFocus()


def test_it_fits_whatever_the_size_of_the_window(bench: Bench) -> None:
    bench.open("a")
    for width, height in ((800, 600), (300, 200), (1900, 1000)):
        bench.window.resize(width, height)
        bench.qtbot.wait(10)
        assert bench.palette.rect() == bench.window.rect()
        assert bench.palette.rect().contains(bench.palette.panel.geometry())
        assert bench.palette.panel.rect().contains(bench.palette.field.geometry())


# --- order -----------------------------------------------------------------------------------------------------------


def test_what_was_used_last_comes_first(bench: Bench) -> None:
    for typed in ("c", "b"):
        bench.open("a", "b", "c")
        bench.type(typed)
        bench.press(Qt.Key.Key_Return)
    bench.open("a", "b", "c")
    assert bench.titles() == ["b", "c", "a"]


def test_use_decides_between_answers_that_are_alike_but_not_against_a_better_one() -> None:
    commands = [Command(id, id, print) for id in ("Show chats", "Show panel", "Fisher owns")]
    assert [c.id for c in ranked(commands, "show")] == ["Show chats", "Show panel", "Fisher owns"]
    assert ranked(commands, "show", ["Show panel"])[0].id == "Show panel"
    assert ranked(commands, "show", ["Fisher owns"])[-1].id == "Fisher owns"


def test_only_so_many_are_shown(bench: Bench) -> None:
    bench.open(*(f"command {n}" for n in range(500)))
    assert len(bench.titles()) == MOST_SHOWN


# --- answers that come later -----------------------------------------------------------------------------------------


class Elsewhere:
    """A source that answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Answer]] = []

    def __call__(self, typed: str, answer: Answer) -> None:
        self.asked.append((typed, answer))


def test_later_answers_go_below_and_leave_the_row_where_it_is(bench: Bench) -> None:
    elsewhere = Elsewhere()
    bench.open("abc", "abd", later=elsewhere)
    bench.type("ab")
    bench.press(Qt.Key.Key_Down)
    bench.qtbot.wait_until(lambda: len(elsewhere.asked) == 1)  # asked once, when the typing pauses
    typed, answer = elsewhere.asked[0]
    assert typed == "ab"
    answer([bench.command("found within"), bench.command("abc")])
    assert bench.titles() == ["abc", "abd", "found within"]
    assert bench.current() == "abd"


def test_an_answer_to_an_older_question_is_dropped(bench: Bench) -> None:
    elsewhere = Elsewhere()
    bench.open("abc", later=elsewhere)
    bench.type("a")
    bench.qtbot.wait_until(lambda: len(elsewhere.asked) == 1)
    bench.type("b")
    elsewhere.asked[0][1]([bench.command("old")])
    assert bench.titles() == ["abc"]
    bench.qtbot.wait_until(lambda: len(elsewhere.asked) == 2)
    bench.palette.put_away()
    elsewhere.asked[1][1]([bench.command("too late")])
    bench.open("abc")
    assert bench.titles() == ["abc"]


def test_nobody_is_asked_elsewhere_before_something_is_typed(bench: Bench) -> None:
    elsewhere = Elsewhere()
    bench.open("abc", later=elsewhere)
    bench.qtbot.wait(200)
    assert elsewhere.asked == []


# --- in the window ---------------------------------------------------------------------------------------------------


def palette_titles(desk: Desk) -> list[str]:
    model = desk.seedling.palette.model
    return [model.index(row).data() for row in range(model.rowCount())]


def run_first(desk: Desk, typed: str) -> None:
    desk.seedling.actions.run("palette")
    desk.seedling.palette.field.setText(typed)
    QTest.keyClick(desk.seedling.palette.field, Qt.Key.Key_Return)


def test_it_finds_chats_by_title_and_by_content(desk: Desk) -> None:
    desk.ask_and_wait("first words")
    first = desk.chat.current
    desk.ask_and_wait("the hidden needle")
    desk.chat.new_chat()
    desk.ask_and_wait("something else")
    run_first(desk, "first words")
    assert desk.chat.current == first
    desk.chat.new_chat()
    desk.seedling.actions.run("palette")
    desk.seedling.palette.field.setText("hidden needle")
    desk.wait(lambda: palette_titles(desk) == ["first words"])
    QTest.keyClick(desk.seedling.palette.field, Qt.Key.Key_Return)
    assert desk.chat.current == first


def test_it_chooses_models_and_themes(desk: Desk) -> None:
    desk.wait(lambda: bool(desk.chat.known_models))
    run_first(desk, "slow")
    assert desk.settings.text("model") == "slow"
    desk.seedling.actions.run("palette")
    desk.seedling.palette.field.setText("gone")
    assert "gone" not in palette_titles(desk)  # it cannot be used
    desk.seedling.palette.put_away()
    run_first(desk, "theme dark")
    assert desk.settings.text("theme") == "dark"


def test_it_does_what_the_keys_do_and_shows_them(desk: Desk) -> None:
    desk.seedling.actions.set_keys({"sidebar": "F8"})
    desk.seedling.actions.run("palette")
    desk.seedling.palette.field.setText("hide the chats")
    index = desk.seedling.palette.model.index(0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Show or hide the chats, Window, F8"
    QTest.keyClick(desk.seedling.palette.field, Qt.Key.Key_Return)
    assert desk.page.sidebar.isHidden()


def test_escape_in_the_palette_does_not_stop_the_reply(desk: Desk) -> None:
    desk.ask("do count 400 20")
    desk.wait(lambda: bool(desk.begun[-1].parts))
    desk.seedling.actions.run("palette")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert desk.seedling.palette.isHidden()
    assert desk.seedling.replies.of(desk.chat.current) is not None
    QTest.keyClick(desk.window.focusWidget(), Qt.Key.Key_Escape)
    desk.wait_idle()
    assert desk.rows()[-1].state == "cancelled"
