"""The page of models with real workers: a file is dropped, loaded, talked to, renamed, checked, copied and deleted."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import model_stores
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from app.application import Seedling
from app.chat.load import LoadState
from app.library.model_actions import ModelAction
from app.messages import Remedy
from engine import paths
from engine.chat.store import Store
from engine.events import Model
from engine.library import models
from engine.settings import Settings

NO_KEY, COPY = Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction


class Person:
    """Someone in front of the page of models, on a computer with nothing else on it."""

    def __init__(self, qtbot: QtBot, application: QApplication, offered: bool) -> None:
        settings = Settings()
        settings.set("motion", False)
        settings.set("stores_offered", offered)
        self.qtbot, self.store = qtbot, Store(paths.database())
        self.seedling = Seedling(application, self.store, settings)
        self.page, self.window = self.seedling.models_page, self.seedling.window
        self.view, self.library = self.page.local, self.seedling.library
        self.seedling.start()
        self.window.resize(1280, 800)

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.wait_until(lambda: bool(condition()), timeout=60_000)

    def drop(self, path: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        event = QDropEvent(QPointF(50, 50), COPY, data, Qt.MouseButton.LeftButton, NO_KEY)
        QApplication.sendEvent(self.window.windowHandle(), event)

    def shown(self, name: str) -> Model:
        """The model of that name, once it stands beside the list."""
        self.wait(lambda: self.view.rows.model_of(name) is not None)
        self.view.select(name)
        self.wait(lambda: self.view.detail.model is not None and self.view.detail.model.name == name)
        model = self.view.rows.model_of(name)
        assert model is not None
        return model

    def press(self, action: ModelAction) -> None:
        self.view.detail.button(action).click()

    def do(self, action: ModelAction, name: str) -> None:
        self.library.do(action, self.shown(name))

    def answer(self, label: str) -> None:
        box = self.page.findChild(QMessageBox)
        next(button for button in box.buttons() if button.text() == label).click()

    def names(self) -> set[str]:
        return {model.name for model in self.view.rows.models()}

    def close(self) -> None:
        self.window.close()
        self.window.deleteLater()
        self.seedling.deleteLater()


@pytest.fixture
def arrive(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[bool], Person]]:
    for name in ("HOME", "USERPROFILE", "HF_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "person"))
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / "ollama"))
    people: list[Person] = []

    def arrive(offered: bool = True) -> Person:
        people.append(Person(qtbot, qapp, offered))
        return people[-1]

    yield arrive
    for person in people:
        person.close()
    qtbot.wait(0)


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    """A model of the person's, beside everything of ours."""
    path = tmp_path / "desk" / "little.gguf"
    path.parent.mkdir()
    shutil.copyfile(models.resolve("starter").path, path)
    return path


def test_a_dropped_model_from_the_first_row_to_its_end(arrive: Callable[[], Person], gguf: Path) -> None:
    person = arrive()
    view, detail, replies = person.view, person.view.detail, person.seedling.replies
    person.drop(gguf)
    person.wait(lambda: person.window.current_page == "models" and view.detail.model is not None)
    person.shown("little")
    assert "little" in view.notice.text
    assert person.seedling.training.loader.source is None  # it was not taken for data

    person.wait(lambda: detail.memory.known)
    person.press(ModelAction.LOAD)
    person.wait(lambda: replies.load.state is LoadState.LOADED and replies.load.path == str(gguf))
    assert ModelAction.EJECT in detail._buttons
    person.press(ModelAction.CHAT)
    assert person.window.current_page == "chat"
    person.seedling.page.composer.restore("Hello!")
    person.seedling.chat.send()
    person.wait(
        lambda: (
            person.seedling.chat.current
            and len(rows := person.store.messages(person.seedling.chat.current)) == 2
            and rows[-1].state == "done"
        )
    )
    chat = person.seedling.chat.current

    person.window.show_page("models")
    person.press(ModelAction.EJECT)
    person.wait(lambda: replies.load.state is LoadState.EMPTY)

    person.do(ModelAction.RENAME, "little")
    field = view.list.findChild(QLineEdit)
    field.setText("mine")
    person.qtbot.keyClick(field, Qt.Key.Key_Return)
    person.wait(lambda: "mine" in person.names() and "little" not in person.names())
    person.wait(lambda: {c.id: c.model for c in person.store.chats()}[chat] == "mine")

    view.notice.clear()
    for verdict in ("From now on", "whole"):
        person.do(ModelAction.VERIFY, "mine")
        person.wait(lambda verdict=verdict: verdict in view.notice.text)
        view.notice.clear()
    person.do(ModelAction.REMOVE, "mine")
    person.answer("Remove")
    person.wait(lambda: "mine" not in person.names())
    assert gguf.is_file()


def test_a_copy_is_ours_to_delete_and_what_was_copied_is_not(arrive: Callable[[], Person], gguf: Path) -> None:
    person = arrive()
    person.drop(gguf)
    person.shown("little")
    person.view.notice.remedy_chosen.emit(Remedy.COPY_MODEL)
    person.wait(lambda: "copied into the library" in person.view.notice.text)
    person.wait(lambda: len(person.names()) == 4)
    (copied,) = person.names() - {"starter", "starter (in-house)", "little"}
    model = person.shown(copied)
    place = Path(model.path)
    assert place.is_relative_to(paths.models())
    assert model.details["freed_bytes"] >= gguf.stat().st_size
    person.do(ModelAction.DELETE, copied)
    person.answer("Delete")
    person.wait(lambda: copied not in person.names())
    assert not place.exists()
    assert gguf.is_file()
    gguf.unlink()
    person.library.refresh()
    person.wait(lambda: (model := person.view.rows.model_of("little")) is not None and model.problem)
    person.shown("little")
    assert person.view.detail.problem.isVisible()


def test_the_first_start_offers_what_another_program_has(
    arrive: Callable[[bool], Person], gguf: Path, tmp_path: Path
) -> None:
    model_stores.ollama(tmp_path / "ollama", "grandma:1b", gguf.read_bytes())
    before = model_stores.state(tmp_path / "ollama")
    person = arrive(False)
    steps = person.seedling.first_steps.view
    person.wait(lambda: steps.models.title.text() == "A model of Ollama is here")
    steps.use.click()
    person.wait(lambda: "on the list" in steps.models.title.text())
    person.window.show_page("models")
    person.wait(lambda: "grandma:1b" in person.names())
    person.shown("grandma:1b")
    person.press(ModelAction.CHAT)
    person.seedling.page.composer.restore("Hello!")
    person.seedling.chat.send()
    person.wait(
        lambda: (
            person.seedling.chat.current
            and person.store.messages(person.seedling.chat.current)[-1:]
            and person.store.messages(person.seedling.chat.current)[-1].state == "done"
        )
    )
    assert model_stores.state(tmp_path / "ollama") == before
    person.wait(lambda: person.seedling.options.settings.flag("stores_offered"))
    assert not steps.isVisible()
