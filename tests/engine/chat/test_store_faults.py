"""The store under fire: killed processes, cut power, full disks, flipped bits."""

from __future__ import annotations

import json
import os
import random
import runpy
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import apsw
import pytest
from old_stores import CHAT, old_database
from watched_disk import Disk, files_after, watched_disk

from engine.chat import mending, migrations
from engine.chat import store as store_module
from engine.chat.messages import Message, valid_unicode
from engine.chat.store import Store
from engine.errors import EngineError

posix = pytest.mark.skipif(sys.platform == "win32", reason="forks, and kills at once")
WRITER = Path(__file__).with_name("store_writer.py")


def integrity(path: Path) -> str:
    connection = apsw.Connection(str(path))
    try:
        return str(connection.pragma("integrity_check"))
    finally:
        connection.close()


# --- killed ----------------------------------------------------------------------------------------------------------


@posix
@pytest.mark.trial(sample=25, full=1000)
def test_nothing_acknowledged_is_lost_when_the_process_is_killed(trials: range, tmp_path: Path) -> None:
    for seed in trials:
        path = tmp_path / f"{seed}.db"
        lines = run_and_kill(path, seed)
        announced, acknowledged = lines[::2], lines[1::2]
        store = Store(path)
        found = content_of(store)
        store.close()
        certain = replay(announced, acknowledged)
        if len(announced) > len(acknowledged):  # one change was on its way: it is there whole, or not at all
            possible = [certain, *(replay(announced, [*acknowledged, [id]]) for id in new_ids(announced[-1], found))]
            assert found in possible, seed
        else:
            assert found == certain, seed
        assert integrity(path) == "ok", seed


def run_and_kill(path: Path, seed: int) -> list[list[Any]]:
    """What the writer said until it was killed, at a random moment after its first words."""
    reader, writer = os.pipe()
    process = forked(lambda: runpy.run_path(str(WRITER))["main"](path, seed, writer))
    os.close(writer)
    with open(reader, "rb") as output:
        first = output.readline()
        time.sleep(random.Random(seed).uniform(0, 0.15))
        os.kill(process, signal.SIGKILL)
        rest = output.read()
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL
    return [json.loads(line) for line in (first + rest).splitlines() if line.endswith(b"]")]


def forked(work: Callable[[], object]) -> int:
    """The id of a process that does the work and ends; no connection may be open when it begins."""
    process = os.fork()
    if process == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return process


def replay(announced: list[list[Any]], acknowledged: list[list[Any]]) -> dict[str, Any]:
    chats: dict[int, str] = {}
    messages: dict[int, tuple[int, str, str]] = {}
    parents: dict[int, int | None] = {}
    shown: list[int] = []  # the one shown last comes last

    def path(chat: int) -> list[int]:
        ids: list[int] = []
        while versions := [id for id in shown if messages[id][0] == chat and parents[id] == (ids[-1] if ids else None)]:
            ids.append(versions[-1])
        return ids

    for (kind, *values), (id,) in zip(announced, acknowledged, strict=False):
        match kind, values:
            case ("create", [title]) | ("rename", [_, title]):
                chats[id] = title
            case "add", [chat, text, state]:
                parents[id] = max(path(chat), default=None)
                messages[id] = (chat, text, "interrupted" if state == "streaming" else state)
                shown.append(id)
            case "version", [beside, text]:
                parents[id] = parents[beside]
                messages[id] = (messages[beside][0], text, "done")
                shown.append(id)
            case "show", _:
                shown.append(id)
            case "edit", [_, text]:
                messages[id] = (messages[id][0], text, "done")
            case "remove", _:
                gone = {id}
                for each in sorted(messages):
                    gone |= {each} if parents[each] in gone else set()
                messages = {key: row for key, row in messages.items() if key not in gone}
            case "delete", _:
                del chats[id]
                messages = {key: row for key, row in messages.items() if row[0] != id}
        shown = [each for each in shown if each in messages]
    return {"chats": chats, "messages": messages, "paths": {chat: path(chat) for chat in chats}}


def new_ids(change: list[Any], found: dict[str, Any]) -> list[int]:
    """The id the last change would have been acknowledged with."""
    if change[0] in ("create", "add", "version"):
        kind = "chats" if change[0] == "create" else "messages"
        return [max(found[kind], default=0)]
    return [change[1]]


