"""Backups: whole copies made while the chats are in use, thinned, and put back without losing what was there."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest
from dying import die_before
from left_chats import leave_in_log, titles
from watched_disk import watched_disk

from engine import files, paths
from engine.chat import aside, backups, recovery
from engine.chat.messages import Message
from engine.chat.store import Store
from engine.errors import EngineError

ROOT = Path(__file__).resolve().parents[3]


def pretend(*stamps: str) -> None:
    paths.backups().mkdir(exist_ok=True)
    for stamp in stamps:
        (paths.backups() / f"chats-{stamp}.db").write_bytes(b"x")


def stamps() -> list[str]:
    return [backup.path.stem.removeprefix("chats-") for backup in backups.found()]


@pytest.fixture
def database(home: Path) -> Path:
    store = Store(paths.database())
    store.add_message(store.create_chat("first").result(), Message("user", "hello")).result()
    store.close()
    return paths.database()


def test_a_backup_is_whole_while_the_chats_are_in_use(database: Path) -> None:
    store = Store(database)
    store.create_chat("in the log only").result()
    backup = backups.make(database)
    store.create_chat("later").result()
    store.close()
    assert [path.name for path in paths.backups().iterdir()] == [backup.path.name]
    assert backups.found() == [backup]
    assert backup.size == backup.path.stat().st_size > 0
    assert titles(backup.path) == ["first", "in the log only"]


def test_two_within_a_second_are_two(database: Path) -> None:
    backups.make(database)
    backups.make(database)
    assert len(backups.found()) == 2


def test_one_a_day_and_none_where_none_is_wanted(database: Path, home: Path) -> None:
    assert backups.make_daily(database, keep=0) is None
    assert backups.make_daily(home / "nothing.db", keep=7) is None
    assert not (home / "nothing.db").exists()
    assert backups.make_daily(database, keep=7) is not None
    assert backups.make_daily(database, keep=7) is None
    assert backups.make_daily(database, keep=7, today=datetime.now() + timedelta(days=1)) is not None


def test_the_daily_one_thins_the_others(database: Path) -> None:
    pretend(*(f"2025-01-{day:02}-120000" for day in range(1, 10)))
    backups.make_daily(database, keep=3)
    assert [stamp[:10] for stamp in stamps()[1:]] == ["2025-01-09", "2025-01-06"]  # that of the week is its first
    assert len(stamps()) == 3


def test_several_of_one_day_do_not_push_out_other_days(home: Path) -> None:
    pretend("2025-01-01-080000", "2025-01-02-080000", *(f"2025-01-03-0{hour}0000" for hour in range(1, 8)))
    backups.thin(4)
    assert stamps() == ["2025-01-03-070000", "2025-01-03-060000", "2025-01-02-080000", "2025-01-01-080000"]


def test_what_else_lies_there_is_nobody_s_business(home: Path) -> None:
    pretend("2025-01-01-080000", "2025-13-45-080000", "before my holidays")
    (paths.backups() / "notes.txt").touch()
    assert stamps() == ["2025-01-01-080000"]
    backups.thin(1)
    backups.delete_all(home / "seedling.db")
    assert stamps() == []
    assert len(list(paths.backups().iterdir())) == 3


@pytest.mark.parametrize("table", ["chats", "messages"])
def test_a_damaged_database_makes_no_backup_and_pushes_out_none(database: Path, table: str) -> None:
    pretend("2025-01-01-080000")
    content = bytearray(database.read_bytes())
    connection = apsw.Connection(str(database))
    ((root,),) = connection.execute(f"SELECT rootpage FROM sqlite_schema WHERE name = '{table}'").fetchall()
    connection.close()
    start = (root - 1) * 4096 + 8  # the places of the cells, after the head of the page
    content[start : start + 2] = b"\xff\xff"
    database.write_bytes(content)
    with pytest.raises(EngineError) as caught:
        backups.make_daily(database, keep=1)
    assert caught.value.code == "store_damaged"
    assert stamps() == ["2025-01-01-080000"]
    assert [path.name for path in paths.backups().iterdir()] == ["chats-2025-01-01-080000.db"]


def test_a_full_disk_makes_none(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "x")

    monkeypatch.setattr(files, "_flush", full)
    with pytest.raises(EngineError) as caught:
        backups.make(database)
    assert caught.value.code == "disk_full"
    assert list(paths.backups().iterdir()) == []


# --- putting back ----------------------------------------------------------------------------------------------------


def test_putting_back_keeps_what_was_there(database: Path) -> None:
    backup = backups.make(database)
    store = Store(database)
    store.create_chat("later").result()
    store.close()
    aside = backups.restore(backup.path.name, database)
    assert titles(database) == ["first"]
    assert aside is not None
    assert titles(aside) == ["first", "later"]
    assert backup.path.exists()


def test_what_was_only_in_the_log_of_a_killed_window_is_kept_too(database: Path) -> None:
    backup = backups.make(database)
    leave_in_log(database, "in the log")
    aside = backups.restore(backup.path.name, database)
    assert titles(database) == ["first"]
    assert aside is not None
    assert titles(aside) == ["first", "in the log"]


def test_a_damaged_database_makes_room_as_it_is(database: Path) -> None:
    backup = backups.make(database)
    database.write_bytes(b"\0" * 5000)
    aside = backups.restore(backup.path.name, database)
    assert aside is not None
    assert aside.read_bytes() == b"\0" * 5000
    assert titles(database) == ["first"]


def test_where_there_is_no_database_there_is_one_then(database: Path) -> None:
    backup = backups.make(database)
    database.unlink()
    assert backups.restore(backup.path.name, database) is None
    assert titles(database) == ["first"]


@pytest.mark.parametrize("name", ["chats-2025-01-01-080000.db", "../seedling.db", "", "/etc/hosts"])
def test_only_a_backup_that_is_there_is_put_back(database: Path, name: str) -> None:
    before = database.read_bytes()
    with pytest.raises(EngineError) as caught:
        backups.restore(name, database)
    assert caught.value.code == "backup_missing"
    assert database.read_bytes() == before


def test_a_damaged_backup_and_one_of_another_program_are_refused(database: Path, tmp_path: Path) -> None:
    before = database.read_bytes()
    pretend("2025-01-01-080000")
    other = paths.backups() / "chats-2025-01-02-080000.db"
    connection = apsw.Connection(str(other))
    connection.execute("CREATE TABLE letters (x)")
    connection.close()
    for stamp in ("2025-01-01-080000", "2025-01-02-080000"):
        with pytest.raises(EngineError) as caught:
            backups.restore(f"chats-{stamp}.db", database)
        assert caught.value.code == "store_damaged"
    assert database.read_bytes() == before


@pytest.mark.trial(sample=10, full=60)
def test_killed_while_it_is_put_back_nothing_is_lost_and_the_next_try_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trials: range
) -> None:
    code = (
        "import sys, time; from pathlib import Path; from engine.chat import backups;"
        "from dying import die_before;"
        "time.strftime = lambda _: 'life-' + sys.argv[1];"  # the second life is at another time
        "done = die_before(int(sys.argv[1]), (sys.argv[2],));"
        "backups.restore(sys.argv[3], Path(sys.argv[2]) / 'seedling.db'); print(done())"
    )
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    for trial in trials:
        home = tmp_path / str(trial)
        monkeypatch.setenv("SEEDLING_HOME", str(home))
        store = Store(paths.database())
        store.create_chat("before").result()
        name = backups.make(paths.database()).path.name
        store.close()
        leave_in_log(paths.database(), "after")
        for count in (1 + trial, 0):
            command = [sys.executable, "-c", code, str(count), str(home), name]
            ended = subprocess.run(command, env=environment | {"SEEDLING_HOME": str(home)}, timeout=60, check=False)
            assert ended.returncode in (0, 9)
        assert titles(paths.database()) == ["before"]
        kept = [titles(path) for path in home.glob("seedling-before-restore-*.db")]
        assert ["after", "before"] in kept


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def later(database: Path) -> Path:
    """Chats that have gone on since their backup."""
    backups.make(database)
    store = Store(database)
    store.create_chat("later").result()
    store.close()
    return database


def refuse_renames(monkeypatch: pytest.MonkeyPatch, *refused: int) -> None:
    """As a scanner does that holds a file: the renames with these numbers, of those that give a final name."""
    replace, count = files._replace, 0

    def some(source: Path, target: Path) -> None:
        nonlocal count
        count += 1
        if count in refused:
            raise PermissionError(errno.EACCES, "held", str(target))
        replace(source, target)

    monkeypatch.setattr(files, "_replace", some)


@pytest.mark.parametrize("refused", [1, 2, 3, 4])
def test_putting_back_that_fails_changes_nothing(later: Path, monkeypatch: pytest.MonkeyPatch, refused: int) -> None:
    """The copy beside the database, the decision, the database, the copy in its place."""
    before = everything(later.parent)
    (backup,) = backups.found()
    with monkeypatch.context() as patch:
        refuse_renames(patch, refused)
        with pytest.raises(EngineError) as caught:
            backups.restore(backup.path.name, later)
    assert caught.value.code == "no_permission"
    assert everything(later.parent) == before
    store, _ = Store.open_or_set_aside(later)
    assert sorted(chat.title for chat in store.chats()) == ["first", "later"]
    store.close()


def test_where_not_even_taking_back_works_the_start_completes_it(later: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (backup,) = backups.found()
    with monkeypatch.context() as patch:
        refuse_renames(patch, 4, 5)
        with pytest.raises(EngineError):
            backups.restore(backup.path.name, later)
    assert not later.exists()
    Store.open_or_set_aside(later)[0].close()
    assert titles(later) == ["first"]
    (kept,) = later.parent.glob("seedling-before-restore-*.db")
    assert titles(kept) == ["first", "later"]


def test_taken_back_at_the_last_flush_the_chats_of_before_are_there(
    later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(later.parent)
    (backup,) = backups.found()
    fail_last_flush(later, monkeypatch)
    with pytest.raises(EngineError):
        backups.restore(backup.path.name, later)
    assert everything(later.parent) == before


def fail_last_flush(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, when the backup has just come into the place of the database."""
    flush, failed = files.flush_folder, False

    def once(folder: Path) -> None:
        nonlocal failed
        if not failed and database.exists() and any(folder.glob("seedling-before-restore*.db")):
            failed = True
            raise OSError(errno.EIO, "Input/output error", str(folder))
        flush(folder)

    monkeypatch.setattr(files, "flush_folder", once)


