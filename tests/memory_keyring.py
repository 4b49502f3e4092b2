"""A keyring in memory, and how the real ones fail. `PYTHON_KEYRING_BACKEND=memory_keyring.MemoryKeyring` chooses it."""

from __future__ import annotations

import threading
from typing import ClassVar

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class MemoryKeyring(KeyringBackend):
    """Keeps what it is given until `kept` is emptied."""

    priority: ClassVar[float] = 1  # type: ignore[assignment]
    kept: ClassVar[dict[tuple[str, str], str]] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError(username)


class LockedKeyring(MemoryKeyring):
    """Says no, and more than it should."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("the password hf_canary was refused")

    set_password = delete_password = get_password  # type: ignore[assignment]


class SilentKeyring(MemoryKeyring):
    """Never answers, until `wake` is set."""

    wake: ClassVar[threading.Event] = threading.Event()
    asked: ClassVar[list[str]] = []

    def get_password(self, service: str, username: str) -> str | None:
        self.asked.append(username)
        self.wake.wait(30)
        return "woken"
