"""The job `scan`: what other programs have, as events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.events import Event, Finished, Model
from engine.jobs import JobContext
from engine.library import forms
from engine.library.stores import scan as stores


def scan(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """A `Model` for each one found, told apart from those that cannot be opened. params: `folders` a person named."""
    usable = 0
    for found in stores.scan(params.get("folders", ())):
        if context.cancelled.is_set():
            break
        usable += found.problem is None
        details = {"store": found.store, "size_bytes": found.size_bytes} | ({"note": found.note} if found.note else {})
        backend = forms.BACKENDS[found.kind]
        yield Model(found.name, str(found.path), found.kind, backend, False, found.problem, details)
    yield Finished("cancelled" if context.cancelled.is_set() else "done", {"models": usable})
