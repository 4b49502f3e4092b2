"""What the page of models does, with a worker that follows a script."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QMessageBox

from app.chat.load import Load, LoadState
from app.library.model_actions import ModelAction, cures, further
from engine.errors import EngineError
from engine.events import Model
from engine.library import models

Desk = Any  # tests/app/conftest.py


@pytest.fixture
def page(desk: Desk) -> Desk:
    """The desk with the page of models before it, and the list read."""
    desk.window.show_page("models")
    view = desk.seedling.models_page.local
    desk.wait(lambda: view.rows.rowCount() == 6 and bool(view.foot._used))
    return desk


def test_loading_and_ejecting_are_shown_in_the_row_and_beside_it(page: Desk) -> None:
    view, library = page.seedling.models_page.local, page.seedling.library
    page.wait(lambda: page.seedling.replies.load.state is LoadState.LOADED)  # the starter, at the start
    view.select("slow")
    view.detail.button(ModelAction.LOAD).click()
    page.wait(lambda: ModelAction.STOP_LOADING in view.detail._buttons)
    assert view.detail._bar.isVisibleTo(view.detail)
    view.detail.button(ModelAction.STOP_LOADING).click()
    page.wait(lambda: ModelAction.LOAD in view.detail._buttons)
    view.select("refuse")
    view.detail.button(ModelAction.LOAD).click()
    page.wait(lambda: view.detail.problem.isVisibleTo(view.detail))
    library.do(ModelAction.LOAD, view.rows.model_of("starter"))
    page.wait(lambda: page.seedling.replies.load.state is LoadState.LOADED)
    library.do(ModelAction.EJECT, view.rows.model_of("starter"))
    page.wait(lambda: page.seedling.replies.load.state is LoadState.EMPTY)


def test_a_name_that_is_taken_is_refused_in_a_sentence(page: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(old: str, new: str) -> None:
        raise EngineError("model_name_taken", name=new)

    monkeypatch.setattr(models, "rename", refuse)
    view = page.seedling.models_page.local
    view.rows.rename_requested.emit("slow", "hang")
    page.wait(lambda: "Another model is called hang." in view.notice.text)
    assert view.rows.model_of("slow") is not None


def test_nothing_is_taken_away_unless_the_person_says_so(page: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    removed: list[str] = []
    monkeypatch.setattr(models, "remove", removed.append)
    view, library = page.seedling.models_page.local, page.seedling.library
    for label in ("Cancel", "Remove"):
        library.do(ModelAction.REMOVE, view.rows.model_of("hang"))
        box = page.seedling.models_page.findChild(QMessageBox)
        assert "stays where it is" in box.informativeText()
        next(button for button in box.buttons() if button.text().replace("&", "") == label).click()
        page.qtbot.wait(20)
        assert removed == ([] if label == "Cancel" else removed)
    page.wait(lambda: removed == ["hang"])


def test_a_file_is_checked_and_checking_can_be_stopped(page: Desk) -> None:
    view, library = page.seedling.models_page.local, page.seedling.library
    library.do(ModelAction.VERIFY, view.rows.model_of("starter"))
    page.wait(lambda: "starter is whole" in view.notice.text)
    library.do(ModelAction.VERIFY, view.rows.model_of("hang"))
    page.wait(lambda: bool(view.foot.task))
    view.foot.stop.click()
    page.wait(lambda: not view.foot.task)
    library.do(ModelAction.COPY, view.rows.model_of("hang"))
    page.wait(lambda: "The disk is full" in view.notice.text)


def test_the_page_leads_to_chat_training_and_settings(page: Desk) -> None:
    view, library = page.seedling.models_page.local, page.seedling.library
    library.do(ModelAction.CHAT, view.rows.model_of("slow"))
    assert page.window.current_page == "chat"
    assert page.chat.models.name == "slow"
    page.page.picker.manage_requested.emit()
    assert page.window.current_page == "models"
    library.do(ModelAction.TRAIN, view.rows.model_of("slow"))
    assert page.window.current_page == "training"
    assert page.seedling.training_page.prepare.questions.model.currentData() == "slow"
    page.window.show_page("models")
    view.foot.move_button.click()
    assert page.window.current_page == "settings"


def test_a_renamed_model_keeps_its_chats(page: Desk) -> None:
    page.window.show_page("chat")
    page.ask_and_wait("one")
    chat = page.chat.current
    page.chat.follow_model("starter", "mine")
    page.wait(lambda: {each.id: each.model for each in page.store.chats()}[chat] == "mine")
    assert page.chat.models.name == "mine"
    assert page.settings.text("model") == "mine"


def test_what_is_dropped_and_is_no_model_goes_to_the_training_page(page: Desk, tmp_path: Path) -> None:
    path = tmp_path / "good.jsonl"
    path.write_text("{}\n")
    page.seedling.library.sort_out([path])
    page.wait(lambda: page.window.current_page == "training")
    assert page.seedling.training.loader.source.data == (str(path),)


def test_a_broken_download_is_fetched_again(page: Desk) -> None:
    source = {"repo": "org/name", "files": ["slow.gguf"], "revision": "c" * 40, "kind": "model"}
    details = {"origin": "downloaded", "source": source, "error": {"code": "gguf_broken"}, "freed_bytes": 1}
    broken = Model("mine", "/x/mine.gguf", "gguf", "llama", False, "It is broken.", details)
    assert cures(broken, Load())[0] is ModelAction.DOWNLOAD_AGAIN
    assert ModelAction.DOWNLOAD_AGAIN in further(broken)
    theirs = replace(broken, details=details | {"source": None})
    assert ModelAction.DOWNLOAD_AGAIN not in (*cures(theirs, Load()), *further(theirs))
    page.seedling.library.do(ModelAction.DOWNLOAD_AGAIN, broken)
    (transfer,) = page.seedling.discover.downloads.transfers()
    assert transfer.wanted.params() == source | {"again": True}
    assert page.seedling.discover_view.isVisible()
