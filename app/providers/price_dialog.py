"""What models cost: the prices that came with Seedling, and the person's own, which count before them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractItemView, QPushButton, QTableWidget, QTableWidgetItem, QWidget

from app import messages
from app.providers.dialog import ServerDialog
from app.settings.texts import small_label
from app.theme import em, space
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from engine.providers.base import Provider
from engine.providers.prices import Price, Table

_AMOUNTS = ("input", "output", "cached")
_LEADING = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
_COLUMNS = ("provider", "model", *_AMOUNTS, "currency")  # those that are written into; behind them, where it is from


class PriceDialog(ServerDialog):
    """`wanted(rows)`: these shall be the person's own prices, as `prices.save` takes them."""

    wanted = Signal(list)
    WIDTH_EM, HEIGHT_EM = 50.0, 34.0

    def __init__(self, table: Table, providers: Sequence[Provider], parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Prices"), self.tr("Save"), parent)
        self._providers = providers
        self.column.addWidget(
            small_label(
                self.tr(
                    "For a million tokens. Write over a price to have one of your own, which counts before "
                    "the one that came with Seedling. A model may be a pattern with a star, such as gpt-5*."
                )
            )
        )
        self.add_button, self.remove_button = QPushButton(self.tr("Add a price")), QPushButton(self.tr("Remove"))
        self.remove_button.setAccessibleName(self.tr("Remove the chosen price of yours"))
        buttons = FlowLayout()
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.remove_button)
        self.column.addLayout(buttons)
        self.table = _PriceTable()
        self.column.addWidget(self.table, 1)
        for price in table.own:
            self.table.add(price, own=True)
        for price in table.bundled:
            self.table.add(price, own=False)
        self.table.settle()
        if table.problem is not None:
            self.show_problem(messages.sentence(table.problem.code, table.problem.data))
        self.add_button.clicked.connect(self._add)
        self.remove_button.clicked.connect(self._remove)
        self.table.itemSelectionChanged.connect(self._show_removable)
        self.table.itemChanged.connect(lambda _: self._show_removable())
        follow_font(self.table, lambda: buttons.setSpacing(space(self)))
        self._show_removable()
        self.fill(self.table)

    def submit(self) -> None:
        self.wanted.emit(self.table.own())

    def _add(self) -> None:
        """Above all others; the first of the connected is most likely meant."""
        provider = self._providers[0].name if self._providers else ""
        self.table.insert(provider)
        self._show_removable()

    def _remove(self) -> None:
        if self.table.is_own(self.table.currentRow()):
            self.table.removeRow(self.table.currentRow())

    def _show_removable(self) -> None:
        self.remove_button.setEnabled(self.table.is_own(self.table.currentRow()))


class _PriceTable(QTableWidget):
    """A row for each price; one that is written into is the person's own from then on."""

    def __init__(self) -> None:
        super().__init__(0, len(_COLUMNS) + 1)
        self.setAccessibleName(self.tr("Prices"))
        self.setHorizontalHeaderLabels(
            [
                self.tr("Server"),
                self.tr("Model"),
                self.tr("Input"),
                self.tr("Output"),
                self.tr("Cached"),
                self.tr("Currency"),
            ]
        )
        source = QTableWidgetItem(self.tr("From"))
        source.setTextAlignment(_LEADING)  # as the texts below it
        self.setHorizontalHeaderItem(len(_COLUMNS), source)
        self.verticalHeader().hide()
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.itemChanged.connect(self._take_over)
        follow_font(self, self.settle)

    def add(self, price: Price, own: bool) -> None:
        row = self.rowCount()
        self._put(row, price.to_json(), own, "" if own else self._from(price))

    def insert(self, provider: str) -> None:
        """A new one of the person's own, to be written."""
        self._put(0, {"provider": provider, "currency": "USD"}, True, "")
        self.setCurrentCell(0, 1)
        self.editItem(self._cell(0, 1))

    def is_own(self, row: int) -> bool:
        item = self.item(row, 0)
        return item is not None and bool(item.data(Qt.ItemDataRole.UserRole + 1))

    def own(self) -> list[dict[str, Any]]:
        """The person's, as they stand here; what is no number is left as it was written, and refused by its row."""
        rows = [row for row in range(self.rowCount()) if self.is_own(row)]
        return [self._values(row) for row in rows]

    def settle(self) -> None:
        self.resizeColumnsToContents()
        self.resizeRowsToContents()
        self.setMinimumHeight(em(self, 8))

    def _cell(self, row: int, column: int) -> QTableWidgetItem:
        item = self.item(row, column)
        assert item is not None  # every cell has one
        return item

    def _put(self, row: int, values: dict[str, Any], own: bool, source: str) -> None:
        blocked = self.blockSignals(True)
        self.insertRow(row)
        for column, name in enumerate(_COLUMNS):
            value = values.get(name)
            text = QLocale().toString(value, "g", 10) if isinstance(value, float) else str(value or "")
            item = QTableWidgetItem(text)
            if name in _AMOUNTS:
                item.setTextAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
            self.setItem(row, column, item)
        last = QTableWidgetItem(source)
        last.setFlags(last.flags() & ~Qt.ItemFlag.ItemIsEditable)
        self.setItem(row, len(_COLUMNS), last)
        self._cell(row, 0).setData(Qt.ItemDataRole.UserRole, values)
        self._mark(row, own)
        self.blockSignals(blocked)

    def _mark(self, row: int, own: bool) -> None:
        self._cell(row, 0).setData(Qt.ItemDataRole.UserRole + 1, own)
        role = QPalette.ColorRole.Text if own else QPalette.ColorRole.PlaceholderText
        for column in range(self.columnCount()):
            self._cell(row, column).setForeground(self.palette().color(role))
        if own:
            self._cell(row, len(_COLUMNS)).setText(self.tr("you"))

    def _take_over(self, item: QTableWidgetItem) -> None:
        blocked = self.blockSignals(True)
        self._mark(item.row(), own=True)
        self.blockSignals(blocked)

    def _values(self, row: int) -> dict[str, Any]:
        before: dict[str, Any] = dict(self._cell(row, 0).data(Qt.ItemDataRole.UserRole))
        for column, name in enumerate(_COLUMNS):
            text = self._cell(row, column).text().strip()
            before[name] = _amount(text) if name in _AMOUNTS else text
        for name in ("as_of", "source"):
            before.pop(name, None)  # of the price that was written over
        return {name: value for name, value in before.items() if value is not None}

    def _from(self, price: Price) -> str:
        parts = [price.as_of] if price.as_of else [self.tr("Seedling")]
        if price.up_to is not None:
            parts.append(self.tr("up to {count} tokens").format(count=QLocale().toString(price.up_to)))
        return "  ·  ".join(parts)


def _amount(text: str) -> float | str | None:
    """A number as it is written in this language, or with a point; nothing where nothing is written."""
    if not text:
        return None
    for locale in (QLocale(), QLocale.c()):
        number, is_number = locale.toDouble(text)
        if is_number:
            return number
    return text
