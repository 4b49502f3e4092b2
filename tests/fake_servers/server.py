"""What all fake servers share: a port on loopback, requests that are written down, answers, streams and faults."""

from __future__ import annotations

import json
import re
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, unquote, urlsplit

_LOOK_S = 0.005


@dataclass
class Fault:
    """What goes wrong with the next `times` requests whose path holds `path`, `after` so many that go well.

    answer: `status` with `headers` and `body` in the place of the real one. silence: nothing comes, not even a status.
    cut: the connection ends in the middle of piece `at` of a stream, or of an answer. stall: nothing more comes after
    `at` pieces. end: the stream ends after `at` pieces, properly but too early. say: after `at` pieces come the bytes
    of `body`, and the stream ends.
    """

    kind: str
    path: str = ""
    at: int = 0
    times: int = 1
    after: int = 0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = b""


_KINDS = ("answer", "silence", "cut", "stall", "end", "say")


@dataclass
class Seen:
    """A request as it came, `body` as JSON if it is that. `pieces`: of a stream, that went out."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any = None
    status: int = 0
    pieces: int = 0
    disconnected: bool = False  # the client went away before the answer was whole
    ended: threading.Event = field(default_factory=threading.Event)  # nothing more happens for this request


class FakeServer:
    """One program on a port of its own; a context manager. What differs between programs is in `answer`.

    reply, thinking: what its model writes, as text or as the exact pieces of it. pace: seconds before each piece.
    grain: how many bytes go out at once, None for whole pieces. loading: the model is not loaded yet.
    port: 0 for any that is free.
    """

    kind: ClassVar[str] = ""
    port_by_default: ClassVar[int] = 0
    default_models: ClassVar[tuple[str, ...]] = ("small",)

    def __init__(
        self,
        models: Sequence[str] | None = None,
        reply: str | Sequence[str] = "Hello there, friend.",
        *,
        thinking: str | Sequence[str] = "",
        key: str | None = None,
        context: int = 4096,
        loading: bool = False,
        pace: float = 0.0,
        grain: int | None = None,
        port: int = 0,
    ) -> None:
        self.models = list(self.default_models if models is None else models)
        self.reply = reply
        self.thinking = thinking
        self.key = key
        self.context = context
        self.loading = loading
        self.pace = pace
        self.grain = grain
        self.finish = "stop"
        self.seen: list[Seen] = []
        self.faults: list[Fault] = []
        self.lock = threading.RLock()
        self.closing = threading.Event()
        handler = type("Answers", (Call,), {"fake": self})
        self._server = _Server(("127.0.0.1", port), handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="fake server", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    # --- what tests say -----------------------------------------------------------------------------------------

    def fault(self, kind: str, **how: Any) -> Fault:
        """Arm a fault; see `Fault`."""
        assert kind in _KINDS, kind
        fault = Fault(kind, **how)
        with self.lock:
            self.faults.append(fault)
        return fault

    def requests(self, path: str = "", method: str = "") -> list[Seen]:
        return [seen for seen in self.seen if path in seen.path and method in seen.method]

    @property
    def asked(self) -> Any:
        """The body of the last request that had one."""
        return next(seen.body for seen in reversed(self.seen) if seen.body is not None)

    # --- what each program says ---------------------------------------------------------------------------------

    def answer(self, call: Call) -> None:
        raise NotImplementedError

    def pieces(self, text: str | Sequence[str]) -> list[str]:
        """What is written, token by token."""
        return re.findall(r"\S+\s*|\s+", text) if isinstance(text, str) else list(text)

    def words(self, messages: Any) -> int:
        """How many tokens a conversation has, by our count."""
        return sum(len(str(message.get("content", "")).split()) for message in messages)

    def take_fault(self, kinds: Sequence[str], path: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and fault.kind in kinds and fault.path in path:
                    if fault.after > 0:
                        fault.after -= 1
                        continue
                    fault.times -= 1
                    return fault
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class GoneError(ConnectionError):
    """The client went away."""


class Call(BaseHTTPRequestHandler):
    """One request, and the ways to answer it."""

    fake: FakeServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    where: str
    note: Seen
    json: Any

    def log_message(self, *_: object) -> None:
        pass

    def version_string(self) -> str:
        return "fake"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        self.where = unquote(address.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        raw = self.rfile.read(int(headers.get("content-length", 0)))
        try:
            self.json = json.loads(raw) if raw else None
        except ValueError:
            self.json = None
        self.note = Seen(self.command, self.where, parse_qs(address.query), headers, self.json)
        self.fake.seen.append(self.note)
        try:
            self._answer()
        except ConnectionError:
            self.note.disconnected = not self.fake.closing.is_set()
            self.close_connection = True
        finally:
            self.note.ended.set()

    do_POST = do_OPTIONS = do_HEAD = do_GET  # noqa: N815

    def _answer(self) -> None:
        fault = self.fake.take_fault(("answer", "silence"), self.where)
        if fault is None:
            self.fake.answer(self)
        elif fault.kind == "silence":
            self.watch()
        else:
            body = fault.body
            if isinstance(body, bytes):
                self.say(fault.status, body, fault.headers)
            else:
                self.say_json(body, fault.status, fault.headers)

    @property
    def bearer(self) -> str | None:
        scheme, _, key = self.headers.get("Authorization", "").partition(" ")
        return key if scheme == "Bearer" and key else None

    def say(self, status: int, body: bytes | str = b"", headers: Mapping[str, str] | None = None) -> None:
        """A whole answer."""
        body = body.encode() if isinstance(body, str) else body
        fault = self.fake.take_fault(("cut",), self.where) if status == 200 else None
        self.head(status, {"Content-Length": str(len(body))} | dict(headers or {}))
        if self.command != "HEAD":
            self.wfile.write(body if fault is None else body[: len(body) // 2])
        if fault is not None:
            self._hang_up()

    def say_json(self, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.say(status, json.dumps(value).encode(), {"Content-Type": "application/json"} | dict(headers or {}))

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        self.note.status = status
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    @contextmanager
    def stream(self, content_type: str = "") -> Iterator[Callable[[bytes], None]]:
        """A chunked answer: the function that is given sends a piece of it. Raises GoneError once the client left."""
        fault = self.fake.take_fault(("cut", "stall", "end", "say"), self.where)
        kind = {"Content-Type": content_type} if content_type else {}
        self.head(200, kind | {"Transfer-Encoding": "chunked", "Cache-Control": "no-cache"})

        def send(piece: bytes) -> None:
            if fault is not None and self.note.pieces >= fault.at:
                self._go_wrong(fault, piece)
            self.watch(self.fake.pace)
            self._chunk(piece)
            self.note.pieces += 1

        with suppress(_EndError):
            yield send
        self.wfile.write(b"0\r\n\r\n")

    def _go_wrong(self, fault: Fault, piece: bytes) -> None:
        if fault.kind == "cut":
            self._chunk(piece[: len(piece) // 2])
            self._hang_up()
            raise ConnectionAbortedError
        if fault.kind == "stall":
            self.watch()
        if fault.kind == "say":
            self._chunk(fault.body)
        raise _EndError

    def _chunk(self, data: bytes) -> None:
        grain = self.fake.grain or len(data)
        for start in range(0, len(data), grain):
            part = data[start : start + grain]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def watch(self, seconds: float | None = None) -> None:
        """Wait, for ever if not told otherwise, unless the client goes away meanwhile: then GoneError."""
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            left = _LOOK_S if until is None else min(_LOOK_S, max(until - time.monotonic(), 0.0))
            if select.select([self.connection], [], [], left)[0] and not self.connection.recv(1, socket.MSG_PEEK):
                raise GoneError
            if self.fake.closing.is_set() or (until is not None and time.monotonic() >= until):
                return


class _EndError(Exception):
    """The stream ends here."""
