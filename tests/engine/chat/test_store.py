"""The store: what was acknowledged is there, byte for byte, and what is broken is never made worse."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import apsw
import pytest
from old_stores import CHAT, old_database

from engine.chat import backups, migrations
from engine.chat import store as store_module
from engine.chat.messages import Message
from engine.chat.store import Store
from engine.errors import EngineError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chats é 你.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(path)
    yield store
    store.close()


def integrity(path: Path) -> str:
    connection = apsw.Connection(str(path))
    try:
        return str(connection.pragma("integrity_check"))
    finally:
        connection.close()


def contents(store: Store, chat: int) -> list[str]:
    return [stored.message.content for stored in store.messages(chat)]


# --- rows ------------------------------------------------------------------------------------------------------------


def test_a_chat_with_its_messages(store: Store) -> None:
    before = time.time()
    chat = store.create_chat("Title", "starter", "Be brief.", {"temperature": 0.5}).result()
    reply = Message("assistant", "Hello", (1, 2, 4_000_000_000), "f00d")
    stats = {"output_tokens": 3, "stop": "</s>"}
    first = store.add_message(chat, Message("user", "Hi")).result()
    second = store.add_message(chat, reply, "cancelled", stats).result()

    (found,) = store.chats()
    assert (found.id, found.title, found.model, found.system) == (chat, "Title", "starter", "Be brief.")
    assert found.sampling == {"temperature": 0.5}
    assert before <= found.created <= found.updated <= time.time()
    typed, written = store.messages(chat)
    assert (typed.id, typed.chat, typed.message) == (first, chat, Message("user", "Hi"))
    assert (typed.state, typed.stats) == ("done", None)
    assert (written.id, written.message, written.state, written.stats) == (second, reply, "cancelled", stats)


@pytest.mark.parametrize(
    "text",
    ["", "\0", "a\0b", "  \n", "שלום \u202e abc", "👩‍👩‍👧‍👦", "\ufeff", "'; DROP TABLE chats; --", "é" * 1_000_000],
    ids=lambda text: ascii(text[:10]),
)
def test_any_text_comes_back_as_it_went(store: Store, text: str) -> None:
    chat = store.create_chat(text, text, text).result()
    store.add_message(chat, Message("user", text)).result()
    assert contents(store, chat) == [text]
    (found,) = store.chats()
    assert (found.title, found.model, found.system) == (text, text, text)


def test_lone_surrogates_are_replaced(store: Store) -> None:
    chat = store.create_chat("a\ud800").result()
    store.add_message(chat, Message("user", "\udfff b \ud83d\ude42")).result()
    assert store.chats()[0].title == "a\ufffd"
    assert contents(store, chat) == ["\ufffd b 🙂"]


def test_changes_and_deletions(store: Store) -> None:
    chat = store.create_chat("One", "starter", "system").result()
    other = store.create_chat("Two").result()
    id = store.add_message(chat, Message("assistant", "He"), "streaming").result()
    store.update_message(id, Message("assistant", "Hello", (5,), "f"), "done", {"n": 1}).result()
    (stored,) = store.messages(chat)
    assert (stored.message, stored.state, stored.stats) == (Message("assistant", "Hello", (5,), "f"), "done", {"n": 1})
    store.rename_chat(chat, "Uno").result()
    store.update_chat(chat, model="other", sampling={"top_k": 1}).result()
    changed = store.chats()[0]  # the one changed last comes first
    assert (changed.id, changed.title, changed.model, changed.system) == (chat, "Uno", "other", "system")
    assert changed.sampling == {"top_k": 1}
    store.delete_message(id).result()
    assert store.messages(chat) == []
    store.add_message(chat, Message("user", "gone with its chat")).result()
    store.delete_chat(chat).result()
    assert [c.id for c in store.chats()] == [other]
    assert store.messages(chat) == []


def test_what_does_not_exist_cannot_be_changed(store: Store) -> None:
    calls: list[Future[None] | Future[int]] = [
        store.rename_chat(9, "x"),
        store.update_chat(9, model="x"),
        store.delete_chat(9),
        store.add_message(9, Message("user", "x")),
        store.update_message(9, Message("user", "x")),
        store.delete_message(9),
    ]
    for call in calls:
        with pytest.raises(EngineError) as caught:
            call.result()
        assert caught.value.code == "not_stored"


def test_ids_are_never_used_again(store: Store) -> None:
    chat = store.create_chat("a").result()
    id = store.add_message(chat, Message("user", "x")).result()
    store.delete_message(id).result()
    assert store.add_message(chat, Message("user", "y")).result() > id
    store.delete_chat(chat).result()
    assert store.create_chat("b").result() > chat


# --- threads and durability ------------------------------------------------------------------------------------------


def test_only_messages_move_a_chat_to_the_top(store: Store) -> None:
    old, new = store.create_chat("old").result(), store.create_chat("new").result()
    store.add_message(old, Message("user", "Hi")).result()
    store.add_message(new, Message("user", "Hi")).result()
    store.rename_chat(old, "renamed").result()
    store.update_chat(old, model="another").result()
    assert [chat.id for chat in store.chats()] == [new, old]
    store.add_message(old, Message("user", "Again")).result()
    assert [chat.id for chat in store.chats()] == [old, new]


def test_writing_never_blocks_and_keeps_its_order(store: Store) -> None:
    blocked = threading.Event()
    store._submit(lambda _: blocked.wait(10))
    chat = store.create_chat("later")
    added = [store.add_message(1, Message("user", str(i))) for i in range(100)]
    assert not chat.done()
    blocked.set()
    assert [future.result(10) for future in added] == sorted(future.result() for future in added)
    assert contents(store, chat.result()) == [str(i) for i in range(100)]


def test_many_threads_read_while_one_writes(store: Store) -> None:
    chat = store.create_chat("busy").result()
    wrong: list[list[str]] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            found = contents(store, chat)
            if found != [str(i) for i in range(len(found))]:
                wrong.append(found)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for i in range(25):
        store.add_message(chat, Message("user", str(i))).result()
        assert len(store.messages(chat)) == i + 1  # what is acknowledged is seen
    over.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_how_the_database_is_kept(store: Store) -> None:
    settings = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "fullfsync": 1}
    found = store._submit(lambda connection: {name: connection.pragma(name) for name in settings}).result()
    assert found == settings


def test_a_reply_cut_short_is_interrupted_at_the_next_start(path: Path) -> None:
    store = Store(path)
    chat = store.create_chat("x").result()
    for state in ("streaming", "done", "failed"):
        store.add_message(chat, Message("assistant", f"was {state}"), state).result()
    store.close()
    store = Store(path)
    assert [stored.state for stored in store.messages(chat)] == ["interrupted", "done", "failed"]
    assert store.search("was streaming") == [chat]
    store.close()


def test_closing_finishes_what_is_queued(path: Path) -> None:
    store = Store(path)
    chat = store.create_chat("x").result()
    for i in range(50):
        store.add_message(chat, Message("user", str(i)))
    store.messages(chat)  # a reader's connection is open, too
    store.close()
    store.close()
    with pytest.raises(RuntimeError):
        store.create_chat("y")
    assert sorted(os.listdir(path.parent)) == [path.name]  # no log left: it can be copied as it is
    store = Store(path)
    assert len(store.messages(chat)) == 50
    store.close()


def test_what_is_deleted_is_gone_from_the_disk(path: Path) -> None:
    canary = "canary-7f3a9c"
    store = Store(path)
    chat = store.create_chat(f"title {canary}").result()
    kept = store.create_chat("kept").result()
    store.add_message(chat, Message("user", f"deep in the text {canary} " * 500)).result()
    store.add_message(kept, Message("user", "something else")).result()
    store.delete_chat(chat).result()
    store.close()
    assert canary.encode() not in path.read_bytes()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


# --- search ----------------------------------------------------------------------------------------------------------


def test_search_finds_titles_and_contents(store: Store) -> None:
    first = store.create_chat("Bread and butter").result()
    second = store.create_chat("Untitled").result()
    store.add_message(second, Message("user", "How long does BREAD keep? 100% 你好吗 _x_")).result()
    assert store.search("bread") == [second, first]
    assert store.search("butter") == [first]
    assert store.search("你好吗") == [second]
    for text in ("好", "0%", "_x_", "k", "100% 你"):
        assert store.search(text) == [second], text
    for text in ("", "breads", "1%0", "0_", "%", "'", '"', "breadkeep"):
        assert store.search(text) == ([second] if text == "%" else []), text


def test_search_follows_every_change(store: Store) -> None:
    chat = store.create_chat("old title").result()
    id = store.add_message(chat, Message("assistant", "half a rep"), "streaming").result()
    assert store.search("half a rep") == []
    store.update_message(id, Message("assistant", "half a reply, whole")).result()
    assert store.search("reply, whole") == [chat]
    store.update_message(id, Message("assistant", "edited")).result()
    assert store.search("reply, whole") == []
    store.rename_chat(chat, "new title").result()
    assert (store.search("old title"), store.search("new title")) == ([], [chat])
    store.delete_message(id).result()
    assert store.search("edited") == []
    store.delete_chat(chat).result()
    assert store.search("new title") == []
    for index in ("chats_search", "messages_search"):
        check = f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)"
        store._submit(lambda connection, check=check: connection.execute(check)).result()  # type: ignore[misc]


# --- opening ---------------------------------------------------------------------------------------------------------


def test_an_old_sqlite_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module.apsw, "sqlite_lib_version", lambda: "3.51.2")
    with pytest.raises(EngineError, match=r"3\.51\.2 is too old: 3\.51\.3"):
        Store(path)
    assert not path.exists()


def damaged_files(path: Path) -> dict[str, bytes]:
    store = Store(path)
    chat = store.create_chat("x").result()
    for _ in range(50):
        store.add_message(chat, Message("user", "text " * 400)).result()
    store.close()
    whole = path.read_bytes()
    path.unlink()
    middle = len(whole) // 2 // 4096 * 4096
    page = whole.rindex(b"text text") // 4096 * 4096  # of messages, which opening has no need to read
    return {
        "nul-filled": b"\0" * len(whole),
        "text": b"hello, I am a diary\n" * 100,
        "truncated": whole[:middle],
        "header only": whole[:100],
        "one page of zeros": whole[:page] + b"\0" * 4096 + whole[page + 4096 :],
        "zeros inside": whole[:4096] + b"\0" * 40960 + whole[45056:],
        "noise inside": whole[:4096] + os.urandom(40960) + whole[45056:],
    }


def test_closing_while_somebody_reads_closes_what_writes(path: Path) -> None:
    store = Store(path)
    store.create_chat("kept").result()
    reads = threading.Event()
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000000) SELECT max(i) FROM n"

    def read() -> None:
        store.chats()  # which opens the reader
        reads.set()
        with suppress(EngineError):
            store._read(endless)

    reader = threading.Thread(target=read)
    reader.start()
    reads.wait()
    time.sleep(0.05)
    store.close()
    reader.join()
    again = Store(path)
    assert [chat.title for chat in again.chats()] == ["kept"]
    again.close()


def test_a_damaged_file_is_named_and_left_alone_or_set_aside(path: Path) -> None:
    for name, damaged in damaged_files(path).items():
        path.write_bytes(damaged)
        with pytest.raises(EngineError) as caught:
            Store(path)
        assert caught.value.code == "store_damaged", name
        assert str(path) in str(caught.value)
        assert path.read_bytes() == damaged, name
        store, aside = Store.open_or_set_aside(path)
        assert aside is not None
        assert aside.read_bytes() == damaged, name
        assert store.chats() == []
        store.create_chat("works again").result()
        store.close()
        path.unlink()
    kept = [file for file in path.parent.iterdir() if "damaged" in file.name]
    assert len(kept) == 7  # within one second, and none took another's place


def test_a_whole_file_is_not_set_aside(path: Path) -> None:
    Store(path).close()
    store, aside = Store.open_or_set_aside(path)
    assert aside is None
    store.close()


def test_a_log_goes_aside_with_its_database(path: Path) -> None:
    path.write_bytes(b"\0" * 8192)
    log = path.with_name(path.name + "-wal")
    log.write_bytes(b"an old log")
    store, aside = Store.open_or_set_aside(path)
    assert aside is not None
    assert aside.with_name(aside.name + "-wal").read_bytes() == b"an old log"
    store.create_chat("x").result()
    store.close()
    assert integrity(path) == "ok"


def test_a_database_of_another_program_is_not_touched(path: Path) -> None:
    other = apsw.Connection(str(path))
    other.execute("CREATE TABLE chats (mine); INSERT INTO chats VALUES (1)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(EngineError, match="belongs to another program"):
        Store(path)
    assert path.read_bytes() == before


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.write_bytes(b"")
    store = Store(path)
    assert store.chats() == []
    store.close()


def test_a_folder_or_a_forbidden_place_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        Store(tmp_path)
    assert str(tmp_path) in str(caught.value)
    (tmp_path / "file").write_text("x")
    with pytest.raises(EngineError):
        Store(tmp_path / "file" / "chats.db")


# --- migrations ------------------------------------------------------------------------------------------------------


def schema(path: Path) -> dict[str, str]:
    connection = apsw.Connection(str(path))
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return dict(rows)


def test_the_oldest_database_becomes_the_newest(tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    old_database(old)
    before = old.read_bytes()
    store = Store(old)
    assert contents(store, CHAT) == ["an old message"]
    assert store.search("old message") == store.search("old chat") == [CHAT]
    store.close()
    Store(new).close()
    assert schema(old) == schema(new)
    assert integrity(old) == "ok"
    backup = tmp_path / "old-before-m002_search.db"
    assert backup.exists()
    assert integrity(backup) == "ok"
    assert schema(backup).keys() < schema(old).keys()
    assert len(before) == backup.stat().st_size
    assert len(list(tmp_path.iterdir())) == 3


def test_a_new_database_needs_no_backup(path: Path) -> None:
    Store(path).close()
    Store(path).close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_every_step_is_noted_by_name(path: Path) -> None:
    Store(path).close()
    connection = apsw.Connection(str(path))
    assert migrations.applied(connection) == [step.__name__ for step in migrations.MIGRATIONS]
    assert migrations.applied(connection)[:2] == ["m001_chats_and_messages", "m002_search"]
    connection.close()


def test_a_newer_database_is_refused_and_left_untouched(path: Path) -> None:
    Store(path).close()
    connection = apsw.Connection(str(path))
    connection.execute("INSERT INTO migrations VALUES ('m999_from_the_future', 0)")
    connection.close()
    before = path.read_bytes()
    for opening in (Store, Store.open_or_set_aside):
        with pytest.raises(EngineError) as caught:
            opening(path)
        assert caught.value.code == "store_newer"
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_newer_database_with_a_log_is_refused_and_left_untouched(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a newer program leaves it that is killed: its last step is in the log alone."""
    store = Store(path)
    insert = "INSERT INTO migrations VALUES ('m999_from_the_future', 0)"
    store.take_in(lambda connection: connection.execute(insert)).result()
    parts = {name: path.with_name(path.name + name).read_bytes() for name in ("", "-wal")}
    store.close()
    for name, content in parts.items():
        path.with_name(path.name + name).write_bytes(content)

    def touched() -> bool:
        for opening in (Store, Store.open_or_set_aside):
            with pytest.raises(EngineError) as caught:
                opening(path)
            assert caught.value.code == "store_newer"
        return any(path.with_name(path.name + name).read_bytes() != content for name, content in parts.items())

    assert not touched()
    assert not [file for file in path.parent.iterdir() if "damaged" in file.name or "before" in file.name]
    monkeypatch.setattr(apsw, "SQLITE_OPEN_READONLY", apsw.SQLITE_OPEN_READWRITE)
    assert touched()


