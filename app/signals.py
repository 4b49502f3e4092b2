"""Ctrl-C in the terminal and the end of a session close the window in good order.

Python runs signal handlers between two of its own instructions, which an idle Qt loop never reaches; the wake-up
descriptor is written in the signal itself, and Qt listens to it.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier


class SignalListener(QObject):
    """Calls `ask_to_end` in the Qt loop when the process is asked to end. One per process."""

    def __init__(self, ask_to_end: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ask_to_end = ask_to_end
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)

    def _read(self) -> None:
        if any(number in (signal.SIGINT, signal.SIGTERM) for number in self._reader.recv(64)):
            self._ask_to_end()
