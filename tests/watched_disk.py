"""A disk of our own under SQLite: it records what is written and flushed, and is full or dies at a chosen write."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512


class Disk(apsw.VFS):
    """The system's disk, except that `log` says what happened, and that after `writes_left` writes it is full.

    deadly: the process is killed then.
    """

    base = apsw.vfs_names()[0]

    def __init__(self) -> None:
        self.log: list[tuple[Any, ...]] = []
        self.writes_left: int | None = None
        self.deadly = False
        super().__init__("disk", self.base, makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        return DiskFile(self, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:
        self.log.append(("delete", Path(name).name))
        super().xDelete(name, sync)

    def count_a_write(self) -> None:
        if self.writes_left is not None:
            if self.writes_left == 0:
                if self.deadly:
                    os.kill(os.getpid(), signal.SIGKILL)
                raise apsw.FullError("database or disk is full")
            self.writes_left -= 1


class DiskFile(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__(Disk.base, name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self.disk, self.name = disk, Path(path or "temporary").name

    def xWrite(self, data: bytes, offset: int) -> None:
        self.disk.count_a_write()
        self.disk.log.append(("write", self.name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:
        self.disk.log.append(("truncate", self.name, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self.disk.log.append(("sync", self.name))


@contextmanager
def watched_disk() -> Iterator[Disk]:
    disk = Disk()
    try:
        yield disk
    finally:
        disk.unregister()


def files_after(log: list[tuple[Any, ...]], chance: random.Random) -> dict[str, bytes]:
    """The files a power cut leaves: all that was flushed, and of the rest what chance lets through.

    What was not flushed may be there or not, in part, sector by sector, and in any order.
    """
    flushed: dict[str, bytearray] = {}
    waiting: dict[str, list[tuple[Any, ...]]] = {}
    for entry in log:
        match entry:
            case ("write" | "truncate", name, *_):
                waiting.setdefault(name, []).append(entry)
            case "sync", name:
                image = flushed.setdefault(name, bytearray())
                for change in waiting.pop(name, []):
                    _apply(image, change)
            case "delete", name:
                flushed.pop(name, None)
                waiting.pop(name, None)
    for name, changes in waiting.items():
        image = flushed.setdefault(name, bytearray())
        chance.shuffle(changes)
        for change in changes:
            match chance.randrange(3):
                case 0:
                    _apply(image, change)
                case 1 if change[0] == "write":
                    _, _, offset, data = change
                    for at in range(0, len(data), SECTOR):
                        if chance.random() < 0.5:
                            _apply(image, ("write", name, offset + at, data[at : at + SECTOR]))
    return {name: bytes(image) for name, image in flushed.items()}


def _apply(image: bytearray, change: tuple[Any, ...]) -> None:
    match change:
        case "write", _, offset, data:
            image.extend(b"\0" * (offset - len(image)))
            image[offset : offset + len(data)] = data
        case "truncate", _, size:
            del image[size:]