# --- what a model thought, and what it cost --------------------------------------------------------------------------


def test_a_thought_is_kept_beside_the_reply_and_not_searched(store: Store) -> None:
    chat = store.create_chat("x").result()
    reply = Message("assistant", "Hello")
    id = store.add_message(chat, reply, thinking="Hmmm \ud800").result()
    assert [(stored.thinking, stored.message) for stored in store.messages(chat)] == [("Hmmm \ufffd", reply)]
    store.update_message(id, reply, "failed").result()
    assert store.messages(chat)[0].thinking == "Hmmm \ufffd"
    store.update_message(id, reply, thinking="").result()
    assert store.messages(chat)[0].thinking == ""
    store.update_message(id, reply, thinking="Aha").result()
    assert (store.search("Aha"), store.search("Hello")) == ([], [chat])


def test_a_database_from_before_thoughts_opens_and_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    old_database(path, steps=3)
    store = Store(path)
    assert [(stored.message.content, stored.thinking) for stored in store.messages(CHAT)] == [("an old message", "")]
    store.add_message(CHAT, Message("assistant", "new"), thinking="Hm").result()
    store.close()
    store = Store(path)
    assert [stored.thinking for stored in store.messages(CHAT)] == ["", "Hm"]
    store.close()
    assert (tmp_path / "chats-before-m004_thinking.db").exists()


def test_a_backup_holds_thoughts(path: Path, store: Store) -> None:
    chat = store.create_chat("x").result()
    store.add_message(chat, Message("assistant", "Hello"), thinking="Hm").result()
    copy = Store(backups.make(path).path)
    assert copy.messages(chat)[0].thinking == "Hm"
    copy.close()


def test_a_chat_costs_what_all_of_its_replies_cost(store: Store) -> None:
    chat, other = store.create_chat("x").result(), store.create_chat("y").result()
    reply = Message("assistant", "Hello")
    first = store.add_message(chat, reply, "done", {"cost": {"amount": 0.25, "currency": "USD"}}).result()
    store.add_message(chat, reply, "done", {"cost": {"amount": 0.5, "currency": "USD"}}, beside=first).result()
    store.add_message(chat, reply, "done", {"cost": {"amount": 1, "currency": "EUR"}}).result()
    for stats in ({"cost": None}, {"cost": "much"}, {"cost": {"amount": 1}}, {"cost": {"currency": "USD"}}, None):
        store.add_message(chat, reply, "done", stats).result()
    assert store.costs(chat) == {"USD": 0.75, "EUR": 1}
    assert store.costs(other) == {}
