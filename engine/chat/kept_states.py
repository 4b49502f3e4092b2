"""What models have made of conversations (their caches of keys and values), kept on disk, so that a chat that is
reopened is not evaluated again. `keeping.py` decides when; this is where.

A file for each chat under the home's cache, for its owner alone, all of them together within a bound: the least
recently used go first. They can be made again, so whatever is wrong with one, it is deleted and nothing is said.

What reads a state, llama.cpp above all, is not made for bytes of strangers. So a file begins with a keyed digest of its
head, in which is the digest of the rest, and only what we have written ourselves is ever handed on.

Layout: digest (32 bytes), length of `about` (uint32), `about` (JSON), and the state as `saved_state.py` has it.
Where a chat or a message of it was deleted, an empty `<chat>.gone` tells when: what a worker is writing just then, or
will write of a reply that was asked for before, is not kept. The next start clears these away.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, TypeVar

from engine import files, hardware, paths, settings
from engine.chat.messages import Asked
from engine.runtime import saved_state
from engine.runtime.saved_state import State

log = logging.getLogger(__name__)

Value = TypeVar("Value")

MOST_BYTES = 1 << 30  # of one state: copying, checking and loading it takes some tenths of a second each
RESERVE_BYTES = 1_000_000_000  # a disk with less free than that is nearly full, and gets nothing
SHARE = 20  # all states together take at most this part of the free disk

_VERSION = b"Seedling kept state 1"
_DIGEST_BYTES = 32
_MOST_HEAD_BYTES = 1 << 16
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True)
class Kept:
    """What there is of a chat, as far as it takes to decide about it. about: what was said of it when it was kept."""

    about: dict[str, Any]
    belongs_to: dict[str, Any]
    ids: list[int]
    size: int


class _AbandonedError(Exception):
    """Nobody wants it any more."""


def folder() -> Path:
    return paths.cache() / "states"


# --- one chat --------------------------------------------------------------------------------------------------------


def keep(asked: Asked, about: Mapping[str, Any], state: State, stopped: threading.Event | None = None) -> bool:
    """Keep it in the place of what there is, whole or not at all; whether it is kept.

    It is not where there is no room, where it is `stopped`, and where something was deleted since it was asked for.
    """
    chat = asked.chat
    path, parts = _path(chat), state.parts(stopped)
    try:
        _make_folder()
        head = next(parts, None)
        if head is None or not _make_room(len(state.payload) + 4 * len(state.ids), path):
            return False
        said = json.dumps(dict(about)).encode()
        with files.whole_file(path) as partial:
            with open(partial, "wb", opener=_private) as file:
                file.write(_digest(chat, said, bytes(head)) + _LENGTH.pack(len(said)) + said + head)
                for part in parts:
                    if _is_gone(asked):
                        raise _AbandonedError
                    file.write(part)
            if stopped is not None and stopped.is_set():
                raise _AbandonedError
        if _is_gone(asked):  # in this very moment
            void(chat)
            return False
    except _AbandonedError:
        return False
    except OSError as error:
        log.info("a state was not kept: %s", error.strerror)
        return False
    return True


def look(chat: int) -> Kept | None:
    """What is kept of this chat. The ids are checked when it is taken."""

    def read(found: _Opened) -> Kept:
        belongs_to, count = saved_state.read_head(found.head)
        ids = saved_state.read_ids(_read(found.file, 4 * count, found.rest))
        return Kept(found.about, belongs_to, ids, found.rest)

    return _of(chat, read)


def take(chat: int, stopped: threading.Event | None = None) -> memoryview | None:
    """The state that is kept of this chat, for `Runtime.load_state`, which sees whether it is whole; used just now.

    None where there is none, and where it is `stopped`.
    """

    def read(found: _Opened) -> memoryview | None:
        length = len(found.head)
        state = memoryview(bytearray(length + found.rest))
        state[:length] = found.head
        for part in saved_state.slices(state[length:], stopped):
            if found.file.readinto(part) != len(part):
                raise ValueError("cut short")
        if stopped is not None and stopped.is_set():
            return None
        os.utime(_path(chat))
        return state

    return _of(chat, read)


def is_kept(chat: int) -> bool:
    return _path(chat).exists()


def void(chat: int) -> None:
    """Delete what is kept of a chat; a later state may be kept."""
    with suppress(OSError):
        _path(chat).unlink(missing_ok=True)


def forget(chat: int) -> None:
    """Delete what is kept of a chat that is deleted, or a message of it; nothing that was asked for before is kept."""
    now, mark = time.time_ns(), _mark(chat)
    with suppress(OSError):
        _make_folder()
        mark.touch(0o600)
        os.utime(mark, ns=(now, now))  # the system's own time of a file may be some milliseconds behind
    void(chat)


# --- all of them -----------------------------------------------------------------------------------------------------


def bound() -> int:
    """How many bytes all states together may take now."""
    chosen = settings.stored("kept_states_gb")
    try:
        free = hardware.disk_free(folder())
    except OSError:  # nobody knows
        return 0
    if free < RESERVE_BYTES or not isinstance(chosen, int):
        return 0
    return min(chosen * 10**9, (free + measure()[1]) // SHARE)


def has_room(size: int) -> bool:
    """Whether a state of so many bytes may be kept."""
    return size <= min(MOST_BYTES, bound())


def trim() -> None:
    """Delete the least recently used until the rest is within the bound."""
    _evict(bound(), keep=None)


def sweep(chats: Callable[[], Iterable[int]]) -> None:
    """Delete the states of chats that are gone, and what killed processes left. `chats` tells which there are."""
    there = _all("*.state") + _all("*.gone")
    names = {f"{chat}.state" for chat in chats()}  # asked after: a chat made meanwhile is none of `there`
    for path in there:
        if path.name not in names:
            _delete(path)
    files.sweep(folder())
    trim()


def clear() -> int:
    """Delete all states; how many bytes they took."""
    _, size = measure()
    for path in _all("*.state"):
        _delete(path)
    return size


def measure() -> tuple[int, int]:
    """How many states there are, and their bytes."""
    sizes = [size for _, size, _ in _listed()]
    return len(sizes), sum(sizes)


# --- files -----------------------------------------------------------------------------------------------------------


def _path(chat: int) -> Path:
    return folder() / f"{int(chat)}.state"


def _mark(chat: int) -> Path:
    return folder() / f"{int(chat)}.gone"


def _is_gone(asked: Asked) -> bool:
    """Whether the chat, or something in it, was deleted since the reply was asked for."""
    try:
        return _mark(asked.chat).stat().st_mtime >= asked.at
    except OSError:
        return False


def _make_folder() -> None:
    place = folder()
    if not place.is_dir():
        files.make_folder(place.parent)
        place.mkdir(mode=0o700, exist_ok=True)
        files.flush_folder(place.parent)
    if os.name == "posix" and stat.S_IMODE(place.stat().st_mode) != 0o700:
        place.chmod(0o700)


def _private(path: str, flags: int) -> int:
    """Opens for `open`: made for us alone, no link followed, and no pipe waited for."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0), 0o600)