def content_of(store: Store) -> dict[str, Any]:
    chats = {chat.id: chat.title for chat in store.chats()}
    paths = {chat: store.messages(chat) for chat in chats}
    for stored in (stored for path in paths.values() for stored in path):
        assert stored.message.tokens == tuple(stored.message.content.encode())
    rows = store._read("SELECT id, chat, content, state FROM messages")
    messages = {id: (chat, content, state) for id, chat, content, state in rows}
    return {
        "chats": chats,
        "messages": messages,
        "paths": {chat: [stored.id for stored in path] for chat, path in paths.items()},
    }


@posix
@pytest.mark.trial(sample=1, full=4)
def test_a_migration_killed_at_any_statement_is_done_or_not_begun(trials: range, tmp_path: Path) -> None:
    """From every schema that was released; the oldest one goes through all steps."""
    for steps in trials:
        folder = tmp_path / str(steps)
        folder.mkdir()
        migrate_and_die(steps + 1, folder)


def migrate_and_die(steps: int, folder: Path) -> None:
    """Statement by statement until one run gets through."""
    oldest = folder / "oldest.db"
    old_database(oldest, steps)
    for count in range(1000):
        path = folder / f"{count}.db"
        shutil.copy(oldest, path)
        process = forked(partial(open_until_statement, path, count))
        exit_code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        backups = list(folder.glob(f"{count}-before-*.db"))
        assert backups or done_steps(path) == steps  # nothing changes before the copy is whole
        with opened(path) as store:
            assert [stored.message.content for stored in store.messages(CHAT)] == ["an old message"]
            assert store.search("old message") == [CHAT]
        assert integrity(path) == "ok"
        assert all(integrity(backup) == "ok" and done_steps(backup) == steps for backup in backups)
        if exit_code == 0:
            break
        assert exit_code == -signal.SIGKILL
    assert count > 10
    assert backups


def done_steps(path: Path) -> int:
    """How many steps a database has been through, as whoever reads its log would see it."""
    connection = apsw.Connection(str(path))
    try:
        return len(migrations.applied(connection))
    finally:
        connection.close()


@posix
def test_a_step_that_is_not_one_transaction_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def migrate(connection: apsw.Connection) -> None:
        for step in migrations.pending(connection):
            connection.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied REAL) STRICT")
            step(connection)
            connection.execute("INSERT INTO migrations VALUES (?, 0)", (step.__name__,))

    monkeypatch.setattr(migrations, "migrate", migrate)
    with pytest.raises((AssertionError, EngineError)):
        migrate_and_die(4, tmp_path)


@posix
def test_a_migration_without_a_copy_before_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_back_up", lambda *_: None)
    with pytest.raises(AssertionError):
        migrate_and_die(4, tmp_path)


def open_until_statement(path: Path, number: int) -> None:
    """Open a store, and die by SIGKILL before the statement of that number, counted over all connections."""
    left = number

    def trace(*_: object) -> bool:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return True

    apsw.connection_hooks.append(lambda connection: setattr(connection, "exec_trace", trace))
    Store(path).close()


# --- a disk of our own -----------------------------------------------------------------------------------------------


@pytest.fixture
def disk() -> Iterator[Disk]:
    with watched_disk() as disk:
        yield disk


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    store = Store(path)
    try:
        yield store
    finally:
        store.close()


def test_a_disk_that_is_full_at_any_write_damages_nothing(disk: Disk, tmp_path: Path) -> None:
    """SQLite's own way: the first write fails, then the second, until the change gets through."""
    path = tmp_path / "chats.db"
    with opened(path) as store:
        chat = store.create_chat("kept").result()
        store.add_message(chat, Message("user", "kept " * 1000)).result()
        for count in range(1000):
            disk.writes_left = count
            adding = store.add_message(chat, Message("user", f"new {count} " + "x" * 9000))
            failure = adding.exception()
            disk.writes_left = None
            if failure is None:
                break
            assert isinstance(failure, EngineError)
            assert failure.code == "store_full"
            assert str(path) in str(failure)
            assert "MB" in str(failure)
            assert [stored.message.content for stored in store.messages(chat)] == ["kept " * 1000]
        assert count > 2
        assert len(store.messages(chat)) == 2
        store.add_message(chat, Message("user", "and on")).result()
    assert integrity(path) == "ok"


