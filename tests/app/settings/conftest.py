"""The page of settings with its controller, a real store and a real worker for moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.background import Background
from app.engine_client import EngineClient
from app.settings.backing_up import BackingUp
from app.settings.controller import SettingsController
from app.settings.options import Options
from app.settings.page import SettingsPage
from engine import paths
from engine.chat.store import Store
from engine.processes import helper_command
from engine.settings import Settings


@dataclass(frozen=True)
class Action:
    id: str
    title: str
    keys: tuple[str, ...]
    section: str = "chat"


ACTIONS = (
    Action("new_chat", "New chat", ("Ctrl+N", "Ctrl+Shift+O")),
    Action("search", "Search the chats", ("Ctrl+K",)),
    Action("settings", "Settings", ("Ctrl+,",)),
    Action("stop", "Stop the reply", ("Esc",)),
)


class Desk:
    """The page as a person has it before them."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.settings = Settings()
        self.store = Store(paths.database())
        self.background = Background()
        self.client = EngineClient([*helper_command("worker"), "--background"])
        self.page = SettingsPage(ACTIONS)
        self.options = Options(self.settings, self.background, self.page)
        self.backing_up = BackingUp(self.settings, self.store.path, self.background, self.page)
        self.controller = SettingsController(
            self.page, self.options, self.backing_up, self.store.path, self.client, self.background, self.page
        )
        self.changed: list[str] = []
        self.controller.changed.connect(self.changed.append)
        qtbot.add_widget(self.page)
        self.page.resize(1000, 700)
        self.page.show()
        qtbot.wait_exposed(self.page)
        self.controller.start()
        self.backing_up.start()

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.wait_until(lambda: bool(condition()), timeout=20_000)

    def wait_saved(self, name: str) -> None:
        self.wait(lambda: name in self.changed)

    def stored(self) -> Settings:
        """The settings as the next start would have them."""
        return Settings()

    def close(self) -> None:
        self.backing_up.close()
        self.controller.close()
        self.background.close()
        self.store.close()


@pytest.fixture
def open_desk(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[[], Desk]]:
    desks: list[Desk] = []

    def open() -> Desk:
        desks.append(Desk(qtbot))
        return desks[-1]

    yield open
    for desk in desks:
        desk.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def desk(open_desk: Callable[[], Desk]) -> Desk:
    return open_desk()


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """`answer("Move")`: message boxes are answered by the button that begins so; what they said is in the list."""

    def choose(beginning: str) -> list[str]:
        said: list[str] = []

        def press(box: QMessageBox) -> int:
            said.append(f"{box.text()} {box.informativeText()}")
            button = next(b for b in box.buttons() if b.text().replace("&", "").startswith(beginning))
            button.click()
            return 0

        def open_box(box: QMessageBox) -> None:
            box.show()
            press(box)

        monkeypatch.setattr(QMessageBox, "open", open_box)
        monkeypatch.setattr(QMessageBox, "exec", lambda box: (box.show(), press(box))[1])
        return said

    return choose
