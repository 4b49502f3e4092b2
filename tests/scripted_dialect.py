"""A dialect whose provider needs no server: what it lists and answers was written beforehand."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence

from engine.chat.messages import ChatOptions, Message
from engine.errors import EngineError
from engine.events import Event, TextDelta
from engine.providers.base import Ended, Provider, RemoteModel

OFFERS = frozenset({"temperature", "max_tokens", "seed", "continue"})

Part = str | Event | Ended | EngineError | threading.Event


class ScriptedDialect:
    """Yields what was enqueued: texts as deltas, events and `Ended` as they are; an error is raised, and an event of
    threads waited for. Without a reply left it says "ok".

    calls: what it was asked. ended: how many replies are over, closed early ones too.
    """

    def __init__(self, models: Sequence[RemoteModel] = (), offers: frozenset[str] = OFFERS) -> None:
        self.listed, self.offered = list(models), offers
        self.calls: list[tuple[RemoteModel, list[Message], ChatOptions]] = []
        self.ended = 0
        self.closed = False
        self.key: str | None = None
        self._replies: deque[Sequence[Part]] = deque()

    def enqueue(self, *reply: Part) -> ScriptedDialect:
        """One reply, of parts."""
        self._replies.append(reply)
        return self

    def models(self) -> list[RemoteModel]:
        return self.listed

    def offers(self, model: RemoteModel) -> frozenset[str]:
        return self.offered

    def stream(
        self, model: RemoteModel, messages: Sequence[Message], options: ChatOptions, cancelled: threading.Event
    ) -> Iterator[Event | Ended]:
        self.calls.append((model, list(messages), options))
        try:
            for part in self._replies.popleft() if self._replies else ("ok", Ended("stop", model=model.id)):
                if isinstance(part, EngineError):
                    raise part
                if isinstance(part, threading.Event):
                    part.wait(10)
                else:
                    yield TextDelta(part) if isinstance(part, str) else part
        finally:
            self.ended += 1

    def close(self) -> None:
        self.closed = True


def opener(dialect: ScriptedDialect):  # type: ignore[no-untyped-def]
    """In the place of `dialects.open_dialect`."""

    def open_dialect(provider: Provider, key: str | None = None) -> ScriptedDialect:
        dialect.key = key
        return dialect

    return open_dialect
