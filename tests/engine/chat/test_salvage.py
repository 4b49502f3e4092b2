"""What lies undamaged in a damaged database comes back, nothing that was deleted does, and the file is kept."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import apsw
import pytest
from wrecks import DAMAGES, PAGE, Files, Row, Whole, build, rows_of, write

from engine.chat import backups, pages, recovery, salvage
from engine.chat.messages import Message
from engine.chat.salvage import CHATS, MESSAGES, TABLES, Ranges, Wreck
from engine.chat.store import Store


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """Partly in the log."""
    return build(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """All in one file, as a window that was closed leaves it."""
    return build(tmp_path_factory.mktemp("closed"), in_log=0)


# --- the trial -------------------------------------------------------------------------------------------------------


@pytest.mark.trial(sample=48, full=520)
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