def _all(pattern: str) -> list[Path]:
    return list(folder().glob(pattern))


def _listed() -> list[tuple[int, int, Path]]:
    """When each was last used, and its bytes; the least recently used first."""
    found = []
    for path in _all("*.state"):
        with suppress(OSError):  # deleted meanwhile
            status = path.lstat()
            found.append((status.st_mtime_ns, status.st_size, path))
    return sorted(found)


def _make_room(size: int, path: Path) -> bool:
    if not has_room(size):
        return False
    _evict(bound() - size, keep=path)
    return True


def _evict(limit: int, keep: Path | None) -> None:
    """keep: this one is about to be replaced, and counts for nothing."""
    others = [found for found in _listed() if found[2] != keep]
    total = sum(size for _, size, _ in others)
    for _, size, path in others:
        if total <= limit:
            return
        _delete(path)
        total -= size


def _delete(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


# --- trust -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Opened:
    """A file whose head we have written. file: where the rest of the state begins; rest: how many bytes that is."""

    about: dict[str, Any]
    head: bytes
    file: BufferedReader
    rest: int


def _of(chat: int, read: Callable[[_Opened], Value]) -> Value | None:
    """What `read` makes of a chat's file; None where there is none, or anything is wrong with it, which is its end."""
    try:
        with open(_path(chat), "rb", opener=_private) as file:
            return read(_checked(chat, file))
    except (FileNotFoundError, MemoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        log.info("a kept state is of no use, and is deleted: %s", type(error).__name__)
        void(chat)
        return None


def _checked(chat: int, file: BufferedReader) -> _Opened:
    """Raises ValueError unless we have written the head."""
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES + _MOST_HEAD_BYTES:
        raise ValueError("nothing that we write")
    digest = _read(file, _DIGEST_BYTES)
    (length,) = _LENGTH.unpack(_read(file, _LENGTH.size))
    about = _read(file, length)
    head = _read(file, saved_state.PREFIX_BYTES)
    head += _read(file, saved_state.head_length(head) - len(head))
    if not _vouches(digest, chat, about, head):
        raise ValueError("not written by us")
    return _Opened(json.loads(about), head, file, status.st_size - file.tell())


def _read(file: BufferedReader, count: int, most: int = _MOST_HEAD_BYTES) -> bytes:
    """Exactly so many bytes. Raises ValueError where there are fewer, or where they are more than there can be."""
    if not 0 <= count <= most:
        raise ValueError("longer than it can be")
    data = file.read(count)
    if len(data) != count:
        raise ValueError("cut short")
    return data


def _digest(chat: int, about: bytes, head: bytes) -> bytes:
    return hmac.digest(_key(), _VERSION + struct.pack("<qI", chat, len(about)) + about + head, "sha256")


def _vouches(digest: bytes, chat: int, about: bytes, head: bytes) -> bool:
    return hmac.compare_digest(digest, _digest(chat, about, head))


def _key() -> bytes:
    """Of this home, made when it is first needed. What it has vouched for is worth nothing to another one."""
    path = folder() / "key"
    with suppress(OSError), open(path, "rb", opener=_private) as file:
        key = file.read(_DIGEST_BYTES + 1)
        if len(key) == _DIGEST_BYTES:
            return key
    key = os.urandom(_DIGEST_BYTES)
    with files.whole_file(path) as partial, open(partial, "wb", opener=_private) as file:
        file.write(key)
    return key
