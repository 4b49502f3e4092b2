"""As whom the hub is asked: the person's token for it, in the keyring or as the hub's own variables have it.

Every function here may wait for the keyring or read files: not on the window's thread.
"""

from __future__ import annotations

import logging
import os
from urllib.parse import urlsplit

from engine import keys
from engine.errors import EngineError

log = logging.getLogger(__name__)

PUBLIC = "https://huggingface.co"

_SERVICE = "model hub"  # of `engine.keys`; the account is the hub's host, so that a token goes where it is from


def host() -> str:
    """What to call the hub in a sentence, and what its token is filed under. Raises EngineError `bad_address`."""
    return urlsplit(_endpoint()).netloc


def page(repo: str, kind: str = "model") -> str:
    """Where people read about a repository. Raises EngineError `bad_address`."""
    return f"{_endpoint()}/{'datasets/' if kind == 'dataset' else ''}{repo}"


def token() -> str | None:
    """The person's token for this hub, or None: the keyring's, else the hub's own (`HF_TOKEN`, or its file).

    The hub's own one belongs to the hub that its variables name; a mirror of the settings only gets the one that was
    set for it. Nothing goes over a line that others can read. Raises EngineError `bad_address`.
    """
    address = _endpoint()
    if not _is_private(address):
        return None
    try:
        if (kept := keys.get(_SERVICE, host())) is not None:
            return kept
    except EngineError as error:
        log.info("the keyring has no token for the hub (%s)", error.code)
    if address != (os.environ.get("HF_ENDPOINT") or PUBLIC).strip().rstrip("/"):
        return None
    from engine.library.download import connection

    try:
        own = connection.token()
        return keys.checked(own) if own else None
    except (EngineError, OSError) as error:
        log.info("the hub's own token cannot be used (%s)", type(error).__name__)
        return None


def token_of_environment() -> str | None:
    """The token in `HF_TOKEN`, which is kept from workers, where it is this hub's. Raises EngineError `bad_address`."""
    own, address = os.environ.get("HF_TOKEN"), _endpoint()
    if not own or not _is_private(address) or address != (os.environ.get("HF_ENDPOINT") or PUBLIC).strip().rstrip("/"):
        return None
    return keys.checked(own)


def set_token(secret: str, this_run: bool = False) -> None:
    """Keep a token for this hub. Raises EngineError as `engine.keys` does, and `hub_plain` where it could be read."""
    if not _is_private(_endpoint()):
        raise EngineError("hub_plain", host=host())
    (keys.set_for_this_run if this_run else keys.set)(_SERVICE, host(), secret)


def delete_token() -> bool:
    """Forget this hub's token; whether there was one. Raises EngineError as `engine.keys` does."""
    return keys.delete(_SERVICE, host())


def _endpoint() -> str:
    from engine.library.download import connection  # which loads the network

    return connection.endpoint()


def _is_private(address: str) -> bool:
    """Whether nobody between here and there reads along: https, or this computer itself."""
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")
