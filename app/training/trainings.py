"""The training that runs now, in a worker of its own: starts it, goes on with one, stops it and keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.engine_client import EngineClient, JobHandle
from engine.events import Event


class Trainings(QObject):
    """One at a time. `began(folder)`, its events by `reported(folder, event)`, then `ended(folder, ending)`."""

    began = Signal(object)
    reported = Signal(object, object)
    ended = Signal(object, object)

    def __init__(self, client: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._job: JobHandle | None = None
        self.folder: Path | None = None  # of the one that runs
        self.stopping = False

    @property
    def running(self) -> bool:
        return self._job is not None

    def start(self, recipe: Mapping[str, Any], folder: Path) -> None:
        """By the keys of a recipe, in a folder that is not there yet."""
        self._begin({**recipe, "out": str(folder)}, folder)

    def resume(self, folder: Path) -> None:
        self._begin({"out": str(folder), "resume": True}, folder)

    def stop(self) -> None:
        """Ask it to end: the step it is in, then the model of the best one is written."""
        if self._job is not None and not self.stopping:
            self.stopping = True
            self._job.cancel()

    def close(self) -> None:
        """End it at once; what was saved last stands, and it can be resumed."""
        self._job = None
        self._client.close()

    def _begin(self, params: dict[str, Any], folder: Path) -> None:
        assert self._job is None, "one training at a time"
        self.folder, self.stopping = folder, False
        self._client.forgive()
        self._job = job = self._client.submit("train", params)
        job.reported.connect(lambda event: self.reported.emit(folder, event) if job is self._job else None)
        job.done.connect(lambda ending: self._end(job, folder, ending))
        self.began.emit(folder)

    def _end(self, job: JobHandle, folder: Path, ending: Event) -> None:
        if job is self._job:
            self._job, self.folder, self.stopping = None, None, False
            self.ended.emit(folder, ending)
