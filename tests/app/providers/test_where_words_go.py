"""Where words go: asked before they leave, said while they do, and forbidden where nothing may leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from app.chat.load import Load
from app.library.model_actions import TAKE_AWAY, ModelAction, cures, first, further
from app.library.rows import ModelRows, Role
from app.training.controller import LEARNS
from engine.events import Model
from engine.library.models import ModelEntry
from engine.providers import provider_list
from engine.providers.base import Provider, RemoteModel

Desk = Any  # tests/app/conftest.py

FAR, NEAR, CLOUD = "api/big", "here/small", "here/cloud"


def remote(name: str) -> ModelEntry:
    return ModelEntry(name, Path(name), "remote", "remote", False, None, name.partition("/")[0])


@pytest.fixture
def chat(library: list[ModelEntry], desk: Desk) -> Desk:
    """The desk with two servers, one of them elsewhere."""
    provider_list.add(Provider("api", "openai", "https://api.example.com/v1"), [RemoteModel("api", "big")])
    here = [RemoteModel("here", "small"), RemoteModel("here", "cloud", leaves=True)]
    provider_list.add(Provider("here", "ollama", "http://127.0.0.1:11434"), here)
    library += [remote(name) for name in (FAR, NEAR, CLOUD)]
    desk.seedling.destinations.refresh()
    desk.chat.models.refresh()
    desk.wait(lambda: len(desk.seedling.destinations.beyond) == 1 and len(desk.chat.models.entries) == 9)
    return desk


def answer(desk: Desk, label: str) -> None:
    desk.wait(lambda: desk.page.findChild(QMessageBox) is not None)
    box = desk.page.findChild(QMessageBox)
    assert "Use it?" in box.text()
    next(button for button in box.buttons() if button.text() == label).click()
    desk.wait(lambda: desk.page.findChild(QMessageBox) is None)


def choices(desk: Desk) -> dict[str, Any]:
    return {choice.name: choice for _, choice in desk.page.picker._menu._rows if choice is not None}


def test_the_first_use_of_a_server_elsewhere_asks_once(chat: Desk) -> None:
    models = chat.chat.models
    models.choose(FAR)
    answer(chat, "Cancel")
    assert models.name == "starter"
    models.choose(FAR)
    answer(chat, "Use it")
    assert models.name == FAR
    models.choose("starter")
    models.choose(FAR)
    assert models.name == FAR
    assert chat.page.findChild(QMessageBox) is None


def test_a_server_connected_by_the_command_line_is_asked_about_too(library: list[ModelEntry], desk: Desk) -> None:
    """The window is not told: it finds the models when its picker looks for them."""
    desk.wait(lambda: bool(desk.chat.models.entries))
    provider_list.add(Provider("api", "openai", "https://api.example.com/v1"), [RemoteModel("api", "big")])
    library.append(remote(FAR))
    desk.chat.models.refresh()
    desk.wait(lambda: len(desk.chat.models.entries) == len(library))
    desk.chat.models.choose(FAR)
    answer(desk, "Cancel")
    assert desk.chat.models.name == "starter"


def test_words_go_to_no_server_that_is_not_known(library: list[ModelEntry], desk: Desk) -> None:
    library.append(remote(FAR))
    desk.chat.models.refresh()
    desk.wait(lambda: len(desk.chat.models.entries) == len(library))
    desk.chat.models.choose(FAR)
    desk.wait_notice("no server or API called api")
    assert desk.chat.models.name == "starter"


def test_another_address_under_the_same_name_is_asked_about_again(chat: Desk) -> None:
    chat.chat.models.choose(FAR)
    answer(chat, "Use it")
    chat.chat.models.choose("starter")
    provider_list.replace(Provider("api", "openai", "https://elsewhere.example.com/v1"))
    chat.seedling.destinations.refresh()
    chat.wait(lambda: "elsewhere" in chat.seedling.destinations.of(FAR).host)
    chat.chat.models.choose(FAR)
    answer(chat, "Cancel")
    assert chat.chat.models.name == "starter"


def test_nothing_is_asked_of_a_server_before_the_person_agreed(chat: Desk) -> None:
    """Also in a chat whose model was chosen long ago."""
    chat.ask_and_wait("hello")
    current = chat.chat.current
    chat.chat._chats.change_model(current, FAR)
    before = len(chat.begun)
    chat.write("a secret")
    chat.press_enter()
    answer(chat, "Cancel")
    assert len(chat.begun) == before


def test_a_model_of_this_machine_asks_nothing_unless_it_is_passed_on(chat: Desk) -> None:
    chat.chat.models.choose(NEAR)
    assert chat.chat.models.name == NEAR
    assert chat.page.where.text == ""
    chat.chat.models.choose(CLOUD)
    answer(chat, "Use it")
    assert "passes it on" in chat.page.where.text


def test_the_chat_says_all_the_time_where_words_go(chat: Desk) -> None:
    assert chat.page.where.text == ""
    assert "Everything stays" in chat.page.welcome._promise.text()
    chat.chat.models.choose(FAR)
    answer(chat, "Use it")
    assert chat.page.where.text == "What you write in this chat goes to api.example.com."
    assert "leaves this machine" in chat.page.picker.accessibleName()
    assert "Everything stays" not in chat.page.welcome._promise.text()
    chat.chat.models.choose("starter")
    assert chat.page.where.text == ""
    assert "Everything stays" in chat.page.welcome._promise.text()


def test_the_picker_has_them_by_server_with_how_far_they_are(chat: Desk) -> None:
    shown = choices(chat)
    assert (shown[FAR].group, shown[FAR].reach) == ("api", "internet")
    assert (shown[NEAR].group, shown[NEAR].reach, shown[CLOUD].reach) == ("here", "machine", "internet")
    texts = [action.text() for action in chat.page.picker.menu().actions()]
    assert texts.index("api") < texts.index(next(text for text in texts if text.startswith(FAR)))
    assert any("leaves this machine" in text for text in texts if text.startswith(FAR))


def test_where_nothing_may_leave_they_say_so_everywhere(chat: Desk) -> None:
    chat.chat.models.choose(FAR)
    answer(chat, "Use it")
    seedling = chat.seedling
    seedling.settings.set("stay_here", True)
    chat.wait(lambda: bool(choices(chat)[FAR].problem))
    assert choices(chat)[CLOUD].problem
    assert not choices(chat)[NEAR].problem
    assert FAR not in chat.chat.models.usable
    chat.wait(lambda: bool(seedling.discover_view.stays.text() and seedling.servers_view.stays.text()))
    chat.write("a secret")
    before = len(chat.begun)
    chat.press_enter()
    chat.wait_notice("Nothing leaves this computer")
    assert len(chat.begun) == before
    seedling.settings.set("stay_here", False)
    chat.wait(lambda: not seedling.discover_view.stays.text())
    chat.wait(lambda: not choices(chat)[FAR].problem)


def test_the_settings_name_who_learns_what(chat: Desk) -> None:
    leaves = chat.seedling.settings_page.privacy._leaves.sentence
    text = leaves.text().replace("\u200b", "")
    assert "api  ·  api.example.com" in text
    assert "127.0.0.1" not in text
    assert "the whole chat" in text
    chat.seedling.settings.set("stay_here", True)
    chat.wait(lambda: "Nothing leaves:" in leaves.text())
    assert "api.example.com" not in leaves.text()


# --- as rows ---------------------------------------------------------------------------------------------------------


def row(name: str, reach: str = "internet", problem: str | None = None) -> Model:
    details = {"origin": "trained", "provider_kind": "openai", "reach": reach, "leaves": False, "badges": ["chat"]}
    return Model(name, name, "remote", "remote", False, problem, details)


def test_a_row_of_a_server_has_its_reach_and_nothing_to_do_with_files(qapp: object) -> None:
    rows = ModelRows()
    rows.take(row(FAR))
    index = rows.index_of(FAR)
    assert index.data(Role.BADGES) == ["leaves this machine", "Chat"]
    assert "OpenAI" in index.data(Role.FACTS)
    assert not index.flags() & Qt.ItemFlag.ItemIsEditable
    assert first(row(FAR), Load()) == [ModelAction.CHAT]
    assert further(row(FAR)) == [ModelAction.SHOW_SERVER]
    assert cures(row(FAR, problem="No."), Load()) == [ModelAction.SHOW_SERVER]
    assert not {*first(row(FAR), Load()), *further(row(FAR))} & {*TAKE_AWAY, ModelAction.TRAIN, ModelAction.VERIFY}
    assert "remote" not in LEARNS


def test_beside_the_list_it_says_where_it_is_asked(desk: Desk) -> None:
    view = desk.seedling.models_page.local
    model = row(NEAR, "machine")
    model.details.update(address="http://127.0.0.1:11434", provider="here")
    view.take(model)
    view.select(NEAR)
    detail = view.detail
    assert "127.0.0.1:11434" in detail._place.text()
    assert "stays on this machine" in detail._place.text()
    assert not detail.memory.isVisibleTo(detail)
    assert not detail.settings.isVisibleTo(detail)
    wanted: list[Any] = []
    view.wanted.connect(lambda action, model: wanted.append(action))
    desk.qtbot.keyClick(view.list, Qt.Key.Key_Delete)
    assert wanted == []
    asked: list[str] = []
    desk.seedling.library.setup._ask_memory = lambda model: asked.append(model.name)
    desk.qtbot.wait(400)  # longer than the pause before a model's memory is asked for
    assert asked == []
    detail.more.click()
    desk.seedling.library.do(ModelAction.SHOW_SERVER, model)
    assert desk.seedling.models_page.view == "servers"
