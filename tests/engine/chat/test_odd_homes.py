"""A home whose name is no text, which Linux allows: its chats are backed up and mended as others are."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from left_chats import leave_in_log, titles
from old_stores import old_database

from engine import paths
from engine.chat import aside, backups, recovery
from engine.chat.messages import Message
from engine.chat.store import Store


@pytest.fixture
def odd(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The database of a home whose name is no Unicode, with two chats and a backup of the first."""
    if sys.platform != "linux":
        pytest.skip("only Linux has such names")
    monkeypatch.setenv("SEEDLING_HOME", str(home / os.fsdecode(b"h\xff %23")))
    store = Store(paths.database())
    store.add_message(store.create_chat("first").result(), Message("user", "hello")).result()
    assert backups.make_daily(paths.database(), keep=3) is not None
    store.add_message(store.create_chat("later").result(), Message("user", "hello again")).result()
    store.close()
    return paths.database()


def test_a_home_that_is_no_text_has_a_backup_every_day(odd: Path) -> None:
    (backup,) = backups.found()
    assert backup.path.parent.parent == odd.parent
    assert titles(backup.path) == ["first"]
    assert backups.make_daily(odd, keep=3) is None


def test_there_a_backup_is_put_back(odd: Path) -> None:
    leave_in_log(odd, "in the log")
    (backup,) = backups.found()
    kept = backups.restore(backup.path.name, odd)
    assert titles(odd) == ["first"]
    assert kept is not None
    assert not kept.with_name(kept.name + "-wal").exists()
    assert titles(kept) == ["first", "in the log", "later"]


def test_there_damaged_chats_come_back(odd: Path) -> None:
    odd.write_bytes(b"\0" * 4096 + odd.read_bytes()[4096:])
    store, kept = Store.open_or_set_aside(odd)
    assert kept is not None
    assert store.unsalvaged() == [kept]
    assert backups.make_daily(odd, keep=3, today=datetime.now() + timedelta(days=1)) is None  # rows still come back
    recovered = recovery.recover(store, kept)
    assert recovered is not None
    assert recovered.backup == backups.found()[0]
    assert store.unsalvaged() == []
    assert sorted(chat.title for chat in store.chats()) == ["first", "later"]
    store.close()
    new = backups.make(odd, datetime.now() + timedelta(days=1))
    assert recovery._is_of_new_one(new, kept)
    assert not recovery._is_of_new_one(backups.found()[-1], kept)


def test_there_a_copy_is_made_before_an_upgrade(odd: Path, tmp_path: Path) -> None:
    old_database(tmp_path / "old.db")
    odd.write_bytes((tmp_path / "old.db").read_bytes())
    assert titles(odd) == ["An old chat"]
    (copy,) = odd.parent.glob("seedling-before-m*.db")
    assert backups.take_in(odd, keep=3)
    assert not copy.exists()
    assert "An old chat" in [title for backup in backups.found() for title in titles(backup.path)]


@pytest.mark.parametrize("name", ["plain", "ünï 🌱", "a%20b?c#d", "file:x"])
def test_a_place_that_was_noted_as_text_is_understood(tmp_path: Path, name: str) -> None:
    assert aside.path_of(str(tmp_path / name)) == tmp_path / name
    assert aside.name_of(tmp_path / name) == str(tmp_path / name)
