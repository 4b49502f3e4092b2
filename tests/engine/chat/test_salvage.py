"""What lies undamaged in a damaged database comes back, nothing that was deleted does, and the file is kept."""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import apsw
import pytest
from dying import die_before
from wrecks import DAMAGES, PAGE, Files, Row, Whole, build, rows_of, write

from engine.chat import aside, backups, pages, recovery, salvage
from engine.chat.messages import Message
from engine.chat.salvage import Wreck
from engine.chat.store import Store
from engine.errors import EngineError


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """Partly in the log."""
    return build(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """All in one file, as a window that was closed leaves it."""
    return build(tmp_path_factory.mktemp("closed"), in_log=0)


# --- the trial -------------------------------------------------------------------------------------------------------


@pytest.mark.trial(sample=24, full=520)
def test_rows_that_lie_undamaged_come_back(trials: range, whole: Whole, closed: Whole, tmp_path: Path) -> None:
    """Half of the databases have a log beside them."""
    come_back(trials[::2], whole, tmp_path)
    come_back(trials[1::2], closed, tmp_path, tuple(kind for kind in DAMAGES if " log" not in kind))


def come_back(seeds: Iterable[int], whole: Whole, folder: Path, kinds: tuple[str, ...] = tuple(DAMAGES)) -> None:
    """Damage, open, recover, compare; at least 95 of 100 undamaged rows are there, for each kind of damage."""
    undamaged, back = Counter[str](), Counter[str]()
    for number, seed in enumerate(seeds):
        kind = kinds[number % len(kinds)]
        path = folder / "trial" / "chats.db"
        files = DAMAGES[kind](whole, random.Random(seed), folder)
        write(path, files)
        found = opened_and_recovered(path, files)
        expected = whole.undamaged(files)
        undamaged[kind] += len(expected)
        back[kind] += sum(found.get(row) == whole.rows[row] for row in expected)
        assert not whole.deleted & found.keys(), (seed, kind)
    for kind, count in undamaged.items():
        assert back[kind] >= 0.95 * count, (kind, back[kind], count)


def opened_and_recovered(path: Path, files: Files) -> dict[Row, object]:
    """The rows there are when all is over. What was put aside is what was there, bit for bit."""
    store, aside = Store.open_or_set_aside(path)
    failure = store.create_chat("typed meanwhile").exception()
    if failure is not None:  # damage deep in an index: it is said, and the next start looks closer
        assert isinstance(failure, EngineError)
        assert failure.code == "store_hurt"
        store.close()
        files = {name: path.with_name(path.name + name).read_bytes() for name in ("",)}
        store, aside = Store.open_or_set_aside(path)
    try:
        typed = store.create_chat("typed meanwhile").result()
        assert store.unsalvaged() == ([] if aside is None else [aside])
        if aside is not None:
            assert recovery.recover(store, aside) is not None
            for name in ("", "-wal"):
                part = aside.with_name(aside.name + name)
                assert (part.read_bytes() if part.exists() else None) == files.get(name)
        assert store.unsalvaged() == []
    finally:
        store.close()
    connection = apsw.Connection(str(path))
    try:
        assert typed > 0
        if aside is not None:
            assert connection.pragma("integrity_check") == "ok"
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            assert connection.execute("SELECT id FROM messages WHERE parent >= id").fetchall() == []
        return rows_of(connection)  # type: ignore[return-value]
    finally:
        connection.close()


def test_a_log_that_is_damaged_and_not_noticed_costs_rows(
    whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself drops what comes after a damaged frame, and overwrites it."""
    come_back(range(4), whole, tmp_path, ("flips in the log",))
    monkeypatch.setattr(pages.Log, "broken", False)
    with pytest.raises(AssertionError):
        come_back(range(4), whole, tmp_path, ("flips in the log",))


def test_without_a_scan_a_root_that_is_gone_costs_all(
    closed: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Wreck, "_scan", lambda _: iter(()))
    with pytest.raises(AssertionError):
        come_back(range(4), closed, tmp_path, ("a root of zeros",))


# --- what was deleted ------------------------------------------------------------------------------------------------


def careless(path: Path) -> set[int]:
    """A database whose deleted rows stay readable in free pages, as ours do not; the ids of the deleted messages."""
    store = Store(path)
    store.take_in(lambda connection: connection.pragma("secure_delete", False)).result()
    chats = [store.create_chat(f"chat {n}").result() for n in range(4)]
    ids = {
        chat: [store.add_message(chat, Message("user", f"in {chat} " * 60)).result() for _ in range(60)]
        for chat in chats
    }
    store.delete_chat(chats[1]).result()
    store.close()
    return set(ids[chats[1]])


def filled(path: Path, *contents: str, title: str = "chat") -> tuple[int, list[int]]:
    """A database with one chat: its id, and those of its messages."""
    store = Store(path)
    chat = store.create_chat(title).result()
    ids = [store.add_message(chat, Message("user", content)).result() for content in contents]
    store.close()
    return chat, ids


def recovered(path: Path) -> Store:
    """Of a damaged database: the new one, with all that came back; to be closed."""
    store, aside = Store.open_or_set_aside(path)
    assert aside is not None
    recovery.recover(store, aside)
    return store


def zero_page(path: Path, number: int) -> None:
    content = bytearray(path.read_bytes())
    content[(number - 1) * PAGE : number * PAGE] = b"\0" * PAGE
    path.write_bytes(content)


def root(path: Path, table: str) -> int:
    connection = apsw.Connection(str(path))
    number: Any = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchall()[0][0]
    connection.close()
    return int(number)


def messages_in(path: Path) -> set[int]:
    wreck = Wreck(path)
    try:
        return {row.id for row in wreck.rows() if row.table is salvage.MESSAGES}
    finally:
        wreck.close()


def test_free_pages_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "chats.db"
    deleted = careless(path)
    zero_page(path, root(path, "messages"))
    found = messages_in(path)
    assert not deleted & found
    assert len(found) >= 170
    monkeypatch.setattr(Wreck, "_freed", lambda _: set())
    assert deleted & messages_in(path)


def test_with_page_1_gone_what_was_overwritten_stays_deleted(tmp_path: Path) -> None:
    """Nothing says then which pages are free; the store's own deleting leaves nothing in them."""
    whole = build(tmp_path, in_log=0)
    path = tmp_path / "damaged.db"
    path.write_bytes(b"\0" * PAGE + whole.files[""][PAGE:])
    assert not messages_in(path) & {id for table, id in whole.deleted if table == "messages"}


def test_a_backup_does_not_bring_back_what_was_deleted_since(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def titles_after_damage(name: str) -> list[str]:
        path = tmp_path / f"{name}.db"
        store = Store(path)
        chats = {title: store.create_chat(title).result() for title in ("kept", "secret")}
        for chat in chats.values():
            store.add_message(chat, Message("user", "hello")).result()
        backups.make(path)
        store.delete_chat(chats["secret"]).result()
        store.close()
        zero_page(path, 1)
        store = recovered(path)
        found = sorted(chat.title for chat in store.chats())
        store.close()
        backups.delete_all(path)
        return found

    assert titles_after_damage("once") == ["kept"]
    monkeypatch.setattr(salvage.Ranges, "__contains__", lambda *_: False)
    assert titles_after_damage("again") == ["kept", "secret"]


# --- pages -----------------------------------------------------------------------------------------------------------


def test_a_frame_whose_checksum_is_wrong_is_not_the_newest_page(
    whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "files" / "chats.db"
    write(path, {"": whole.files[""]})
    in_file = messages_in(path)
    log = bytearray(whole.files["-wal"])
    for offset in range(32, len(log), PAGE + 24):
        log[offset + 24 : offset + 24 + PAGE] = b"\0" * PAGE
    write(path, {"": whole.files[""], "-wal": bytes(log)})
    assert messages_in(path) == in_file
    monkeypatch.setattr(pages, "checksum", lambda *_: AnySum())
    assert not in_file <= messages_in(path)


class AnySum(tuple[int, int]):
    """A checksum that is always right."""

    def __new__(cls) -> AnySum:
        return super().__new__(cls, (0, 0))

    def __eq__(self, _: object) -> bool:
        return True

    __hash__ = tuple.__hash__


@pytest.mark.parametrize("size", [512, 1024, 8192, 65536])
def test_pages_of_any_size_are_read_with_page_1_gone(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "chats.db"
    apsw.connection_hooks.append(lambda connection: connection.pragma("page_size", size))
    try:
        store = Store(path)
    finally:
        apsw.connection_hooks.pop()
    chat = store.create_chat("chat").result()
    added = {store.add_message(chat, Message("user", f"{n} words " * 20 * (1 + n % 9))).result() for n in range(120)}
    store.close()
    content = path.read_bytes()
    path.write_bytes(b"\0" * size + content[size:])
    assert messages_in(path) == added
    monkeypatch.setattr(pages.Pages, "_page_size", lambda *_: 4096)
    assert messages_in(path) != added


def test_rows_are_found_in_a_page_whose_head_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "chats.db"
    _, added = filled(path, *(f"{n} words" for n in range(20)))
    at = (root(path, "messages") - 1) * PAGE
    content = bytearray(path.read_bytes())
    content[at : at + 100] = b"\0" * 100
    path.write_bytes(content)
    assert messages_in(path) == set(added)
    monkeypatch.setattr(Wreck, "_carve", lambda *_: iter(()))
    assert messages_in(path) == set()


def test_of_a_long_message_what_is_left_comes_back(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    store = Store(path)
    chat = store.create_chat("chat").result()
    store.add_message(chat, Message("user", "the beginning " + "x" * 50_000), thinking="t" * 9000).result()
    store.close()
    zero_page(path, path.read_bytes().index(b"x" * 3900, 9 * PAGE + 4000) // PAGE + 6)
    store = recovered(path)
    (stored,) = store.messages(chat)
    store.close()
    assert stored.message.content.startswith("the beginning xxx")
    assert 10_000 < len(stored.message.content) < 50_014
    assert stored.state == "interrupted"


@pytest.mark.parametrize("broken", [b"\xff", b"\0" * 20])
def test_a_damaged_text_yields_to_the_one_in_the_backup(home: Path, tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "chats.db"
    chat, _ = filled(path, "the words that were written here", "other words")
    backups.make(path)
    store = Store(path)
    store.add_message(chat, Message("user", "since then")).result()
    store.close()
    content = path.read_bytes().replace(b"words that were written", broken + b"words that were written"[len(broken) :])
    path.write_bytes(b"\0" * PAGE + content[PAGE:])
    store, aside = Store.open_or_set_aside(path)
    assert aside is not None
    told = recovery.recover(store, aside)
    said = [stored.message.content for stored in store.messages(chat)]
    store.close()
    assert said == ["the words that were written here", "other words", "since then"]
    assert told is not None
    assert (told.messages, told.from_backup) == (3, 1)


def test_the_tables_are_those_of_the_store(tmp_path: Path) -> None:
    """A step that adds a column belongs into the salvage, too."""
    Store(tmp_path / "chats.db").close()
    connection = apsw.Connection(str(tmp_path / "chats.db"))
    for table in salvage.TABLES:
        found = connection.execute('SELECT name, lower(type), "notnull" FROM pragma_table_info(?)', (table.name,))
        told = [("id", "integer", 0), *((c.name, c.kind, int(not c.optional)) for c in table.columns)]
        assert found.fetchall() == told
        assert max(table.released) == len(told)
    connection.close()


# --- coming back -----------------------------------------------------------------------------------------------------


def test_a_lost_message_leaves_none_unreachable(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    store = Store(path)
    chat = store.create_chat("chat").result()
    ids = [store.add_message(chat, Message("user", f"{n} " + "x" * 3000)).result() for n in range(12)]
    version = store.add_message(chat, Message("user", "another " + "y" * 3000), beside=ids[6]).result()
    store.show_message(ids[6]).result()
    store.close()
    zero_page(path, path.read_bytes().index(b"4 xxx") // PAGE + 1)
    store = recovered(path)
    shown = store.messages(chat)
    store.close()
    left = [id for id in ids if id != ids[4]]
    assert [stored.id for stored in shown] == left
    assert version in next(stored.versions for stored in shown if stored.id == ids[6])
    assert store_search_works(path)


def store_search_works(path: Path) -> bool:
    store = Store(path)
    try:
        return len(store.search("xxx")) == 1
    finally:
        store.close()


def test_a_chat_that_is_lost_is_made_anew_for_its_messages(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    chat, _ = filled(path, "What is\n a word?", title="the title")
    zero_page(path, root(path, "chats"))
    store = recovered(path)
    assert [(found.id, found.title) for found in store.chats()] == [(chat, "What is a word?")]
    store.close()


def test_what_is_written_meanwhile_keeps_its_place(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    old, _ = filled(path, "old words", title="old")
    zero_page(path, 1)
    store, aside = Store.open_or_set_aside(path)
    assert aside is not None
    new = store.create_chat("new").result()
    store.add_message(new, Message("user", "new words")).result()
    assert old < new < 1 << 31
    recovery.recover(store, aside)
    recovery.recover(store, aside)  # killed before it was noted as done
    titles = {chat.id: chat.title for chat in store.chats()}
    words = [stored.message.content for chat in titles for stored in store.messages(chat)]
    store.close()
    assert titles == {old: "old", new: "new"}
    assert sorted(words) == ["new words", "old words"]


def test_an_id_that_is_taken_costs_no_message(home: Path, tmp_path: Path) -> None:
    path, other = tmp_path / "chats.db", tmp_path / "other.db"
    for place, word in ((path, "one"), (other, "two")):
        filled(place, *(f"{word} {n}" for n in range(3)), title=word)
    store = Store(path)
    recovery.recover(store, other)
    found = {chat.title: [each.message.content for each in store.messages(chat.id)] for chat in store.chats()}
    store.close()
    assert found == {word: [f"{word} {n}" for n in range(3)] for word in ("one", "two")}


def test_the_backup_of_an_empty_new_store_is_not_what_comes_back(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    filled(path, title="old")
    backups.make(path)
    path.write_bytes(b"\0" * 9000)
    store, aside = Store.open_or_set_aside(path)
    assert aside is not None
    assert backups.make_daily(path, keep=7) is None
    backups.make(path)
    recovery.recover(store, aside)
    assert [chat.title for chat in store.chats()] == ["old"]
    store.close()


def test_a_message_that_reads_like_a_row_is_none(home: Path, tmp_path: Path) -> None:
    """What a person or a model wrote is in pages of its own kind, which belong to the message."""
    path = tmp_path / "chats.db"
    chat, _ = filled(path, "forged words")
    content = path.read_bytes()
    at = content.index(b"forged words")
    record = content[at - 30 : at + 60].decode("latin-1")
    store = Store(path)
    store.add_message(chat, Message("user", record * 200)).result()
    store.close()
    zero_page(path, 1)
    assert messages_in(path) == {1, 2}


# --- killed meanwhile ------------------------------------------------------------------------------------------------

posix = pytest.mark.skipif(sys.platform == "win32", reason="forks, and kills at once")


def child(work: Callable[[], object]) -> int:
    """The exit code of a process that does this."""
    process = os.fork()
    if process == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def put_aside_and_die(files: Files, rows: dict[Row, Any], folder: Path) -> None:
    """Before the first operation on a file, before the second, until it is done; the next start brings all back."""
    for count in range(1, 200):
        path = folder / "trial" / "chats.db"
        write(path, files)

        def put_aside(path: Path = path, count: int = count) -> None:
            die_before(count, (str(path.parent),))
            Store.open_or_set_aside(path)[0].close()

        code = child(put_aside)
        store, _ = Store.open_or_set_aside(path)
        (place,) = store.unsalvaged()
        assert recovery.recover(store, place) is not None
        store.close()
        for part in ("", "-wal"):
            kept = place.with_name(place.name + part)
            assert kept.is_file(), "what was put aside is not whole"
            assert kept.read_bytes() == files[part]
        connection = apsw.Connection(str(path))
        assert rows_of(connection) == rows
        connection.close()
        if code == 0:
            break
        assert code == 9
    assert count > 5


@posix
def test_killed_while_it_is_put_aside_the_next_start_goes_on(
    small: Whole, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = small.files | {"": b"x" * PAGE + small.files[""][PAGE:]}
    del files["-shm"]
    put_aside_and_die(files, small.rows, tmp_path)
    monkeypatch.setattr(aside, "settle", lambda _: None)
    with pytest.raises((AssertionError, ValueError)):
        put_aside_and_die(files, small.rows, tmp_path)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    return build(tmp_path_factory.mktemp("small"), in_log=6, chats=4)


def come_back_and_die(small: Whole, folder: Path, step: int) -> None:
    """At one statement after another; in the end every row is there once."""
    path = folder / "trial" / "chats.db"
    write(path, small.files | {"": b"x" * PAGE + small.files[""][PAGE:]})
    Store.open_or_set_aside(path)[0].close()
    for count in range(0, 100_000, step):

        def come_back(count: int = count) -> None:
            left = count

            def trace(*_: object) -> bool:
                nonlocal left
                left -= 1
                if left < 0:
                    os._exit(9)
                return True

            apsw.connection_hooks.append(lambda connection: setattr(connection, "exec_trace", trace))
            store, _ = Store.open_or_set_aside(path)
            for place in store.unsalvaged():
                recovery.recover(store, place)
            store.close()

        if child(come_back) == 0:
            break
    connection = apsw.Connection(str(path))
    assert rows_of(connection) == small.rows
    connection.close()
    assert count > 0


@posix
def test_killed_while_rows_come_back_each_comes_once(
    small: Whole, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_back_and_die(small, tmp_path, step=29)
    settle = recovery._settle
    noted: list[None] = []

    def too_early(store: Store, chat: dict[str, Any], *rest: Any) -> int:
        if not noted:
            store.take_in(lambda connection: settle(connection, store.unsalvaged()[0])).result()
            noted.append(None)
        return take_in(store, chat, *rest)

    take_in = recovery._take_in
    monkeypatch.setattr(recovery, "_take_in", too_early)
    with pytest.raises(AssertionError):
        come_back_and_die(small, tmp_path, step=29)