@pytest.mark.trial(sample=1, full=4)
def test_a_disk_full_at_any_write_of_opening_damages_nothing(trials: range, tmp_path: Path) -> None:
    """From every schema that was released, so at every write of every migration."""
    for steps in trials:
        folder = tmp_path / str(steps)
        folder.mkdir()
        with watched_disk() as disk:
            open_on_full_disk(steps + 1, folder, disk)


def refusal(path: Path) -> EngineError | None:
    """Why a store does not open."""
    try:
        Store(path).close()
    except EngineError as error:
        return error
    return None


def open_on_full_disk(steps: int, folder: Path, disk: Disk) -> None:
    for count in range(1000):
        path = folder / f"{count}.db"
        disk.writes_left = None
        old_database(path, steps)
        disk.writes_left = count
        failure = refusal(path)
        disk.writes_left = None
        if failure is None:
            break
        assert failure.code == "store_full"
        assert "MB" in str(failure)
        assert (done_steps(path) == steps) or list(folder.glob(f"{count}-before-*.db"))
        with opened(path) as store:
            assert [stored.message.content for stored in store.messages(CHAT)] == ["an old message"]
        assert integrity(path) == "ok"
    assert count > 10


def test_a_store_opens_on_a_full_disk(disk: Disk, tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    with opened(path) as store:
        store.create_chat("kept").result()
    disk.writes_left = 0
    with opened(path) as store:
        assert [chat.title for chat in store.chats()] == ["kept"]
        assert isinstance(store.create_chat("new").exception(), EngineError)


def test_a_long_list_is_shown_on_a_full_disk(disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sorting it takes more than SQLite keeps in memory as a rule."""
    path = tmp_path / "chats.db"
    with opened(path) as store:
        insert = "INSERT INTO chats (title, created, updated, model, system, sampling) VALUES ('t', 1, ?, '', ?, '{}')"
        rows = [(float(n), "s" * 9000) for n in range(600)]
        store.take_in(lambda connection: connection.executemany(insert, rows)).result()
    disk.writes_left = 0
    with opened(path) as store:
        assert len(store.chats()) == 600
    monkeypatch.setattr(store_module, "_TEMPORARY", "FILE")
    with opened(path) as store, pytest.raises(EngineError):
        store.chats()


@pytest.mark.trial(sample=100, full=3000)
def test_nothing_acknowledged_is_lost_when_the_power_is_cut(trials: range, tmp_path: Path) -> None:
    cut_power(trials, tmp_path)


def cut_power(seeds: range, folder: Path) -> None:
    """What was written but not flushed is dropped, kept, torn or reordered, as a disk's cache may do."""
    path = folder / "chats.db"
    with watched_disk() as disk, opened(path) as store:
        chat = store.create_chat("x").result()
        for i in range(40):
            content = f"{i} " + "y" * random.Random(i).randrange(3000)
            id = store.add_message(chat, Message("user", content)).result()
            disk.log.append(("acknowledged", id, content))
            if i % 15 == 14:
                store._submit(lambda connection: connection.execute("PRAGMA wal_autocheckpoint = 5")).result()
    log = disk.log
    begin = next(i for i, entry in enumerate(log) if entry[0] == "acknowledged")
    for seed in seeds:
        chance = random.Random(seed)
        cut = chance.randrange(begin + 1, len(log) + 1)
        image = folder / "image"
        for name, data in files_after(log[:cut], chance).items():
            image.mkdir(exist_ok=True)
            (image / name).write_bytes(data)
        acknowledged = {entry[1]: entry[2] for entry in log[:cut] if entry[0] == "acknowledged"}
        with opened(image / "chats.db") as store:
            found = {stored.id: stored.message.content for stored in store.messages(chat)}
        assert acknowledged.items() <= found.items(), seed
        assert integrity(image / "chats.db") == "ok", seed
        shutil.rmtree(image)


@pytest.mark.parametrize("pragma", ["synchronous = NORMAL", "synchronous = OFF"])
def test_a_store_that_does_not_flush_is_found_out(pragma: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure = store_module._configure

    def careless(connection: apsw.Connection) -> None:
        configure(connection)
        connection.execute(f"PRAGMA {pragma}")

    monkeypatch.setattr(store_module, "_configure", careless)
    with pytest.raises((AssertionError, EngineError)):
        cut_power(range(40), tmp_path)


# --- damaged ---------------------------------------------------------------------------------------------------------


@pytest.mark.trial(sample=300, full=3000)
def test_a_damaged_database_opens_or_is_set_aside(trials: range, tmp_path: Path) -> None:
    whole = tmp_path / "whole.db"
    with opened(whole) as store:
        for title in ("one", "two", "three"):
            chat = store.create_chat(title).result()
            for i in range(20):
                store.add_message(chat, Message("user", f"{title} {i} " * 100)).result()
    original = whole.read_bytes()
    aside_count = 0
    for seed in trials:
        path = tmp_path / "damaged.db"
        damaged = damage(original, random.Random(seed))
        path.write_bytes(damaged)
        store, aside = Store.open_or_set_aside(path)
        if aside is not None:
            aside_count += 1
            assert aside.read_bytes() == damaged, seed
        hurt = trouble_of_reading(store)
        store.close()
        if hurt is not None:  # damage that only shows when it is read: the next start looks closer
            assert hurt.code == "store_hurt", seed
            store, _ = Store.open_or_set_aside(path)
            assert trouble_of_reading(store) is None, seed
            store.close()
        path.unlink()
    assert aside_count > len(trials) // 4


def trouble_of_reading(store: Store) -> EngineError | None:
    try:
        for each in store.chats():
            store.messages(each.id)
    except EngineError as error:
        return error
    return None


def is_met(path: Path, damaged: bytes) -> bool:
    """Whether the store opens, and finds out when something is searched."""
    path.write_bytes(damaged)
    try:
        with opened(path) as store:
            store.search("0123")
    except EngineError as error:
        return error.code == "store_hurt" and mending.suspicion(path).exists()
    finally:
        mending.suspicion(path).unlink(missing_ok=True)
    return False


def test_damage_that_is_met_while_reading_is_looked_for_at_the_next_start(tmp_path: Path) -> None:
    """Opening does not look through the search indexes; a damaged one is met when something is searched."""
    path = tmp_path / "chats.db"
    with opened(path) as store:
        chat = store.create_chat("x").result()
        for n in range(40):
            store.add_message(chat, Message("user", f"{n} " + random.Random(n).randbytes(2000).hex())).result()
    whole = path.read_bytes()
    connection = apsw.Connection(str(path))
    select = "SELECT pageno FROM dbstat WHERE name = 'messages_search_data' AND pagetype <> 'internal'"
    pages: Any = connection.execute(select).fetchall()
    connection.close()
    met = [page for (page,) in pages if is_met(path, whole[: page * 4096 - 4096] + b"\0" * 4096 + whole[page * 4096 :])]
    assert met
    path.write_bytes(whole[: met[0] * 4096 - 4096] + b"\0" * 4096 + whole[met[0] * 4096 :])
    mending.suspicion(path).touch()
    store, aside = Store.open_or_set_aside(path)
    if aside is None:  # the index could be made anew in its place
        assert store.search(random.Random(3).randbytes(2000).hex()[:20]) == [chat]
    store.close()
    assert not mending.suspicion(path).exists()
    assert integrity(path) == "ok"


def test_a_search_index_that_is_damaged_costs_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "chats.db"
    with opened(path) as store:
        chat = store.create_chat("x").result()
        store.take_in(lambda connection: connection.execute("DELETE FROM messages_search_data")).result()
        id = store.add_message(chat, Message("user", "words")).result()
        assert [stored.id for stored in store.messages(chat)] == [id]
        assert store.search("words") == [chat]
        store.take_in(lambda connection: connection.execute("DELETE FROM messages_search_data")).result()
        monkeypatch.setattr(migrations, "rebuild_search", lambda _: None)
        assert isinstance(store.add_message(chat, Message("user", "more")).exception(), EngineError)


def damage(data: bytes, chance: random.Random) -> bytes:
    broken = bytearray(data)
    match chance.randrange(4):
        case 0:
            for _ in range(chance.randrange(1, 65)):
                broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        case 1:
            del broken[chance.randrange(1, len(broken)) :]
        case 2:
            start = chance.randrange(len(broken))
            broken[start : start + 4096] = b"\0" * len(broken[start : start + 4096])
        case _:
            broken[:] = b"\0" * len(broken)
    return bytes(broken)


def test_valid_unicode_is_what_the_database_gives_back() -> None:
    assert valid_unicode("\ud83d\ude42 \ud800") == "🙂 \ufffd"
