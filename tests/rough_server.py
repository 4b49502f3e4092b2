"""A server on loopback that says exactly the bytes it is told to, and sees how its guests leave.

A script gets the connection and the request's bytes, and says what it likes: no library stands between, so an answer
may be as wrong as answers come.
"""

from __future__ import annotations

import contextlib
import datetime
import re
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

Script = Callable[[socket.socket, bytes], None]

HOLD_S = 20.0  # longer than any test waits for a guest to leave


def head(status: int = 200, kind: str = "text/event-stream", **fields: object) -> bytes:
    """The head of an answer that ends with its connection. fields: `Retry_After=3` becomes `Retry-After: 3`."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Type: {kind}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def say(*pieces: bytes) -> Script:
    """Says this, and ends."""

    def script(guest: socket.socket, request: bytes) -> None:
        for piece in pieces:
            guest.sendall(piece)

    return script


def certificate(folder: Path, host: str) -> tuple[Path, ssl.SSLContext]:
    """One that vouches for itself, and a server's context with it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, *form)
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return path, context


class RoughServer:
    """seen: the requests' bytes. left: set when a guest went away while it was being held by `hold`."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.script, self._tls = script, tls
        self.seen: list[bytes] = []
        self.guests = 0
        self.left, self.held = threading.Event(), threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for place in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                place.shutdown(socket.SHUT_RDWR)
            place.close()

    def hold(self, guest: socket.socket, request: bytes = b"") -> None:
        """Say nothing more until the guest leaves."""
        self.held.set()
        guest.settimeout(HOLD_S)
        try:
            if guest.recv(1) == b"":
                self.left.set()
        except TimeoutError:
            pass
        except OSError:  # it slammed the door
            self.left.set()

    def _serve(self) -> None:
        while True:
            try:
                guest, _ = self._listener.accept()
            except OSError:
                return
            self.guests += 1
            self._open.append(guest)
            threading.Thread(target=self._meet, args=(guest,), daemon=True).start()

    def _meet(self, guest: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._tls is not None:
                guest = self._tls.wrap_socket(guest, server_side=True)
            with guest:
                request = self._request(guest)
                if request:
                    self.seen.append(request)
                    self.script(guest, request)

    @staticmethod
    def _request(guest: socket.socket) -> bytes:
        said = b""
        while b"\r\n\r\n" not in said:
            piece = guest.recv(1 << 16)
            if not piece:
                return b""
            said += piece
        length = re.search(rb"content-length: (\d+)", said, re.IGNORECASE)
        body = int(length[1]) if length else 0
        while len(said.partition(b"\r\n\r\n")[2]) < body:
            piece = guest.recv(1 << 16)
            if not piece:
                break
            said += piece
        return said
