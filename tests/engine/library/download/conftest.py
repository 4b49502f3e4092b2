"""What tests of downloads share: no patience, and a job that is run to its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.events import Event, Failed, Finished
from engine.jobs import JobContext, run
from engine.library.download import job
from engine.library.download.connection import Patience

Fetch = Callable[..., Finished | Failed]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "PATIENCE", Patience(stall_s=0.3, first_wait_s=0.005, longest_wait_s=0.01, tries=4))


@pytest.fixture
def fetch() -> Fetch:
    """Runs the job; what it ended with."""

    def fetch(repo: str, *files: str, context: JobContext | None = None, **params: Any) -> Finished | Failed:
        events: list[Event] = list(
            run(job.download, {"repo": repo, "files": list(files)} | params, context or JobContext())
        )
        ended = events[-1]
        assert isinstance(ended, Finished | Failed)
        return ended

    return fetch
