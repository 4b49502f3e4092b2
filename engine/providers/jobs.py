"""The jobs of providers: looking for servers here, connecting one, and asking those on the list what they have."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlsplit

from engine import keys
from engine.errors import EngineError
from engine.events import Event, Finished, Server
from engine.jobs import JobContext
from engine.library import description
from engine.providers import greeting, probing, provider_keys, provider_list, reach
from engine.providers.base import Provider, RemoteModel
from engine.providers.dialects import open_dialect
from engine.providers.provider_list import Listed


def scan_servers(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """A `Server` without a name for each that answers on this machine. stats: `servers`."""
    found = 0
    for heard in probing.probe():
        if context.cancelled.is_set():
            yield Finished("cancelled")
            return
        found += 1
        details = {"reach": "machine", "needs_key": heard.needs_key, "version": heard.version, "models": []}
        yield Server("", heard.kind, heard.address, None, details)
    yield Finished("done", {"servers": found})


def connect(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `address`, and `kind`, `name`, `key` and `key_place` or nothing. Puts a provider on the list once it has
    said which models it has; keeps no key.

    Yields its `Server`; stats: `name`. Raises EngineError, and then nothing has changed.
    """
    key = keys.checked(params["key"]) if params.get("key") else None
    heard = greeting.recognise(params["address"], key, params.get("kind") or greeting.AUTO)
    wished = params.get("name")
    name = provider_list.checked_name(wished.strip()) if wished else _free_name(heard)
    if name.casefold() in map(str.casefold, provider_list.read()):
        raise EngineError("provider_exists", name=name)
    if heard.needs_key and key is None:
        raise EngineError("provider_key_missing", name=name)
    provider = Provider(name, heard.kind, heard.address, (params.get("key_place") or "") if key else "")
    models = _models_of(provider, key)
    if context.cancelled.is_set():
        yield Finished("cancelled")
        return
    provider_list.add(provider, models)
    yield told(provider_list.find(name))
    yield Finished("done", {"name": name})


def providers(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """A `Server` for each on the list. params: `refresh`, whether those of `names` (None: all) are asked first, with
    `keys`, by their names. One that fails says so as its problem, and keeps the models that it had.
    """
    names, found = params.get("names"), params.get("keys") or {}
    for name, listed in provider_list.read().items():
        if context.cancelled.is_set():
            yield Finished("cancelled")
            return
        if not params.get("refresh") or (names is not None and name not in names):
            yield told(listed)
            continue
        try:
            provider_list.set_models(name, _models_of(listed.provider, found.get(name)))
            yield told(provider_list.find(name))
        except EngineError as error:
            yield told(listed, error)
    yield Finished("done")


def told(listed: Listed, error: EngineError | None = None) -> Server:
    """A provider of the list. error: why it could not be asked; else it may be that it must not be."""
    provider = listed.provider
    if error is None:
        try:
            reach.check_allowed(provider.name, provider.address)
        except EngineError as forbidden:
            error = forbidden
    details = {
        "models": [asdict(model) for model in listed.models],
        "reach": reach.reach(provider.address),
        "key_place": provider.key_place,
        "needs_key": bool(provider.key_place),
        "looked": listed.looked,
        "error": description.told(error),
    }
    return Server(provider.name, provider.kind, provider.address, None if error is None else str(error), details)


def with_key(provider: Provider, secret: str, place: str) -> Provider:
    """Keep the key of a provider that has just been connected, and note where."""
    kept = provider_keys.keep(provider, secret, place)
    provider_list.replace(kept)
    return kept


def _models_of(provider: Provider, key: str | None) -> Sequence[RemoteModel]:
    dialect = open_dialect(provider, key)
    try:
        return [replace(model, provider=provider.name) for model in dialect.models()]
    finally:
        dialect.close()


def _free_name(heard: greeting.Greeting) -> str:
    """The kind of server, or the host where that says more, with a number where it is taken."""
    host = urlsplit(heard.address).hostname or heard.kind
    stem = (host if heard.kind == "compatible" else heard.kind)[: provider_list.LONGEST_NAME - 4]
    taken = set(map(str.casefold, provider_list.read()))
    names = itertools.chain((stem,), (f"{stem} {number}" for number in itertools.count(2)))
    return next(name for name in names if name.casefold() not in taken)
