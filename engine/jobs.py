"""Jobs: generators of events, the same for worker, command line and tests.

A job is a function `job(params, context) -> Iterator[Event]`. It may raise `EngineError`; `run`
turns whatever happens into exactly one terminal event.
"""

from __future__ import annotations

import importlib
import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.errors import EngineError, from_os_error
from engine.events import TERMINAL, Event, Failed, Finished

log = logging.getLogger(__name__)

# Name on the wire -> where the job lives; imported when it is first asked for.
JOBS = {
    "load": "engine.chat.jobs:load",
    "chat": "engine.chat.jobs:chat",
    "train": "engine.training.jobs:train",
    "export": "engine.gpt.export:export",
}


@dataclass
class JobContext:
    """What a job may look at besides its parameters.

    `cancelled` is set when the person pressed Stop; jobs look at it between tokens, chunks and steps.
    `state` lives as long as the worker: the loaded backend is kept there between jobs.
    """

    cancelled: threading.Event = field(default_factory=threading.Event)
    state: dict[str, Any] = field(default_factory=dict)


Job = Callable[[dict[str, Any], JobContext], Iterator[Event]]


def find(name: str) -> Job:
    """The job of that name. Raises EngineError `unknown_job`."""
    if name not in JOBS:
        raise EngineError("unknown_job", job=name)
    module, function = JOBS[name].split(":")
    return getattr(importlib.import_module(module), function)  # type: ignore[no-any-return]


def run(job: Job, params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """All events of a job, ending with exactly one `Finished` or `Failed`, whatever happens."""
    try:
        for event in job(params, context):
            yield event
            if isinstance(event, TERMINAL):
                return
        yield Finished("cancelled" if context.cancelled.is_set() else "done")
    except EngineError as error:
        yield Failed(error.code, error.data, error.detail)
    except MemoryError as error:
        yield Failed("out_of_memory", {}, str(error))
    except OSError as error:
        known = from_os_error(error)
        yield Failed(known.code, known.data, known.detail)
    except Exception:
        log.exception("a job failed in a way we did not foresee")
        yield Failed("bug", {}, traceback.format_exc(limit=-8))
