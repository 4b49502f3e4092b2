"""Moves a run to the trash, after it was said what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QFile, QObject, Signal
from PySide6.QtWidgets import QWidget

from app import messages
from app.background import Background
from app.messages import Notice
from app.widgets.labels import ask_before, plain_box
from engine.errors import EngineError
from engine.training.runs import RunInfo


class Deleting(QObject):
    """`deleted`: one is gone. `said` carries a `Notice`."""

    deleted = Signal()
    said = Signal(object)

    def __init__(self, window: QWidget, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window, self._background = window, background

    def ask(self, folder: Path, known: Sequence[RunInfo], training: bool) -> None:
        """known: all runs, among which its children are. training: whether it trains now."""
        if training:
            self.said.emit(Notice(self.tr("It is training now. Stop it first.")))
            return
        children = [run.name for run in known if run.parent and Path(run.parent).is_relative_to(folder)]
        box = plain_box(
            self._window,
            self.tr("Delete a training"),
            self.tr("Move “{name}” to the trash, with its model?").format(name=folder.name),
            self.tr("Others were made from its model: {names}.").format(names=", ".join(children)) if children else "",
        )
        ask_before(box, self.tr("Move to the trash"), lambda: self._delete(folder))

    def _delete(self, folder: Path) -> None:
        def work() -> None:
            if not QFile.moveToTrash(str(folder)):
                raise EngineError("not_to_trash", place=str(folder))

        def failed(error: EngineError) -> None:
            self.said.emit(Notice(messages.sentence(error.code, error.data), details=error.detail))

        self._background.run(work, lambda _: self.deleted.emit(), failed)
