"""The settings of the chosen model: kept by its name, changed only once they are read, and counted in its memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.background import Background
from app.engine_client import EngineClient
from app.library.setup import Setup
from app.library.view import LocalModels
from engine.events import Model
from engine.library import model_settings
from engine.library.model_settings import ModelSettings

LIBRARIAN = [sys.executable, str(Path(__file__).parents[2] / "scripted_library.py")]


class Desk:
    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.view, self.client, self.background = LocalModels(), EngineClient(LIBRARIAN), Background()
        self.setup = Setup(self.view, self.client, self.background, lambda: 0)
        self.changed: list[tuple[str, ModelSettings, ModelSettings]] = []
        self.setup.changed.connect(lambda model, *settings: self.changed.append((model.name, *settings)))
        qtbot.addWidget(self.view)
        self.view.resize(1280, 800)
        for name in ("starter", "slow"):
            self.view.take(Model(name, f"/models/{name}.gguf", "gguf", "llama", False))
        self.view.show()

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.wait_until(lambda: bool(condition()), timeout=20_000)

    def choose(self, name: str) -> None:
        self.view.select(name)
        self.wait(lambda: self.setup.known)


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(qtbot)
    yield desk
    desk.setup.close()
    desk.client.close()
    desk.background.close()


def test_what_is_kept_is_not_lost_to_a_hasty_change(desk: Desk) -> None:
    model_settings.save("slow", ModelSettings(context=4096))
    desk.view.select("slow")
    desk.setup.set("threads", 1)  # not read yet: it would take the place of all that is kept
    desk.wait(lambda: desk.setup.known)
    assert model_settings.load("slow") == ModelSettings(context=4096)
    desk.setup.set("threads", 2)
    desk.wait(lambda: desk.changed)
    both = ModelSettings(context=4096, threads=2)
    assert desk.changed == [("slow", ModelSettings(context=4096), both)]
    assert model_settings.load("slow") == both


def test_settings_are_those_of_the_model_that_is_shown(desk: Desk) -> None:
    model_settings.save("slow", ModelSettings(context=4096))
    desk.choose("slow")
    desk.view.detail.settings.button.setChecked(True)
    form = desk.view.detail.form
    assert form is not None
    assert form.reset.isEnabled()
    desk.choose("starter")
    assert not form.reset.isEnabled()
    desk.choose("slow")
    form.reset.click()
    desk.wait(lambda: desk.changed)
    assert model_settings.load("slow") == ModelSettings()


def test_what_a_model_takes_is_told_and_told_again(desk: Desk) -> None:
    memory = desk.view.detail.memory
    desk.choose("starter")
    desk.wait(lambda: memory.known)
    assert "It fits" in memory.verdict.text()
    desk.choose("slow")
    desk.wait(lambda: "does not fit" in memory.verdict.text())
    desk.setup.set("context", 77)
    desk.wait(lambda: "77" in memory._parts.text())


def test_a_value_that_cannot_be_is_refused_and_the_old_one_stays(desk: Desk) -> None:
    refused: list[object] = []
    desk.setup.failed.connect(refused.append)
    desk.choose("starter")
    desk.setup.set("batch", -5)
    assert len(refused) == 1
    assert model_settings.load("starter") == ModelSettings()
