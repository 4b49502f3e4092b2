"""Jobs: generators of events, the same for worker, command line and tests.

A job is a function `job(params, context) -> Iterator[Event]`. It may raise `EngineError`; `run`
turns whatever happens into exactly one terminal event.
"""

from __future__ import annotations

import importlib
import logging
import re
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
    "adapt": "engine.chat.jobs:adapt",
    "chat": "engine.chat.jobs:chat",
    "render_template": "engine.chat.template_job:render_template",
    "library": "engine.library.jobs:library",
    "copy_model": "engine.library.jobs:copy_model",
    "verify": "engine.library.jobs:verify",
    "memory": "engine.library.memory_job:memory",
    "inspect": "engine.data.inspection:inspect",
    "index": "engine.data.indexing:index",
    "tokens": "engine.data.indexing:tokens",
    "plan": "engine.training.plan:plan",
    "preview_tokenizer": "engine.training.preview:preview_tokenizer",
    "train": "engine.training.jobs:train",
    "snapshot": "engine.training.snapshot:snapshot",
    "export": "engine.gpt.export:export",
    "classify": "engine.evaluation.labelling:label",
    "quantizations": "engine.evaluation.quantizations:compare",
    "hub_search": "engine.library.hub:search_job",
    "hub_repo": "engine.library.hub:repo_job",
    "scan_servers": "engine.providers.jobs:scan_servers",
    "connect": "engine.providers.jobs:connect",
    "providers": "engine.providers.jobs:providers",
    "scan": "engine.library.stores.jobs:scan",
    "probe": "engine.commands.doctor:probe",
    "download": "engine.library.download.job:download",
    "update_check": "engine.updates.jobs:update_check",
    "update_download": "engine.updates.jobs:update_download",
    "relocate": "engine.relocate:relocate",
    "clear_moved": "engine.relocate:clear_moved",
    "discard_move": "engine.relocate:discard_move",
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
            if not isinstance(event, Event):
                raise TypeError(f"a job yielded {type(event).__name__}, which is not an event")
            yield event
            if isinstance(event, TERMINAL):
                return
        yield Finished("cancelled" if context.cancelled.is_set() else "done")
    except GeneratorExit:  # nobody listens any more
        raise
    except BaseException as error:  # libraries call sys.exit, and Rust panics are not an Exception
        yield ending(error)


def ending(error: BaseException) -> Finished | Failed:
    """The terminal event for whatever a job raised. Call it while the error is being handled."""
    match error:
        case KeyboardInterrupt():
            return Finished("cancelled")
        case EngineError():
            return Failed(error.code, error.data, error.detail)
        case ModuleNotFoundError():
            return Failed("missing_module", {"name": error.name}, str(error))
        case OSError():
            known = from_os_error(error)
            return Failed(known.code, known.data, known.detail)
        case _ if _out_of_memory(error):
            on_gpu = any(name in str(error) for name in _GPUS)
            return Failed("gpu_out_of_memory" if on_gpu else "out_of_memory", {}, str(error))
        case RuntimeError() if _GPU_ERROR.match(str(error)):
            return Failed("gpu_failed", {"reason": str(error).splitlines()[0].rstrip(".")}, str(error))
        case _:
            log.exception("a job failed in a way we did not foresee")
            return Failed("bug", {}, traceback.format_exc(limit=-8))


# How torch begins what it says of a graphics processor (c10/cuda/CUDAException.cpp, and the same under other names).
_GPUS = ("CUDA", "HIP", "MPS", "XPU")
_GPU_ERROR = re.compile(rf"({'|'.join(_GPUS)}) error: ")


def _out_of_memory(error: BaseException) -> bool:
    """Python's own way of saying it, and torch's: an error class of CUDA's, a sentence of the CPU allocator."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error)
