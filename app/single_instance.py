"""One window per home: an operating-system lock that dies with its holder, and a door to knock on.

Two windows on one database would take each other's replies for interrupted ones.
"""

from __future__ import annotations

import hashlib
import os

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from engine import files, paths

KNOCK_MS = 1000


class SingleInstance(QObject):
    """`knocked`: another start of Seedling wants this window to come forward."""

    knocked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = "seedling-" + hashlib.sha256(str(paths.home().resolve()).encode()).hexdigest()[:16]
        self._lock: int | None = None
        self._server = QLocalServer(self)
        self._server.newConnection.connect(self._let_in)

    def acquire(self) -> bool:
        """Whether this is the only one. Raises OSError where the home cannot be written."""
        self._lock = files.lock(paths.home() / "window.lock")
        if self._lock is None:
            return False
        QLocalServer.removeServer(self._name)  # ours now: what is there was left by a crash
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.listen(self._name)
        return True

    def knock(self) -> bool:
        """Ask the one that runs to come forward; False if it does not answer."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        answered = socket.waitForConnected(KNOCK_MS)
        socket.disconnectFromServer()
        return answered

    def release(self) -> None:
        self._server.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _let_in(self) -> None:
        while (connection := self._server.nextPendingConnection()) is not None:
            connection.deleteLater()
            self.knocked.emit()
