"""The rows that could not be read, each with its line and the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.figures import number
from app.phrases import said

Index = QModelIndex | QPersistentModelIndex


class RejectedModel(QAbstractListModel):
    """Rows as `RowIndex.rejected` gives them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[dict[str, Any]] = ()
        self._several = False  # files

    def show_rows(self, rows: Sequence[dict[str, Any]]) -> None:
        self.beginResetModel()
        self._rows = rows
        self._several = len({row["file"] for row in rows}) > 1
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        text = self.tr("Line {line}: {reason}").format(line=number(row["line"]), reason=said(row["reason"]))
        if role == Qt.ItemDataRole.ToolTipRole:
            return None  # a reason comes from a file, and Qt would look for markup in it
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        return f"{row['file']}   {text}" if self._several else text
