"""Watches the sockets of every Python process that has this folder on its path, helpers of helpers included.

What is looked up, connected to or sent to beyond this machine becomes a line of the file `SOCKET_WATCH`, and does not
happen. Sockets that a C library opens by itself are not seen. With `SOCKET_WATCH_UNGUARDED` Seedling forbids nothing:
what is found then shows that the watch would find it.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Any

_HOST_FIRST = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_SOCKET_FIRST = ("socket.connect", "socket.sendto", "socket.sendmsg")


def _host(event: str, arguments: tuple[Any, ...]) -> Any:
    """Who is meant, None where it is nobody in a network: a Unix socket, or one that is connected already."""
    if event in _HOST_FIRST:
        return arguments[0]
    address = arguments[0 if event == "socket.getnameinfo" else 1]
    return address[0] if isinstance(address, tuple) else None


def _is_here(host: Any) -> bool:
    text = os.fsdecode(host) if isinstance(host, str | bytes) else str(host)
    if text in ("", "None", "localhost"):
        return True
    try:
        number = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return number.is_loopback or number.is_unspecified


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in (*_HOST_FIRST, *_SOCKET_FIRST, "socket.getnameinfo"):
        return
    host = _host(event, arguments)
    if _is_here(host):
        return
    with open(os.environ["SOCKET_WATCH"], "a", encoding="utf-8") as file:
        file.write(f"{event} {host!r}\n")
    raise ConnectionRefusedError(f"no packet leaves a test: {event} {host!r}")


if "SOCKET_WATCH" in os.environ:
    sys.addaudithook(_watch)
    if "SOCKET_WATCH_UNGUARDED" in os.environ:
        from engine.providers import reach

        reach.check_allowed = lambda name, address: None
