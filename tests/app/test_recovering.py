"""What a person is told of chats that come back out of a damaged file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.background import Background
from app.messages import Notice, Remedy
from app.recovering import Recovering
from engine import paths
from engine.chat import backups
from engine.chat.messages import Message
from engine.chat.store import Store


class Start:
    """A store that was opened, and what was said until its chats were back."""

    def __init__(self, qtbot: QtBot) -> None:
        self.store, self.place = Store.open_or_set_aside(paths.database())
        self.background = Background()
        self.recovering = Recovering(self.store, self.background)
        self.said: list[Notice] = []
        self.recovering.said.connect(self.said.append)
        self.recovering.start()
        if self.said:
            qtbot.wait_until(lambda: len(self.said) > 1, timeout=20_000)
        self.text = self.said[-1].text if self.said else ""

    def close(self) -> None:
        self.recovering.close()
        self.background.close()
        self.store.close()


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Callable[[], Start]]:
    starts: list[Start] = []

    def begin() -> Start:
        starts.append(Start(qtbot))
        return starts[-1]

    yield begin
    for each in starts:
        each.close()


def fill(*titles: str) -> None:
    store = Store(paths.database())
    for title in titles:
        chat = store.create_chat(title).result()
        store.add_message(chat, Message("user", f"about {title}")).result()
        store.add_message(chat, Message("assistant", "well")).result()
    store.close()


def zero(begin: int, end: int | None = None) -> bytes:
    content = paths.database().read_bytes()
    damaged = content[:begin] + b"\0" * len(content[begin:end]) + (content[end:] if end else b"")
    paths.database().write_bytes(damaged)
    return damaged


def test_nothing_is_said_where_nothing_is_damaged(start: Callable[[], Start]) -> None:
    fill("one")
    assert start().said == []


def test_how_much_is_back_and_where_the_file_lies(start: Callable[[], Start]) -> None:
    fill("one", "two")
    damaged = zero(0, 4096)
    begun = start()
    assert begun.place is not None
    assert str(begun.place) in begun.said[0].text
    assert "2 chats with 4 messages are back" in begun.text.replace("%n", "2", 1).replace("%n", "4", 1)
    assert str(begun.place) in begun.text
    assert begun.said[-1].remedies == (Remedy.SHOW_DAMAGED, Remedy.SHOW_BACKUPS)
    assert begun.place.read_bytes() == damaged
    assert sorted(chat.title for chat in begun.store.chats()) == ["one", "two"]


def test_what_only_the_backup_had_is_named(start: Callable[[], Start]) -> None:
    fill("one")
    backups.make(paths.database())
    fill("two")
    zero(0)
    begun = start()
    assert "from the backup of" in begun.text
    assert [chat.title for chat in begun.store.chats()] == ["one"]


def test_where_nothing_can_be_read_that_is_said(start: Callable[[], Start]) -> None:
    fill("one")
    zero(0)
    assert "nothing of it can be read" in start().text


def test_a_window_that_closes_at_once_leaves_it_to_the_next_start(start: Callable[[], Start], qtbot: QtBot) -> None:
    fill(*map(str, range(50)))
    zero(0, 4096)
    store, place = Store.open_or_set_aside(paths.database())
    background = Background()
    recovering = Recovering(store, background)
    recovering.close()
    recovering.start()
    background.close()
    assert store.unsalvaged() == [place]
    store.close()
    assert len(start().store.chats()) == 50


def test_the_folder_of_the_file_can_be_shown(start: Callable[[], Start], monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Path] = []
    monkeypatch.setattr("app.recovering.QDesktopServices.openUrl", lambda url: shown.append(Path(url.toLocalFile())))
    fill("one")
    zero(0)
    start().recovering.show_file()
    assert shown == [paths.home()]
