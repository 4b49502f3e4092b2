"""Where nothing can be written, chats can be read; what is to be kept fails with the reason, and no file changes."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.chat import beside_log
from engine.chat.messages import Message
from engine.chat.read_only import ReadOnlyStore
from engine.chat.store import Store
from engine.errors import EngineError

FULL = EngineError("disk_full", place="the disk")


@pytest.fixture
def place(home: Path) -> Path:
    store = Store(home / "seedling.db")
    chat = store.create_chat("The first chat").result()
    store.add_message(chat, Message("user", "hello")).result()
    store.close()
    return home / "seedling.db"


def files_of(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.iterdir()}


def test_what_there_is_can_be_read_and_no_file_appears(home: Path, place: Path) -> None:
    before = files_of(home)
    store = ReadOnlyStore(place, FULL)
    (chat,) = store.chats()
    assert chat.title == "The first chat"
    assert [each.message.content for each in store.messages(chat.id)] == ["hello"]
    assert store.search("hello") == [chat.id]
    assert store.costs(chat.id) == {}
    store.close()
    store.close()
    assert files_of(home) == before


def test_whatever_is_to_be_kept_fails_with_the_reason(place: Path) -> None:
    store = ReadOnlyStore(place, FULL)
    futures = [
        store.create_chat("x"), store.rename_chat(1, "x"), store.update_chat(1, model="x"), store.delete_chat(1),
        store.add_message(1, Message("user", "x")), store.update_message(1, Message("user", "x")),
        store.show_message(1), store.delete_message(1),
    ]  # fmt: skip
    for future in futures:
        with pytest.raises(EngineError) as raised:
            future.result(timeout=0)
        assert raised.value is FULL
    assert [chat.title for chat in store.chats()] == ["The first chat"]
    store.close()


@pytest.mark.parametrize("content", [None, b""])
def test_without_a_file_there_are_no_chats(home: Path, content: bytes | None) -> None:
    place = home / "seedling.db"
    if content is not None:
        place.write_bytes(content)
    before = files_of(home)
    store = ReadOnlyStore(place, FULL)
    assert store.chats() == []
    store.close()
    assert files_of(home) == before


def test_a_file_that_cannot_be_read_either_is_left_alone_and_named(home: Path) -> None:
    (home / "seedling.db").write_bytes(os.urandom(50_000))
    before = (home / "seedling.db").read_bytes()
    store = ReadOnlyStore(home / "seedling.db", FULL)
    assert store.problem is not None
    assert "seedling.db" in str(store.problem)
    assert store.chats() == []
    store.close()
    assert (home / "seedling.db").read_bytes() == before


# --- the log ---------------------------------------------------------------------------------------------------------

ROOT = Path(__file__).resolve().parents[3]
_KILLED = """
import os, sys
from engine.chat.messages import Message
from engine.chat.store import Store
store = Store(sys.argv[1])
chat = store.chats()[0].id
for number in range(12):
    store.add_message(chat, Message("user", f"message {number} " + "long " * 2000 * (number % 3))).result()
store.create_chat("The last chat").result()
os._exit(9)
"""


@pytest.fixture
def killed(place: Path) -> Path:
    """Chats most of which stand in the log alone: the window that wrote them was killed."""
    subprocess.run([sys.executable, "-c", _KILLED, str(place)], check=False, cwd=ROOT)
    assert log_of(place).stat().st_size > 100_000
    place.with_name("seedling.db-shm").unlink(missing_ok=True)
    return place


def log_of(place: Path) -> Path:
    return place.with_name(place.name + "-wal")


def contents(store: Store) -> list[list[str]]:
    found = [[each.message.content for each in store.messages(chat.id)] for chat in store.chats()]
    store.close()
    return found


def as_sqlite_reads(place: Path, folder: Path) -> list[list[str]]:
    """The same from a copy, which may be written to."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in (place, log_of(place)):
        shutil.copy(path, folder)
    connection = Store.__new__(Store)
    connection._prepare(folder / place.name)
    found = [[each.message.content for each in connection.messages(chat.id)] for chat in connection.chats()]
    for reader in list(connection._readers):
        reader.close()
    return found


def test_what_stands_in_the_log_is_read_too(home: Path, killed: Path, tmp_path: Path) -> None:
    before = files_of(home)
    store = ReadOnlyStore(killed, FULL)
    assert [chat.title for chat in store.chats()] == ["The last chat", "The first chat"]
    assert store.search("message 11") == [store.chats()[1].id]
    found = contents(store)
    assert [len(messages) for messages in found] == [0, 13]
    assert found == as_sqlite_reads(killed, tmp_path / "copy")
    assert files_of(home) == before


def test_a_log_that_may_not_be_read_counts_as_none(killed: Path) -> None:
    log_of(killed).unlink()
    log_of(killed).mkdir()
    assert contents(ReadOnlyStore(killed, FULL)) == [["hello"]]


def damaged_logs_are_read_as_sqlite_reads_them(place: Path, folder: Path) -> None:
    """Cut short, or with a byte changed, anywhere: all that was committed before it."""
    whole = log_of(place).read_bytes()
    lengths = set()
    for seed in range(24):
        chance = random.Random(seed)
        damaged = bytearray(whole)
        if seed % 2:
            damaged[chance.randrange(32, len(whole))] ^= 0xFF
        else:
            del damaged[chance.randrange(len(whole)) :]
        log_of(place).write_bytes(damaged)
        found = contents(ReadOnlyStore(place, FULL))
        assert found == as_sqlite_reads(place, folder), seed
        lengths.add(sum(map(len, found)))
    assert len(lengths) > 4


def test_of_a_damaged_log_all_is_read_that_was_committed_before(killed: Path, tmp_path: Path) -> None:
    damaged_logs_are_read_as_sqlite_reads_them(killed, tmp_path / "copy")


def test_without_its_checksums_another_text_is_read(
    killed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def believed(log: beside_log.Log | None) -> dict[int, int]:
        return {frame.page: frame.offset for frame in (log.frames if log is not None else ())}

    monkeypatch.setattr(beside_log, "newer_pages", believed)
    with pytest.raises((AssertionError, EngineError)):
        damaged_logs_are_read_as_sqlite_reads_them(killed, tmp_path / "copy")
