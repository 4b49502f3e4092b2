"""A runtime's cache as bytes: which model and options it belongs to, the ids in it, and what the runtime keeps.

Layout: magic, length of the header (uint32), header (JSON), ids (int32), payload; integers little-endian.
"""

from __future__ import annotations

import array
import hashlib
import json
import struct
import sys
from collections.abc import Sequence
from typing import Any

from engine.errors import EngineError

_MAGIC = b"SEEDKV01"


def pack(belongs_to: dict[str, Any], ids: Sequence[int], payload: bytes | memoryview) -> bytes:
    """`belongs_to`: whatever must be equal when it is loaded; JSON values."""
    content = _little_endian(array.array("i", ids)).tobytes() + payload
    header = json.dumps(_header(belongs_to, len(ids), content)).encode()
    return _MAGIC + struct.pack("<I", len(header)) + header + content


def unpack(state: bytes, belongs_to: dict[str, Any], most: int) -> tuple[list[int], bytes]:
    """The ids, at most `most`, and the payload. Raises EngineError `bad_state` unless it is whole and belongs."""
    try:
        if state[:8] != _MAGIC:
            raise ValueError("not a state of ours")
        (length,) = struct.unpack_from("<I", state, 8)
        header, content = json.loads(state[12 : 12 + length]), state[12 + length :]
        count = header["ids"]
        if header != _header(belongs_to, count, content):
            raise ValueError("of another model, of other options, or damaged")
        if not 0 <= count <= most:
            raise ValueError(f"{count} tokens for a context of {most}")
        ids = array.array("i", content[: 4 * count])
    except (ValueError, KeyError, TypeError, struct.error, RecursionError) as error:
        raise EngineError("bad_state", str(error)) from None
    return _little_endian(ids).tolist(), content[4 * count :]


def _header(belongs_to: dict[str, Any], count: int, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(f"{count} ids ".encode() + content).hexdigest()
    return {**belongs_to, "ids": count, "sha256": digest}


def _little_endian(ids: array.array[int]) -> array.array[int]:
    if sys.byteorder == "big":
        ids.byteswap()
    return ids
