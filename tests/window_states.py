"""What the window can show, one state after another, for checks that must hold in each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from app.actions import ACTIONS
from app.crash import CrashDialog
from app.messages import Notice, Remedy
from app.shortcuts import ShortcutsDialog

Desk = Any  # tests/app/conftest.py

TITLE = "ZZ"  # of the chat in these states, and what was said in it; not a word of ours


def states(desk: Desk) -> Iterator[tuple[str, QWidget]]:
    """A name for each state and the widget to look at; the window is put back before the next one."""
    page, window, actions = desk.page, desk.window, desk.seedling.actions

    def turn() -> None:
        desk.qtbot.wait(30)

    desk.wait(lambda: bool(desk.chat.models.entries))
    turn()
    yield "welcome", window
    desk.ask_and_wait(TITLE)
    turn()
    yield "conversation", window
    page.open_find()
    page.find_bar.field.setText("nowhere")
    turn()
    yield "find bar", window
    page.find_bar.put_away()
    page.notice.show_notice(Notice("ZZ ZZ ZZ ZZ ZZ.", (Remedy.RETRY, Remedy.CHOOSE_MODEL, Remedy.COPY), "ZZ"))
    turn()
    yield "notice", window
    page.notice.clear()
    page.composer.restore("Z" * 5000)
    turn()
    yield "pasted text", window
    page.composer.take()
    page.show_sidebar(True)
    turn()
    yield "sidebar", window
    page.sidebar.search.setText("QQQ")
    desk.qtbot.wait(300)
    yield "nothing found", window
    page.sidebar.search.clear()
    desk.qtbot.wait(300)
    page.show_panel(True)
    turn()
    yield "side panel", window
    page.show_panel(False)
    page.show_chat()
    actions.run("palette")
    turn()
    yield "palette", window
    desk.seedling.palette.field.setText("qqqq")
    turn()
    yield "palette without an answer", window
    desk.seedling.palette.put_away()
    yield from _opened(desk, "models", page.picker.menu())
    actions.run("shortcuts")
    turn()
    dialog = window.findChild(ShortcutsDialog)
    yield "shortcuts", dialog
    dialog.reject()
    actions.run("delete_chat")
    turn()
    box = window.findChild(QMessageBox)
    yield "delete", box
    box.reject()
    crash = CrashDialog("ZZ", window)
    crash.show()
    turn()
    yield "crash", crash
    crash.close()
    crash.deleteLater()


def _opened(desk: Desk, name: str, menu: QMenu) -> Iterator[tuple[str, QWidget]]:
    menu.popup(desk.window.mapToGlobal(desk.window.rect().topLeft()))
    desk.qtbot.wait(60)
    yield name, menu
    menu.close()


def bound_ids(desk: Desk) -> list[str]:
    return [id for id in ACTIONS if id in {action.id for action in desk.seedling.actions.bound()}]
