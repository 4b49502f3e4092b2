"""One window per home: an operating-system lock that dies with its holder, and a door to knock on.

Two windows on one database would take each other's replies for interrupted ones. A number of a process is no proof that
it is ours, since the system gives it again; nothing here is decided by one.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine import files, paths

if TYPE_CHECKING:  # loaded where one knocks, or once the window stands: typing does not wait for it
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

PATIENCE_S = 10.0  # for a window that is just starting, or just closing
_ANSWER_S = 1.0
_RETRY_S = 0.05
_HERE = b"here\n"
_MOST_BYTES = 90_000  # `engine.handed.LONGEST`, each character in four
_TOKEN = "XDG_ACTIVATION_TOKEN"  # of Wayland: who has it may come forward (xdg-activation-v1); Qt looks for it there

log = logging.getLogger(__name__)


class SingleInstance(QObject):
    """`knocked(texts)`: another start of Seedling wants this window to come forward and to open these, as
    `engine.handed.read` takes them.
    """

    knocked = Signal(object)  # as a list of Qt a name of undecodable bytes would lose them

    def __init__(self, handed: Sequence[str] = (), parent: QObject | None = None) -> None:
        """handed: what this start is to open, or the window that it finds."""
        super().__init__(parent)
        self._handed = list(handed)
        self._lock: int | None = None
        self._server: QLocalServer | None = None

    @cached_property
    def _name(self) -> str:
        """Of the door of this home; where the system has a folder for this person's doors alone, there."""
        import hashlib

        name = "seedling-" + hashlib.sha256(os.fsencode(paths.home().resolve())).hexdigest()[:16]
        private = os.environ.get("XDG_RUNTIME_DIR", "")  # XDG Base Directory Specification
        return os.path.join(private, name) if os.path.isabs(private) and os.path.isdir(private) else name

    def is_first(self, patience_s: float = PATIENCE_S) -> bool | None:
        """Whether this is the only one. False: the one that runs has come forward. None: it does not answer.

        One that is starting answers when it is up, and one that is closing makes room: both are waited for. The first
        one still has to open its door.
        """
        end = time.monotonic() + patience_s
        while not self._take():
            if self.knock(end - time.monotonic()):
                return False
            if time.monotonic() >= end:
                return None
            time.sleep(_RETRY_S)
        return True

    def acquire(self) -> bool:
        """Whether nobody else has this home, and its door is open from now on."""
        taken = self._take()
        if taken:
            self.open_door()
        return taken

    def _take(self) -> bool:
        """Whether nobody else has this home."""
        try:
            self._lock = files.lock(paths.home() / "window.lock")
        except OSError as error:  # a full or write-protected disk, or one that knows no locks
            log.warning("no lock: %s", error)
            if self.knock():  # without one, whoever answers is the first
                return False
            self.open_door()
            return True
        return self._lock is not None

    def open_door(self) -> None:
        """Whoever knocks from now on is answered."""
        from PySide6.QtNetwork import QLocalServer

        if self._server is None:
            self._server = QLocalServer(self)
            self._server.newConnection.connect(self._let_in)
            QLocalServer.removeServer(self._name)  # ours now: what is there was left by a crash
            self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
            if not self._server.listen(self._name):
                log.warning("no door: %s", self._server.errorString())

    def knock(self, patience_s: float = _ANSWER_S) -> bool:
        """Ask the one that runs to come forward; False where it does not say that it heard."""
        if sys.platform == "win32":  # whoever was started last may come forward, and passes that on
            import ctypes

            ctypes.windll.user32.AllowSetForegroundWindow(-1)  # ASFW_ANY
        from PySide6.QtNetwork import QLocalSocket

        patience_ms = max(1, int(1000 * patience_s))
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(patience_ms):
            return False
        socket.write(self._request())
        socket.flush()
        heard = b""
        while len(heard) < len(_HERE) and socket.waitForReadyRead(patience_ms):  # ends when the other one does
            heard += bytes(socket.readAll().data())
        socket.abort()
        return heard == _HERE

    def _request(self) -> bytes:
        """What is said at the door, one line; the one that runs refuses what is too much."""
        from engine.handed import TOO_MUCH

        request: dict[str, object] = {"token": os.environ.get(_TOKEN, ""), "open": self._handed}
        line = _line(request)
        return line if len(line) <= _MOST_BYTES else _line(request | {"open": TOO_MUCH})

    def close_door(self) -> None:
        """Whoever knocks from now on is not answered: this window is about to go."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def release(self) -> None:
        self.close_door()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _let_in(self) -> None:
        while self._server is not None and (connection := self._server.nextPendingConnection()) is not None:
            connection.readyRead.connect(lambda connection=connection: self._listen(connection))
            connection.disconnected.connect(connection.deleteLater)
            self._listen(connection)

    def _listen(self, connection: QLocalSocket) -> None:
        if connection.bytesAvailable() > _MOST_BYTES:
            connection.abort()
        elif connection.canReadLine():
            asked = _read(bytes(connection.readLine().data()))
            connection.write(_HERE)
            connection.flush()
            _take_token(asked.get("token"))
            texts = asked.get("open")
            self.knocked.emit(texts if isinstance(texts, list) else [])


def _line(request: dict[str, object]) -> bytes:
    """Names of files may hold bytes that are no characters, which Python has as surrogates."""
    return json.dumps(request, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def _read(line: bytes) -> dict[str, object]:
    """What a visitor says; nothing where it makes no sense."""
    try:
        asked = json.loads(line.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return {}
    return asked if isinstance(asked, dict) else {}


def _take_token(token: object) -> None:
    """Keep what lets us come forward where Qt looks for it."""
    if isinstance(token, str) and token.isascii() and token.isprintable() and token:
        os.environ[_TOKEN] = token
