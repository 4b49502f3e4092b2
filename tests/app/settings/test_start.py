"""What is done before the chats are opened: a move, a backup put back, a folder that is not there."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.settings.start import open_chats, open_store
from engine import files, paths, relocate
from engine.chat import backups
from engine.chat.store import Store
from engine.settings import Settings

Answers = Callable[[str], list[str]]


@pytest.fixture(autouse=True)
def chats(home: Path, qapp: QApplication) -> None:
    store = Store(home / "seedling.db")
    store.create_chat("mine").result()
    store.close()


def started(home: Path, **stored: object) -> tuple[list[str], list[str], Settings] | None:
    """(titles, what was said, settings) after a start with these settings; None where the person left."""
    if stored:
        (home / "settings.json").write_text(json.dumps(stored))
    settings = Settings()
    opened = open_store(settings)
    if opened is None:
        return None
    store, notices = opened
    titles = [chat.title for chat in store.chats()]
    store.close()
    return titles, [notice.text for notice in notices], settings


def test_an_ordinary_start(home: Path) -> None:
    found = started(home)
    assert found is not None
    assert found[:2] == (["mine"], [])


def test_the_chats_move_at_the_start(home: Path, tmp_path: Path) -> None:
    found = started(home, moves={"chats_folder": str(tmp_path / "disk")})
    assert found is not None
    assert found[:2] == (["mine"], [])
    assert paths.database() == tmp_path / "disk" / "seedling.db"
    assert not (home / "seedling.db").exists()
    assert json.loads((home / "settings.json").read_text()) == {"chats_folder": str(tmp_path / "disk")}
    found = started(home)
    assert found is not None
    assert found[0] == ["mine"]


def test_a_start_that_was_killed_after_the_switch_clears_the_old_place(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "disk"
    settings = Settings()
    relocate.begin(settings, "chats_folder", target)
    list(relocate.copy("chats_folder", home, target, threading.Event()))
    relocate.switch(settings, "chats_folder")
    settings.save()
    found = started(home)
    assert found is not None
    assert found[0] == ["mine"]
    assert not (home / "seedling.db").exists()
    assert "moved" not in json.loads((home / "settings.json").read_text())


def test_a_move_that_cannot_be_done_leaves_the_chats_where_they_are(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = started(home, moves={"chats_folder": str(tmp_path / "file")})
    assert found is not None
    titles, (said,), _ = found
    assert titles == ["mine"]
    assert "not moved" in said
    assert paths.database() == home / "seedling.db"


def test_a_backup_is_put_back_at_the_start_and_once(home: Path) -> None:
    name = backups.make(home / "seedling.db").path.name
    store = Store(home / "seedling.db")
    store.create_chat("later").result()
    store.close()
    found = started(home, restore=name)
    assert found is not None
    titles, (said,), settings = found
    assert titles == ["mine"]
    (aside,) = home.glob("seedling-before-restore-*.db")
    assert str(aside) in said
    assert settings.text("restore") == ""
    assert Settings().text("restore") == ""


def test_a_backup_that_is_gone_changes_nothing_and_is_said(home: Path) -> None:
    found = started(home, restore="chats-2025-01-01-080000.db")
    assert found is not None
    titles, (said,), _ = found
    assert titles == ["mine"]
    assert "not there any more" in said
    assert Settings().text("restore") == ""


def test_putting_back_that_fails_at_its_end_leaves_the_chats(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = backups.make(home / "seedling.db").path.name
    store = Store(home / "seedling.db")
    store.create_chat("later").result()
    store.close()
    rename = files.rename

    def refuse(source: Path, target: Path) -> None:
        if target == home / "seedling.db" and source.name.endswith(".next"):
            raise PermissionError(13, "held", str(target))
        rename(source, target)

    monkeypatch.setattr(files, "rename", refuse)
    found = started(home, restore=name)
    assert found is not None
    titles, said, settings = found
    assert titles == ["later", "mine"]
    assert len(said) == 1
    assert settings.text("restore") == ""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such names")
def test_in_a_home_that_is_no_text_damage_does_not_end_the_start(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = home / os.fsdecode(b"h\xff")
    monkeypatch.setenv("SEEDLING_HOME", str(odd))
    odd.mkdir()
    (odd / "seedling.db").write_bytes(b"\0" * 8192)
    opened = open_chats(Settings())
    assert opened is not None
    store, _ = opened
    assert len(store.unsalvaged()) == 1
    store.close()


# --- a folder that is not there --------------------------------------------------------------------------------------


def test_an_unplugged_disk_never_makes_an_empty_list(home: Path, tmp_path: Path, answer: Answers) -> None:
    said = answer("Quit")
    assert started(home, chats_folder=str(tmp_path / "disk")) is None
    assert str(tmp_path / "disk") in said[0]
    assert not (tmp_path / "disk").exists()
    (tmp_path / "disk").mkdir()  # the place where it is plugged in, empty
    assert started(home) is None
    assert list((tmp_path / "disk").iterdir()) == []
    assert Settings().text("chats_folder") == str(tmp_path / "disk")


def test_plugged_in_again_they_are_there(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Answers
) -> None:
    said = answer("Try again")
    exists = Path.exists

    def plug_in(path: Path) -> bool:
        if path == tmp_path / "disk" / "seedling.db" and said:
            (tmp_path / "disk").mkdir(exist_ok=True)
            shutil.copy(home / "seedling.db", path)
        return exists(path)

    monkeypatch.setattr(Path, "exists", plug_in)
    found = started(home, chats_folder=str(tmp_path / "disk"))
    assert found is not None
    assert found[0] == ["mine"]
    assert len(said) == 1


def test_the_usual_place_can_be_used(home: Path, tmp_path: Path, answer: Answers) -> None:
    answer("Use the usual place")
    found = started(home, chats_folder=str(tmp_path / "disk"))
    assert found is not None
    assert found[0] == ["mine"]
    assert Settings().text("chats_folder") == ""
    assert not (tmp_path / "disk").exists()
