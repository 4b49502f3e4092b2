"""The rows of a dataset as a list that can be scrolled, a million as easily as ten: only what is seen is read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.figures import number

if TYPE_CHECKING:
    from engine.data.index import RowIndex

BLOCK = 64  # rows read at once
BLOCKS = 16  # kept
SUMMARY = 160  # characters of a row in the list

Index = QModelIndex | QPersistentModelIndex


class RowsModel(QAbstractListModel):
    """All rows of an index, or those that were found. `show_index(None)` is empty."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._index: RowIndex | None = None
        self._count = 0
        self._found: list[int] | None = None
        self._blocks: OrderedDict[int, list[dict[str, Any]]] = OrderedDict()

    def show_index(self, index: RowIndex | None) -> None:
        self.beginResetModel()
        self._index, self._found = index, None
        self._count = len(index) if index is not None else 0
        self._blocks.clear()
        self.endResetModel()

    def grow(self) -> None:
        """Rows may have been written since."""
        before, self._count = self._count, self._index.refresh() if self._index is not None else 0
        if self._found is None and self._count > before:
            self._blocks.pop(before // BLOCK, None)  # it was not full
            self.beginInsertRows(QModelIndex(), before, self._count - 1)
            self.endInsertRows()

    def show_found(self, numbers: Sequence[int] | None) -> None:
        """Only these rows; None shows all again."""
        self.beginResetModel()
        self._found = None if numbers is None else list(numbers)
        self.endResetModel()

    def add_found(self, numbers: Sequence[int]) -> None:
        if numbers and self._found is not None:
            self.beginInsertRows(QModelIndex(), len(self._found), len(self._found) + len(numbers) - 1)
            self._found += numbers
            self.endInsertRows()

    @property
    def total(self) -> int:
        """Of the dataset, whatever is looked for."""
        return self._count

    def number(self, place: int) -> int:
        """Which row of the dataset stands there."""
        return place if self._found is None else self._found[place]

    def numbers(self) -> list[int]:
        """Of the rows that were found."""
        return list(self._found or ())

    def row(self, place: int) -> dict[str, Any] | None:
        """The row that stands there; None where it cannot be read."""
        wanted = self.number(place)
        block = self._block(wanted // BLOCK)
        return block[wanted % BLOCK] if wanted % BLOCK < len(block) else None

    # --- what Qt asks -------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        if parent.isValid():
            return 0
        return self._count if self._found is None else len(self._found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) or not index.isValid():
            return None
        row = self.row(index.row())
        return "" if row is None else f"{number(row['line'])}   {summary(row)}"

    def _block(self, place: int) -> list[dict[str, Any]]:
        if place in self._blocks:
            self._blocks.move_to_end(place)
            return self._blocks[place]
        if self._index is None:
            return []
        try:
            rows = self._index.rows(place * BLOCK, (place + 1) * BLOCK)
        except (OSError, ValueError):  # its folder was removed; what is shown goes blank
            rows = []
        self._blocks[place] = rows
        while len(self._blocks) > BLOCKS:
            self._blocks.popitem(last=False)
        return rows


def summary(row: dict[str, Any]) -> str:
    """The beginning of what a row says, on one line."""
    match row["kind"]:
        case "labelled":
            said = f"{row['label']}: {row['text'][:SUMMARY]}"
        case "conversation":
            said = " → ".join(message["content"][:SUMMARY] for message in row["messages"][:3])
        case "preference":
            said = " → ".join(message["content"][:SUMMARY] for message in (*row["prompt"][-1:], *row["chosen"][:1]))
        case "choice":
            said = row["question"][:SUMMARY]
        case _:
            said = row["text"][:SUMMARY]
    return " ".join(said.split())[:SUMMARY]
