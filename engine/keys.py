"""Secrets: kept in the system's keyring, or in this process's memory for as long as it runs; never in a file of ours.

A secret is named by the service it is for and an account there. What is raised, logged or shown names these two and
nothing else. The keyring may ask the person for a password, and its daemon may hang, so every call here takes up to
`LIMIT_S` seconds: never call from the window's thread.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from engine.errors import EngineError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

log = logging.getLogger(__name__)

LIMIT_S = 10.0
LONGEST_SECRET = 1000  # the Windows vault holds 1,280 characters

_for_this_run: dict[tuple[str, str], str] = {}
_asked: list[threading.Thread] = []  # the call that the keyring has not answered yet, if there is one
_one_at_a_time = threading.Lock()


def get(service: str, account: str) -> str | None:
    """The secret, or None. Raises EngineError `keyring_none`, `keyring_silent` or `keyring_failed`."""
    known = _for_this_run.get((service, account))
    if known is not None:
        return known
    found = _ask(lambda backend: backend.get_password(_name(service), account))
    return found if isinstance(found, str) and found else None


def set(service: str, account: str, secret: str) -> None:
    """Keep a secret in the keyring. Raises EngineError `secret_unusable`, or as `get` does; then nothing is kept."""
    secret = checked(secret)
    _ask(lambda backend: backend.set_password(_name(service), account, secret))
    _for_this_run.pop((service, account), None)


def set_for_this_run(service: str, account: str, secret: str) -> None:
    """Keep a secret in memory alone. Raises EngineError `secret_unusable`."""
    _for_this_run[(service, account)] = checked(secret)


def delete(service: str, account: str) -> bool:
    """Forget a secret, here and in the keyring; whether there was one. Raises EngineError as `get` does."""
    in_memory = _for_this_run.pop((service, account), None) is not None
    try:
        return bool(_ask(lambda backend: _delete(backend, _name(service), account))) or in_memory
    except EngineError as error:
        if in_memory and error.code == "keyring_none":
            return True
        raise


def checked(secret: str) -> str:
    """A secret as it may stand in a request: without the space around it. Raises EngineError `secret_unusable`."""
    secret = secret.strip()
    if not 0 < len(secret) <= LONGEST_SECRET or not all("!" <= letter <= "~" for letter in secret):
        raise EngineError("secret_unusable", longest=LONGEST_SECRET)
    return secret


def _delete(backend: KeyringBackend, name: str, account: str) -> bool:
    from keyring.errors import PasswordDeleteError

    if backend.get_password(name, account) is None:
        return False
    with contextlib.suppress(PasswordDeleteError):  # gone in the meantime
        backend.delete_password(name, account)
    return True


def _name(service: str) -> str:
    return f"Seedling: {service}"  # as the system's own program for keys lists it


def _ask(question: Callable[[KeyringBackend], object]) -> object:
    """The keyring's answer, from a thread that is left behind when there is none in time."""
    with _one_at_a_time:
        if _asked and _asked[0].is_alive():  # it hangs since the last question
            raise EngineError("keyring_silent", seconds=round(LIMIT_S))
        answers: list[Any] = []
        thread = threading.Thread(target=_answer, args=(question, answers), name="keyring", daemon=True)
        _asked[:] = [thread]
        thread.start()
        thread.join(LIMIT_S)
        if not answers:
            raise EngineError("keyring_silent", seconds=round(LIMIT_S))
    if isinstance(answers[0], EngineError):
        raise answers[0]
    return answers[0]


def _answer(question: Callable[[KeyringBackend], object], answers: list[Any]) -> None:
    """Of a failure only its kind goes on: its text is the backend's, and may hold anything."""
    try:
        answers.append(question(_backend()))
    except EngineError as error:
        answers.append(error)
    except BaseException as error:
        kind = type(error).__name__
        code = "keyring_none" if kind == "NoKeyringError" else "keyring_failed"
        answers.append(EngineError(code, detail=kind, kind=kind))


@cache
def _backend() -> KeyringBackend:
    """The keyring that the person has named to the library, else one of the system's. Raises EngineError.

    Libraries that happen to be installed may bring further ones, among them some that write plain files: those are
    taken only when they are named.
    """
    import keyring.core
    from keyring.backends import fail, null

    keyring.core.init_backend(limit=lambda backend: type(backend).__module__.startswith("keyring.backends."))
    found = keyring.core.get_keyring()
    if isinstance(found, fail.Keyring | null.Keyring):
        raise EngineError("keyring_none")
    log.info("secrets are kept in %s.%s", type(found).__module__, type(found).__qualname__)
    return found
