"""The page of models: a shell for several views, and one model beside the list or in its place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.chat.load import Load
from app.library.memory_view import MemoryView
from app.library.page import ModelsPage
from app.library.setting_rows import NumberRow
from app.library.settings_form import ModelSettingsForm
from engine.events import Model


def model(name: str, **fields: object) -> Model:
    return Model(name, f"/models/{name}.gguf", "gguf", "llama", False, details={"size_bytes": 5}, **fields)  # type: ignore[arg-type]


@pytest.fixture
def page(qtbot: QtBot) -> ModelsPage:
    page = ModelsPage()
    qtbot.addWidget(page)
    page.resize(1280, 800)
    for name in ("ash", "elm", "oak"):
        page.local.take(model(name))
    page.local.keep({"ash", "elm", "oak"})
    page.show()
    return page


def test_a_choice_of_views_stands_above_once_there_are_two(page: ModelsPage) -> None:
    assert page._choice is None
    page.add_view("find", "Find more", QLabel("more"))
    assert page._choice is not None
    assert page.view == "local"
    page._choice.button("find").click()
    assert page.view == "find"


def test_where_there_is_room_the_first_model_stands_beside_the_list(page: ModelsPage) -> None:
    view = page.local
    assert view.detail.model is not None
    assert view.detail.model.name == "ash"
    assert view.list.isVisible()
    assert not view.detail.back.isVisible()


def test_where_there_is_none_it_takes_the_place_of_the_list(page: ModelsPage, qtbot: QtBot) -> None:
    view = page.local
    page.resize(600, 500)
    qtbot.waitUntil(lambda: not view.right.isVisible())
    view.list.setFocus()
    qtbot.keyClick(view.list, Qt.Key.Key_Down)
    qtbot.keyClick(view.list, Qt.Key.Key_Return)
    assert view.right.isVisible()
    assert not view.left.isVisible()
    assert view.detail.model.name == "elm"
    view.detail.back.click()
    assert view.left.isVisible()


def test_what_is_looked_for_is_chosen_and_select_shows_what_was_hidden(page: ModelsPage) -> None:
    view = page.local
    view.filter.setText("oak")
    assert view.models.rowCount() == 1
    view.select("elm")
    assert view.filter.text() == ""
    assert view.detail.model.name == "elm"


def test_a_model_that_goes_leaves_another_one_chosen(page: ModelsPage) -> None:
    view = page.local
    view.select("elm")
    view.keep({"ash", "oak"})
    assert view.detail.model.name in ("ash", "oak")


def test_an_unknown_model_has_no_button_to_talk(page: ModelsPage) -> None:
    page.local.take(model("elm", problem="It is broken."))
    page.local.select("elm")
    assert page.local.detail._buttons == {}
    assert page.local.detail.problem.isVisible()
    page.local.detail.show_model(None, Load())
    assert not page.local.detail.area.isVisible()


# --- settings --------------------------------------------------------------------------------------------------------


def test_settings_say_what_is_wanted_and_what_is_automatic(qtbot: QtBot) -> None:
    form = ModelSettingsForm()
    qtbot.addWidget(form)
    wanted: list[tuple[str, object]] = []
    form.changed.connect(lambda name, value: wanted.append((name, value)))
    form.show_settings({"context": 8192, "gpu_layers": -1, "speculation": "draft"}, "llama")
    assert wanted == []  # showing is not wanting
    layers, context = form.rows["gpu_layers"], form.rows["context"]
    assert isinstance(layers, NumberRow)
    assert isinstance(context, NumberRow)
    assert layers._field.text() == "all"
    assert context._field.text() == "8192"
    assert form.draft.isVisibleTo(form)
    context._field.setValue(0)
    layers._field.setValue(12)
    context.reset.click()
    assert wanted == [("context", None), ("gpu_layers", 12), ("context", None)]
    form.show_settings({}, "gpt")
    shown = {name for name, row in form.rows.items() if row.isVisibleTo(form)}
    assert shown == {"context", "threads", "template"}
    assert not form.reset.isEnabled()


def test_adapters_have_a_strength_each(qtbot: QtBot) -> None:
    form = ModelSettingsForm()
    qtbot.addWidget(form)
    wanted: list[object] = []
    form.changed.connect(lambda _, value: wanted.append(value))
    form.show_settings({"adapters": (("/a.gguf", 1.0), ("/b.gguf", 0.5))}, "llama")
    form.adapters._set_strength(0, 0.25)
    form.adapters._remove(1)
    form.show_settings({"adapters": (("/a.gguf", 1.0),)}, "llama")
    form.adapters._remove(0)
    assert wanted == [(("/a.gguf", 0.25), ("/b.gguf", 0.5)), (("/a.gguf", 1.0),), None]


def test_each_graphics_processor_has_its_verdict(qtbot: QtBot) -> None:
    view = MemoryView()
    qtbot.addWidget(view)
    need = {"total": 4, "weights": 1, "cache": 1, "compute": 1, "overhead": 1}
    fit = {"need": need, "available": 9, "verdict": "fits", "gpu_layers": {"big": 9, "mid": 4, "full": 0}}
    view.show_fit(fit | {"gpu_verdicts": {"big": "fits", "mid": "slow", "full": "too_large"}})
    assert view.layers.text().splitlines() == [
        "It fits on big.",
        "4 of its layers fit on mid; the rest stays in main memory and is slower.",
        "None of its layers fits on full.",
    ]
    view.show_fit(fit | {"gpu_layers": {}, "gpu_verdicts": {}})
    assert not view.layers.isVisibleTo(view)
