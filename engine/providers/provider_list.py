"""The list of connected providers and of the models they had when they were last asked: `providers.json` in the home.

Only here is it read and written; the window and the command line both do. What a newer version put into it, beside what
this one knows, stays. No key is ever in it, only where one is kept.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from engine import files, paths
from engine.errors import EngineError
from engine.providers import reach, streams
from engine.providers.base import KEY_PLACES, KINDS, Provider, RemoteModel

log = logging.getLogger(__name__)

LONGEST_NAME = 40
MOST_MODELS = 5000  # of one provider; the largest ones have some hundreds
PATIENCE_S = 10.0  # writing takes milliseconds
_FILE, _LOCK = "providers.json", "providers.lock"
_LARGEST_BYTES = 32 << 20


@dataclass(frozen=True)
class Listed:
    """A provider on the list. looked: when it was last asked for its models, in seconds since 1970.

    more: keys of newer versions.
    """

    provider: Provider
    models: tuple[RemoteModel, ...] = ()
    looked: float = 0.0
    more: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        models = [asdict(model) for model in self.models]
        for model in models:
            del model["provider"]
        return asdict(self.provider) | {"looked": self.looked, "models": models} | self.more


def read() -> dict[str, Listed]:
    """The providers by their names, in order. A list that cannot be read is moved aside, so that nothing is lost."""
    try:
        return _rows(_document())
    except OSError as error:
        log.warning("the list of servers cannot be read: %s", error)
        return {}


def key_variables() -> list[str]:
    """The environment variables that hold keys."""
    places = (listed.provider.key_place for listed in read().values())
    return [place.removeprefix("env:") for place in places if place.startswith("env:")]


def find(name: str) -> Listed:
    """Raises EngineError `provider_unknown`."""
    return _listed(read(), name)


def add(provider: Provider, models: Sequence[RemoteModel] = ()) -> None:
    """Raises EngineError `provider_exists`, `provider_bad_name` or `provider_bad_address`; then nothing changes."""
    name = _checked(provider).name
    with _changing() as rows:
        if any(name.casefold() == other.casefold() for other in rows):
            raise EngineError("provider_exists", name=name)
        rows[name] = Listed(provider, _kept(models), time.time())


def replace(provider: Provider) -> None:
    """Another address, kind or place of the key for a name on the list.

    Raises EngineError `provider_unknown` or `provider_bad_address`; then nothing changes.
    """
    with _changing() as rows:
        rows[_checked(provider).name] = dataclasses.replace(_listed(rows, provider.name), provider=provider)


def set_models(name: str, models: Sequence[RemoteModel]) -> None:
    """What the provider says now that it has. Raises EngineError `provider_unknown`."""
    with _changing() as rows:
        rows[name] = dataclasses.replace(_listed(rows, name), models=_kept(models), looked=time.time())


def remove(name: str) -> None:
    """Raises EngineError `provider_unknown`. Its key is `provider_keys.forget`'s."""
    with _changing() as rows:
        _listed(rows, name)
        del rows[name]


def checked_name(name: str) -> str:
    """A name as it may stand before a slash. Raises EngineError `provider_bad_name`."""
    if not 0 < len(name) <= LONGEST_NAME or name != name.strip() or "/" in name or not name.isprintable():
        raise EngineError("provider_bad_name", longest=LONGEST_NAME)
    return name


def _checked(provider: Provider) -> Provider:
    checked_name(provider.name)
    if provider.address != reach.checked(provider.address):
        raise EngineError("provider_bad_address", address=streams.clean(provider.address))
    return provider


def _kept(models: Sequence[RemoteModel]) -> tuple[RemoteModel, ...]:
    """As many of a provider's models as can be shown, under names that can be written."""
    return tuple(dataclasses.replace(model, id=streams.clean(model.id)) for model in models[:MOST_MODELS])


def _listed(rows: dict[str, Listed], name: str) -> Listed:
    if name not in rows:
        raise EngineError("provider_unknown", name=name)
    return rows[name]


@contextmanager
def _changing() -> Iterator[dict[str, Listed]]:
    """The rows, written at the end where they changed. Raises EngineError `provider_list_busy`, and OSError."""
    try:
        with files.exclusive(paths.home() / _LOCK, PATIENCE_S):
            document = _document()
            rows = _rows(document)
            before = list(rows.values())
            yield rows
            if list(rows.values()) != before:
                written = document | {"providers": [row.to_json() for row in rows.values()] + _of_newer(document)}
                files.write_json(paths.home() / _FILE, written)
    except TimeoutError as error:
        raise EngineError("provider_list_busy", str(error)) from None


def _document() -> dict[str, Any]:
    """What the file holds, with rows that are rows; {} where there is none. Raises OSError."""
    path = paths.home() / _FILE
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ValueError("too large")
        document = dict(json.loads(path.read_bytes()).items())
        _rows(document)
        return document
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, EngineError) as error:
        kind = type(error).__name__
        log.warning("the list of servers is damaged (%s); it was moved to %s", kind, files.set_aside(path))
        return {}


def _rows(document: dict[str, Any]) -> dict[str, Listed]:
    rows = [_row(dict(row)) for row in document.get("providers", []) if _is_known(row)]
    return {row.provider.name: row for row in rows}


def _of_newer(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows that only a newer version can read."""
    return [row for row in document.get("providers", []) if not _is_known(row)]


def _is_known(row: dict[str, Any]) -> bool:
    place = row.get("key_place", "")
    return row["kind"] in KINDS and (place in KEY_PLACES or str(place).startswith("env:"))


def _row(values: dict[str, Any]) -> Listed:
    """Raises ValueError, KeyError, TypeError or EngineError for what this program did not write."""
    name, kind = checked_name(str(values.pop("name"))), str(values.pop("kind"))
    address, place = reach.checked(str(values.pop("address"))), str(values.pop("key_place", ""))
    looked, models = float(values.pop("looked", 0.0)), values.pop("models", [])
    return Listed(Provider(name, kind, address, place), tuple(_model(name, model) for model in models), looked, values)


def _model(provider: str, values: dict[str, Any]) -> RemoteModel:
    return RemoteModel(
        provider,
        str(values["id"]),
        context=streams.whole(values, "context"),
        parameters=streams.whole(values, "parameters"),
        size_bytes=streams.whole(values, "size_bytes"),
        quantization=streams.text(values, "quantization"),
        capabilities=tuple(map(str, streams.items(values, "capabilities"))),
        loaded=streams.flag(values, "loaded"),
        leaves=values.get("leaves", False) is not False,  # in doubt it does
    )
