"""The beginning of a file on its way here: its bytes, and beside them how far they can be trusted.

The state is one JSON object a line. The first says which content this is; each further one that the first `at` bytes
have this running hash. Whoever goes on reads the part back, which costs half a second a gigabyte, and goes on behind
the last line that holds: after a kill that loses less than a note's distance, after a power cut what the disk lost.
(hashlib cannot save its state, and a hash that began anew could not find what the disk did.)
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine import files

NOTE_BYTES = 4 << 20  # between two lines of the state
_NOTES_PER_FLUSH = 4  # so a power cut loses no more than 16 MB
_READ_BYTES = 1 << 20
_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)  # a link under our name is not ours


class Part:
    """Bytes 0 to `at` of a blob, hashed. Only `recover` may come before the first `write`."""

    def __init__(self, path: Path, state: Path, blob: str, size: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.blob, self.size = path, blob, size
        self.at = 0
        self.etag = ""  # of the server that sent these bytes
        self._state = state
        self._noted = self._flushed = 0
        self._hash = fresh_hash(self.blob, self.size)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _FLAGS, 0o644)
        self._file = open(descriptor, "r+b", buffering=0)  # noqa: SIM115 (closed by `close`)

    def close(self) -> None:
        self._file.close()

    def recover(self) -> Iterator[int]:
        """Read back what an earlier process left, yielding the bytes read so far; then `at` is where to go on."""
        etag, notes = self._read_state()
        good, good_hash = 0, fresh_hash(self.blob, self.size)
        for number, (at, digest) in enumerate(notes):
            while self.at < at and (data := self._file.read(min(_READ_BYTES, at - self.at))):
                self._hash.update(data)
                self.at += len(data)
                yield self.at
            if self.at != at or self._hash.hexdigest() != digest:
                notes = notes[:number]
                break
            good, good_hash = at, self._hash.copy()
        self._begin(good, good_hash, etag if good else "", notes)

    def restart(self, etag: str = "") -> None:
        """Forget every byte; what comes is sent under this ETag."""
        self._begin(0, fresh_hash(self.blob, self.size), etag, [])

    def write(self, pieces: list[bytes]) -> None:
        """Take the next bytes. Raises OSError; then the part is good for nothing but being recovered."""
        for piece in pieces:
            self._hash.update(piece)
            view = memoryview(piece)
            while view:
                taken = self._file.write(view)
                self.at += taken
                view = view[taken:]
        if self.at - self._noted >= NOTE_BYTES:
            self._note()

    def pause(self) -> None:
        """Note all that is here, so that nothing of it is fetched again."""
        if self.at > self._noted:
            self._note()

    def is_right(self) -> bool:
        """Whether this is the whole content that the hub promised."""
        return self.at == self.size and self._hash.hexdigest() == self.blob

    def place(self, blob: Path) -> None:
        """Give the whole part its final name, after every byte has reached the disk; the state goes."""
        files.sync(self._file.fileno())
        self.close()  # Windows renames no open file
        files.rename(self.path, blob)
        self._state.unlink(missing_ok=True)

    def remove(self) -> None:
        self.close()
        self.path.unlink(missing_ok=True)
        self._state.unlink(missing_ok=True)

    def _begin(self, at: int, hash: Any, etag: str, notes: list[tuple[int, str]]) -> None:
        """Go on behind `at`. The state is replaced first, so that at no instant it promises more than there is."""
        lines = [{"blob": self.blob, "size": self.size, "etag": etag}]
        lines += [{"at": end, "hash": digest} for end, digest in notes]
        files.write_bytes(self._state, b"".join(map(_line, lines)))
        self._file.truncate(at)
        self._file.seek(at)
        self.at = self._noted = self._flushed = at
        self._hash, self.etag = hash, etag

    def _note(self) -> None:
        if self.at - self._flushed >= _NOTES_PER_FLUSH * NOTE_BYTES:
            files.sync(self._file.fileno())
            self._flushed = self.at
        with open(self._state, "ab") as state:
            state.write(_line({"at": self.at, "hash": self._hash.hexdigest()}))
        self._noted = self.at

    def _read_state(self) -> tuple[str, list[tuple[int, str]]]:
        """The ETag and the notes in order; nothing where the state is missing or about another content."""
        notes: list[tuple[int, str]] = []
        try:
            first, *lines = self._state.read_bytes().splitlines() or [b""]
            about = json.loads(first)
            etag, content = str(about["etag"]), (about["blob"], about["size"])
        except (FileNotFoundError, ValueError, KeyError, TypeError, RecursionError):
            return "", []
        for line in lines:
            try:
                note = json.loads(line)
                at, digest = int(note["at"]), str(note["hash"])
            except (ValueError, KeyError, TypeError):
                break  # it was being written when the process was killed
            if at > (notes[-1][0] if notes else 0):
                notes.append((at, digest))
        return (etag, notes) if content == (self.blob, self.size) else ("", [])


def fresh_hash(blob: str, size: int) -> Any:
    """SHA-256 of the content, or what git calls a small file: SHA-1 of a header and the content."""
    return hashlib.sha256() if len(blob) == 64 else hashlib.sha1(b"blob %d\0" % size)


def hashed(path: Path, digest: Any) -> Iterator[int]:
    """Take a whole file into `digest`, yielding the bytes read so far. Raises OSError."""
    with open(path, "rb") as file:
        while data := file.read(_READ_BYTES):
            digest.update(data)
            yield file.tell()


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data).encode() + b"\n"
