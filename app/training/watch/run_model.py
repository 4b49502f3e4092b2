"""The runs there are as an item model: a name, and beneath it what is known of each; two or more may be ticked."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QDateTime,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from app.phrases import said
from app.training.watch.quantities import figure
from app.training.watch.texts import method_name, state_name
from engine.training.runs import RunInfo

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Role(IntEnum):
    INFO = Qt.ItemDataRole.UserRole + 1  # RunInfo
    FACTS = Qt.ItemDataRole.UserRole + 2  # the line beneath the name


class RunModel(QAbstractListModel):
    """`ticked_changed`: other runs are ticked for comparing."""

    ticked_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: list[RunInfo] = []
        self._ticked: list[Path] = []  # in the order of ticking

    @property
    def ticked(self) -> list[Path]:
        return list(self._ticked)

    def set_runs(self, runs: Sequence[RunInfo]) -> None:
        """The latest first. Where the same runs are there, only what has changed is told."""
        if [run.folder for run in runs] == [run.folder for run in self._runs]:
            changed = [number for number, run in enumerate(runs) if run != self._runs[number]]
            self._runs = list(runs)
            for number in changed:
                self.dataChanged.emit(self.index(number), self.index(number))
            return
        self.beginResetModel()
        self._runs = list(runs)
        self.endResetModel()
        left = [folder for folder in self._ticked if any(run.folder == folder for run in runs)]
        if left != self._ticked:
            self._ticked = left
            self.ticked_changed.emit()

    def clear_ticks(self) -> None:
        self._ticked = []
        if self._runs:
            self.dataChanged.emit(self.index(0), self.index(len(self._runs) - 1))
        self.ticked_changed.emit()

    def index_of(self, folder: Path | None) -> QModelIndex:
        number = next((number for number, run in enumerate(self._runs) if run.folder == folder), None)
        return QModelIndex() if number is None else self.index(number)

    # --- what the view asks ---------------------------------------------------------------------------------

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._runs)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not self.checkIndex(index, self.CheckIndexOption.IndexIsValid):
            return None
        run = self._runs[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return run.name
            case Qt.ItemDataRole.AccessibleTextRole:
                text = self.tr("{name}: {facts}").format(name=run.name, facts=facts(run))
                return self.tr("{run}, ticked").format(run=text) if run.folder in self._ticked else text
            case Qt.ItemDataRole.CheckStateRole if not run.problem or run.method:
                return Qt.CheckState.Checked if run.folder in self._ticked else Qt.CheckState.Unchecked
            case Role.INFO:
                return run
            case Role.FACTS:
                return facts(run)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or index.data(role) is None:
            return False
        folder = self._runs[index.row()].folder
        if Qt.CheckState(value) is Qt.CheckState.Checked:
            self._ticked.append(folder)
        else:
            self._ticked.remove(folder)
        self.dataChanged.emit(index, index)
        self.ticked_changed.emit()
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flag = Qt.ItemFlag
        if not index.isValid():
            return flag.NoItemFlags
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsUserCheckable | flag.ItemNeverHasChildren


def facts(run: RunInfo) -> str:
    """State, method, parent, best score and time in one line."""
    if run.state == "broken":
        return said(run.problem or "") or state_name(run.state)
    translate = QCoreApplication.translate
    parts = [state_name(run.state)]
    if run.best is not None:
        parts.append(translate("training", "best {loss}").format(loss=figure(run.best)))
    parts.append(method_name(run.method))
    if run.parent_name:
        parts.append(translate("training", "from {parent}").format(parent=run.parent_name))
    parts.append(when(run.started))
    return " · ".join(part for part in parts if part)


def when(started: str) -> str:
    """A time of run.json as the person writes it."""
    time = QDateTime.fromString(started, "yyyy-MM-dd HH:mm:ss")
    return str(QLocale().toString(time, QLocale.FormatType.ShortFormat)) if time.isValid() else started
