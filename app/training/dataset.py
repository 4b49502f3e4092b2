"""What was dropped, looked at by a worker: what it is, its rows as they come, its card, and single rows as tokens."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.engine_client import EngineClient, JobHandle
from engine.events import Event, Failed, Finished, Progress, Started, TokenSample

if TYPE_CHECKING:
    from engine.data.index import RowIndex

log = logging.getLogger(__name__)

GROW_MS = 400  # between two looks at what was written


@dataclass(frozen=True)
class Source:
    """What is looked at, and how it is read. held_back: share of the rows. model: whose tokens are counted."""

    data: tuple[str, ...]
    model: str | None = None
    kind: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    held_back: float = 0.05

    @property
    def name(self) -> str:
        """For a heading."""
        first = Path(self.data[0]).name
        return first if len(self.data) == 1 else f"{first} + {len(self.data) - 1}"


class DatasetLoader(QObject):
    """`found(kind, detected, index)`: kind None where a question must be answered first. `grew`: there are more rows.

    `progressed(rows, total)`; at last `carded(card)` or `failed(Failed)`. `tokens_ready(row, samples)`.
    """

    found = Signal(object, object, object)
    progressed = Signal(int, int)
    grew = Signal()
    carded = Signal(object)
    failed = Signal(object)
    tokens_ready = Signal(int, object)

    def __init__(self, client: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self.source: Source | None = None
        self.index: RowIndex | None = None
        self._job: JobHandle | None = None
        self._tokens: dict[int, list[TokenSample]] = {}
        self._asking: JobHandle | None = None
        self._wanted: int | None = None  # the row asked about last
        self._grow = QTimer(self, singleShot=True, interval=GROW_MS)
        self._grow.timeout.connect(self.grew)

    def open(self, source: Source) -> None:
        """Look at it, and at nothing else any more."""
        self._drop_jobs()
        self._tokens.clear()
        self.source = source
        params: dict[str, Any] = {"data": list(source.data), "model": source.model, "held_back": source.held_back}
        params |= {"columns": dict(source.columns) or None, "kind": source.kind}
        self._job = job = self._client.submit("index", params)
        job.reported.connect(lambda event: self._hear(job, event))
        job.done.connect(lambda ending: self._end(job, ending))

    def ask_tokens(self, row: int) -> None:
        """One row as the model would get it; only what was asked for last is answered."""
        self._wanted = row
        if row in self._tokens:
            self.tokens_ready.emit(row, self._tokens[row])
        elif self._asking is None:
            self._ask()

    def close(self) -> None:
        """Nothing is looked at any more."""
        self._drop_jobs()
        self.source = None
        self._close_index()

    # --- the index ----------------------------------------------------------------------------------------------------

    def _drop_jobs(self) -> None:
        self._grow.stop()
        job, self._job = self._job, None
        asking, self._asking = self._asking, None
        self._wanted = None
        for each in (asking, job):
            if each is not None and not each.ended:
                each.cancel()

    def _hear(self, job: JobHandle, event: Event) -> None:
        if job is not self._job:
            return
        match event:
            case Started(_, data):
                self._begin(data)
            case Progress(done, total):
                self.progressed.emit(done, total)
                if not self._grow.isActive():
                    self._grow.start()

    def _begin(self, data: Mapping[str, Any]) -> None:
        from engine.data.index import RowIndex  # numpy, which the window does not load before

        folder = data.get("folder")
        if folder is None or self.index is None or self.index.folder != Path(folder):
            self._close_index()
            self.index = RowIndex.open(folder) if folder is not None else None
            self.found.emit(data["kind"], data["detected"], self.index)

    def _end(self, job: JobHandle, ending: Event) -> None:
        if job is not self._job:
            return
        self._job = None
        self._grow.stop()
        match ending:
            case Finished("done", card):
                samples = [TokenSample(**{k: v for k, v in each.items() if k != "event"}) for each in card["tokens"]]
                for sample in samples:
                    self._tokens.setdefault(sample.row, []).append(sample)
                self.carded.emit(card)
                if self._wanted is not None:
                    self.ask_tokens(self._wanted)
            case Failed():
                self.failed.emit(ending)

    def _close_index(self) -> None:
        if self.index is not None:
            self.index.close()
            self.index = None

    # --- tokens -------------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        row, index, source = self._wanted, self.index, self.source
        if row is None or index is None or source is None or not source.model or self._job is not None:
            return  # while the rows are counted, the worker has no time; they are asked for after
        samples: list[TokenSample] = []
        asking = self._client.submit("tokens", {"folder": str(index.folder), "rows": [row], "model": source.model})
        self._asking = asking
        asking.reported.connect(lambda event: samples.append(event) if isinstance(event, TokenSample) else None)
        asking.done.connect(lambda ending: self._answered(asking, row, samples, ending))

    def _answered(self, asking: JobHandle, row: int, samples: list[TokenSample], ending: Event) -> None:
        if asking is not self._asking:
            return
        self._asking = None
        if isinstance(ending, Failed):  # the row is shown as it is
            log.warning("the tokens of a row could not be shown: %s", ending.code)
            samples = []
        self._tokens[row] = samples
        if row == self._wanted:
            self.tokens_ready.emit(row, samples)
        else:
            self._ask()
