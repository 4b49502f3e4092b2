"""A job ends with exactly one terminal event, whatever it does."""

from __future__ import annotations

import ast
import errno
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import jobs
from engine.errors import EngineError
from engine.events import TERMINAL, Event, Failed, Finished, TextDelta
from engine.jobs import JobContext

ROOT = Path(__file__).resolve().parents[2]


def run(job: Callable[..., Any], cancelled: bool = False) -> list[Event]:
    context = JobContext()
    if cancelled:
        context.cancelled.set()
    return list(jobs.run(job, {}, context))


def raising(error: BaseException) -> Callable[..., Iterator[Event]]:
    def job(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
        yield TextDelta("so far")
        raise error

    return job


@pytest.mark.parametrize("name", jobs.JOBS)
def test_every_job_of_the_table_exists(name: str) -> None:
    """Looked up in the source, so that torch and llama.cpp need not be loaded for it."""
    module, function = jobs.JOBS[name].split(":")
    source = (ROOT / Path(*module.split("."))).with_suffix(".py").read_text(encoding="utf-8")
    assert function in [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]


def test_finding_an_unknown_job_names_it() -> None:
    with pytest.raises(EngineError) as caught:
        jobs.find("nonsense")
    assert (caught.value.code, caught.value.data) == ("unknown_job", {"job": "nonsense"})


def test_a_job_s_own_ending_is_the_ending() -> None:
    assert run(lambda p, c: iter([TextDelta("x"), Finished("stop"), TextDelta("late")])) == [
        TextDelta("x"),
        Finished("stop"),
    ]


def test_a_job_without_an_ending_gets_one() -> None:
    assert run(lambda p, c: iter([])) == [Finished("done")]
    assert run(lambda p, c: iter([]), cancelled=True) == [Finished("cancelled")]


@pytest.mark.parametrize(
    ("error", "code", "data"),
    [
        (EngineError("not_found", "detail", place="x"), "not_found", {"place": "x"}),
        (OSError(errno.ENOSPC, "No space left", "/f"), "disk_full", {"place": "/f"}),
        (MemoryError(), "out_of_memory", {}),
        (RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: not enough memory"), "out_of_memory", {}),
        (type("OutOfMemoryError", (RuntimeError,), {})(), "out_of_memory", {}),
        (type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory. Tried …"), "gpu_out_of_memory", {}),
        (
            type("AcceleratorError", (RuntimeError,), {})(
                "CUDA error: unspecified launch failure\nCUDA kernel errors …"
            ),
            "gpu_failed",
            {"reason": "CUDA error: unspecified launch failure"},
        ),
        (ModuleNotFoundError("No module named 'x'", name="x"), "missing_module", {"name": "x"}),
        (RuntimeError("something else"), "bug", {}),
        (SystemExit(3), "bug", {}),
        (type("PanicException", (BaseException,), {})(), "bug", {}),
    ],
)
def test_what_a_job_raises_becomes_its_ending(error: BaseException, code: str, data: dict[str, Any]) -> None:
    *before, last = run(raising(error))
    assert before == [TextDelta("so far")]
    assert isinstance(last, Failed)
    assert (last.code, last.data) == (code, data)


def test_ctrl_c_within_a_job_cancels_it() -> None:
    assert run(raising(KeyboardInterrupt()))[-1] == Finished("cancelled")


def test_a_bug_carries_its_traceback() -> None:
    last = run(raising(RuntimeError("the reason")))[-1]
    assert isinstance(last, Failed)
    assert "the reason" in last.detail
    assert "test_jobs.py" in last.detail


@pytest.mark.parametrize("job", [lambda p, c: None, lambda p, c: iter(["text"]), lambda p: iter([])])
def test_what_is_no_job_ends_as_a_bug(job: Callable[..., Any]) -> None:
    (last,) = run(job)
    assert isinstance(last, TERMINAL)
    assert last.code == "bug"  # type: ignore[union-attr]


def test_a_job_that_nobody_listens_to_any_more_is_closed() -> None:
    closed = []

    def job(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
        try:
            yield TextDelta("x")
        finally:
            closed.append(True)

    events = jobs.run(job, {}, JobContext())
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert closed == [True]
