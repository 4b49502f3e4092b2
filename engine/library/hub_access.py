"""Which hub is asked, as whom, and whether it may be asked at all.

Cheap to import, but `token` waits for the keyring: not on the window's thread.
"""

from __future__ import annotations

import ipaddress
import logging
import os
from urllib.parse import urlsplit

from engine import keys
from engine.errors import EngineError
from engine.settings import OPTIONS, stored

log = logging.getLogger(__name__)

PUBLIC = "https://huggingface.co"
SERVICE = "model hub"  # of `engine.keys`; the account is the hub's host, so that a token only goes where it is from

_TRUE = ("1", "on", "yes", "true")


def endpoint() -> str:
    """The hub's address without a slash at its end: the setting, else `HF_ENDPOINT`, else huggingface.co.

    Raises EngineError `hub_address` where it is no address.
    """
    chosen = _option("hub_endpoint")
    address = str(chosen or os.environ.get("HF_ENDPOINT") or PUBLIC).strip().rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise EngineError("hub_address", address=address[:200])
    return address


def host() -> str:
    """What to call the hub in a sentence, and what its token is filed under."""
    return urlsplit(endpoint()).netloc


def proxy() -> str | None:
    """The proxy of the settings; None leaves it to the environment (`HTTPS_PROXY`, `NO_PROXY`, ...)."""
    return str(_option("proxy") or "") or None


def check_online() -> None:
    """Raises EngineError `hub_offline` where `HF_HUB_OFFLINE` says that no hub is to be asked."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if os.environ.get(name, "").lower() in _TRUE:
            raise EngineError("hub_offline", variable=name)


def token() -> str | None:
    """The person's token for this hub, or None: the keyring's, else the hub's own (`HF_TOKEN`, or its file).

    The hub's own one belongs to the hub that its variables name; a mirror of the settings only gets the one that was
    set for it. Nothing goes over a line that others can read.
    """
    if not _is_private(endpoint()):
        return None
    try:
        if (kept := keys.get(SERVICE, host())) is not None:
            return kept
    except EngineError as error:
        log.info("the keyring was not asked for the hub's token (%s)", error.code)
    if endpoint() != (os.environ.get("HF_ENDPOINT") or PUBLIC).rstrip("/"):
        return None
    from huggingface_hub import get_token

    try:
        found = get_token()
        return keys.checked(found) if found else None
    except (EngineError, OSError) as error:
        log.info("the hub's own token cannot be used (%s)", type(error).__name__)
        return None


def set_token(secret: str, this_run: bool = False) -> None:
    """Keep a token for this hub. Raises EngineError as `engine.keys` does, and `hub_plain` where it could be read."""
    if not _is_private(endpoint()):
        raise EngineError("hub_plain", host=host())
    (keys.set_for_this_run if this_run else keys.set)(SERVICE, host(), secret)


def delete_token() -> bool:
    """Forget this hub's token; whether there was one. Raises EngineError as `engine.keys` does."""
    return keys.delete(SERVICE, host())


def _is_private(address: str) -> bool:
    """Whether nobody between here and there reads along: https, or this computer itself."""
    parts = urlsplit(address)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _option(name: str) -> object:
    return stored(name) if name in OPTIONS else None
