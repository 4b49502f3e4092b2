"""One window per home: an operating-system lock that dies with its holder, and a door to knock on.

Two windows on one database would take each other's replies for interrupted ones.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine import files, paths

if TYPE_CHECKING:  # loaded when the window stands: knocking can wait, typing cannot
    from PySide6.QtNetwork import QLocalServer

KNOCK_MS = 3000  # one that is just starting opens its door late
_AGAIN_S = 0.05


class SingleInstance(QObject):
    """`knocked`: another start of Seedling wants this window to come forward."""

    knocked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock: int | None = None
        self._server: QLocalServer | None = None

    def acquire(self) -> bool:
        """Whether this is the only one, and can be knocked at. Raises OSError where the home cannot be written."""
        taken = self.take()
        if taken:
            self.listen()
        return taken

    def take(self) -> bool:
        """Whether this is the only one. Raises OSError where the home cannot be written."""
        self._lock = files.lock(paths.home() / "window.lock")
        return self._lock is not None

    def listen(self) -> None:
        """Open the door; one who knocks before waits for it."""
        from PySide6.QtNetwork import QLocalServer

        self._server = QLocalServer(self)
        self._server.newConnection.connect(self._let_in)
        QLocalServer.removeServer(_name())  # ours now: what is there was left by a crash
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.listen(_name())

    def knock(self) -> bool:
        """Ask the one that runs to come forward; False if it does not answer."""
        from PySide6.QtNetwork import QLocalSocket

        socket, until = QLocalSocket(), time.monotonic() + KNOCK_MS / 1000
        while True:
            socket.connectToServer(_name())
            answered = socket.waitForConnected(KNOCK_MS)
            if answered or time.monotonic() > until:
                break
            time.sleep(_AGAIN_S)
        socket.disconnectFromServer()
        return answered

    def release(self) -> None:
        if self._server is not None:
            self._server.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _let_in(self) -> None:
        assert self._server is not None
        while (connection := self._server.nextPendingConnection()) is not None:
            connection.deleteLater()
            self.knocked.emit()


def _name() -> str:
    """Of the door of this home."""
    import hashlib

    return "seedling-" + hashlib.sha256(str(paths.home().resolve()).encode()).hexdigest()[:16]
