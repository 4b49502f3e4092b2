"""For models that tell labels apart: how often each was taken for each."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QLocale, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.stylesheet import RING
from app.theme import em, space
from app.training.watch.following import Confusion
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label

MOST_SHOWN = 12  # labels; those that occur most often
_NOWHERE = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class ConfusionTable(QWidget):
    """Rows are what the texts are, columns what they were taken for; the stronger a cell, the larger its share."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Model(self)
        self._explanation = plain_label(muted=True, wrap=True)
        self._explanation.setProperty("role", "small")
        self.table = QTableView()
        self.table.setModel(self._model)
        self.table.setAccessibleName(self.tr("What each label was taken for"))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setItemDelegate(_Cells(self.table))
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.setCornerButtonEnabled(False)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._explanation)
        self._column.addWidget(self.table)
        follow_font(self, self._fit)

    def show_confusion(self, confusion: Confusion) -> None:
        self._model.show_confusion(confusion)
        text = self.tr("Held-out texts at step {step}. Rows: what they are. Columns: what they were taken for.")
        text = text.format(step=QLocale().toString(confusion.step))
        if (left := len(confusion.labels) - self._model.rowCount()) > 0:
            text += " " + self.tr("{count} rarer labels are not shown.").format(count=left)
        self._explanation.setText(text)
        self._fit()

    def _fit(self) -> None:
        self._column.setSpacing(space(self, 0.5))
        rows = self._model.rowCount()
        header = self.table.horizontalHeader().sizeHint().height()
        height = header + sum(self.table.rowHeight(row) for row in range(rows)) + em(self, 0.5)
        self.table.setFixedHeight(min(height, em(self, 18)))
        names = self.table.verticalHeader().sizeHint().width()
        self.table.setMaximumWidth(names + sum(self.table.columnWidth(row) for row in range(rows)) + em(self, 0.5))


class _Model(QAbstractTableModel):
    def __init__(self, parent: ConfusionTable) -> None:
        super().__init__(parent)
        self._view = parent
        self._labels: list[str] = []
        self._cells: list[list[int]] = []

    def show_confusion(self, confusion: Confusion) -> None:
        texts = [sum(row) for row in confusion.matrix]
        kept = sorted(sorted(range(len(texts)), key=lambda number: -texts[number])[:MOST_SHOWN])
        labels = [confusion.labels[number] for number in kept]
        cells = [[confusion.matrix[row][column] for column in kept] for row in kept]
        if labels == self._labels:
            self._cells = cells
            self.dataChanged.emit(self.index(0, 0), self.index(len(labels) - 1, len(labels) - 1))
            return
        self.beginResetModel()
        self._labels, self._cells = labels, cells
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._labels)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return self.rowCount(parent)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return self._labels[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        count = self._cells[row][column]
        share = count / max(1, sum(self._cells[row]))
        palette, roles = self._view.palette(), QPalette.ColorRole
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return QLocale().toString(count)
            case Qt.ItemDataRole.AccessibleTextRole:
                texts = self._view.tr("{label} taken for {other}: {count}")
                return texts.format(label=self._labels[row], other=self._labels[column], count=count)
            case Qt.ItemDataRole.BackgroundRole:
                strong = roles.Highlight if row == column else roles.BrightText
                return blended(palette.color(roles.Button), palette.color(strong), share)
            case Qt.ItemDataRole.ForegroundRole:
                return palette.color(roles.HighlightedText if share > 0.5 else roles.Text)
        return None


class _Cells(QStyledItemDelegate):
    """Paints a cell in its own colours, which the style sheet's rules for lists would leave out."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.fillRect(option.rect.adjusted(1, 1, -1, -1), index.data(Qt.ItemDataRole.BackgroundRole))
        painter.setPen(index.data(Qt.ItemDataRole.ForegroundRole))
        painter.drawText(option.rect, Qt.AlignmentFlag.AlignCenter, index.data(Qt.ItemDataRole.DisplayRole))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(option.palette.color(QPalette.ColorRole.Text), RING))
            painter.drawRect(option.rect.adjusted(1, 1, -2, -2))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        metrics = option.fontMetrics
        return QSize(metrics.horizontalAdvance(index.data()) + 2 * metrics.height(), round(1.8 * metrics.height()))


def blended(one: QColor, other: QColor, share: float) -> QColor:
    """`share` of the other colour in the first one."""
    pairs = ((one.redF(), other.redF()), (one.greenF(), other.greenF()), (one.blueF(), other.blueF()))
    return QColor.fromRgbF(*(first + share * (second - first) for first, second in pairs))
