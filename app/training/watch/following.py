"""Following a run by its files, on another thread: what is new reaches the window in one piece."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.background import Background
from engine.errors import EngineError
from engine.training import runs
from engine.training.advice import Advice
from engine.training.runs import MetricsFile, RunInfo, SamplesFile

if TYPE_CHECKING:  # numpy: loaded by the thread that reads
    from app.widgets.series import Numbers

POLL_MS = 1000
_SHARE_OF_TIME = 500  # looking for warnings takes at most this part of it: it is taken from training
Figures = Mapping[str, "tuple[Numbers, Numbers]"]


@dataclass(frozen=True)
class Confusion:
    """How often each class (row) was taken for each (column) at an evaluation."""

    step: int
    labels: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class News:
    """What has come since the last time. figures_again, samples_again: these replace all there were.

    figures: as `Curves.append` takes them. samples: (step, text). checkpoints: (step, folder, held-out loss or None).
    latest: the last row of figures.
    """

    info: RunInfo
    figures_again: bool
    figures: Figures
    samples_again: bool
    samples: Sequence[tuple[int, str]]
    checkpoints: Sequence[tuple[int, Path, float | None]]
    warnings: Sequence[Advice]
    confusion: Confusion | None
    latest: Mapping[str, Any]


class Follower(QObject):
    """Reads a run's folder now and then while `follow`ed; `came(News)` on the window's thread."""

    came = Signal(object)
    compared = Signal(object)  # [(name, Figures)] of other runs

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._source: _Source | None = None
        self._reading = self._again = False
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self.look)

    def follow(self, folder: Path | None) -> None:
        """Another run from its beginning, or none."""
        self._source = _Source(folder) if folder is not None else None
        self._again = self._reading
        self.look()

    def keep_looking(self, wanted: bool) -> None:
        """Whether to look by itself."""
        if wanted and not self._timer.isActive():
            self._timer.start()
            self.look()
        elif not wanted:
            self._timer.stop()

    def look(self) -> None:
        """There may be something new."""
        if self._source is None:
            return
        if self._reading:
            self._again = True
            return
        self._reading, source = True, self._source
        self._background.run(source.read, partial(self._answer, source), partial(self._fail, source))

    def compare(self, folders: Sequence[Path]) -> None:
        """Read all figures of other runs once."""
        self._background.run(lambda: [whole_run(folder) for folder in folders], self.compared.emit, lambda _: None)

    def close(self) -> None:
        self._timer.stop()
        self._source = None
        self._background.close()

    def _answer(self, source: _Source, news: News) -> None:
        self._reading = False
        if source is self._source:
            self.came.emit(news)
        if self._again:
            self._again = False
            self.look()

    def _fail(self, source: _Source, error: EngineError) -> None:
        self._reading = False
        if source is self._source:
            info = RunInfo(source.folder.name, source.folder, problem=str(error))
            self.came.emit(News(info, False, {}, False, (), (), (), None, {}))


@dataclass
class _Source:
    """The files of one run; only one thread at a time reads."""

    folder: Path
    rows: list[dict[str, Any]] = field(default_factory=list)
    found: list[Advice] = field(default_factory=list)
    confusion: Confusion | None = None
    scores: dict[int, float] = field(default_factory=dict)  # held-out losses by their steps
    _judged: int = 0  # rows that were looked at for warnings
    _judge_after: float = 0.0

    def __post_init__(self) -> None:
        self.metrics = MetricsFile(self.folder / "metrics.jsonl")
        self.samples = SamplesFile(self.folder / "samples.jsonl")

    def read(self) -> News:
        from app.widgets.series import columns

        new = [{sys.intern(name): value for name, value in row.items()} for row in self.metrics.read_new()]
        texts = self.samples.read_new()
        if self.metrics.began_again:
            self.rows, self.scores, self.confusion, self._judged = [], {}, None, 0
        self.rows += new
        self._judge()
        self._note_confusion(new)
        self.scores |= {row["step"]: row["val_loss"] for row in new if isinstance(row.get("val_loss"), float)}
        return News(
            info=runs.run_info(self.folder),
            figures_again=self.metrics.began_again,
            figures=columns(new),
            samples_again=self.samples.began_again,
            samples=[(row["step"], row["text"]) for row in texts if isinstance(row.get("text"), str)],
            checkpoints=[(step, path, self.scores.get(step)) for step, path in runs.checkpoints(self.folder)],
            warnings=tuple(self.found),
            confusion=self.confusion,
            latest=self.rows[-1] if self.rows else {},
        )

    def _judge(self) -> None:
        """Look for warnings, seldom where that takes long."""
        from engine.training.warnings import warnings  # numpy

        began = time.monotonic()
        if self._judged == len(self.rows) or began < self._judge_after:
            return
        self._judged = len(self.rows)
        self.found = warnings(self.rows)
        ended = time.monotonic()
        self._judge_after = ended + _SHARE_OF_TIME * (ended - began)

    def _note_confusion(self, new: list[dict[str, Any]]) -> None:
        row = next((row for row in reversed(new) if isinstance(row.get("confusion"), list)), None)
        if row is not None:
            matrix = tuple(tuple(map(int, line)) for line in row["confusion"])
            self.confusion = Confusion(row["step"], _labels(self.folder, len(matrix)), matrix)


def _labels(folder: Path, count: int) -> tuple[str, ...]:
    """The names of a run's classes; their numbers where they cannot be read."""
    try:
        found = json.loads((folder / "data" / "labels.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        found = None
    if isinstance(found, list) and len(found) == count:
        return tuple(map(str, found))
    return tuple(map(str, range(count)))


def whole_run(folder: Path) -> tuple[str, Figures]:
    """The name and all figures of a run; none where its file cannot be read."""
    from app.widgets.series import columns

    try:
        return folder.name, columns(MetricsFile(folder / "metrics.jsonl").read_new())
    except OSError:
        return folder.name, {}
