"""Secrets in one encrypted file of ours, `keys.json.enc` in the home, for a computer that has no keyring.

The file is JSON: what the key was derived with (scrypt, RFC 7914), and the secrets under AES-256-GCM, which vouches for
the head, too. What opens it is held in this process's memory until it ends or `close` is called; the passphrase is not.

Opening takes about half a second and 128 MiB: not on the window's thread.
"""

from __future__ import annotations

import base64
import json
import os
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import files, paths
from engine.errors import EngineError

LEAST = 8  # characters of a passphrase
PATIENCE_S = 10.0
_FILE, _LOCK = "keys.json.enc", "keys.lock"
_FORMAT, _VERSION = "seedling keys", 1
_COST, _MOST_COST = 1 << 17, 1 << 20  # scrypt's N; with r = 8 and p = 1 it takes 1 KiB of memory each
_LARGEST_BYTES = 1 << 20

Secrets = dict[str, dict[str, str]]  # by service, then by account


@dataclass(frozen=True, repr=False)
class _Opened:
    """What opens the file, as long as it has this salt. Not shown: it is as good as the passphrase."""

    key: bytes
    salt: bytes
    cost: int


_opened: list[_Opened] = []
_one_at_a_time = threading.RLock()


def exists() -> bool:
    return _path().exists()


def is_open() -> bool:
    return bool(_opened)


def open(passphrase: str) -> None:
    """Open the file, which is made where there is none. Raises EngineError, and then nothing has changed.

    `vault_weak` for a new file, `vault_passphrase`, `vault_damaged`, `vault_busy`.
    """
    with _alone():
        if not exists():
            _write({}, _new(passphrase))
            return
        head = _head()
        opened = _derived(passphrase, head.salt, head.cost)
        _secrets(head, opened)
        _opened[:] = [opened]


def close() -> None:
    """Hold nothing any more that opens the file."""
    _opened.clear()


def change(passphrase: str, new: str) -> None:
    """Another passphrase for the same secrets. Raises EngineError as `open` does, and then nothing has changed."""
    with _alone():
        head = _head()
        secrets = _secrets(head, _derived(passphrase, head.salt, head.cost))
        _write(secrets, _new(new))


def get(service: str, account: str) -> str | None:
    """The secret, or None. Raises EngineError `vault_closed` or `vault_damaged`."""
    with _one_at_a_time:
        return _read().get(service, {}).get(account)


def set(service: str, account: str, secret: str) -> None:
    """Raises EngineError `vault_closed`, `vault_damaged` or `vault_busy`, and OSError."""
    with _alone():
        secrets = _read()
        secrets.setdefault(service, {})[account] = secret
        _write(secrets, _opened[0])


def delete(service: str, account: str) -> bool:
    """Whether there was one. Raises as `set` does."""
    with _alone():
        secrets = _read()
        found = secrets.get(service, {}).pop(account, None) is not None
        if found:
            _write(secrets, _opened[0])
        return found


# --- the file --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Head:
    """The file, not yet decrypted. proof: nothing, encrypted: tells a wrong passphrase from damaged secrets."""

    salt: bytes
    cost: int
    proof_nonce: bytes
    proof: bytes
    nonce: bytes
    data: bytes


def _path() -> Path:
    return paths.home() / _FILE


@contextmanager
def _alone() -> Iterator[None]:
    """No other thread or process writes meanwhile. Raises EngineError `vault_busy`."""
    with _one_at_a_time:
        try:
            with files.exclusive(paths.home() / _LOCK, PATIENCE_S):
                yield
        except TimeoutError as error:
            raise EngineError("vault_busy", str(error)) from None


def _read() -> Secrets:
    """The secrets. Where another process has changed the passphrase since, the file counts as closed."""
    if not _opened or not exists():
        raise EngineError("vault_closed")
    head = _head()
    if head.salt != _opened[0].salt:
        close()
        raise EngineError("vault_closed")
    return _secrets(head, _opened[0])


def _head() -> _Head:
    try:
        with _path().open("rb") as file:
            raw = file.read(_LARGEST_BYTES + 1)
        values: dict[str, Any] = json.loads(raw) if len(raw) <= _LARGEST_BYTES else {}
        if values["format"] != _FORMAT or values["version"] != _VERSION or type(values["cost"]) is not int:
            raise ValueError("another version")
        names = ("proof_nonce", "proof", "nonce", "data")
        head = _Head(_bytes(values["salt"]), values["cost"], *(_bytes(values[name]) for name in names))
        if not 2 <= head.cost <= _MOST_COST or head.cost.bit_count() != 1 or len(head.salt) < 16:
            raise ValueError("a cost or salt that nobody chose")
        return head
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise EngineError("vault_damaged", type(error).__name__, place=str(_path())) from None


def _secrets(head: _Head, opened: _Opened) -> Secrets:
    """Raises EngineError `vault_passphrase` or `vault_damaged`."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher, vouched = AESGCM(opened.key), _vouched(head.salt, head.cost)
    try:
        cipher.decrypt(head.proof_nonce, head.proof, vouched)
    except (InvalidTag, ValueError):
        raise EngineError("vault_passphrase") from None
    try:
        secrets = json.loads(cipher.decrypt(head.nonce, head.data, vouched))
        return {str(service): {str(account): str(s) for account, s in of.items()} for service, of in secrets.items()}
    except (InvalidTag, ValueError, AttributeError, RecursionError) as error:
        raise EngineError("vault_damaged", type(error).__name__, place=str(_path())) from None


def _write(secrets: Secrets, opened: _Opened) -> None:
    """Whole or not at all; afterwards `opened` is what opens it. Every write has nonces of its own."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher, vouched = AESGCM(opened.key), _vouched(opened.salt, opened.cost)
    proof_nonce, nonce = os.urandom(12), os.urandom(12)
    values: dict[str, Any] = {"format": _FORMAT, "version": _VERSION, "cost": opened.cost, "salt": _text(opened.salt)}
    values |= {"proof_nonce": _text(proof_nonce), "proof": _text(cipher.encrypt(proof_nonce, b"", vouched))}
    values |= {"nonce": _text(nonce), "data": _text(cipher.encrypt(nonce, json.dumps(secrets).encode(), vouched))}
    files.write_json(_path(), values)
    _opened[:] = [opened]


def _new(passphrase: str) -> _Opened:
    if len(passphrase) < LEAST:
        raise EngineError("vault_weak", least=LEAST)
    return _derived(passphrase, os.urandom(16), _COST)


def _derived(passphrase: str, salt: bytes, cost: int) -> _Opened:
    """The same letters make the same key, however a keyboard composes them."""
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    letters = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    return _Opened(Scrypt(salt=salt, length=32, n=cost, r=8, p=1).derive(letters), salt, cost)


def _vouched(salt: bytes, cost: int) -> bytes:
    """The head, which GCM authenticates with the secrets."""
    return f"{_FORMAT} {_VERSION} {cost} ".encode() + salt


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
