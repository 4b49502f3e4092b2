"""The copies from before a newer Seedling changes the chats: they become backups, and the last one stays."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import apsw
import pytest
from old_stores import CHAT, old_database

from engine import paths
from engine.chat import backups
from engine.chat.store import Store

NOON = datetime(2026, 11, 20, 12)


@pytest.fixture
def database(home: Path) -> Path:
    """Chats that an earlier Seedling has written and this one has opened."""
    old_database(paths.database())
    Store(paths.database()).close()
    made_at(copy_beside(), NOON)
    return paths.database()


def copy_beside() -> Path:
    (copy,) = paths.home().glob("seedling-before-m*.db")
    return copy


def made_at(copy: Path | str, when: datetime) -> None:
    os.utime(copy, (when.timestamp(), when.timestamp()))


def another(database: Path, day: int) -> Path:
    """As if a later release had changed the chats on that day."""
    first, later = database.with_name("seedling-before-m002_search.db"), f"seedling-before-m01{day}_later.db"
    made_at(shutil.copy(first, database.with_name(later)), NOON + timedelta(days=day))
    return database.with_name(later)


def days() -> list[int]:
    """How long after that noon each backup was made, the newest first."""
    return [(backup.made - NOON).days for backup in backups.found()]


def a_day(database: Path, number: int, keep: int = 3) -> None:
    backups.make_daily(database, keep, NOON + timedelta(days=number, hours=1))


def test_it_becomes_a_backup_of_its_time_and_can_be_put_back(database: Path) -> None:
    a_day(database, 1)
    newest, taken = backups.found()
    assert (newest.made.day, taken.made) == (21, NOON)
    assert list(paths.home().glob("seedling-before-m*")) == []
    assert [path.name for path in paths.backups().iterdir()].count(taken.path.name) == 1
    backups.restore(taken.path.name, database)
    store = Store(database)
    assert [chat.id for chat in store.chats()] == [CHAT]
    store.close()


def weeks(database: Path) -> None:
    for number in range(1, 40):
        a_day(database, number)
    assert len(days()) == 4
    assert days()[-1] == 0


def test_the_last_one_that_an_earlier_seedling_opens_stays_beyond_the_number(database: Path) -> None:
    weeks(database)


def test_without_its_rule_it_goes_with_the_others(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "_is_from_before", lambda _: False)
    with pytest.raises(AssertionError):
        weeks(database)


def test_of_several_the_older_ones_are_thinned(database: Path) -> None:
    another(database, 1)
    another(database, 2)
    for number in range(3, 40):
        a_day(database, number)
    assert (len(days()), days()[-1]) == (4, 2)


def test_where_no_backups_are_wanted_the_newest_copy_stays_beside_the_chats(database: Path) -> None:
    newer = another(database, 1)
    a_day(database, 2, keep=0)
    assert copy_beside() == newer
    assert days() == []


def test_who_deletes_all_backups_deletes_it_too(database: Path) -> None:
    backups.delete_all(database)
    assert list(paths.home().glob("*before*")) == []
    assert database.exists()


def test_a_damaged_copy_stays_where_it_is(database: Path) -> None:
    copy = copy_beside()
    copy.write_bytes(copy.read_bytes()[:4096] + b"\xff" * (copy.stat().st_size - 4096))
    made_at(copy, NOON)
    a_day(database, 1)
    assert days() == [1]
    assert copy.exists()


def test_killed_before_the_copy_was_gone_there_is_one_of_it(database: Path) -> None:
    copy = copy_beside()
    content = copy.read_bytes()
    backups.take_in(database, 3)
    copy.write_bytes(content)
    made_at(copy, NOON)
    backups.take_in(database, 3)
    assert days() == [0]


def test_another_backup_of_that_second_is_not_taken_for_it(database: Path) -> None:
    backups.make(database, NOON)
    backups.take_in(database, 3)
    assert days() == [0, 0]
    assert not list(paths.home().glob("seedling-before-m*"))


def test_a_backup_is_one_file(database: Path) -> None:
    backups.take_in(database, 3)
    (taken,) = backups.found()
    connection = apsw.Connection(str(taken.path))
    assert connection.pragma("journal_mode") == "delete"
    connection.close()
    assert [path.name for path in paths.backups().iterdir()] == [taken.path.name]
