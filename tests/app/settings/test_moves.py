"""Moving folders from the page: asked, copied by a real worker, switched, cleared; interrupted, it goes on."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.settings import moves as moves_module
from app.settings.storage import Answer, FolderRow
from engine import paths
from engine.errors import EngineError
from engine.settings import Settings

Desk = Any  # tests/app/settings/conftest.py


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def runs(home: Path) -> dict[str, bytes]:
    (home / "runs" / "one").mkdir(parents=True)
    (home / "runs" / "one" / "run.json").write_bytes(b"{}")
    (home / "runs" / "one" / "weights").write_bytes(os.urandom(300_000))
    return contents(home / "runs")


def row(desk: Desk, name: str = "runs_folder") -> FolderRow:
    found: FolderRow = desk.page.folder_rows[name]
    return found


def settled(desk: Desk) -> bool:
    return json.loads((desk.settings.path).read_text()).get("moved") is None


def press(desk: Desk, answer: Answer, name: str = "runs_folder") -> None:
    row(desk, name).answered.emit(name, answer)


def test_a_folder_moves(
    desk: Desk, runs: dict[str, bytes], home: Path, tmp_path: Path, answer: Callable[[str], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    said = answer("Move")
    monkeypatch.setattr(moves_module, "choose_folder", lambda *_: tmp_path / "disk")
    row(desk).change_button.click()
    desk.wait_saved("runs_folder")
    assert "300\xa0kB" in said[0]
    assert str(tmp_path / "disk") in said[0]
    desk.wait(lambda: settled(desk))
    assert contents(tmp_path / "disk") == runs
    assert not (home / "runs").exists()
    assert paths.runs() == tmp_path / "disk"
    assert row(desk).place.text() == str(tmp_path / "disk")
    assert row(desk).progress.isHidden()
    answer("Move")
    row(desk).reset_button.click()  # and back
    desk.wait(lambda: not Settings().text("runs_folder") and settled(desk))
    assert contents(home / "runs") == runs
    assert not (tmp_path / "disk").exists()
    assert row(desk).reset_button.isHidden()


def test_models_on_the_list_are_followed(desk: Desk, home: Path, tmp_path: Path) -> None:
    (home / "models").mkdir()
    (home / "models" / "a.gguf").write_bytes(b"GGUF")
    rows = [{"name": "a", "path": str(home / "models" / "a.gguf")}, {"name": "b", "path": "/elsewhere/b.gguf"}]
    (home / "models.json").write_text(json.dumps({"models": rows}))
    desk.controller.moves.begin("models_folder", tmp_path / "m")
    desk.wait_saved("models_folder")
    desk.wait(lambda: settled(desk))
    listed = json.loads((home / "models.json").read_text())["models"]
    assert [entry["path"] for entry in listed] == [str(tmp_path / "m" / "a.gguf"), "/elsewhere/b.gguf"]


def test_cancel_moves_nothing(
    desk: Desk, runs: dict[str, bytes], home: Path, tmp_path: Path, answer: Callable[[str], list[str]]
) -> None:
    said = answer("Cancel")
    desk.controller.moves.propose("runs_folder", tmp_path / "disk")
    desk.wait(lambda: said)
    assert Settings().mapping("moves") == {}
    assert not (tmp_path / "disk").exists()


def test_what_stands_in_the_way_is_said_first(desk: Desk, runs: dict[str, bytes], home: Path) -> None:
    desk.controller.moves.propose("runs_folder", home / "runs" / "inner")
    desk.wait(lambda: "Choose a folder elsewhere" in desk.page.notice.text)
    assert contents(home / "runs") == runs


def test_a_network_path_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Path:
        raise EngineError("network_path", place="//server/share")

    monkeypatch.setattr(moves_module, "choose_folder", refuse)
    row(desk).change_button.click()
    assert "network share" in desk.page.notice.text


def test_a_folder_can_be_used_as_it_is(
    desk: Desk, runs: dict[str, bytes], home: Path, tmp_path: Path, answer: Callable[[str], list[str]]
) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "older").touch()
    answer("Use disk as it is")
    desk.controller.moves.propose("runs_folder", tmp_path / "disk")
    desk.wait_saved("runs_folder")
    assert paths.runs() == tmp_path / "disk"
    assert contents(home / "runs") == runs


def test_stopped_it_can_go_on_or_be_given_up(desk: Desk, runs: dict[str, bytes], home: Path, tmp_path: Path) -> None:
    desk.controller.moves.begin("runs_folder", tmp_path / "disk")
    desk.wait(lambda: desk.controller.moves._running)
    row(desk).stop_button.click()
    desk.wait(lambda: "interrupted" in row(desk).note.text())
    assert row(desk).change_button.isHidden()
    assert Settings().mapping("moves") == {"runs_folder": str(tmp_path / "disk")}
    press(desk, Answer.GIVE_UP)
    desk.wait(lambda: not Settings().mapping("moves") and row(desk).note.text() == "")
    assert contents(home / "runs") == runs
    assert paths.runs() == home / "runs"


def test_an_interrupted_move_is_found_at_the_next_start_and_goes_on(
    open_desk: Callable[[], Desk], runs: dict[str, bytes], home: Path, tmp_path: Path
) -> None:
    (home / "settings.json").write_text(json.dumps({"moves": {"runs_folder": str(tmp_path / "disk")}}))
    desk = open_desk()
    assert "interrupted" in row(desk).note.text()
    buttons = row(desk).answer_buttons()
    assert [button.text() for button in buttons] == ["Continue", "Give up the move"]  # type: ignore[attr-defined]
    buttons[0].click()  # type: ignore[attr-defined]
    desk.wait_saved("runs_folder")
    desk.wait(lambda: settled(desk))
    assert contents(tmp_path / "disk") == runs


def test_what_a_switched_move_left_is_cleared_at_the_next_start(
    open_desk: Callable[[], Desk], runs: dict[str, bytes], home: Path, tmp_path: Path
) -> None:
    desk = open_desk()
    desk.controller.moves._clear = lambda name: None  # killed between the switch and the clearing
    desk.controller.moves.begin("runs_folder", tmp_path / "disk")
    desk.wait_saved("runs_folder")
    assert contents(home / "runs") == runs
    desk.close()
    desk = open_desk()
    desk.wait(lambda: settled(desk))
    assert not (home / "runs").exists()
    assert contents(tmp_path / "disk") == runs


def test_where_the_settings_cannot_be_saved_the_old_place_stays(
    desk: Desk, runs: dict[str, bytes], home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, saved = desk.settings.save, []

    def full_later() -> None:
        saved.append(True)
        if len(saved) > 1:
            raise OSError(28, "No space left on device", "settings.json")
        save()

    monkeypatch.setattr(desk.settings, "save", full_later)
    desk.controller.moves.begin("runs_folder", tmp_path / "disk")
    desk.wait(lambda: "disk is full" in desk.page.notice.text)
    assert desk.settings.text("runs_folder") == ""
    assert contents(home / "runs") == runs
    assert "interrupted" in row(desk).note.text()


def test_an_unplugged_folder_is_said_and_has_two_ways_out(
    open_desk: Callable[[], Desk], home: Path, tmp_path: Path
) -> None:
    (home / "settings.json").write_text(json.dumps({"models_folder": str(tmp_path / "disk")}))
    desk = open_desk()
    assert "not there" in row(desk, "models_folder").note.text()
    assert row(desk, "models_folder").amount.text() == ""
    (tmp_path / "disk").mkdir()
    press(desk, Answer.TRY_AGAIN, "models_folder")
    assert row(desk, "models_folder").note.text() == ""
    shutil.rmtree(tmp_path / "disk")
    desk.controller.refresh()
    press(desk, Answer.USE_USUAL, "models_folder")
    desk.wait_saved("models_folder")
    assert paths.models() == home / "models"


def test_the_chats_wait_for_the_next_start(
    desk: Desk, home: Path, tmp_path: Path, answer: Callable[[str], list[str]]
) -> None:
    said = answer("Move")
    desk.controller.moves.propose("chats_folder", tmp_path / "chats")
    desk.wait(lambda: "starts next" in row(desk, "chats_folder").note.text())
    assert "starts next" in said[0]
    assert Settings().mapping("moves") == {"chats_folder": str(tmp_path / "chats")}
    assert paths.database() == home / "seedling.db"
    press(desk, Answer.GIVE_UP, "chats_folder")
    desk.wait(lambda: row(desk, "chats_folder").note.text() == "")
    assert Settings().mapping("moves") == {}
    desk.store.create_chat("still here").result()
