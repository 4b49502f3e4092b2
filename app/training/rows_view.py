"""All rows of a dataset: a list with a field to look for words in, and the chosen row beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLineEdit, QListView, QPushButton, QVBoxLayout, QWidget

from app.figures import number
from app.settings.texts import Title
from app.theme import em, space
from app.training.row_detail import RowDetail
from app.training.rows_model import RowsModel
from app.training.search import LIMIT
from app.widgets.fitting import follow_font, lay_beside
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label

if TYPE_CHECKING:
    from engine.data.index import RowIndex

BESIDE_EM = 34  # from this width on the row stands beside the list, else below it
SETTLE_MS = 120  # a row is asked about once the arrow keys rest


class RowsView(QWidget):
    """`row_shown(number)`: of the dataset. `search_changed(text)`: empty for all rows.

    `leave_out_requested(numbers)`: rows that were found are not to be learnt; `take_back_requested`: all are again.
    """

    row_shown = Signal(int)
    leave_out_requested = Signal(list)
    take_back_requested = Signal()
    search_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = RowsModel(self)
        self.search = QLineEdit(placeholderText=self.tr("Look for words"), clearButtonEnabled=True)
        self.search.setAccessibleName(self.tr("Look for words in the rows"))
        self.list = QListView()
        self.list.setObjectName("rows")
        self.list.setAccessibleName(self.tr("Rows"))
        self.list.setUniformItemSizes(True)  # a million rows are laid out by counting
        self.list.setLayoutMode(QListView.LayoutMode.Batched)
        self.list.setBatchSize(20_000)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setModel(self.model)
        self._words = Title("")
        self._words.setProperty("muted", True)
        self._words.setProperty("role", "small")
        self.leave_out = QPushButton(self.tr("Leave these out"))
        self.leave_out.setAccessibleDescription(self.tr("The rows that were found are not learnt from."))
        self.leave_out.clicked.connect(lambda: self.leave_out_requested.emit(self.model.numbers()))
        self._left_out = plain_label(muted=True)
        self._left_out.setProperty("role", "small")
        self.take_back = QPushButton(self.tr("Take all back"))
        self.take_back.clicked.connect(self.take_back_requested)
        self._line = FlowLayout()
        for part in (self._words, self.leave_out, self._left_out, self.take_back):
            self._line.addWidget(part)
        self.detail = RowDetail()
        self._left = QVBoxLayout()
        self._left.addWidget(self.search)
        self._left.addWidget(self.list, 1)
        self._left.addLayout(self._line)
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._both.setContentsMargins(0, 0, 0, 0)
        self._both.addLayout(self._left, 1)
        self._both.addWidget(self.detail, 1)
        self._typed = QTimer(self, singleShot=True, interval=250)
        self._typed.timeout.connect(lambda: self.search_changed.emit(self.search.text().strip()))
        self.search.textChanged.connect(lambda _: self._typed.start())
        self._settled = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settled.timeout.connect(self._tell)
        self.list.selectionModel().currentChanged.connect(self._show_current)
        follow_font(self, self._fit)
        self.leave_out.hide()
        self.show_left_out(0)

    @property
    def current(self) -> int | None:
        """The number of the row that is shown."""
        place = self.list.currentIndex().row()
        return self.model.number(place) if 0 <= place < self.model.rowCount() else None

    def show_index(self, index: RowIndex | None) -> None:
        blocked = self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(blocked)
        self._typed.stop()
        self.model.show_index(index)
        self.detail.show_row(None)
        self._choose_first()
        self._say_count()

    def grow(self) -> None:
        self.model.grow()
        self._choose_first()
        self._say_count()

    def show_found(self, numbers: list[int] | None) -> None:
        """Only these rows; None shows all."""
        self.model.show_found(numbers)
        self.detail.show_row(None)
        self._choose_first()
        self._say_count()

    def add_found(self, numbers: list[int], searched: int) -> None:
        self.model.add_found(numbers)
        self._choose_first()
        if searched < self.model.total:
            self.leave_out.hide()
            text = self.tr("{count} found, {searched} rows searched")
            self._words.setText(text.format(count=number(self.model.rowCount()), searched=number(searched)))
        else:
            self._say_count()

    def show_left_out(self, count: int) -> None:
        """So many rows are not learnt from."""
        text = self.tr("{count} rows are left out") if count != 1 else self.tr("1 row is left out")
        self._left_out.setText(text.format(count=number(count)))
        self._left_out.setVisible(count > 0)
        self.take_back.setVisible(count > 0)

    def _say_count(self) -> None:
        shown, total = self.model.rowCount(), self.model.total
        self.leave_out.setVisible(0 < shown < min(total, LIMIT))
        if shown == total:
            text = self.tr("{count} rows") if total != 1 else self.tr("{count} row")
        elif shown >= LIMIT:
            text = self.tr("the first {count} that were found")
        else:
            text = self.tr("{count} of {total} rows")
        self._words.setText(text.format(count=number(shown), total=number(total)))

    def _choose_first(self) -> None:
        if not self.list.currentIndex().isValid() and self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(0, 0))

    def _show_current(self, now: QModelIndex) -> None:
        if now.isValid():
            self.detail.show_row(self.model.row(now.row()))
            self._settled.start()

    def _tell(self) -> None:
        if (shown := self.current) is not None:
            self.row_shown.emit(shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        lay_beside(self._both, self, BESIDE_EM)
        self._both.setSpacing(space(self, 1.5))
        self._left.setSpacing(space(self, 0.6))
        self._line.setSpacing(space(self))
        self.list.setMinimumHeight(em(self, 8))
        self.detail.text.setMinimumHeight(em(self, 8))
        self.list.setMinimumWidth(em(self, 8))
        self.detail.text.setMinimumWidth(em(self, 8))
