"""Newer versions as the window knows them: looked for when asked, or once a day where the person has said so."""

from __future__ import annotations

import datetime
import logging
from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.engine_client import EngineClient, JobHandle
from app.settings.options import Options
from engine.events import Event, Failed, Finished, Progress

log = logging.getLogger(__name__)


class Phase(Enum):
    """What is going on."""

    IDLE = "idle"
    LOOKING = "looking"
    TOLD = "told"  # what there is
    FETCHING = "fetching"
    HERE = "here"  # the file
    FAILED = "failed"


class Updates(QObject):
    """`changed`: what is to be shown is another one now. `found`: a look that nobody waits for has found something.

    told: as `engine.updates.jobs.told`, of the last look that went well. done, total: bytes. path: the file's.
    """

    changed = Signal()
    found = Signal(str)  # its version

    def __init__(self, client: EngineClient, options: Options, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client, self._options = client, options
        self._handle: JobHandle | None = None
        self.phase = Phase.IDLE
        self.told: dict[str, Any] = {}
        self.done = self.total = 0
        self.path = ""
        self.failure: Failed | None = None

    @property
    def busy(self) -> bool:
        return self.phase in (Phase.LOOKING, Phase.FETCHING)

    def look(self) -> None:
        if not self.busy:
            self.told = {}
            self._run("update_check", {}, Phase.LOOKING)

    def download(self, name: str) -> None:
        if not self.busy:
            self.done = self.total = 0
            self._run("update_download", {"file": name}, Phase.FETCHING)

    def stop(self) -> None:
        if self._handle is not None and not self._handle.ended:
            self._handle.cancel()

    def look_once_a_day(self) -> None:
        """Look where the person wants it and today nobody has; what fails is not said."""
        settings, today = self._options.settings, datetime.date.today().isoformat()
        if self.busy or not settings.flag("look_for_updates") or settings.flag("stay_here"):
            return
        if settings.text("updates_looked") == today:
            return
        self._options.set("updates_looked", today)
        handle = self._client.submit("update_check", {})
        handle.done.connect(self._noticed)

    def _run(self, job: str, params: dict[str, Any], phase: Phase) -> None:
        self.failure = None
        self._handle = handle = self._client.submit(job, params)
        handle.reported.connect(self._report)
        handle.done.connect(self._end)
        self._enter(phase)

    def _report(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.done, self.total = event.done, event.total
            self.changed.emit()

    def _end(self, ending: Event) -> None:
        match ending:
            case Finished("done", {"path": path}):
                self.path = path
                self._enter(Phase.HERE)
            case Finished("done", stats):
                self.told = stats
                self._enter(Phase.TOLD)
            case Failed():
                self.failure = ending
                self._enter(Phase.FAILED)
            case _:  # stopped
                self._enter(Phase.TOLD if self.told else Phase.IDLE)

    def _noticed(self, ending: Event) -> None:
        match ending:
            case Finished("done", {"newer": newer} as stats) if not self.busy:
                self.told = stats
                self._enter(Phase.TOLD)
                if newer:
                    self.found.emit(stats["version"])
            case Failed(code=code):
                log.info("no newer version could be looked for: %s", code)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.changed.emit()