def test_a_log_without_its_database_does_not_meet_the_backup(later: Path) -> None:
    leave_in_log(later, "in the log")
    later.unlink()
    (backup,) = backups.found()
    assert backups.restore(backup.path.name, later) is None
    assert titles(later) == ["first"]
    assert len(list(later.parent.glob("seedling-before-restore-*.db-wal"))) == 1


# --- a damaged log ---------------------------------------------------------------------------------------------------


@pytest.fixture
def damaged_log(later: Path) -> Path:
    """Twenty messages in the log of a window that was killed, and one bit of it has flipped."""
    whole = later.with_name("whole.db")
    later.rename(whole)
    store = Store(whole)
    (chat, *_) = store.chats()
    for number in range(20):
        store.add_message(chat.id, Message("user", f"message {number:03}")).result()
    log = bytearray(whole.with_name("whole.db-wal").read_bytes())
    later.write_bytes(whole.read_bytes())
    store.close()
    whole.unlink()
    log[len(log) // 2] ^= 1
    later.with_name("seedling.db-wal").write_bytes(log)
    return later


def test_what_lies_behind_a_damaged_frame_is_kept(damaged_log: Path) -> None:
    before = everything(damaged_log.parent)
    (backup,) = backups.found()
    kept = backups.restore(backup.path.name, damaged_log)
    assert titles(damaged_log) == ["first"]
    assert kept is not None
    assert kept.read_bytes() == before["seedling.db"]
    assert kept.with_name(kept.name + "-wal").read_bytes() == before["seedling.db-wal"]
    store = Store(damaged_log)
    recovery.recover(store, kept)
    found = [stored.message.content for chat in store.chats() for stored in store.messages(chat.id)]
    assert {f"message {number:03}" for number in range(20)} <= set(found)
    store.close()


def test_a_journal_goes_with_its_database(damaged_log: Path) -> None:
    journal = damaged_log.with_name("seedling.db-journal")
    journal.write_bytes(b"of a change that was cut short")
    (backup,) = backups.found()
    kept = backups.restore(backup.path.name, damaged_log)
    assert kept is not None
    assert not journal.exists()
    assert kept.with_name(kept.name + "-journal").read_bytes() == b"of a change that was cut short"


def test_taken_back_half_the_log_does_not_meet_the_backup(damaged_log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, replace = everything(damaged_log.parent), files._replace

    def refuse(source: Path, target: Path) -> None:
        if target == damaged_log and not source.name.startswith("."):
            raise PermissionError(errno.EACCES, "held", str(target))
        replace(source, target)

    (backup,) = backups.found()
    with monkeypatch.context() as patch:
        fail_last_flush(damaged_log, patch)
        patch.setattr(files, "_replace", refuse)
        with pytest.raises(EngineError):
            backups.restore(backup.path.name, damaged_log)
    store, damaged = Store.open_or_set_aside(damaged_log)
    assert damaged is None
    assert [chat.title for chat in store.chats()] == ["first"]
    store.close()
    (kept,) = damaged_log.parent.glob("seedling-before-restore-*.db")
    assert kept.with_name(kept.name + "-wal").read_bytes() == before["seedling.db-wal"]


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
@pytest.mark.parametrize("again", ["asked for again", "completed by the start"])
def test_killed_between_log_and_database_they_keep_one_name(damaged_log: Path, again: str) -> None:
    killed_between(damaged_log, again)


def killed_between(database: Path, again: str) -> None:
    before = everything(database.parent)
    (backup,) = backups.found()
    for count in range(1, 200):
        for path in database.parent.iterdir():
            if path.is_file():
                path.unlink()
        for name, content in before.items():
            (database.parent / name).write_bytes(content)
        process = os.fork()
        if process == 0:
            time.strftime = lambda *_: "first-life"
            die_before(count, (str(database.parent),))
            backups.restore(backup.path.name, database)
            os._exit(0)
        _, status = os.waitpid(process, 0)
        begun = not database.with_name("seedling.db-wal").exists()
        if again == "asked for again":
            backups.restore(backup.path.name, database)
        elif begun:
            Store.open_or_set_aside(database)[0].close()
        if begun or again == "asked for again":
            (kept,) = database.parent.glob("seedling-before-restore-*.db")
            assert kept.read_bytes() == before["seedling.db"]
            assert kept.with_name(kept.name + "-wal").read_bytes() == before["seedling.db-wal"]
            assert titles(database) == ["first"]
        if os.waitstatus_to_exitcode(status) == 0:
            break
    assert 8 < count < 199


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_without_the_noted_place_they_do_not(damaged_log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "settle", lambda _: None)
    with pytest.raises((AssertionError, FileNotFoundError, ValueError)):
        killed_between(damaged_log, "asked for again")


# --- a year ----------------------------------------------------------------------------------------------------------


@pytest.mark.trial(sample=40, full=365)
def test_a_year_of_backups_reaches_back_and_each_can_be_put_back(trials: range, database: Path) -> None:
    a_year(trials, database)


def a_year(days: range, database: Path, keep: int = 7) -> None:
    """One chat more on each day. What is kept is spread over time, whole, and holds what there was on its day."""
    first = datetime(2025, 1, 1, 12)
    held: dict[str, tuple[int, int]] = {}
    for day in days:
        store = Store(database)
        store.add_message(store.create_chat(f"day {day}").result(), Message("user", f"words of day {day}")).result()
        store.close()
        backup = backups.make_daily(database, keep, first + timedelta(days=day))
        assert backup is not None
        held[backup.path.name] = counts(database)
        assert len(backups.found()) == min(keep, day + 1)
    kept = backups.found()
    ages = [(kept[0].made - backup.made).days for backup in kept]
    assert ages[:4] == [0, 1, 2, 3]
    assert ages[4] >= 4
    assert ages[-1] >= 18
    for backup in kept:
        assert integrity(backup.path) == "ok"
        backups.restore(backup.path.name, database)
        assert counts(database) == held[backup.path.name]


def counts(path: Path) -> tuple[int, int]:
    """Chats and messages."""
    connection = apsw.Connection(str(path))
    found: Any = [connection.execute(f"SELECT count(*) FROM {table}").fetchall() for table in ("chats", "messages")]
    connection.close()
    return found[0][0][0], found[1][0][0]


def integrity(path: Path) -> str:
    connection = apsw.Connection(str(path))
    try:
        return str(connection.pragma("integrity_check"))
    finally:
        connection.close()


def test_thinning_by_age_alone_does_not_reach_back(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def newest(keep: int) -> None:
        for backup in backups.found()[keep:]:
            backup.path.unlink()

    monkeypatch.setattr(backups, "thin", newest)
    with pytest.raises(AssertionError):
        a_year(range(25), database)


# --- killed while it is made -----------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="forks, and kills at once")
@pytest.mark.trial(sample=12, full=100)
def test_killed_while_one_is_made_there_are_only_whole_ones(trials: range, database: Path) -> None:
    killed_while_made(trials, database)


def killed_while_made(seeds: range, database: Path) -> None:
    store = Store(database)
    chat = store.create_chat("long").result()
    store.add_message(chat, Message("user", "words " * 60_000)).result()
    store.close()
    backups.make(database)
    for seed in seeds:
        process = os.fork()
        if process == 0:
            try:
                with watched_disk() as disk:
                    disk.deadly, disk.writes_left = True, random.Random(seed).randrange(90)
                    backups.make(database)
            finally:
                os._exit(0)
        os.waitpid(process, 0)
        for backup in backups.found():
            assert integrity(backup.path) == "ok"
            assert counts(backup.path) == counts(database)
    made = backups.make(database)
    assert made in backups.found()


@pytest.mark.skipif(sys.platform == "win32", reason="forks, and kills at once")
def test_a_backup_written_under_its_own_name_is_found_out(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def at_once(path: Path) -> Iterator[Path]:
        path.parent.mkdir(exist_ok=True)
        yield path

    monkeypatch.setattr(files, "whole_file", at_once)
    with pytest.raises((AssertionError, apsw.Error)):
        killed_while_made(range(12), database)
