"""Servers on this computer, looked for on the ports that such programs usually have; only when it is asked for."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from urllib.parse import urlsplit

from engine.errors import EngineError
from engine.providers import reach
from engine.providers.greeting import Greeting, recognise

# Ollama, llama.cpp and llamafile (old and new), LM Studio, Jan, GPT4All, vLLM and LitGPT, SGLang, KoboldCpp.
PORTS = (11434, 8080, 9931, 1234, 1337, 4891, 8000, 30000, 5001)
LIMIT_S = 0.3  # for a connection, and for the first byte of each answer
_LONGEST = 100_000  # bytes of a file of settings


def probe() -> Iterator[Greeting]:
    """Those that answer, as they do; each port is looked at beside the others."""
    addresses = list(_addresses())
    pool = ThreadPoolExecutor(len(addresses), "probe")
    try:
        for looked in as_completed([pool.submit(_look, address) for address in addresses]):
            if (found := looked.result()) is not None:
                yield found
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _addresses() -> Iterator[str]:
    ports = dict.fromkeys((*_told_ports(), *PORTS))
    return (f"http://127.0.0.1:{port}" for port in ports)


def _told_ports() -> Iterator[int]:
    """Of `OLLAMA_HOST` and of LM Studio's settings, where they name this machine."""
    try:
        address = reach.checked(os.environ.get("OLLAMA_HOST", ""))
        if reach.reach(address) == "machine":
            yield urlsplit(address).port or 11434
    except EngineError:  # not set, or something else than an address
        pass
    place = Path.home() / ".lmstudio" / ".internal" / "http-server-config.json"
    try:
        with open(place, "rb") as file:
            told = json.loads(file.read(_LONGEST))
        port = told.get("port")
        if isinstance(port, int) and not isinstance(port, bool) and 0 < port < 65536:
            yield port
    except (OSError, ValueError, AttributeError, RecursionError):
        pass


def _look(address: str) -> Greeting | None:
    try:
        socket.create_connection(("127.0.0.1", urlsplit(address).port or 80), LIMIT_S).close()
        return recognise(address, first_byte_s=LIMIT_S)
    except (OSError, EngineError):
        return None
