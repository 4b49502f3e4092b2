"""Conversations in memory: what `Replies` writes to where nothing is to be saved."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import replace
from itertools import count
from typing import Any, TypeVar

from engine.chat.messages import Message
from engine.chat.store import StoredMessage

Value = TypeVar("Value")


class Kept:
    """Messages of chats, each one path: a message is added at the end, changed, or taken away."""

    def __init__(self) -> None:
        self._messages: dict[int, StoredMessage] = {}
        self._ids = count(1)

    def messages(self, chat: int) -> list[StoredMessage]:
        return [each for each in self._messages.values() if each.chat == chat]

    def clear(self) -> None:
        self._messages.clear()

    def add_message(
        self,
        chat: int,
        message: Message,
        state: str = "done",
        stats: dict[str, Any] | None = None,
        beside: int | None = None,
    ) -> Future[int]:
        """beside: there are no versions here; what stands there is replaced."""
        if beside is not None:
            self._messages.pop(beside, None)
        id = next(self._ids)
        self._messages[id] = StoredMessage(id, chat, message, state, stats, time.time(), (id,))
        return _done(id)

    def update_message(
        self,
        id: int,
        message: Message,
        state: str = "done",
        stats: dict[str, Any] | None = None,
        thinking: str | None = None,
    ) -> Future[None]:
        """thinking: None leaves it as it is."""
        if (old := self._messages.get(id)) is not None:
            thought = old.thinking if thinking is None else thinking
            self._messages[id] = replace(old, message=message, state=state, stats=stats, thinking=thought)
        return _done(None)

    def delete_message(self, id: int) -> Future[None]:
        self._messages.pop(id, None)
        return _done(None)


def _done(value: Value) -> Future[Value]:
    future: Future[Value] = Future()
    future.set_result(value)
    return future
