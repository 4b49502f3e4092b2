"""Versions of messages: none is lost, the one shown last is shown, with what followed it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from old_stores import CHAT, add_old_message, old_database

from engine.chat.messages import Message
from engine.chat.store import Store
from engine.errors import EngineError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "chats.db")
    yield store
    store.close()


@pytest.fixture
def chat(store: Store) -> int:
    return store.create_chat("x").result()


def add(store: Store, chat: int, content: str, beside: int | None = None) -> int:
    role = "user" if content[0].isupper() else "assistant"
    return store.add_message(chat, Message(role, content), beside=beside).result()


def path(store: Store, chat: int) -> str:
    return " ".join(stored.message.content for stored in store.messages(chat))


def test_a_reply_written_again_stands_beside_the_old_one(store: Store, chat: int) -> None:
    add(store, chat, "A")
    first = add(store, chat, "one")
    assert [stored.versions for stored in store.messages(chat)] == [(first - 1,), (first,)]
    second = add(store, chat, "two", beside=first)
    third = add(store, chat, "three", beside=first)
    assert path(store, chat) == "A three"
    assert store.messages(chat)[1].versions == (first, second, third)
    for id, content in ((first, "one"), (second, "two"), (third, "three")):
        store.show_message(id).result()
        assert path(store, chat) == f"A {content}"
        assert store.messages(chat)[1].versions == (first, second, third)


def test_switching_brings_back_the_branch_that_was_last_shown(store: Store, chat: int) -> None:
    old = add(store, chat, "A")
    one = add(store, chat, "one")
    add(store, chat, "B")
    add(store, chat, "x")
    again = add(store, chat, "two", beside=one)
    new = add(store, chat, "A2", beside=old)
    add(store, chat, "three")
    assert path(store, chat) == "A2 three"
    store.show_message(old).result()
    assert path(store, chat) == "A two"
    store.show_message(one).result()
    assert path(store, chat) == "A one B x"
    store.show_message(new).result()
    store.show_message(old).result()
    assert path(store, chat) == "A one B x"
    store.show_message(again).result()
    assert path(store, chat) == "A two"
    add(store, chat, "C")
    assert path(store, chat) == "A two C"


def test_deleting_takes_what_follows_and_shows_the_version_seen_before(store: Store, chat: int) -> None:
    first = add(store, chat, "A")
    one = add(store, chat, "one")
    add(store, chat, "B")
    add(store, chat, "two", beside=one)
    three = add(store, chat, "three", beside=one)
    store.show_message(one).result()
    store.delete_message(three).result()
    assert path(store, chat) == "A one B"
    store.delete_message(one).result()
    assert path(store, chat) == "A two"
    assert len(store.messages(chat)[1].versions) == 1
    assert store.search("B") == []
    store.delete_message(first).result()
    assert path(store, chat) == ""
    add(store, chat, "Again")
    assert path(store, chat) == "Again"


def test_a_very_long_branch_is_deleted_whole(store: Store, chat: int) -> None:
    adding = [store.add_message(chat, Message("user", str(i))) for i in range(1500)]  # deeper than triggers may nest
    adding[-1].result()
    store.delete_message(adding[1].result()).result()
    assert path(store, chat) == "0"


def test_the_first_message_has_versions_too_and_chats_do_not_mix(store: Store, chat: int) -> None:
    other = store.create_chat("y").result()
    mine, theirs = add(store, chat, "Mine"), add(store, other, "Theirs")
    new = add(store, chat, "Mine2", beside=mine)
    assert (path(store, chat), path(store, other)) == ("Mine2", "Theirs")
    assert store.messages(chat)[0].versions == (mine, new)
    assert store.messages(other)[0].versions == (theirs,)
    store.delete_chat(chat).result()
    assert path(store, other) == "Theirs"


def test_search_finds_every_version(store: Store, chat: int) -> None:
    first = add(store, chat, "Elephant")
    add(store, chat, "trunk")
    add(store, chat, "Giraffe", beside=first)
    assert path(store, chat) == "Giraffe"
    for word in ("elephant", "trunk", "giraffe"):
        assert store.search(word) == [chat]


def test_what_does_not_exist_has_no_versions(store: Store, chat: int) -> None:
    elsewhere = add(store, store.create_chat("y").result(), "A")
    for call in (
        store.show_message(99),
        store.add_message(chat, Message("user", "x"), beside=99),
        store.add_message(chat, Message("user", "x"), beside=elsewhere),
    ):
        with pytest.raises(EngineError) as caught:
            call.result()
        assert caught.value.code == "not_stored"
    assert store.messages(chat) == []


def test_messages_from_before_versions_follow_each_other(tmp_path: Path) -> None:
    place = tmp_path / "old.db"
    old_database(place, steps=2)
    connection = apsw.Connection(str(place))
    with connection:
        connection.execute("INSERT INTO chats VALUES (2, 'Another', 1, 2, 'starter', '', '{}')")
        for id in range(9, 29):  # two chats, written in turns
            add_old_message(connection, id, (CHAT, 2)[id % 2], f"message {id}")
    connection.close()
    store = Store(place)
    assert [stored.id for stored in store.messages(2)] == list(range(9, 29, 2))
    assert [stored.id for stored in store.messages(CHAT)] == list(range(8, 29, 2))
    assert all(stored.versions == (stored.id,) for stored in store.messages(CHAT))
    assert store.search("message 11") == [2]
    new = store.add_message(CHAT, Message("user", "and on")).result()
    assert [stored.id for stored in store.messages(CHAT)][-2:] == [28, new]
    store.add_message(CHAT, Message("user", "instead"), beside=10).result()
    assert path(store, CHAT) == "an old message instead"
    store.close()
    assert (tmp_path / "old-before-m003_versions.db").exists()
