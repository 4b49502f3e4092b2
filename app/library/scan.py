"""Looking for the models of other programs, and putting those that are wanted on the list."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.engine_client import EngineClient, JobHandle
from engine.errors import EngineError
from engine.events import Event, Failed, Model
from engine.library import models


class Scan(QObject):
    """`found(Model)`; `ended(paths, Failed | None)`: all that were found, by their paths."""

    found = Signal(object)
    ended = Signal(set, object)

    def __init__(self, client: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._handle: JobHandle | None = None
        self._paths = set[str]()
        self.folders: list[Path] = []  # of the person's, looked into as well

    @property
    def running(self) -> bool:
        return self._handle is not None

    def start(self) -> None:
        if self._handle is not None:
            return
        self._paths = set()
        self._handle = self._client.submit("scan", {"folders": [str(folder) for folder in self.folders]})
        self._handle.reported.connect(self._take)
        self._handle.done.connect(self._done)

    def close(self) -> None:
        self._handle = None

    def _take(self, event: Event) -> None:
        if isinstance(event, Model) and self._handle is not None:
            self._paths.add(event.path)
            self.found.emit(event)

    def _done(self, ending: Event) -> None:
        if self._handle is not None:
            self._handle = None
            self.ended.emit(self._paths, ending if isinstance(ending, Failed) else None)


def add_all(found: Sequence[Model]) -> tuple[list[str], list[EngineError]]:
    """Put models on the list where they lie; (their names there, why the others could not be). Reads their headers."""
    names, errors = [], []
    for model in found:
        try:
            origin = str(model.details.get("store") or "added")
            names.append(models.add_as(Path(model.path), model.name, origin).name)
        except EngineError as error:
            errors.append(error)
    return names, errors
