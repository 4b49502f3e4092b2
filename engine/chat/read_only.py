"""The conversations where nothing can be written: a full disk, a folder or disk that is write-protected.

What there is can be read; whatever is to be written fails with the reason, so the person keeps the words at hand. The
next start tries again to write.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import apsw

from engine.chat import migrations
from engine.chat.beside_log import WithLog
from engine.chat.store import Store
from engine.errors import EngineError

# Codes with which `Store` refuses to open what may still be read.
READABLE = ("disk_full", "store_full", "no_permission", "os_error")

Value = TypeVar("Value")


class ReadOnlyStore(Store):
    """Reads the file as it stands, and what its log holds (`beside_log.py`); without a file it is empty.

    `problem`: why a file that is there cannot be read either; then it is empty, too.
    """

    def __init__(self, path: Path | str, reason: EngineError) -> None:
        self._reason = reason
        self.problem: EngineError | None = None
        self._prepare(Path(path))
        self._file = WithLog(self.path)
        try:
            for chat in self.chats():
                self.messages(chat.id)
                break
        except EngineError as error:
            self.problem = error
            self.close()
            self._prepare(Path(path))

    def close(self) -> None:
        for reader in list(self._readers):
            with suppress(apsw.Error):
                reader.close()

    def _connect(self) -> apsw.Connection:
        if self.problem is None and os.path.isfile(self.path) and os.path.getsize(self.path):
            return self._file.connect()
        connection = apsw.Connection(":memory:")
        migrations.migrate(connection)
        return connection

    def unsalvaged(self) -> list[Path]:
        return []  # nothing could be brought back here

    def _submit(self, write: Callable[[apsw.Connection], Value], room: int = 0) -> Future[Value]:
        future: Future[Any] = Future()
        future.set_exception(self._reason)
        return future
