"""Long work on the files of models, one after another: checking one, copying one into the library."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.engine_client import EngineClient, JobHandle
from engine.events import Event, Model, Progress


class FileWork(QObject):
    """`went_on(job, Model, done, total)` in bytes. `ended(job, Model, ending)`. `idle`: nothing is left to do."""

    went_on = Signal(str, object, object, object)
    ended = Signal(str, object, object)
    idle = Signal()

    def __init__(self, client: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._handles: list[JobHandle] = []

    def start(self, job: str, model: Model) -> None:
        """job: `verify` or `copy_model`."""
        params = {"model": model.name} if job == "verify" else {"path": model.path}
        handle = self._client.submit(job, params)
        self._handles.append(handle)
        handle.reported.connect(lambda event: self._report(job, model, event))
        handle.done.connect(lambda ending: self._end(handle, job, model, ending))
        self.went_on.emit(job, model, 0, 0)

    def stop(self) -> None:
        """What runs now; what waits goes on."""
        if self._handles:
            self._handles[0].cancel()

    def close(self) -> None:
        self._handles.clear()
        self._client.close()

    def _report(self, job: str, model: Model, event: Event) -> None:
        if isinstance(event, Progress):
            self.went_on.emit(job, model, event.done, event.total)

    def _end(self, handle: JobHandle, job: str, model: Model, ending: Event) -> None:
        if handle not in self._handles:  # the window closes
            return
        self._handles.remove(handle)
        if not self._handles:
            self.idle.emit()
        self.ended.emit(job, model, ending)
