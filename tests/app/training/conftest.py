"""The window with the training page before it, and what a person does there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

Desk = Any  # tests/app/conftest.py


class Person:
    """Someone at the training page of a window whose workers follow a script."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.qtbot, self.window, self.folder = desk, desk.qtbot, desk.window, folder
        self.training, self.page = desk.seedling.training, desk.seedling.training_page
        self.prepare, self.watch, self.home = self.page.prepare, self.page.watch, self.page.home
        self.card, self.foot = self.prepare.card, self.prepare.foot
        self.wait(lambda: self.prepare.questions.model.count() > 0)

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.wait_until(lambda: bool(condition()), timeout=20_000)

    def data(self, script: str) -> Path:
        path = self.folder / f"{script}.jsonl"
        path.write_text("{}\n")
        return path

    def drop(self, *paths: Path) -> None:
        """On the window, wherever the mouse is."""
        drag_over(self.window, paths)
        data = mime(paths)
        drop = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, NO_KEY)
        QApplication.sendEvent(self.window.windowHandle(), drop)
        assert drop.isAccepted()

    def prepare_data(self, script: str) -> None:
        """Drop it, and wait until it can be started."""
        path = self.data(script)
        self.drop(path)
        self.wait(lambda: (source := self.training.loader.source) is not None and source.data == (str(path),))
        self.wait(self.foot.start.isEnabled)

    def click(self, button: QWidget) -> None:
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def start(self, script: str) -> None:
        """Until its run is shown."""
        self.prepare_data(script)
        self.click(self.foot.start)
        self.wait(lambda: self.page.view is self.watch)

    def train(self, script: str) -> Path:
        """To its end; the run."""
        self.start(script)
        self.wait(lambda: not self.training.trainings.running)
        folder = self.watch.run
        assert folder is not None
        return folder


NO_KEY = Qt.KeyboardModifier.NoModifier


def mime(paths: tuple[Path, ...]) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    data.setText("\n".join(map(str, paths)))  # as file managers do
    return data


def drag_over(window: QWidget, paths: tuple[Path, ...]) -> bool:
    """Whether the window would take them."""
    data = mime(paths)  # the event only borrows it
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, NO_KEY)
    QApplication.sendEvent(window.windowHandle(), enter)
    return enter.isAccepted()


@pytest.fixture
def person(desk: Desk, tmp_path: Path) -> Person:
    return Person(desk, tmp_path)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """`answer("Stop")`: message boxes are answered by the button that begins so; what they said is in the list."""

    def choose(beginning: str) -> list[str]:
        said: list[str] = []

        def press(box: QMessageBox) -> None:
            box.show()
            said.append(f"{box.text()} {box.informativeText()}")
            next(b for b in box.buttons() if b.text().replace("&", "").startswith(beginning)).click()

        monkeypatch.setattr(QMessageBox, "open", press)
        return said

    return choose
