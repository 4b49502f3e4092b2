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
from pathlib import Path
from typing import Any

import apsw
import pytest
from old_stores import CHAT, old_database

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
def test_a_migration_killed_at_any_statement_is_done_or_not_begun(tmp_path: Path) -> None:
    """Statement by statement until one run gets through; the oldest database is what is migrated."""
    oldest = tmp_path / "oldest.db"
    old_database(oldest)
    for count in range(1000):
        path = tmp_path / f"{count}.db"
        shutil.copy(oldest, path)
        process = forked(lambda path=path, count=count: open_until_statement(path, count))
        exit_code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        backups = list(tmp_path.glob(f"{count}-before-*.db"))
        with opened(path) as store:
            assert [stored.message.content for stored in store.messages(CHAT)] == ["an old message"]
            assert store.search("old message") == [CHAT]
        assert integrity(path) == "ok"
        assert all(integrity(backup) == "ok" for backup in backups)
        if exit_code == 0:
            break
        assert exit_code == -signal.SIGKILL
    assert count > 10
    assert backups


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


class Disk(apsw.VFS):
    """The system's disk, except that it records what is written and flushed, and may be full from the n-th write on."""

    base = apsw.vfs_names()[0]

    def __init__(self) -> None:
        self.log: list[tuple[Any, ...]] = []
        self.writes_left: int | None = None
        super().__init__("disk", self.base, makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        return DiskFile(self, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:
        self.log.append(("delete", Path(name).name))
        super().xDelete(name, sync)

    def count_a_write(self) -> None:
        if self.writes_left is not None:
            if self.writes_left == 0:
                raise apsw.FullError("database or disk is full")
            self.writes_left -= 1


class DiskFile(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__(Disk.base, name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self.disk, self.name = disk, Path(path or "temporary").name

    def xWrite(self, data: bytes, offset: int) -> None:
        self.disk.count_a_write()
        self.disk.log.append(("write", self.name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:
        self.disk.log.append(("truncate", self.name, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self.disk.log.append(("sync", self.name))


@contextmanager
def watched_disk() -> Iterator[Disk]:
    disk = Disk()
    try:
        yield disk
    finally:
        disk.unregister()


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
            assert failure.code == "disk_full"
            assert str(path) in str(failure)
            assert [stored.message.content for stored in store.messages(chat)] == ["kept " * 1000]
        assert count > 2
        assert len(store.messages(chat)) == 2
        store.add_message(chat, Message("user", "and on")).result()
    assert integrity(path) == "ok"


def test_a_disk_full_at_any_write_of_opening_damages_nothing(disk: Disk, tmp_path: Path) -> None:
    for count in range(1000):
        path = tmp_path / f"{count}.db"
        disk.writes_left = None
        old_database(path)
        disk.writes_left = count
        try:
            Store(path).close()
            break
        except EngineError as error:
            if error.code != "disk_full":
                raise
        finally:
            disk.writes_left = None
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


@pytest.mark.trial(sample=100, full=3000)
def test_nothing_acknowledged_is_lost_when_the_power_is_cut(trials: range, tmp_path: Path) -> None:
    """What was written but not flushed is dropped, kept or torn at random, as a disk's cache may do."""
    path = tmp_path / "chats.db"
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
    for seed in trials:
        chance = random.Random(seed)
        cut = chance.randrange(begin + 1, len(log) + 1)
        folder = tmp_path / "image"
        for name, data in files_after(log[:cut], chance).items():
            folder.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
        acknowledged = {entry[1]: entry[2] for entry in log[:cut] if entry[0] == "acknowledged"}
        with opened(folder / "chats.db") as store:
            found = {stored.id: stored.message.content for stored in store.messages(chat)}
        assert acknowledged.items() <= found.items(), seed
        assert integrity(folder / "chats.db") == "ok", seed
        shutil.rmtree(folder)


def files_after(log: list[tuple[Any, ...]], chance: random.Random) -> dict[str, bytes]:
    """The files a power cut leaves: all that was flushed, and of the rest what chance lets through."""
    flushed = {entry[1]: i for i, entry in enumerate(log) if entry[0] == "sync"}
    images: dict[str, bytearray] = {}
    for i, entry in enumerate(log):
        lost = i > flushed.get(entry[1], -1)
        match entry:
            case "write", name, offset, data:
                if lost:
                    data = chance.choice([b"", data, data[: chance.randrange(len(data) // 512 + 1) * 512]])
                image = images.setdefault(name, bytearray())
                if data:
                    image.extend(b"\0" * (offset - len(image)))
                    image[offset : offset + len(data)] = data
            case "truncate", name, size if not lost:
                del images.setdefault(name, bytearray())[size:]
            case "delete", name:
                images.pop(name, None)
    return {name: bytes(image) for name, image in images.items()}


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
        try:
            for chat in store.chats():
                store.messages(chat.id)
        except EngineError as error:  # damage that only shows when it is read
            if error.code != "store_damaged":
                raise
        store.close()
        path.unlink()
    assert aside_count > len(trials) // 4


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
