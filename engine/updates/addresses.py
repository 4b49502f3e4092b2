"""Where newer versions are listed, and which addresses are asked at all."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from engine import paths, settings
from engine.errors import EngineError
from engine.runtime.gguf_header import shown

LONGEST = 500  # characters of an address
_HERE = ("127.0.0.1", "::1", "localhost")


def shipped() -> dict[str, Any]:
    """What this build was given: `address`, empty until there is one, and `keys`; see `signature.trusted`."""
    data: dict[str, Any] = json.loads(paths.resource("updates.json").read_bytes())
    return data


def address() -> str:
    """The person's own address, else the shipped one.

    Raises EngineError `update_no_address` where there is none, `update_insecure` where others could write what it says.
    """
    found = str(settings.stored("update_address") or "").strip() or str(shipped()["address"])
    if not found:
        raise EngineError("update_no_address")
    if not may_be_asked(found):
        raise EngineError("update_insecure", address=shown(found, LONGEST))
    return found


def may_be_asked(address: str) -> bool:
    """Whether this is https, or http on this very computer, without a name or a password in it."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or port == 0 or "@" in parts.netloc or len(address) > LONGEST or not address.isascii():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _HERE)
