"""A provider that is asked in tests, and what it is asked by."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from rough_server import RoughServer, Script

from engine.errors import EngineError
from engine.providers import connection, streams
from engine.providers.base import Provider

KEY = "sk-canaryQWERTY0123456789"
EVENT = b'data: {"n": 1}\n\n'
Serve = Callable[[Script], RoughServer]


def provider(address: str, name: str = "box") -> Provider:
    return Provider(name, "compatible", address)


def ask(server: RoughServer | str, method: str = "POST", path: str = "/chat", key: str | None = None) -> Any:
    """The events of one reply, or the JSON of one answer. Raises EngineError."""
    asked = provider(server if isinstance(server, str) else server.url)
    with connection.client(asked, key) as client, connection.failing(asked, "m"):
        if method == "GET":
            return client.get(path).raise_for_status().json()
        with client.stream(method, path, json={"q": "?"}) as response:
            return list(streams.server_sent(response.raise_for_status()))


def code(server: RoughServer | str, *arguments: Any, **options: Any) -> str:
    with pytest.raises(EngineError) as raised:
        ask(server, *arguments, **options)
    return raised.value.code


def full_listener() -> tuple[socket.socket, list[socket.socket]]:
    """A port that answers no knock: its queue is full, as an address behind which there is nothing."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    waiting = []
    for _ in range(4):
        wire = socket.socket()
        wire.setblocking(False)
        wire.connect_ex(listener.getsockname())
        waiting.append(wire)
    return listener, waiting
