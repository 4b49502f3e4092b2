"""The last list that was believed, kept as it came: what a download goes by, and what no older list may replace."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from engine import files, paths
from engine.errors import EngineError
from engine.phrases import phrase
from engine.updates import fetching, manifest, signature
from engine.updates.manifest import Manifest

_OURS = ("part", "state", "whole", "lock")


def learn(document: bytes, keys: Mapping[str, Ed25519PublicKey], host: str) -> Manifest:
    """What a document that has just come says, once it is to be believed; it is kept then.

    Raises EngineError: `update_unsigned`, `update_strange`, `update_expired`, `update_older`.
    """
    line = signature.genuine(document, keys, host)
    found = manifest.read(line, host)
    check_present(found, host)
    before = _kept(keys)
    # Of two lists with one number nobody can say which is the newer. They may differ in what this version passes over.
    if before is not None and line != before.line and found.number <= before.manifest.number:
        raise EngineError("update_older", host=host, number=found.number, seen=before.manifest.number)
    files.make_folder(paths.updates())
    files.write_bytes(_path(), document)
    return found


def kept(keys: Mapping[str, Ed25519PublicKey]) -> Manifest | None:
    """The list of the last check, verified anew; None where there is none. Raises EngineError `update_expired`."""
    found = _kept(keys)
    if found is None:
        return None
    check_present(found.manifest, phrase("this computer"))
    return found.manifest


def check_present(found: Manifest, host: str) -> None:
    """A list that is held back must not hide forever what came after it. Raises EngineError `update_expired`."""
    if today() > found.expires:
        raise EngineError("update_expired", host=host, date=found.expires.isoformat())


def today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def place(sha256: str, what: str) -> Path:
    """Where a part of a download lies until it is whole."""
    return paths.updates() / f"{sha256}.{what}"


def sweep(sha256: str) -> None:
    """Clear away what was begun of other files, except of those that another process fetches now."""
    begun = [path.name.partition(".") for path in paths.updates().iterdir()]
    for other in {name for name, _, what in begun if len(name) == 64 and what in _OURS} - {sha256}:
        lock = files.lock(place(other, "lock"))
        if lock is None:
            continue
        for what in _OURS[:-1]:  # while it is held: nobody begins meanwhile
            place(other, what).unlink(missing_ok=True)
        os.close(lock)  # Windows deletes no open file
        place(other, _OURS[-1]).unlink(missing_ok=True)


class _Kept(NamedTuple):
    line: bytes  # what was signed
    manifest: Manifest


def _kept(keys: Mapping[str, Ed25519PublicKey]) -> _Kept | None:
    try:
        with open(_path(), "rb") as file:
            document = file.read(fetching.LARGEST_LIST + 1)
        line = signature.genuine(document, keys, "")
        return _Kept(line, manifest.read(line, ""))
    except (OSError, EngineError):  # none yet; or of a key that counts no more
        return None


def _path() -> Path:
    return paths.updates() / "list"
