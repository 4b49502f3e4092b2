"""A maker of signed lists, and a server on loopback that serves one with the files it names."""

from __future__ import annotations

import datetime
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.events import Event, Failed, Finished
from engine.jobs import JobContext, find, run
from engine.updates import addresses, manifest, signature

CONTENT = bytes(range(256)) * 4096  # a megabyte that is easy to know again


def day(ahead: int) -> str:
    """The day so many days from now, in UTC."""
    return (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=ahead)).isoformat()


def package(address: str, name: str = "seedling_9.0.0.tar.gz", content: bytes = CONTENT) -> dict[str, Any]:
    return {
        "platform": manifest.platform_here(),
        "name": name,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "address": address,
    }


def listed(*packages: dict[str, Any], **other: Any) -> dict[str, Any]:
    """A list that is to be believed; `other` overwrites."""
    return {
        "format": 1,
        "number": 5,
        "version": "9.0.0",
        "date": day(-1),
        "expires": day(90),
        "changes": "- It is *nine* now.\n",
        "packages": list(packages),
        **other,
    }


class Release:
    """The key of whoever makes Seedling, and a server with what is to be had. `requests`: path and headers of each."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.pages: dict[str, bytes] = {}
        self.moved: dict[str, str] = {}  # path -> where it leads
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.cut_at: int | None = None  # bytes after which an answer breaks off, once
        self.ranges = True
        release = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                release._answer(self)

            def log_message(self, *_: object) -> None:
                """Servers of tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.address = f"{self.url}/list"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def package(self, name: str = "seedling_9.0.0.tar.gz", content: bytes = CONTENT) -> dict[str, Any]:
        """A file that is really to be had here."""
        self.pages[f"/{name}"] = content
        return package(f"{self.url}/{name}", name, content)

    def publish(self, data: dict[str, Any], *keys: Ed25519PrivateKey) -> bytes:
        """Serve this list, signed by these keys, or by the release's own."""
        document = signature.sign(manifest.canonical(data), list(keys) or [self.key])
        self.pages["/list"] = document
        return document

    def trust(self, monkeypatch: Any, *keys: Ed25519PrivateKey) -> None:
        """Have this process hold these keys, or the release's own, and ask this address."""
        public = [key.public_key() for key in keys or (self.key,)]
        monkeypatch.setattr(signature, "trusted", lambda: {signature.key_id(key): key for key in public})
        monkeypatch.setattr(addresses, "shipped", lambda: {"address": self.address, "keys": []})

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.requests.append((handler.path, dict(handler.headers.items())))
        if handler.path in self.moved:
            handler.send_response(302)
            handler.send_header("Location", self.moved[handler.path])
            handler.send_header("Set-Cookie", "who=you")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        content = self.pages.get(handler.path)
        if content is None:
            handler.send_error(404)
            return
        start = 0
        if self.ranges and (asked := handler.headers.get("Range")):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        handler.send_header("Content-Length", str(len(content) - start))
        handler.end_headers()
        body, cut = content[start:], self.cut_at
        if cut is not None and len(body) > cut:
            self.cut_at = None
            handler.wfile.write(body[:cut])
            handler.close_connection = True
            return
        handler.wfile.write(body)


def job(name: str, **params: Any) -> list[Event]:
    return list(run(find(name), params, JobContext()))


def look() -> Event:
    return job("update_check")[-1]


def told() -> dict[str, Any]:
    """What a check that is to end well tells."""
    end = look()
    assert isinstance(end, Finished), end
    return end.stats


def refused() -> Failed:
    """How a check fails that is to fail."""
    end = look()
    assert isinstance(end, Failed), end
    return end
