"""Servers that do as they are told, for the time of a test."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import pytest
from asked_servers import Serve
from rough_server import RoughServer, Script


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[RoughServer] = []

    def start(script: Script, tls: ssl.SSLContext | None = None) -> RoughServer:
        servers.append(RoughServer(script, tls).__enter__())
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__()
