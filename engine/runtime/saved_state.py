"""A runtime's cache as bytes: which model and options it belongs to, the ids in it, and what the runtime keeps.

Layout: magic, length of the header (uint32), header (JSON), ids (int32), payload; integers little-endian. The header
has the SHA-256 of what follows it, so who vouches for the header vouches for all of it.
"""

from __future__ import annotations

import array
import hashlib
import json
import struct
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import EngineError

SLICE_BYTES = 8 << 20  # between two looks at whether to go on: some milliseconds of hashing, reading or writing

_MAGIC = b"SEEDKV01"
_PREFIX = struct.Struct("<8sI")
PREFIX_BYTES = _PREFIX.size  # in which the length of the head is told


@dataclass(frozen=True)
class Held:
    """What a runtime's cache holds now. size: bytes that a state of it would have. goes_back: whether it can be cut
    back to any prefix. belongs_to: whatever must be equal where a state of it is loaded; JSON values.
    """

    ids: Sequence[int]
    belongs_to: Mapping[str, Any]
    size: int
    goes_back: bool = True


@dataclass(frozen=True)
class State:
    """A copy of a cache, which stays as it is while the runtime goes on."""

    belongs_to: Mapping[str, Any]
    ids: Sequence[int]
    payload: bytes | memoryview

    def parts(self, stopped: threading.Event | None = None) -> Iterator[bytes | memoryview]:
        """All of it: the header, then the rest in slices. Ends before the header, or early, where it is `stopped`."""
        ids = _little_endian(array.array("i", self.ids)).tobytes()
        header = _header(self.belongs_to, len(self.ids), [ids, self.payload], stopped)
        if header is None:
            return
        text = json.dumps(header).encode()
        yield _PREFIX.pack(_MAGIC, len(text)) + text
        for part in (ids, self.payload):
            yield from slices(part, stopped)


def pack(belongs_to: Mapping[str, Any], ids: Sequence[int], payload: bytes | memoryview) -> bytes:
    return b"".join(State(belongs_to, ids, payload).parts())


def head_length(beginning: bytes) -> int:
    """How many bytes stand before the ids, by the first `PREFIX_BYTES`. Raises ValueError for no state of ours."""
    if len(beginning) < _PREFIX.size:
        raise ValueError("too short")
    magic, length = _PREFIX.unpack_from(beginning)
    if magic != _MAGIC:
        raise ValueError("not a state of ours")
    return int(_PREFIX.size + length)


def read_head(head: bytes | memoryview) -> tuple[dict[str, Any], int]:
    """What it belongs to, and how many ids there are. Raises ValueError, KeyError, TypeError or RecursionError."""
    header = json.loads(bytes(head[_PREFIX.size :]))
    return {name: value for name, value in header.items() if name not in ("ids", "sha256")}, header["ids"]


def read_ids(content: bytes | memoryview) -> list[int]:
    return _little_endian(array.array("i", bytes(content))).tolist()


def unpack(
    state: bytes | memoryview, belongs_to: Mapping[str, Any], most: int, stopped: threading.Event | None = None
) -> tuple[list[int], memoryview] | None:
    """The ids, at most `most`, and the payload; None where it is `stopped`.

    Raises EngineError `bad_state` unless it is whole and belongs.
    """
    state = memoryview(state)
    try:
        start = head_length(bytes(state[: _PREFIX.size]))
        header, content = json.loads(bytes(state[_PREFIX.size : start])), state[start:]
        count = header["ids"]
        expected = _header(belongs_to, count, [content], stopped)
        if expected is None:
            return None
        if header != expected:
            raise ValueError("of another model, of other options, or damaged")
        if not 0 <= count <= most:
            raise ValueError(f"{count} tokens for a context of {most}")
        return read_ids(content[: 4 * count]), content[4 * count :]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise EngineError("bad_state", str(error)) from None


def slices(content: bytes | memoryview, stopped: threading.Event | None = None) -> Iterator[memoryview]:
    view = memoryview(content)
    for start in range(0, len(view), SLICE_BYTES):
        if stopped is not None and stopped.is_set():
            return
        yield view[start : start + SLICE_BYTES]


def _header(
    belongs_to: Mapping[str, Any],
    count: int,
    contents: Sequence[bytes | memoryview],
    stopped: threading.Event | None,
) -> dict[str, Any] | None:
    digest = hashlib.sha256(f"{count} ids ".encode())
    for content in contents:
        for part in slices(content, stopped):
            digest.update(part)
    if stopped is not None and stopped.is_set():
        return None
    return {**belongs_to, "ids": count, "sha256": digest.hexdigest()}


def _little_endian(ids: array.array[int]) -> array.array[int]:
    if sys.byteorder == "big":
        ids.byteswap()
    return ids
