"""Watching a run: how it stands, its curves, samples and checkpoints, and what to do with what it made.

Everything shown is read from the run's folder, off the window's thread, so a run that trains now, one that was killed
yesterday and one that ended long ago look the same. It decides nothing: what the person wants is told by signals.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from app.phrases import said
from app.theme import em, space
from app.training.watch.advice_cards import AdviceCards
from app.training.watch.checkpoints import Checkpoints
from app.training.watch.confusion_table import ConfusionTable
from app.training.watch.following import Follower, News
from app.training.watch.header import RunHeader
from app.training.watch.quantities import quantities
from app.training.watch.samples import Samples
from app.training.watch.use_it import UseIt
from app.widgets.curves import Curves
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label
from app.widgets.scroll import Scroll
from engine.events import Event, Progress
from engine.training.runs import RunInfo

TWO_COLUMNS_EM = 60  # from this width on
_SIDE_EM = 29
_REFRESH_MS = 1000  # at most so often: reading and drawing are taken from training
_WITHOUT_REPLIES = ("classify",)  # methods whose models write nothing


class WatchView(QWidget):
    """`use_requested(kind, run)`: kind is one of `use_it.KINDS`. `talk_requested(folder)`: a checkpoint or a model."""

    pause_requested = Signal()
    resume_requested = Signal()
    stop_requested = Signal()  # and keep the best
    talk_requested = Signal(object)  # Path
    beside_requested = Signal(list)  # Paths of two checkpoints: talk to both
    compare_requested = Signal(object)  # Path of a checkpoint: talk to it beside its parent
    parent_requested = Signal(object)  # Path of the run: talk to what it made beside its parent
    use_requested = Signal(str, object)  # kind, Path of the run
    repeat_requested = Signal(object)  # Path of the run
    change_requested = Signal(object)  # Path of the run: repeat it with one value changed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder: Path | None = None
        self._info: RunInfo | None = None
        self._pace = _Pace()
        self._soon = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self.header, self.advice, self.use = RunHeader(), AdviceCards(), UseIt()
        self.curves, self.samples = Curves(quantities()), Samples()
        self.confusion, self.checkpoints = ConfusionTable(), Checkpoints()
        self._problem = plain_label(wrap=True)
        self._build()
        self.follower = Follower(self)
        self.follower.came.connect(self._show_news)
        self.follower.compared.connect(self.curves.set_others)
        self._soon.timeout.connect(self.follower.look)
        self._connect()
        self.set_run(None)

    # --- what the page says -----------------------------------------------------------------------------------

    @property
    def run(self) -> Path | None:
        return self._folder

    def set_run(self, folder: Path | None) -> None:
        """Show this run, or none."""
        self._folder, self._info, self._pace = folder, None, _Pace()
        self.curves.set_run(folder.name if folder is not None else "")
        self.samples.clear()
        self.advice.show_advice(())
        for part in (self._use_section, self._confusion_section, self._checkpoint_section, self._problem):
            part.hide()
        self._area.setVisible(folder is not None)
        self._nothing.setVisible(folder is None)
        if folder is not None:
            self.header.show_run(RunInfo(folder.name, folder, state=""))
            self.header.show_text("")
        self.follower.follow(folder)

    def set_other_runs(self, folders: Sequence[Path]) -> None:
        """Lay the curves of these runs over those of the one shown."""
        self.follower.compare(folders)

    def refresh(self) -> None:
        """There may be something new to read."""
        if not self._soon.isActive():
            self._soon.start()

    def set_progress(self, event: Event) -> None:
        """What the worker says of what has no file; any other event means that there may be something to read."""
        if isinstance(event, Progress) and (self._info is None or self._info.done == 0):
            self.header.show_preparing(event)
        else:
            self.refresh()

    def close_files(self) -> None:
        """The window closes: nothing is read any more."""
        self.follower.close()
        self.curves.end_loading()

    # --- what the files say -----------------------------------------------------------------------------------

    def _show_news(self, news: News) -> None:
        info = self._info = news.info
        if news.figures_again:
            self.curves.set_run(info.name)
        self.curves.append(news.figures)
        if news.samples_again:
            self.samples.clear()
        self.samples.add(news.samples)
        self.advice.show_advice(news.warnings)
        self._show_standing(info, news)
        writes = info.method not in _WITHOUT_REPLIES
        self.checkpoints.show_checkpoints(news.checkpoints, info.best_step, info.parent is not None, writes)
        self._checkpoint_section.setVisible(bool(news.checkpoints))
        if news.confusion is not None:
            self.confusion.show_confusion(news.confusion)
        self._confusion_section.setVisible(news.confusion is not None)
        usable = info.model is not None and info.state != "running"
        if usable:
            adapter = (info.model or Path()).joinpath("adapter_config.json").exists()
            self.use.show_uses(info.method, adapter, info.parent is not None)
        self._use_section.setVisible(usable)
        self._problem.setText(said(info.problem or ""))
        self._problem.setVisible(info.problem is not None)
        self._watch()

    def _show_standing(self, info: RunInfo, news: News) -> None:
        self.header.show_run(info)
        done = max(info.done, int(news.latest.get("step", 0))) if info.state == "running" else info.done
        left = self._pace.seconds_left(done, info) if info.state == "running" else None
        speed = news.latest.get("tokens_per_second") if info.state == "running" else None
        self.header.show_progress(done, info.steps, left, speed, info.best)

    # --- when to look -----------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """By itself only where someone sees it and more may come."""
        ended = self._info is not None and self._info.state in ("done", "broken")
        self.follower.keep_looking(self.isVisible() and self._folder is not None and not ended)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._watch()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.follower.keep_looking(False)

    # --- what it is made of -----------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.header.pause_requested.connect(self.pause_requested)
        self.header.resume_requested.connect(self.resume_requested)
        self.header.stop_requested.connect(self.stop_requested)
        self.checkpoints.talk_requested.connect(self.talk_requested)
        self.checkpoints.beside_requested.connect(self.beside_requested)
        self.checkpoints.compare_requested.connect(self.compare_requested)
        self.use.parent_requested.connect(lambda: self.parent_requested.emit(self._folder))
        self.use.use_requested.connect(lambda kind: self.use_requested.emit(kind, self._folder))
        self.use.repeat_requested.connect(lambda: self.repeat_requested.emit(self._folder))
        self.use.change_requested.connect(lambda: self.change_requested.emit(self._folder))

    def _build(self) -> None:
        self._use_section = Section(self.tr("Use it"), self.use)
        self._sample_section = Section(self.tr("What it writes"), self.samples)
        self._confusion_section = Section(self.tr("What it confuses"), self.confusion)
        self._checkpoint_section = Section(self.tr("Checkpoints"), self.checkpoints)
        self._main, self._side = QWidget(), QWidget()
        main, side = QVBoxLayout(self._main), QVBoxLayout(self._side)
        for widget in (self.curves, self._confusion_section):
            main.addWidget(widget)
        for widget in (self._sample_section, self._checkpoint_section):
            side.addWidget(widget)
        for column in (main, side):
            column.setContentsMargins(0, 0, 0, 0)
            column.addStretch(1)
        self._columns = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._columns.addWidget(self._main, 1)
        self._columns.addWidget(self._side)
        content = QWidget()
        self._content = QVBoxLayout(content)
        for part in (self.header, self._problem, self.advice, self._use_section):
            self._content.addWidget(part)
        self._content.addLayout(self._columns)
        self._content.addStretch(1)
        self._area = Scroll(content)
        self._nothing = plain_label(self.tr("Choose a run to see how it went."), muted=True, wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._area)
        layout.addWidget(self._nothing)
        follow_font(self, self._fit)

    def _fit(self) -> None:
        wide = self.width() >= em(self, TWO_COLUMNS_EM)
        direction = QBoxLayout.Direction
        self._columns.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        self._side.setFixedWidth(em(self, _SIDE_EM)) if wide else self._side.setMaximumWidth(16_777_215)
        if not wide:
            self._side.setMinimumWidth(0)
        self.curves.set_plot_height(max(em(self, 13), min(em(self, 34), round(0.45 * self.height()))))
        self._columns.setSpacing(space(self, 4 if wide else 2))
        self._content.setSpacing(space(self, 2))
        self._content.setContentsMargins(space(self, 2), space(self, 1.5), space(self, 2), space(self, 2))
        for column in (self._main, self._side):
            inner = column.layout()
            assert inner is not None
            inner.setSpacing(space(self, 2.5))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class Section(QWidget):
    """A heading and what stands under it."""

    def __init__(self, title: str, content: QWidget) -> None:
        super().__init__()
        heading = plain_label(title)
        heading.setProperty("role", "heading")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(heading)
        column.addWidget(content)
        follow_font(self, lambda: column.setSpacing(space(self)))


class _Pace:
    """How fast a run goes, from when its steps were seen; before that, from what its checkpoints say."""

    LEAST_S = 5.0

    def __init__(self) -> None:
        self._first: tuple[float, int] | None = None

    def seconds_left(self, done: int, info: RunInfo) -> float | None:
        now = time.monotonic()
        if self._first is None or done < self._first[1]:
            self._first = (now, done)
        began, step = self._first
        if now - began >= self.LEAST_S and done > step:
            return (now - began) / (done - step) * (info.steps - done)
        if info.done and info.seconds:
            return info.seconds / info.done * (info.steps - done)
        return None
