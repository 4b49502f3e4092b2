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
_MOST_BYTES = 2000
_TOKEN = "XDG_ACTIVATION_TOKEN"  # of Wayland: who has it may come forward (xdg-activation-v1); Qt looks for it there

log = logging.getLogger(__name__)


class SingleInstance(QObject):
    """`knocked`: another start of Seedling wants this window to come forward."""

    knocked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock: int | None = None
        self._server: QLocalServer | None = None

    @cached_property
    def _name(self) -> str:
        """Of the door of this home."""
        import hashlib

        return "seedling-" + hashlib.sha256(os.fsencode(paths.home().resolve())).hexdigest()[:16]

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
            self._server.listen(self._name)

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
        socket.write(json.dumps({"token": os.environ.get(_TOKEN, "")}).encode() + b"\n")
        socket.flush()
        heard = b""
        while len(heard) < len(_HERE) and socket.waitForReadyRead(patience_ms):  # ends when the other one does
            heard += bytes(socket.readAll().data())
        socket.abort()
        return heard == _HERE

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
            _take_token(bytes(connection.readLine().data()))
            connection.write(_HERE)
            connection.flush()
            self.knocked.emit()


def _take_token(line: bytes) -> None:
    """Keep what lets us come forward where Qt looks for it."""
    try:
        token = json.loads(line)["token"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return
    if isinstance(token, str) and token.isascii() and token.isprintable() and token:
        os.environ[_TOKEN] = token
