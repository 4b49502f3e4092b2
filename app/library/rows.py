"""The models as rows: what each is, how it stands, and which of them a filter leaves, in which order."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)

from app.chat.load import Load, LoadState
from app.library import texts
from engine.events import Model

Index = QModelIndex | QPersistentModelIndex


class Role(IntEnum):
    MODEL = Qt.ItemDataRole.UserRole + 1  # the `Model`
    BADGES = MODEL + 1
    FACTS = MODEL + 2  # what is written below the name
    FIGURES = MODEL + 3  # parameters, quantization, size
    PROBLEM = MODEL + 4  # why it cannot be opened, or empty
    LOAD = MODEL + 5  # its `Load`; one that is not loaded is EMPTY


@dataclass
class _Row:
    model: Model
    names: str  # of the model and its file: a filter's words may stand anywhere in them
    facts: tuple[str, ...]  # a filter's words are beginnings of these: Ollama is no Llama

    @classmethod
    def of(cls, model: Model) -> _Row:
        file = "" if model.kind == texts.REMOTE else Path(model.path).name
        names = f"{model.name} {file}".casefold()
        facts = (*texts.known(model), *texts.figures(model), *texts.badges(model))
        return cls(model, names, tuple(" ".join(facts).casefold().split()))

    def has(self, word: str) -> bool:
        return word in self.names or any(fact.startswith(word) for fact in self.facts)


class ModelRows(QAbstractListModel):
    """`rename_requested(old, new)`: a name was edited in its row, which shows the new one once it counts."""

    rename_requested = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[_Row] = []
        self._places: dict[str, int] = {}  # by key
        self._load = Load()

    @staticmethod
    def key(model: Model) -> str:
        """What tells rows apart."""
        return model.name

    def take(self, model: Model) -> None:
        """A model that is there: a new row, or news of one."""
        place = self._places.get(self.key(model))
        if place is None:
            place = len(self._rows)
            self.beginInsertRows(QModelIndex(), place, place)
            self._rows.append(_Row.of(model))
            self._places[self.key(model)] = place
            self.endInsertRows()
        elif self._rows[place].model != model:
            self._rows[place] = _Row.of(model)
            self._changed(place)

    def keep(self, keys: Collection[str]) -> None:
        """Only these are left."""
        for place in reversed(range(len(self._rows))):
            if self.key(self._rows[place].model) not in keys:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self._rows[place]
                self.endRemoveRows()
        self._places = {self.key(row.model): place for place, row in enumerate(self._rows)}

    def show_load(self, load: Load) -> None:
        """How the one model stands that is loaded, or being loaded."""
        before, self._load = self._load, load
        for place, row in enumerate(self._rows):
            if row.model.path in (before.path, load.path):
                self._changed(place)

    def models(self) -> list[Model]:
        return [row.model for row in self._rows]

    def model_of(self, key: str) -> Model | None:
        place = self._places.get(key)
        return None if place is None else self._rows[place].model

    def index_of(self, key: str) -> QModelIndex:
        place = self._places.get(key)
        return QModelIndex() if place is None else self.index(place, 0)

    def load_of(self, model: Model) -> Load:
        return self._load if self._load.path == model.path else Load()

    def matches(self, place: int, words: Collection[str]) -> bool:
        return all(map(self._rows[place].has, words))

    # --- what Qt asks -------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        model = self._rows[index.row()].model
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return model.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(model)
            case Role.MODEL:
                return model
            case Role.BADGES:
                return texts.badges(model)
            case Role.FACTS:
                return tuple(texts.known(model))
            case Role.FIGURES:
                return texts.figures(model)
            case Role.PROBLEM:
                return model.problem or self.load_of(model).problem
            case Role.LOAD:
                return self.load_of(model)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        name = self._rows[index.row()].model.name
        if role == Qt.ItemDataRole.EditRole and str(value).strip() not in ("", name):
            self.rename_requested.emit(name, str(value).strip())
        return False

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        model = self._rows[index.row()].model
        return flags if model.bundled or model.kind == texts.REMOTE else flags | Qt.ItemFlag.ItemIsEditable

    def _changed(self, place: int) -> None:
        index = self.index(place, 0)
        self.dataChanged.emit(index, index)

    def _spoken(self, model: Model) -> str:
        """The row as a screen reader says it."""
        translate = QCoreApplication.translate
        load = self.load_of(model)
        state = {
            LoadState.EMPTY: "",
            LoadState.LOADING: translate("library", "loading"),
            LoadState.LOADED: translate("library", "loaded"),
            LoadState.BROKEN: "",
        }[load.state]
        if problem := model.problem or load.problem:
            return ", ".join((model.name, problem))
        parts = (model.name, state, *texts.badges(model), *texts.figures(model), *texts.known(model))
        return ", ".join(part for part in parts if part)


def _by_name(model: Model) -> Any:
    return not model.bundled, model.name.casefold()


# What rows may be sorted by.
ORDERS: dict[str, Callable[[Model], Any]] = {
    "name": _by_name,
    "size": lambda model: (-(model.details.get("size_bytes") or 0), _by_name(model)),
    "parameters": lambda model: (-(model.details.get("parameters") or 0), _by_name(model)),
    "origin": lambda model: (not model.bundled, texts.origin_name(texts.origin_of(model)), _by_name(model)),
}


class FilteredModels(QSortFilterProxyModel):
    """Those rows of `ModelRows` that have all of the words, in one of the ORDERS."""

    def __init__(self, rows: ModelRows, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all, self._words = rows, list[str]()
        self._order = ORDERS["name"]
        self.setSourceModel(rows)
        self.sort(0)

    def look_for(self, text: str) -> None:
        self._words = text.casefold().split()
        self.invalidate()

    def sort_by(self, order: str) -> None:
        """Raises KeyError for an order that there is not."""
        self._order = ORDERS[order]
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        return self._all.matches(row, self._words)

    def lessThan(self, left: Index, right: Index) -> bool:
        return bool(self._order(left.data(Role.MODEL)) < self._order(right.data(Role.MODEL)))
