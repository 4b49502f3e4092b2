"""Files are taken wherever they are dropped on the window, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from app.training.controller import TrainingController

Desk = Any  # conftest.py

LEFT, NO_KEY, COPY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction


def files(*addresses: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl(address) for address in addresses])
    data.setText("\n".join(addresses))  # as file managers do
    return data


def enter(desk: Desk, data: QMimeData, place: QPoint) -> bool:
    event = QDragEnterEvent(place, COPY, data, LEFT, NO_KEY)
    QApplication.sendEvent(desk.window.windowHandle(), event)
    return event.isAccepted()


def drop(desk: Desk, data: QMimeData, place: QPoint) -> None:
    QApplication.sendEvent(desk.window.windowHandle(), QDropEvent(QPointF(place), COPY, data, LEFT, NO_KEY))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[list[Path]]:
    """What the training page was given."""
    found: list[list[Path]] = []
    monkeypatch.setattr(TrainingController, "open", lambda _, paths: found.append(paths))
    return found


@pytest.mark.parametrize("page", ["chat", "models", "training", "settings"])
def test_a_file_is_taken_on_every_page_also_over_the_composer(
    opened: list[list[Path]], desk: Desk, tmp_path: Path, page: str
) -> None:
    desk.window.show_page(page)
    field = desk.page.composer.field
    place = field.mapTo(desk.window, field.rect().center())
    path = tmp_path / "talks.jsonl"
    data = files(QUrl.fromLocalFile(str(path)).toString())
    assert enter(desk, data, place)
    assert desk.seedling.drops._veil.isVisible()
    drop(desk, data, place)
    desk.wait(lambda: opened == [[path]])  # it is looked at first
    assert not desk.seedling.drops._veil.isVisible()
    assert field.toPlainText() == ""


def test_text_is_still_dropped_into_a_field(opened: list[list[Path]], desk: Desk) -> None:
    field = desk.page.composer.field
    place = field.mapTo(desk.window, field.rect().center())
    data = QMimeData()
    data.setText("some words")
    assert enter(desk, data, place)
    drop(desk, data, place)
    assert field.toPlainText() == "some words"
    assert opened == []


def test_the_veil_goes_with_the_mouse(opened: list[list[Path]], desk: Desk) -> None:
    enter(desk, files("file:///tmp/a.txt"), QPoint(5, 5))
    QApplication.sendEvent(desk.window.windowHandle(), QDragLeaveEvent())
    assert not desk.seedling.drops._veil.isVisible()


def test_an_address_is_no_file(opened: list[list[Path]], desk: Desk) -> None:
    data = files("https://example.org/a.jsonl")
    desk.window.show_page("training")
    assert not enter(desk, data, QPoint(5, 5))
    assert opened == []


def test_a_file_of_another_computer_is_refused_unseen(opened: list[list[Path]], desk: Desk) -> None:
    data = files("file://server/share/a.jsonl")
    drop(desk, data, QPoint(5, 5))
    assert opened == []
    assert "server" in desk.seedling.training_page.notice.text
