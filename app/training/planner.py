"""From answers to a recipe: asks a worker for the plan, again whenever an answer or a setting has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.engine_client import EngineClient, JobHandle
from engine.events import Event, Failed, Finished

SETTLE_MS = 100  # answers given quickly one after another are asked about once


class Planner(QObject):
    """`planned(plan)`: as the job `plan` ends. `refused(Failed)`: the recipe cannot be so; `data["key"]` may say where.

    `changes` are the settings that a person has given a value; they are laid over what follows from the answers.
    """

    planned = Signal(object)
    refused = Signal(object)

    def __init__(self, client: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._asked: dict[str, Any] | None = None
        self.changes: dict[str, Any] = {}
        self.plan: dict[str, Any] | None = None  # the last one, while nothing has changed since
        self._job: JobHandle | None = None
        self._again = False
        self._soon = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._soon.timeout.connect(self._submit)

    def ask(self, params: Mapping[str, Any] | None) -> None:
        """params: of the job `plan`. None: there is nothing to plan."""
        self._asked, self.plan = dict(params) if params is not None else None, None
        self._soon.start()

    def change(self, key: str, value: Any) -> None:
        """Give a setting a value; None gives it back the one that follows by itself."""
        if value is None:
            self.changes.pop(key, None)
        else:
            self.changes[key] = value
        self.plan = None
        self._soon.start()

    def clear(self) -> None:
        self.changes.clear()
        self.ask(None)

    def _submit(self) -> None:
        if self._asked is None:
            return
        if self._job is not None:
            self._again = True
            return
        self._job = job = self._client.submit("plan", {**self._asked, **self.changes})
        job.done.connect(self._end)

    def _end(self, ending: Event) -> None:
        self._job = None
        if self._again or self._asked is None:
            self._again = False
            self._submit()
            return
        match ending:
            case Finished("planned", plan):
                self.plan = plan
                self.planned.emit(plan)
            case Failed():
                self.refused.emit(ending)
