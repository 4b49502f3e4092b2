"""The tasks of `seedling evaluate`: generators of events, like every job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.chat.backend import open_with_progress
from engine.data import text as texts
from engine.errors import EngineError
from engine.evaluation import card, held_out, likelihood
from engine.events import Event, Finished, Progress, Sample, Started
from engine.jobs import Job, JobContext
from engine.library.models import resolve
from engine.runtime.base import open_runtime

BACKENDS = ("llama", "gpt")
_OTHER_BACKEND = ("folder_needs_gpt", "gguf_needs_llama")


def evaluate_card(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `model`, `backend` (one, "both", or None for those that open it), `seeds` (how many), `data`: the folder
    of the texts the model was trained on, None for build/starter. Yields a Sample for each reply.

    Ends with Finished("done", {"model", "seeds", "temperature", "kinds", "bits_per_byte", "replies"}); see
    `card.shares`, `held_out.compare` and `card.Reply`.
    """
    model, seeds = str(params["model"]), list(range(1, params["seeds"] + 1))
    backends, asked = usable_backends(model, params.get("backend")), card.questions()
    yield Started("evaluate", {"task": "card", "model": model, "backends": backends})
    bits_per_byte = None
    if "gpt" in backends:
        bits_per_byte = yield from held_out.compare(model, params.get("data"), context.cancelled)
    total = len(backends) * len(asked) * len(seeds)
    replies: list[card.Reply] = []
    for name in backends:
        backend = yield from open_with_progress(model, name)
        try:
            for reply in card.ask(backend, asked, seeds, context.cancelled):
                replies.append(reply)
                yield Sample(len(replies), reply.reply)
                yield Progress(len(replies), total, "replies")
        finally:
            backend.close()
    if len(replies) < total:
        yield Finished("cancelled")
        return
    yield Finished(
        "done",
        {
            "model": model,
            "seeds": seeds,
            "temperature": card.TEMPERATURE,
            "kinds": card.shares(replies),
            "bits_per_byte": bits_per_byte,
            "replies": [reply.to_json() for reply in replies],
        },
    )


def evaluate_perplexity(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `model`, `backend` as above, `data`: a text file.

    Ends with Finished("done", {"model", "data", "backends"}): for each backend `documents`, `tokens`, `bytes`,
    `bits_per_byte` and `perplexity`.
    """
    model = str(params["model"])
    if not params.get("data"):
        raise EngineError("usage", reason="Name the text to measure: --data FILE")
    documents, backends = texts.documents(Path(params["data"])), usable_backends(model, params.get("backend"))
    yield Started("evaluate", {"task": "perplexity", "model": model, "backends": backends})
    found = {}
    for name in backends:
        runtime = open_runtime(model, name)
        try:
            total = yield from likelihood.measure(runtime, documents, context.cancelled)
        finally:
            runtime.close()
        if total is None:
            yield Finished("cancelled")
            return
        sizes = {"documents": len(documents), "tokens": total.tokens, "bytes": total.size_bytes}
        found[name] = sizes | {"bits_per_byte": total.bits_per_byte, "perplexity": total.perplexity}
    yield Finished("done", {"model": model, "data": str(params["data"]), "backends": found})


def usable_backends(model: str, asked: str | None) -> list[str]:
    """The backend asked for, "both", or with None those that open this model. Raises EngineError as `resolve` does."""
    wanted = BACKENDS if asked in (None, "both") else (str(asked),)
    found, refused = [], []
    for name in wanted:
        try:
            resolve(model, name)
            found.append(name)
        except EngineError as error:
            if asked is not None or error.code not in _OTHER_BACKEND:
                raise
            refused.append(error)
    if not found:
        raise refused[0]
    return found


def evaluate_classes(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """See `classes.evaluate_classes`."""
    from engine.evaluation import classes  # torch

    return classes.evaluate_classes(params, context)


# Name -> the task, its parameters as in the docstrings.
TASKS: dict[str, Job] = {"card": evaluate_card, "perplexity": evaluate_perplexity, "classify": evaluate_classes}
