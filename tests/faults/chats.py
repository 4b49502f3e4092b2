"""Operations on the database of the chats. SQLite's own trials with dropped writes are in test_store_faults.py."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import apsw
import pytest
from old_stores import old_database

from engine.chat import backups
from engine.chat.messages import Message
from engine.chat.store import Store
from faults.operations import Operation

TEXTS = ("a question " * 900, "a reply " * 1500)


def begin(place: Path) -> None:
    with closing(Store(place / "seedling.db")) as store:
        chat = store.create_chat("a talk").result()
        store.add_message(chat, Message("user", "kept " * 500)).result()


def send(place: Path) -> Iterator[None]:
    """A message, the beginning of a reply, and the whole of it."""
    with closing(Store(place / "seedling.db")) as store:
        (chat,) = store.chats()
        sent = store.messages(chat.id)
        if len(sent) < 2:
            store.add_message(chat.id, Message("user", TEXTS[0])).result()
        yield
        reply = sent[2].id if len(sent) == 3 else store.add_message(chat.id, Message("assistant", "a")).result()
        yield
        store.update_message(reply, Message("assistant", TEXTS[1])).result()
        yield


def see(place: Path) -> Any:
    with closing(Store(place / "seedling.db")) as store:
        (chat,) = store.chats()
        found = [stored.message.content for stored in store.messages(chat.id)]
    with closing(apsw.Connection(str(place / "seedling.db"))) as connection:
        assert connection.pragma("integrity_check") == "ok"
    return found


def nothing(place: Path) -> None:
    pass


def send_first(place: Path) -> Iterator[None]:
    """The first message of all: its folder is made for it."""
    with closing(Store(place / "chats" / "seedling.db")) as store:
        chats = store.chats()
        chat = chats[0].id if chats else store.create_chat("a talk").result()
        yield
        if not store.messages(chat):
            store.add_message(chat, Message("user", TEXTS[0])).result()
        yield
    for copy in place.glob("chats/seedling-before-m*"):  # where the cut came between two steps; see below
        copy.unlink()


def see_first(place: Path) -> int:
    """Chats and messages."""
    with closing(Store(place / "chats" / "seedling.db")) as store:
        return sum(1 + len(store.messages(chat.id)) for chat in store.chats())


def begin_backups(place: Path) -> None:
    begin(place)
    backups.make(place / "seedling.db").path.rename(place / "backups" / "chats-2020-01-01-000000.db")


class Moment(datetime):
    """Another second in every process: the name of a backup never comes again."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime(2021, 1, 1) + timedelta(seconds=os.getpid() % 86_400)


def back_up(place: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backups, "datetime", Moment)
        backups.make_daily(place / "seedling.db", keep=2)
    yield


def see_backups(place: Path) -> int:
    found = backups.found()
    for backup in found:
        backups.check(backup.path)
    return len(found)


def begin_before_steps(place: Path) -> None:
    """A newer Seedling has changed the chats, and the copy from before lies beside them."""
    old_database(place / "seedling.db")
    Store(place / "seedling.db").close()


def take_in(place: Path) -> Iterator[None]:
    backups.take_in(place / "seedling.db", keep=2)
    yield


def see_taken_in(place: Path) -> bool:
    beside = list(place.glob("seedling-before-m*"))
    copies = [*beside, *(backup.path for backup in backups.found())]
    assert copies
    for copy in copies:
        backups.check(copy)
    return not beside


BACKUP = "chats-2020-01-01-000000.db"


def begin_put_back(place: Path) -> None:
    """A message came after the backup, and lies in the log: nobody closes the store."""
    begin_backups(place)
    store = Store(place / "seedling.db")
    (chat,) = store.chats()
    store.add_message(chat.id, Message("user", "later " * 500)).result()


def put_back(place: Path) -> Iterator[None]:
    backups.restore(BACKUP, place / "seedling.db")
    yield


def see_put_back(place: Path) -> int:
    """How many messages the next start finds. It is a copy that starts: here the putting back is asked for again."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(place, Path(folder, "copy"))
        store, damaged = Store.open_or_set_aside(copy / "seedling.db")
        store.close()
        assert damaged is None
        found = see(copy)
        kept = [see_kept(copy, path) for path in copy.glob("seedling-before-restore-*.db")]
    assert ["kept " * 500, "later " * 500] in [found, *kept]
    return len(found)


def see_kept(place: Path, kept: Path) -> Any:
    """What somebody finds who gives the chats of before their name again."""
    back = place / f"of {kept.name}"
    back.mkdir()
    for part in place.glob(f"{kept.name}*"):
        part.rename(back / part.name.replace(kept.name, "seedling.db"))
    return see(back)


TABLE = (
    Operation("a message sent", begin, send, see, told=("os_error", "store_full"), loose_calls=20),
    Operation("a first message", nothing, send_first, see_first, told=("os_error", "store_full"), loose_calls=20),
    Operation("a copy becomes a backup", begin_before_steps, take_in, see_taken_in, told=("cannot_read",)),
    Operation("a backup", begin_backups, back_up, see_backups, told=("cannot_read",)),
    Operation("a backup put back", begin_put_back, put_back, see_put_back, resists=True),
)
