"""How long a provider's first word takes through Seedling: from the byte that leaves the server to the painted letter.

    python benchmarks/first_byte.py [REPLIES]

The real window (offscreen) with its real worker, and a server on loopback, in a process of its own, that speaks as
OpenAI's API does. It notes when the first content of a reply goes out; the window notes when a paint that holds the
first letter is over. Both read the same monotonic clock. Promise: under 50 ms.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "first-byte"
PIECES, BETWEEN_S, BEFORE_S = 20, 0.02, 0.3  # of a reply; the server thinks first, as real ones do


# --- the server ------------------------------------------------------------------------------------------------------


class _Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps({"object": "list", "data": [{"id": MODEL, "object": "model"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._say({"role": "assistant", "content": ""})
        time.sleep(BEFORE_S)
        for number in range(PIECES):
            if number == 0:
                print(time.monotonic(), flush=True)
            self._say({"content": f"word{number} "})
            time.sleep(BETWEEN_S)
        self._say({}, "stop")
        self._send(b"data: [DONE]\n\n")
        self._send(b"")

    def _say(self, delta: dict[str, str], reason: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        event = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": MODEL, "choices": [choice]}
        self._send(b"data: " + json.dumps(event).encode() + b"\n\n")

    def _send(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def serve() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    print(server.server_address[1], flush=True)
    server.serve_forever()


# --- the window ------------------------------------------------------------------------------------------------------


def measure(port: int, replies: int) -> None:
    """Prints, for each reply, when its first letter was painted, and when its first word was laid out."""
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QApplication

    from app.application import Seedling
    from app.chat.transcript import Transcript
    from engine import paths
    from engine.chat.store import Store
    from engine.providers import provider_list
    from engine.providers.base import Provider, RemoteModel
    from engine.settings import Settings

    came = 0.0

    class Watched(Transcript):
        def paintEvent(self, event: QPaintEvent) -> None:
            nonlocal came
            super().paintEvent(event)
            if came and self.streaming is not None and self.streaming.text:
                print(time.monotonic(), came, flush=True)
                came = 0.0

    provider_list.add(Provider("bench", "compatible", f"http://127.0.0.1:{port}/v1"), [RemoteModel("bench", MODEL)])
    application = QApplication([])
    settings = Settings()
    settings.set("stores_offered", True)  # nothing is looked for unasked
    settings.set("model", f"bench/{MODEL}")
    import app.chat.page

    app.chat.page.Transcript = Watched  # type: ignore[misc]
    seedling = Seedling(application, Store(paths.database()), settings)
    left = replies

    def ask() -> None:
        nonlocal left
        if not left:
            seedling.end()
            return
        left -= 1
        seedling.page.composer.restore("Say some words.")
        seedling.chat.send()

    def note(*_: object) -> None:
        nonlocal came
        reply = seedling.replies.of(seedling.chat.current)
        if reply is not None and len(reply.parts) == 1:
            came = time.monotonic()

    def ended(reply: Any) -> None:
        if reply.failure is not None:
            print(reply.failure, file=sys.stderr)
            seedling.end()
        else:
            QTimer.singleShot(50, ask)

    seedling.replies._away.grew.connect(note)
    seedling.replies.ended.connect(ended)
    seedling.start()
    QTimer.singleShot(1500, ask)
    application.exec()


def main(replies: int) -> None:
    command = [sys.executable, __file__, "--serve"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    try:
        port = server.stdout.readline().strip()
        with tempfile.TemporaryDirectory() as home:
            environment = os.environ | {"SEEDLING_HOME": home, "QT_QPA_PLATFORM": "offscreen"}
            command = [sys.executable, __file__, "--measure", port, str(replies)]
            done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True, timeout=300)
        seen = [tuple(map(float, line.split())) for line in done.stdout.splitlines()]
        sent = [float(server.stdout.readline()) for _ in seen]
    finally:
        server.kill()
    _report("painted", [painted - at for (painted, _), at in zip(seen, sent, strict=True)])
    _report("laid out", [came - at for (_, came), at in zip(seen, sent, strict=True)])


def _report(what: str, seconds: list[float]) -> None:
    median, worst = 1000 * statistics.median(seconds), 1000 * max(seconds)
    print(f"first letter {what} after {median:.1f} ms (worst {worst:.1f} ms, {len(seconds)} replies)")


if __name__ == "__main__":
    match sys.argv[1:2]:
        case ["--serve"]:
            serve()
        case ["--measure"]:
            measure(int(sys.argv[2]), int(sys.argv[3]))
        case _:
            main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
