"""The way to a provider, byte by byte: connected in time and only where it may lead, and let go of at once.

Nothing here blocks for longer than `_LOOK_S` without looking whether the answer is still wanted. Looking up a name and
shaking hands cannot be interrupted, so these happen in a thread that is left behind.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpcore2

from engine.providers import reach

CONNECT_S = 14.0  # for the name, the connection and the handshake together
_LOOK_S = 0.05
_MOST_ADDRESSES = 8  # of one name
_OPTIONS = tuple(
    (level, getattr(socket, name), value)
    for level, name, value in (
        (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),  # so that a machine that was switched off is noticed
        (socket.IPPROTO_TCP, "TCP_KEEPIDLE", 15),
        (socket.IPPROTO_TCP, "TCP_KEEPINTVL", 5),
        (socket.IPPROTO_TCP, "TCP_KEEPCNT", 3),
        (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", 30_000),  # milliseconds
    )
    if hasattr(socket, name)
)


class StoppedError(Exception):
    """Nobody wants the answer any more."""


class OutsideError(Exception):
    """A name of this machine or of the local network leads elsewhere."""


@dataclass
class Waiting:
    """What the request under way is waited for with. until: of `time.monotonic`, when its next step has to be done."""

    cancelled: threading.Event = field(default_factory=threading.Event)
    until: float = float("inf")

    def check(self) -> None:
        """Raises StoppedError."""
        if self.cancelled.is_set():
            raise StoppedError


class Backend(httpcore2.NetworkBackend):
    """How httpcore connects for one client. secure: there is a handshake to come before anything is sent."""

    def __init__(self, waiting: Waiting, reach_of_provider: str, secure: bool) -> None:
        self._waiting, self._reach, self._secure = waiting, reach_of_provider, secure

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Raises httpcore2's ConnectTimeout and ConnectError, OutsideError and StoppedError."""
        until = min(time.monotonic() + CONNECT_S, self._waiting.until)
        stream = _in_time(lambda: _connected(host, port, self._reach, until), self._waiting, until)
        return _Line(stream, self._waiting, until, self._secure)


class _Line(httpcore2.NetworkStream):
    """A connection that is read and written in short steps. connect_until: when a handshake has to be done."""

    def __init__(
        self, stream: httpcore2.NetworkStream, waiting: Waiting, connect_until: float, secure: bool, layers: int = 0
    ) -> None:
        self._stream, self._waiting, self._layers = stream, waiting, layers
        self._connect_until, self._secure = connect_until, secure

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes. timeout: how long the silence may be. Raises httpcore2's errors and StoppedError."""
        until = self._until(timeout)
        while time.monotonic() < self._waiting.until:
            self._waiting.check()
            with contextlib.suppress(httpcore2.ReadTimeout):
                return self._stream.read(max_bytes, _LOOK_S)
            if time.monotonic() > until:
                break
        raise httpcore2.ReadTimeout("not in time")

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Raises httpcore2's errors and StoppedError."""
        self._waiting.check()
        if self._layers > 1:  # its socket is not where these bytes go
            self._stream.write(buffer, timeout)
            return
        until, left = self._until(timeout), memoryview(buffer)
        wire: socket.socket = self._stream.get_extra_info("socket")
        while left:
            try:
                wire.settimeout(_LOOK_S)
                left = left[wire.send(left) :]
            except TimeoutError:
                self._waiting.check()
                if time.monotonic() > until:
                    raise httpcore2.WriteTimeout("no byte was taken") from None
            except OSError as error:
                raise httpcore2.WriteError(type(error).__name__) from error

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = max(self._connect_until - time.monotonic(), 0.01)
        stream = _in_time(
            lambda: self._stream.start_tls(ssl_context, server_hostname, left), self._waiting, self._connect_until
        )
        return _Line(stream, self._waiting, self._connect_until, self._secure, self._layers + 1)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _until(self, timeout: float | None) -> float:
        until = min(time.monotonic() + (float("inf") if timeout is None else timeout), self._waiting.until)
        return min(until, self._connect_until) if self._secure and not self._layers else until  # a proxy's answer


def _connected(host: str, port: int, reach_of_provider: str, until: float) -> httpcore2.NetworkStream:
    """A connection to the first of a host's addresses that takes one. Each has its share of the time that is left."""
    numbers = _numbers(host, port, reach_of_provider)
    for tried, number in enumerate(numbers):
        left = max(until - time.monotonic(), 0.01)
        last = tried == len(numbers) - 1
        try:
            return httpcore2.SyncBackend().connect_tcp(
                number, port, left if last else left / 2, socket_options=_OPTIONS
            )
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
            if last:
                raise
    raise httpcore2.ConnectError("a name without an address")


def _numbers(host: str, port: int, reach_of_provider: str) -> list[str]:
    """A host's IP addresses, as far as they lie within the provider's reach. This machine's own need no looking up."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        if reach_of_provider == "machine":
            return ["127.0.0.1", "::1"]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError("its name is not known") from error
    numbers = list(dict.fromkeys(str(entry[4][0]) for entry in found))[:_MOST_ADDRESSES]
    if reach_of_provider == "network":
        numbers = [
            number for number in numbers if reach.reach_of(ipaddress.ip_address(number.split("%")[0])) != "internet"
        ]
        if not numbers:
            raise OutsideError
    return numbers


def _in_time(make: Callable[[], httpcore2.NetworkStream], waiting: Waiting, until: float) -> httpcore2.NetworkStream:
    """What `make` makes, in a thread; what comes too late is closed. Raises ConnectTimeout, StoppedError."""
    outcome: list[httpcore2.NetworkStream | BaseException] = []
    ended, turn, left = threading.Event(), threading.Lock(), threading.Event()

    def run() -> None:
        made: httpcore2.NetworkStream | BaseException
        try:
            made = make()
        except BaseException as error:
            made = error
        with turn:
            if not left.is_set():
                outcome.append(made)
            elif isinstance(made, httpcore2.NetworkStream):
                made.close()
        ended.set()

    threading.Thread(target=run, name="connecting", daemon=True).start()
    while not ended.wait(_LOOK_S):
        if waiting.cancelled.is_set() or time.monotonic() > until:
            break
    with turn:
        left.set()
        made = outcome[0] if outcome else None
    if isinstance(made, httpcore2.NetworkStream) and waiting.cancelled.is_set():
        made.close()
    waiting.check()
    if made is None:
        raise httpcore2.ConnectTimeout("no connection in time")
    if isinstance(made, BaseException):
        raise made
    return made
