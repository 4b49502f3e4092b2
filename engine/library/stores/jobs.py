"""The job `scan`: what other programs have, as events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.events import Event, Finished, Model
from engine.jobs import JobContext
from engine.library import forms, model_list
from engine.library.stores import scan as stores


def scan(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """A `Model` for each one found. params: `folders` that a person named.

    details: `store`, `size_bytes`, `listed` (its name in the library, if it is there), `note` (what opening it takes).
    """
    usable, listed = 0, {row.path: name for name, row in model_list.read().items()}
    for found in stores.scan(params.get("folders", ())):
        if context.cancelled.is_set():
            break
        usable += found.problem is None
        details: dict[str, Any] = {"store": found.store, "size_bytes": found.size_bytes}
        details |= {"note": found.note} if found.note else {}
        details |= {"listed": listed[str(found.path)]} if str(found.path) in listed else {}
        backend = forms.BACKENDS[found.kind]
        yield Model(found.name, str(found.path), found.kind, backend, False, found.problem, details)
    yield Finished("cancelled" if context.cancelled.is_set() else "done", {"models": usable})
