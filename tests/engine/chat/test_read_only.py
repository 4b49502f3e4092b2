"""Where nothing can be written, chats can be read; what is to be kept fails with the reason, and no file changes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
