"""What both ports of the tests' hub (fake_hub.py) share: reading a request, sending a file or a part of it."""

from __future__ import annotations

import hashlib
import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from fake_repos import PIECE, Stored

if TYPE_CHECKING:
    from fake_hub import FakeHub

AT_BYTES = ("drop", "stall", "flip", "longer", "truncate", "ignore_range", "expired")  # faults that show here


@dataclass
class Seen:
    """A request as it came. `port` is "hub" or "cdn"; `sent` counts the bytes of the body that went out."""

    port: str
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    status: int = 0
    sent: int = 0


class Answers(BaseHTTPRequestHandler):
    """What both ports share: reading a request, and sending a file or a part of it."""

    hub: FakeHub
    port = ""
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        if self.hub.send_buffer:
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.hub.send_buffer)
        super().setup()

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        self.where, self.query = unquote(address.path, errors="surrogateescape"), parse_qs(address.query)
        self.note = Seen(
            self.port, self.command, self.where, self.query, {k.lower(): v for k, v in self.headers.items()}
        )
        self.hub.seen.append(self.note)
        with self.hub.lock:
            self.hub.answering += 1
        try:
            self.answer()
            self.wfile.flush()
        finally:
            with self.hub.lock:
                self.hub.answering -= 1

    def do_POST(self) -> None:
        self.do_GET()

    def answer(self) -> None:
        raise NotImplementedError

    def say(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """A whole answer; its length is that of `body`, which a HEAD does not get."""
        self.head(status, {"Content-Length": str(len(body))} | dict(headers or {}))
        if self.command != "HEAD":
            self.wfile.write(body)

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        self.note.status = status
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def send_file(self, file: Stored, etag: str, headers: Mapping[str, str]) -> None:
        """A file or the range of it that was asked for, with whatever fault is armed."""
        fault = self.hub.take_fault(AT_BYTES, self.where) if self.command == "GET" else None
        kind, at = (fault.kind, fault.at) if fault else ("", 0)
        if kind == "expired":
            self.say(403, b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")
            return
        size = min(at, file.size) if kind == "truncate" else file.size
        common = {"ETag": f'"{etag}"', "Accept-Ranges": "bytes"} | dict(headers)
        span = None if kind == "ignore_range" else self._range(size, etag)
        if span is not None and span[0] >= span[1]:
            self.say(416, b"", {"Content-Range": f"bytes */{size}"})
            return
        start, end = span or (0, size)
        if kind == "longer":
            self._send_longer(file, common, at)
            return
        if span is None:
            self.head(200, common | {"Content-Length": str(size)})
        else:
            self.head(
                206, common | {"Content-Length": str(end - start), "Content-Range": f"bytes {start}-{end - 1}/{size}"}
            )
        if self.command == "HEAD":
            return
        self.wfile.flush()
        if kind in ("drop", "stall"):
            end = min(end, start + at)
        if isinstance(file.content, Path) and kind != "flip":
            self._send_from_disk(file.content, start, end)
        else:
            self._send_pieces(file, start, end, at if kind == "flip" else None)
        if kind == "stall":
            self.hub.stalled += 1
            self.hub.closing.wait(60)
            self.hub.stalled -= 1
        if kind in ("drop", "stall"):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send_longer(self, file: Stored, headers: Mapping[str, str], more: int) -> None:
        """The whole file in chunks, and then as many zeros."""
        self.head(200, headers | {"Transfer-Encoding": "chunked"})
        self.wfile.flush()
        zeros = (bytes(min(PIECE, more - at)) for at in range(0, more, PIECE))
        for piece in (*file.pieces(0, file.size), *zeros, b""):
            self.connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.note.sent += len(piece)

    def _range(self, size: int, etag: str) -> tuple[int, int] | None:
        """First byte and the one behind the last, as `Range` asks; None for the whole file."""
        match = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if match is None or match[0] == "bytes=-":
            return None
        if self.headers.get("If-Range", f'"{etag}"') != f'"{etag}"':
            return None
        if not match[1]:
            return max(size - int(match[2]), 0), size
        return int(match[1]), min(int(match[2]) + 1, size) if match[2] else size

    def _send_pieces(self, file: Stored, start: int, end: int, flip: int | None) -> None:
        for piece in file.pieces(start, end):
            if flip is not None and start <= flip < start + len(piece):
                piece = bytearray(piece)
                piece[flip - start] ^= 1
            self.hub.pace(len(piece))
            self._count(piece)
            start += len(piece)

    def _count(self, piece: bytes | bytearray | memoryview) -> None:
        view = memoryview(piece)
        while view:
            taken = self.connection.send(view)
            self.note.sent += taken
            view = view[taken:]

    def _send_from_disk(self, path: Path, start: int, end: int) -> None:
        with open(path, "rb") as file:
            while start < end:
                count = min(end - start, PIECE)
                self.hub.pace(count)
                taken = os.sendfile(self.connection.fileno(), file.fileno(), start, count)
                self.note.sent += taken
                start += taken


class CdnAnswers(Answers):
    """The second port: bytes by signed address. It knows nothing of repositories or tokens."""

    port = "cdn"

    def answer(self) -> None:
        match = re.match(r"/repos/([0-9a-f]{64})/", self.where)
        file = self.hub.blob(match[1]) if match else None
        if file is None:
            self.say(404)
        elif self.query.get("X-Amz-Signature") != [self.hub.signature(file.sha256)]:
            self.say(403, b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")
        else:  # its ETag is not the hub's
            self.send_file(file, hashlib.md5(file.sha256.encode()).hexdigest(), {"Content-Type": "binary/octet-stream"})
