"""The worker's chat jobs: load a model and keep it, lay adapters over it, answer with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from engine import hardware
from engine.chat.backend import ChatBackend, LoadStoppedError, open_with_progress
from engine.chat.messages import Asked, ChatOptions
from engine.errors import EngineError
from engine.events import Event, Finished
from engine.jobs import JobContext
from engine.library import learned
from engine.runtime.base import placed_adapters


def load(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """Open `model` (with `backend`, `options`, `defaults` and `key`, see `open_with_progress`) in place of what was
    loaded.

    Ends with the facts of `RuntimeInfo`, `memory_bytes`, what this process now holds in main memory, and where it was
    predicted `memory`: the bytes `predicted` and `measured`. Of a provider's model also `remote`: see `RemoteBackend`.
    """
    previous: ChatBackend | None = context.state.pop("backend", None)
    if previous is not None:
        previous.close()  # first: two models may not fit in memory
    options, defaults = params.get("options") or {}, params.get("defaults") or {}
    model, key = params["model"], params.get("key")
    try:
        opened = yield from open_with_progress(
            model, params.get("backend"), defaults=defaults, key=key, cancelled=context.cancelled, **options
        )
    except LoadStoppedError:
        yield Finished("cancelled")
        return
    context.state["backend"] = opened
    stats = asdict(opened.info) | {"memory_bytes": hardware.resident()}
    if opened.remote is not None:
        stats["remote"] = opened.remote
    if opened.memory is not None:
        need, measured = opened.memory
        stats["memory"] = {"predicted": learned.corrected(need).total, "measured": measured}
        if previous is None:  # what another model left in the process would be learned with it
            learned.record(need, measured)
    yield Finished("loaded", stats)


def adapt(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """Lay `adapters`, pairs of a path or a name and a strength, over the loaded model, and no others.

    Raises EngineError `no_model_loaded`, `model_remote`, and changes nothing where an adapter does not fit.
    """
    _loaded(context).set_adapters(placed_adapters(params["adapters"]))
    yield Finished("done", {"adapters": params["adapters"]})


def chat(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """Answer `messages` with the loaded model. Raises EngineError `no_model_loaded`.

    chat, asked: see `Asked`; without them nothing of it is kept.
    """
    asked = Asked(int(params["chat"]), float(params["asked"])) if "chat" in params else None
    options = ChatOptions.from_json(params.get("options") or {})
    yield from _loaded(context).stream(params["messages"], options, context.cancelled, asked)


def _loaded(context: JobContext) -> ChatBackend:
    backend: ChatBackend | None = context.state.get("backend")
    if backend is None:
        raise EngineError("no_model_loaded")
    return backend
