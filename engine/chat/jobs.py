"""The worker's chat jobs: load a model and keep it, answer with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from engine import hardware
from engine.chat.backend import ChatBackend, open_with_progress
from engine.chat.messages import ChatOptions
from engine.errors import EngineError
from engine.events import Event, Finished
from engine.jobs import JobContext
from engine.library import learned


def load(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """Open `model` (with `backend` and `options`) in place of what was loaded.

    Ends with the facts of `RuntimeInfo`, `memory_bytes`, what this process now holds in main memory, and where it was
    predicted `memory`: the bytes `predicted` and `measured`.
    """
    previous: ChatBackend | None = context.state.pop("backend", None)
    if previous is not None:
        previous.close()  # first: two models may not fit in memory
    opened = yield from open_with_progress(params["model"], params.get("backend"), **params.get("options") or {})
    context.state["backend"] = opened
    stats = asdict(opened.info) | {"memory_bytes": hardware.resident()}
    if opened.memory is not None:
        need, measured = opened.memory
        stats["memory"] = {"predicted": learned.corrected(need).total, "measured": measured}
        learned.record(need, measured)
    yield Finished("loaded", stats)


def chat(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """Answer `messages` with the loaded model. Raises EngineError `no_model_loaded`."""
    backend: ChatBackend | None = context.state.get("backend")
    if backend is None:
        raise EngineError("no_model_loaded")
    options = ChatOptions.from_json(params.get("options") or {})
    yield from backend.stream(params["messages"], options, context.cancelled)
