"""Talking to a fake server as the engine does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from fake_servers.compatible import FakeCompatible
from fake_servers.server import FakeServer

from engine.chat.messages import ChatOptions, Message
from engine.events import Event, Log, TextDelta, ThinkingDelta
from engine.providers.anthropic_api import Anthropic
from engine.providers.base import Dialect, Ended, Provider, RemoteModel
from engine.providers.litgpt import LitGPT
from engine.providers.ollama import Ollama
from engine.providers.openai_style import OpenAIStyle

SHORT = (Message("user", "Say hello."),)
BEGUN = (*SHORT, Message("assistant", "Hello th"))
_DIALECTS: dict[str, Callable[..., Dialect]] = {"litgpt": LitGPT, "ollama": Ollama, "anthropic": Anthropic}


@dataclass
class Answer:
    """What came of a reply. `pieces`: of its text, as they came."""

    pieces: list[str] = field(default_factory=list)
    thinking: str = ""
    warnings: list[str] = field(default_factory=list)
    ended: Ended | None = None

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def provider_of(server: FakeServer) -> Provider:
    address = server.base if isinstance(server, FakeCompatible) else server.url
    return Provider("here", server.kind, address)


@contextmanager
def connected(server: FakeServer, key: str | None = None) -> Iterator[Dialect]:
    """Our side of it, with its key if not told otherwise; "" is none."""
    kind = _DIALECTS.get(server.kind, OpenAIStyle)
    dialect = kind(provider_of(server), server.key if key is None else key or None)
    try:
        yield dialect
    finally:
        dialect.close()


def models_of(server: FakeServer, key: str | None = None) -> list[RemoteModel]:
    with connected(server, key) as dialect:
        return dialect.models()


def offers_of(server: FakeServer) -> frozenset[str]:
    with connected(server) as dialect:
        return dialect.offers(model_of(server))


def model_of(server: FakeServer) -> RemoteModel:
    return RemoteModel("here", server.models[0])


def events_of(
    server: FakeServer,
    messages: Sequence[Message] = SHORT,
    *,
    key: str | None = None,
    model: RemoteModel | None = None,
    cancelled: threading.Event | None = None,
    context: int | None = None,
    **options: Any,
) -> Iterator[Event | Ended]:
    """The events of a reply to `messages`; the connection is closed behind it."""
    with connected(server, key) as dialect:
        chosen = replace(ChatOptions.from_json(options), context=context)
        yield from dialect.stream(model or model_of(server), messages, chosen, cancelled or threading.Event())


def answer_of(
    server: FakeServer, messages: Sequence[Message] = SHORT, *, into: Answer | None = None, **how: Any
) -> Answer:
    """The whole reply; what came of it is in `into` whatever happens."""
    answer = Answer() if into is None else into
    for event in events_of(server, messages, **how):
        assert answer.ended is None, "something came after the end"
        match event:
            case TextDelta():
                answer.pieces.append(event.text)
            case ThinkingDelta():
                answer.thinking += event.text
            case Log():
                answer.warnings.append(event.text)
            case Ended():
                answer.ended = event
            case _:
                raise AssertionError(event)
    return answer
