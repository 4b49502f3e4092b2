"""A database read together with its log, where SQLite cannot: opening a log writes beside it, and here nothing may be.

To SQLite the file looks as if the log had been brought into it: a VFS gives the newer pages in the place of the older
ones. So all that reads goes on through SQLite, and neither file changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import apsw

from engine.chat import pages
from engine.chat.pages import Log


def newer_pages(log: Log | None) -> dict[int, int]:
    """Page -> where its bytes begin in the log. As SQLite does: all that was committed before the first damage."""
    found: dict[int, int] = {}
    begun: dict[int, int] = {}  # of a transaction whose end has not come
    for frame in log.frames if log is not None and log.header_holds else ():
        if not frame.holds:
            break
        begun[frame.page] = frame.offset
        if frame.commit:
            found |= begun
            begun = {}
    return found


class WithLog(apsw.VFS):
    """Opens the database at `path` as it stands with its log; one that may not be read counts as none.

    Other files are the system's own.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._log_path = path, path.with_name(path.name + "-wal")
        log: Log | None = None
        with suppress(OSError):
            log = pages.read_log(self._log_path)
        self._newer = newer_pages(log)
        self._size = log.page_size if log is not None else 0
        self._name = f"seedling-with-log-{id(self)}"
        super().__init__(self._name, "")

    def connect(self) -> apsw.Connection:
        """To be read. Raises apsw.Error."""
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        connection = apsw.Connection(f"{self._path.absolute().as_uri()}?immutable=1", flags=flags, vfs=self._name)
        connection.pragma("temp_store", "MEMORY")  # a long list is sorted on a full disk, too
        return connection

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        if not self._newer or not flags[0] & apsw.SQLITE_OPEN_MAIN_DB:
            return super().xOpen(name, flags)
        return _File(name, flags, open(self._log_path, "rb", buffering=0), self._newer, self._size)


class _File(apsw.VFSFile):
    """The database; `newer`: where its pages of `size` bytes lie in the log."""

    def __init__(
        self,
        name: str | apsw.URIFilename | None,
        flags: list[int],
        log: BinaryIO,
        newer: Mapping[int, int],
        size: int,
    ) -> None:
        super().__init__("", name, flags)
        self._log, self._newer, self._size = log, newer, size

    def xRead(self, amount: int, offset: int) -> bytes:
        """SQLite reads a page, or a part of one."""
        number, within = divmod(offset, self._size)
        place = self._newer.get(number + 1)
        if place is None:
            return super().xRead(amount, offset)
        self._log.seek(place + within)
        return self._log.read(amount)

    def xFileSize(self) -> int:
        return max(super().xFileSize(), max(self._newer) * self._size)

    def xClose(self) -> None:
        self._log.close()
        super().xClose()
