"""The window and what is kept of chats: which chat a worker hears of, and what goes when something is deleted."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, QTimer, Signal
from pytestqt.qtbot import QtBot

from app.background import Background
from app.chat.lane import Lane
from app.chat.parameters import Parameters
from app.chat.reply import Reply
from engine import settings
from engine.chat import kept_states
from engine.chat.messages import Asked, Message
from engine.events import Finished
from engine.runtime.saved_state import State

Desk = Any  # tests/app/conftest.py


def keep(chat: int, asked: float | None = None) -> bool:
    return kept_states.keep(Asked(chat, asked or time.time()), {}, State({}, [1], b"x" * 1000))


def there() -> set[str]:
    return {path.stem for path in kept_states.folder().glob("*.state")}


def submitted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What the worker is asked from now on."""
    jobs: list[tuple[str, dict[str, Any]]] = []
    submit = desk.client.submit

    def spy(job: str, params: dict[str, Any]) -> Any:
        jobs.append((job, params))
        return submit(job, params)

    monkeypatch.setattr(desk.client, "submit", spy)
    return jobs


def test_the_worker_is_told_the_chat_and_when_it_was_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs, before = submitted(desk, monkeypatch), time.time()
    desk.ask_and_wait("hello")
    params = next(params for job, params in jobs if job == "chat")
    assert params["chat"] == desk.chat.current
    assert before <= params["asked"] <= time.time()


class Handle(QObject):
    reported, done = Signal(object), Signal(object)


class Client(QObject):
    """A worker that loads at once, and writes nothing."""

    worker_gone, lost = Signal(), Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.chats: list[dict[str, Any]] = []

    def submit(self, job: str, params: dict[str, Any]) -> Handle:
        handle = Handle(self)
        if job == "chat":
            self.chats.append(params)
        else:
            QTimer.singleShot(0, handle, lambda: handle.done.emit(Finished("loaded")))
        return handle


@pytest.mark.parametrize("of_store", [False, True])
def test_only_chats_of_the_store_are_named(qtbot: QtBot, of_store: bool) -> None:
    """Those that are led beside a training have numbers of their own."""
    background, client = Background(), Client()
    lane = Lane(client, background, of_store=of_store)  # type: ignore[arg-type]
    reply = Reply(3, "starter", Parameters(), [Message("user", "hi")])
    reply.wanted = ("starter", "llama", None)
    lane.add(reply)
    qtbot.wait_until(lambda: bool(client.chats))
    assert ("chat" in client.chats[0], "asked" in client.chats[0]) == (of_store, of_store)
    background.close()


def test_what_is_kept_goes_with_the_chat(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    chat = desk.chat.current
    assert chat is not None
    asked = time.time()
    assert keep(chat)
    desk.chat.delete_chat(chat)
    desk.wait(lambda: not there())
    assert not keep(chat, asked)  # by a worker that was just writing
    assert there() == set()


def test_what_is_kept_goes_with_all_chats(desk: Desk) -> None:
    chats = []
    for text in ("one", "two"):
        desk.chat.new_chat()
        desk.ask_and_wait(text)
        assert desk.chat.current is not None
        chats.append(desk.chat.current)
    assert all(keep(chat) for chat in chats)
    desk.chat.delete_all()
    desk.wait(lambda: not there())


def test_what_is_kept_goes_with_a_message(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    chat = desk.chat.current
    assert chat is not None
    asked = time.time()
    assert keep(chat)
    desk.chat._delete_message(chat, desk.rows()[-1].id)
    desk.wait(lambda: not there())
    assert not keep(chat, asked)
    assert keep(chat)  # the chat goes on


def test_the_start_clears_away_what_no_chat_has(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    chat = desk.chat.current
    assert chat is not None
    assert keep(chat)
    assert keep(chat + 1)
    desk.chat.clear_away()
    desk.wait(lambda: there() == {str(chat)})


def test_no_room_is_followed_at_once(desk: Desk) -> None:
    desk.ask_and_wait("hello")
    chat = desk.chat.current
    assert chat is not None
    assert keep(chat)
    desk.seedling.options.set("kept_states_gb", 0)
    desk.wait(lambda: not there())
    assert settings.stored("kept_states_gb") == 0


def test_backups_have_nothing_of_it(desk: Desk, home: Path) -> None:
    desk.ask_and_wait("hello")
    assert desk.chat.current is not None
    assert keep(desk.chat.current)
    desk.seedling.backing_up.make()
    desk.wait(lambda: bool(list((home / "backups").glob("chats-*.db"))))
    desk.wait(lambda: not desk.seedling.backing_up.busy)
    copies = [path.read_bytes() for path in (home / "backups").rglob("*") if path.is_file()]
    assert copies
    assert not any(b"x" * 1000 in copy for copy in copies)
