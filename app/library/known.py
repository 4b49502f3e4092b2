"""The models on the list with what their files say, read by a worker: what is shown of models follows this."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app import messages
from app.engine_client import EngineClient, JobHandle
from engine.events import Event, Failed, Finished, Model


class KnownModels(QObject):
    """`told(Model)`: one that is there, or news of one. `settled(names, stats)`: these are all. `failed(Failed)`.

    stats: of the job `library`.
    """

    told = Signal(object)
    settled = Signal(set, dict)
    failed = Signal(object)

    def __init__(self, client: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._handle: JobHandle | None = None
        self._again = False
        self._names = set[str]()

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

    def _take(self, event: Event) -> None:
        if isinstance(event, Model) and self._handle is not None:
            self._names.add(event.name)
            self.told.emit(translated(event))

    def _done(self, ending: Event) -> None:
        if self._handle is None:
            return
        self._handle = None
        match ending:
            case Failed():
                self.failed.emit(ending)
            case Finished("done", stats) if not self._again:
                self.settled.emit(self._names, stats)
        if self._again:
            self.refresh()


def translated(model: Model) -> Model:
    """With its problem in the person's language."""
    error = model.details.get("error")
    if not model.problem or not isinstance(error, dict):
        return model
    return replace(model, problem=messages.sentence(str(error["code"]), error.get("data") or {}))
