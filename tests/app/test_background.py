"""Work beside the window: what is looked at again and again ends as the newest look found it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.background import Background
from engine.errors import EngineError


@pytest.fixture
def background(qapp: QApplication) -> Iterator[Background]:
    background = Background()
    yield background
    background.close()


def test_an_older_look_that_ends_later_is_not_taken(background: Background, qtbot: QtBot) -> None:
    found: list[str] = []
    later = threading.Event()

    def old() -> str:
        later.wait(10)
        return "old"

    def refused() -> str:
        later.wait(10)
        raise EngineError("disk_full", place="x")

    def ignored(error: EngineError) -> None:
        found.append(error.code)

    for first in (old, refused):
        later.clear()
        background.renew("runs", first, found.append, ignored)
        background.renew("runs", lambda: "new", found.append, ignored)
        qtbot.wait_until(lambda: "new" in found)
        later.set()
        background.run(lambda: "through", found.append, ignored)
        background.run(lambda: "through", found.append, ignored)
        qtbot.wait_until(lambda: found.count("through") == 2)
        qtbot.wait(50)
        assert found == ["new", "through", "through"]
        found.clear()


def test_looks_at_different_things_are_both_answered(background: Background, qtbot: QtBot) -> None:
    found: list[str] = []
    background.renew("runs", lambda: "runs", found.append, print)
    background.renew("family", lambda: "family", found.append, print)
    qtbot.wait_until(lambda: sorted(found) == ["family", "runs"])
