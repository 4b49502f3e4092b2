"""The models on the list with what their files say, read by a worker: what is shown of models follows this.

A list of a thousand takes seconds to read, so nobody reads it in the window; until it is read, `models` is what was
known before.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app import messages
from app.background import Background
from app.engine_client import EngineClient, JobHandle
from engine.events import Event, Failed, Finished, Model
from engine.library import models
from engine.library.models import ModelEntry

log = logging.getLogger(__name__)


class KnownModels(QObject):
    """`told(Model)`: one that is there, or news of one. `settled(names, stats)`: these are all. `failed(Failed)`.

    stats: of the job `library`. `glanced`: which there are is known, though perhaps nothing else of them.
    """

    glanced = Signal()

    told = Signal(object)
    settled = Signal(set, dict)
    failed = Signal(object)

    def __init__(self, client: EngineClient, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client, self._background = client, background
        self.models: dict[str, Model] = {}  # by their names
        self._handle: JobHandle | None = None
        self._again = False
        self._names = set[str]()

    def glance(self) -> None:
        """Which there are, without looking into their files."""
        self._background.run(models.entries, self._take_entries, lambda error: log.warning("no models: %s", error))

    def refresh(self) -> None:
        """Look now, or once more when looking has ended."""
        if self._handle is not None:
            self._again = True
            return
        self._again, self._names = False, set()
        self._handle = self._client.submit("library", {})
        self._handle.reported.connect(self._take)
        self._handle.done.connect(self._done)

    def close(self) -> None:
        self._handle = None

    def _take_entries(self, entries: list[ModelEntry]) -> None:
        before, self.models = self.models, {}
        for entry in entries:
            known = before.get(entry.name)
            same = known is not None and known.path == entry.address
            self.models[entry.name] = known if known is not None and same else event_of(entry)
        self.glanced.emit()

    def _take(self, event: Event) -> None:
        if isinstance(event, Model) and self._handle is not None:
            self._names.add(event.name)
            model = self.models[event.name] = translated(event)
            self.told.emit(model)

    def _done(self, ending: Event) -> None:
        if self._handle is None:
            return
        self._handle = None
        match ending:
            case Failed():
                self.failed.emit(ending)
            case Finished("done", stats) if not self._again:
                self.models = {name: model for name, model in self.models.items() if name in self._names}
                self.settled.emit(self._names, stats)
        if self._again:
            self.refresh()


def event_of(entry: ModelEntry) -> Model:
    """What a glance tells of a model."""
    details = {"origin": entry.origin}
    return Model(entry.name, entry.address, entry.kind, entry.backend, entry.bundled, entry.problem, details)


def translated(model: Model) -> Model:
    """With its problem in the person's language."""
    error = model.details.get("error")
    if not model.problem or not isinstance(error, dict):
        return model
    return replace(model, problem=messages.sentence(str(error["code"]), error.get("data") or {}))
