"""Whether a list of a newer version comes from those who make Seedling: Ed25519 (RFC 8032), by keys this build holds.

A document is the signed line and, beneath it, a line for each signature: `ed25519`, the key's id, 64 bytes in base64.
Several keys count at once, so that a new one can be made known while the old one still signs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.errors import EngineError
from engine.updates import addresses

_MEANT_FOR = b"seedling update 1\n"  # signed before the line, so that a signature of anything else is none of a list
_KIND = b"ed25519"
MOST_SIGNATURES = 8  # that are looked at


def trusted() -> dict[str, Ed25519PublicKey]:
    """Id -> key, of those in `resources/updates.json`. Raises EngineError `update_no_key` where there are none."""
    keys = [Ed25519PublicKey.from_public_bytes(base64.b64decode(text)) for text in addresses.shipped()["keys"]]
    if not keys:
        raise EngineError("update_no_key")
    return {key_id(key): key for key in keys}


def key_id(key: Ed25519PublicKey) -> str:
    """The first 16 hex digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def sign(line: bytes, keys: list[Ed25519PrivateKey]) -> bytes:
    """The whole document. Raises ValueError for a line that has an end in it."""
    if b"\n" in line:
        raise ValueError("one line is signed")
    rows = [line]
    for key in keys:
        signature = base64.b64encode(key.sign(_MEANT_FOR + line))
        rows.append(b" ".join((_KIND, key_id(key.public_key()).encode(), signature)))
    return b"\n".join(rows) + b"\n"


def genuine(document: bytes, keys: Mapping[str, Ed25519PublicKey], host: str) -> bytes:
    """The signed line, which nobody has read until here. Raises EngineError `update_unsigned`."""
    line, _, rest = document.partition(b"\n")
    for row in rest.split(b"\n", MOST_SIGNATURES)[:MOST_SIGNATURES]:
        if _holds(row, line, keys):
            return line
    raise EngineError("update_unsigned", host=host)


def _holds(row: bytes, line: bytes, keys: Mapping[str, Ed25519PublicKey]) -> bool:
    parts = row.split(b" ")
    if len(parts) != 3 or parts[0] != _KIND:
        return False
    key = keys.get(parts[1].decode("ascii", "replace"))
    if key is None:
        return False
    try:
        key.verify(base64.b64decode(parts[2], validate=True), _MEANT_FOR + line)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
