"""The model picker: what it says of each model, and how the chosen one stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil
import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from app.chat.load import Load, LoadState
from app.chat.model_menu import Choice
from app.chat.model_picker import ModelPicker
from engine.library.models import ModelEntry

Desk = Any  # tests/app/conftest.py

PATH = "/models/little.gguf"


@pytest.fixture
def picker(qtbot: QtBot) -> ModelPicker:
    picker = ModelPicker()
    qtbot.addWidget(picker)
    picker.set_model("little")
    picker.resize(picker.sizeHint())
    picker.show()
    return picker


def texts(picker: ModelPicker) -> list[str]:
    return [action.text() for action in picker.menu().actions() if action.text()]


def action(picker: ModelPicker, words: str) -> QAction:
    return next(action for action in picker.menu().actions() if words in action.text())


def show(picker: ModelPicker, load: Load) -> None:
    picker.set_load(load)
    picker.set_choices(
        [Choice("little", "GGUF file", "", 8_400_000, 9_200_000), Choice("gone", "GGUF file", "It is gone.")]
    )
    picker.resize(picker.sizeHint())


def test_a_model_says_its_size_and_what_it_takes(picker: ModelPicker) -> None:
    show(picker, Load())
    assert texts(picker)[:2] == ["little  ·  8.4M parameters  ·  9.2\xa0MB  ·  GGUF file", "gone  ·  It is gone."]
    show(picker, Load(LoadState.LOADED, PATH, memory_bytes=61_000_000))
    assert texts(picker)[0] == "little  ·  8.4M parameters  ·  9.2\xa0MB  ·  61.0\xa0MB in memory  ·  GGUF file"
    assert not action(picker, "gone").isEnabled()


@pytest.mark.parametrize(
    ("load", "words", "unload", "again"),
    [
        (Load(), "", False, False),
        (Load(LoadState.LOADING, PATH, 40), "loading 40 %", False, False),
        (Load(LoadState.LOADED, PATH), "ready", True, True),
        (Load(LoadState.BROKEN, PATH, problem="Its file is damaged."), "cannot be loaded", False, True),
    ],
)
def test_every_state_has_its_words_and_what_can_be_done(
    picker: ModelPicker, load: Load, words: str, unload: bool, again: bool
) -> None:
    show(picker, load)
    assert words in picker.text()
    assert "little" in picker.text()
    assert action(picker, "Unload").isEnabled() is unload
    assert action(picker, "again").isEnabled() is again
    assert load.problem in picker.accessibleDescription()
    assert load.problem in texts(picker)[0]


def test_where_room_is_short_the_state_goes_before_the_name(picker: ModelPicker) -> None:
    picker.set_model("a-model-with-a-very-long-name-q4_k_m")
    show(picker, Load(LoadState.LOADED, PATH))
    assert "ready" in picker.text()
    wide = picker.width()
    picker.resize(picker.minimumSizeHint())
    assert picker.width() < wide
    assert "ready" not in picker.text()
    assert "…" in picker.text()
    assert "a-model-with-a-very-long-name-q4_k_m ready" in picker.accessibleName()


@pytest.mark.parametrize("points", range(8, 30))
def test_with_all_the_room_it_asks_for_nothing_is_shortened(picker: ModelPicker, points: int) -> None:
    font = picker.font()
    font.setPointSizeF(points)
    picker.setFont(font)
    for load in (Load(), Load(LoadState.LOADED, PATH)):
        show(picker, load)
        assert "little" in picker.text()
        assert ("ready" in picker.text()) is (load.state is LoadState.LOADED)


# --- with the worker ------------------------------------------------------------------------------------------------


def test_the_window_shows_what_the_loaded_model_takes(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    desk.wait(lambda: desk.page.picker.state is LoadState.LOADED)
    assert any("123\xa0MB in memory" in text for text in texts(desk.page.picker))


def test_a_model_that_cannot_be_loaded_says_why_until_it_is_loaded_again(desk: Desk) -> None:
    desk.wait(lambda: bool(desk.chat.models.entries))
    desk.chat.choose_model("refuse")
    desk.wait(lambda: desk.page.picker.state is LoadState.BROKEN)
    assert "/models/refuse.gguf" in desk.page.picker.accessibleDescription()
    states: list[LoadState] = []
    desk.seedling.replies.load_changed.connect(lambda state, _: states.append(state))
    desk.page.picker.reload_requested.emit()
    desk.wait(lambda: LoadState.BROKEN in states)
    assert states[0] is LoadState.LOADING


def test_a_model_that_ends_its_worker_is_broken(desk: Desk) -> None:
    desk.wait(lambda: bool(desk.chat.models.entries))
    desk.chat.choose_model("crash")
    desk.wait(lambda: desk.page.picker.state is LoadState.BROKEN)


def test_loading_again_puts_it_in_place_of_what_was_loaded(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    (worker,) = psutil.Process().children()
    states: list[LoadState] = []
    desk.seedling.replies.load_changed.connect(lambda state, _: states.append(state))
    desk.page.picker.reload_requested.emit()
    desk.wait(lambda: LoadState.LOADED in states)
    assert psutil.Process().children() == [worker]


def test_the_state_is_that_of_the_model_shown(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    first = desk.chat.current
    desk.wait(lambda: desk.page.picker.state is LoadState.LOADED)
    desk.chat.new_chat()
    desk.chat.choose_model("refuse")
    desk.wait(lambda: desk.page.picker.state is LoadState.BROKEN)
    desk.chat.open_chat(first)
    assert desk.page.picker.state is LoadState.EMPTY


def test_facts_come_from_the_library(desk: Desk) -> None:
    desk.page.picker.opening.emit()
    desk.wait(lambda: any("starter" in text and "8.4M parameters" in text for text in texts(desk.page.picker)))


def test_what_writes_no_replies_says_so(desk: Desk, library: list[ModelEntry]) -> None:
    for kind in ("classifier", "adapter-gguf"):
        library.append(ModelEntry(kind, Path(f"/models/{kind}"), kind, "gpt", False))
    desk.page.picker.opening.emit()
    desk.wait(lambda: any("classifier" in text for text in texts(desk.page.picker)))
    for kind in ("classifier", "adapter-gguf"):
        assert not action(desk.page.picker, kind).isEnabled()
        assert "It writes no replies." in action(desk.page.picker, kind).text()


# --- many models -----------------------------------------------------------------------------------------------------


def shown_texts(picker: ModelPicker) -> list[str]:
    return [action.text() for action in picker.menu().actions() if action.text() and action.isVisible()]


def test_many_models_stand_under_headings_and_are_looked_for_by_words(picker: ModelPicker) -> None:
    choices = [Choice(f"oak {n}", "GGUF file", group="Yours") for n in range(9)]
    choices += [Choice(f"elm {n}", "GGUF file", group="Ollama") for n in range(60)]
    choices += [Choice("oak 9", "GGUF file", group="Yours")]
    picker.set_choices(choices)
    shown = shown_texts(picker)
    assert shown[0] == "Yours"
    assert shown[11] == "Ollama"
    assert len([text for text in shown if "oak" in text or "elm" in text]) == 40
    assert any("30 more" in text for text in shown)
    picker._menu._filter.setText("OAK 3")
    assert shown_texts(picker)[:2] == ["Yours", "oak 3  ·  GGUF file"]
    assert not any("elm" in text or "more" in text for text in shown_texts(picker))
    picker._menu._filter.setText("llama")  # is no beginning of Ollama
    assert not any("elm" in text for text in shown_texts(picker))
    picker._menu._filter.setText("beech")
    assert shown_texts(picker)[0] == "No model has these words."
    chosen: list[str] = []
    picker.chosen.connect(chosen.append)
    action(picker, "elm 59").trigger()
    assert chosen == ["elm 59"]


def test_few_models_have_no_headings(picker: ModelPicker) -> None:
    picker.set_choices([Choice(f"oak {n}", "GGUF file", group="Yours") for n in range(12)])
    assert shown_texts(picker)[0] == "oak 0  ·  GGUF file"
    assert picker._menu._filter is None
