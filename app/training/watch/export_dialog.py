"""Exporting a model as GGUF: which type, how large it gets, and what it costs on the person's own text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.theme import em, space
from app.widgets.buttons import asking_button
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label
from engine import hardware

# Those of `engine.evaluation.quantizations.TYPES`, which needs torch.
OFFERED = ("f16", "q8_0", "q6_k", "q5_k_m", "q4_k_m", "q3_k_m", "q2_k")
USUAL = "q8_0"
_NOTHING = "–"


class ExportDialog(QDialog):
    """`measure_requested`: run the job `quantizations`; `export_requested(type)`. The owner answers with `show_…`."""

    measure_requested = Signal()
    export_requested = Signal(str)

    def __init__(self, name: str, types: Sequence[str] = OFFERED, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export {name}").format(name=name))
        self._types = tuple(types)
        text = self.tr(
            "Fewer bits make a smaller file and a model that is a little worse. Measured, the table says how much."
        )
        self.table = QTableWidget(len(self._types), 4)
        self.table.setHorizontalHeaderLabels(
            [self.tr("Type"), self.tr("Size"), self.tr("Bits a weight"), self.tr("Worse on your text")]
        )
        self.table.setAccessibleName(self.tr("Types of GGUF"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        for row, type in enumerate(self._types):
            for column, value in enumerate((type, _NOTHING, _NOTHING, _NOTHING)):
                self.table.setItem(row, column, QTableWidgetItem(value))
        self.table.selectRow(self._types.index(USUAL) if USUAL in self._types else 0)
        self._state = plain_label(muted=True, wrap=True)
        self._state.hide()
        self.measure = QPushButton(self.tr("Measure on my text"))
        self.measure.setAutoDefault(False)
        self.export = asking_button(self.tr("Export…"))
        self.export.setDefault(True)
        buttons = self._buttons = FlowLayout()
        buttons.addWidget(self.measure)
        buttons.addWidget(self.export)
        layout = self._layout = QVBoxLayout(self)
        layout.addWidget(plain_label(text, wrap=True))
        layout.addWidget(self.table, 1)
        layout.addWidget(self._state)
        layout.addLayout(buttons)
        self.measure.clicked.connect(self.measure_requested)
        self.export.clicked.connect(lambda: self.export_requested.emit(self.type))
        self.table.activated.connect(lambda _: self.export_requested.emit(self.type))
        follow_font(self, self._fit)

    @property
    def type(self) -> str:
        """The one that is chosen."""
        return self._types[max(0, self.table.currentRow())]

    def show_busy(self, text: str) -> None:
        """What is being done."""
        self.measure.setEnabled(False)
        self.export.setEnabled(False)
        self._say(text)

    def show_measured(self, row: Mapping[str, Any]) -> None:
        """A row of the job `quantizations`."""
        if row["type"] not in self._types:
            return
        number = self._types.index(row["type"])
        worse = 100 * row["worse"]
        texts = (hardware.size_text(row["size_bytes"]), f"{row['bits_per_weight']:.1f}", f"{worse:+.1f} %")
        for column, text in enumerate(texts, 1):
            item = QTableWidgetItem(text)
            item.setTextAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing)
            self.table.setItem(number, column, item)

    def show_idle(self, text: str = "") -> None:
        """It is done, or has failed: what to say about it."""
        self.measure.setEnabled(True)
        self.export.setEnabled(True)
        self._say(text)

    def _say(self, text: str) -> None:
        self._state.setText(text)
        self._state.setVisible(bool(text))

    def _fit(self) -> None:
        self._layout.setSpacing(space(self))
        self._buttons.setSpacing(space(self))
        rows = sum(self.table.rowHeight(row) for row in range(self.table.rowCount()))
        self.table.setMinimumHeight(em(self, 3))  # the others come first where room is short
        self.setMinimumWidth(min(em(self, 30), 700))
        self.resize(self.minimumWidth(), min(rows + em(self, 11), 560))
