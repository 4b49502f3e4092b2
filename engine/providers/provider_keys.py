"""Where a provider's key is found and kept. A key belongs to an address: another address under the same name has none.

Every function here may wait for the keyring or compute for the encrypted file: never on the window's thread.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace

from engine import keys, vault
from engine.errors import EngineError
from engine.providers import provider_list, reach
from engine.providers.base import Provider

SERVICE = "model provider"  # of `engine.keys`; the account is the provider's origin
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def key(provider: Provider) -> str | None:
    """The provider's key; None where it is connected without one.

    Raises EngineError `provider_key_missing` where it is not where it was kept, `key_variable_empty`,
    `secret_unusable`, and as `keys.get` and `vault.get` do.
    """
    place, account = provider.key_place, reach.origin(provider.address)
    if not place:
        return None
    if place.startswith("env:"):
        return _of_variable(place.removeprefix("env:"))
    found = vault.get(SERVICE, account) if place == "vault" else keys.get(SERVICE, account)
    if found is None:
        raise EngineError("provider_key_missing", name=provider.name)
    return found


def keep(provider: Provider, secret: str, place: str) -> Provider:
    """Keep a key in one of `base.KEY_PLACES`; the provider with that place, for the list.

    Raises EngineError `secret_unusable`, `provider_plain` where the key could be read on its way, and as `keys.set` and
    `vault.set` do. For "env:NAME" the secret is not looked at: the variable has it.
    """
    if place:
        check_private(provider.address)
    account = reach.origin(provider.address)
    if place == "keyring":
        keys.set(SERVICE, account, secret)
    elif place == "run":
        keys.set_for_this_run(SERVICE, account, secret)
    elif place == "vault":
        vault.set(SERVICE, account, keys.checked(secret))
    elif place.startswith("env:"):
        _of_variable(place.removeprefix("env:"))
    return replace(provider, key_place=place)


def forget(provider: Provider) -> None:
    """Delete the provider's key where it is kept, unless a variable has it. Raises as `keys.delete` and `vault.set`."""
    account = reach.origin(provider.address)
    if provider.key_place == "vault":
        vault.delete(SERVICE, account)
    elif provider.key_place in ("keyring", "run"):
        keys.delete(SERVICE, account)


def disconnect(name: str) -> EngineError | None:
    """Take a provider off the list, and forget its key unless another one needs it; why that failed, if it did.

    Raises EngineError `provider_unknown`, and as `provider_list.remove` does; then nothing has changed.
    """
    provider = provider_list.find(name).provider
    provider_list.remove(name)
    if _shared_key(provider) in map(_shared_key, (listed.provider for listed in provider_list.read().values())):
        return None
    try:
        forget(provider)
    except EngineError as error:
        return error
    return None


def _shared_key(provider: Provider) -> tuple[str, str]:
    """What providers with one key have in common: memory and the keyring forget together."""
    place = "keyring" if provider.key_place == "run" else provider.key_place
    return reach.origin(provider.address), place


def check_private(address: str) -> None:
    """Raises EngineError `provider_plain` where a key would cross the internet unencrypted."""
    if address.startswith("http:") and reach.reach(address) == "internet":
        raise EngineError("provider_plain", host=reach.origin(address).removeprefix("http://"))


def _of_variable(name: str) -> str:
    value = os.environ.get(name, "").strip() if _VARIABLE.fullmatch(name) else ""
    if not value:
        raise EngineError("key_variable_empty", name=name)
    return keys.checked(value)
