"""Watching a run: how it stands, its curves, samples and checkpoints, and what to do with what it made.

Everything shown is read from the run's folder, off the window's thread, so a run that trains now, one that was killed
yesterday and one that ended long ago look the same. It decides nothing: what the person wants is told by signals.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.training.watch.header import RunHeader
from engine.events import Event


class WatchView(QWidget):
    """`use_requested(kind, run)`: kind is one of `use_it.KINDS`. `talk_requested(folder)`: a checkpoint or a model."""

    pause_requested = Signal()
    resume_requested = Signal()
    stop_requested = Signal()  # and keep the best
    talk_requested = Signal(object)  # Path
    compare_requested = Signal(object)  # Path: talk to it beside its parent
    use_requested = Signal(str, object)  # kind, Path of the run
    repeat_requested = Signal(object)  # Path of the run
    change_requested = Signal(object)  # Path of the run: repeat it with one value changed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder: Path | None = None
        self.header = RunHeader()
        self.header.pause_requested.connect(self.pause_requested)
        self.header.resume_requested.connect(self.resume_requested)
        self.header.stop_requested.connect(self.stop_requested)
        layout = QVBoxLayout(self)
        layout.addWidget(self.header)
        layout.addStretch(1)

    def set_run(self, folder: Path | None) -> None:
        """Show this run, or none."""
        self._folder = folder
        self.header.show_run(folder.name if folder is not None else "", "", "")

    def set_other_runs(self, folders: Sequence[Path]) -> None:
        """Lay the curves of these runs over those of the one shown."""

    def refresh(self) -> None:
        """There may be something new to read."""

    def set_progress(self, event: Event) -> None:
        """What the worker says of what has no file."""

    def close_files(self) -> None:
        """The window closes: nothing is read any more."""
