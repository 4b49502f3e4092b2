"""Runs side by side: their curves over each other, their scores, and what of their recipes differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.background import Background
from app.phrases import said
from app.settings.texts import Title
from app.theme import em, space
from app.training.watch.following import Figures, whole_run
from app.training.watch.quantities import figure, quantities
from app.training.watch.texts import score_name
from app.training.watch.view import Section
from app.widgets.buttons import IconButton
from app.widgets.curves import Curves
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label
from app.widgets.scroll import Scroll
from engine.errors import EngineError
from engine.training.comparison import Comparison, compare


class CompareView(QWidget):
    """`closed`: the person is done comparing."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        title = Title(self.tr("Comparing runs"))
        title.setProperty("role", "title")
        close = IconButton("x", self.tr("Done comparing"))
        close.clicked.connect(self.closed)
        self._top = FlowLayout()
        self._top.addWidget(title)
        self._top.addWidget(close)
        self._problem = plain_label(wrap=True)
        self._problem.hide()
        self.curves = Curves(quantities())
        self.scores, self.keys = _Table(self.tr("Scores")), _Table(self.tr("What differs in the recipes"))
        content = QWidget()
        self._content = QVBoxLayout(content)
        self._content.addLayout(self._top)
        self._content.addWidget(self._problem)
        self._content.addWidget(self.curves)
        self._content.addWidget(Section(self.tr("Scores"), self.scores))
        self._content.addWidget(Section(self.tr("What differs in the recipes"), self.keys))
        self._content.addStretch(1)
        area = Scroll(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        follow_font(self, self._fit)

    def show_runs(self, folders: Sequence[Path]) -> None:
        """Read them on another thread, then show them; the first is drawn as the run, the others over it."""
        self._background.run(
            lambda: (compare(folders), [whole_run(folder) for folder in folders]), self._show, self._fail
        )

    def close_files(self) -> None:
        self._background.close()
        self.curves.end_loading()

    def _show(self, found: tuple[Comparison, list[tuple[str, Figures]]]) -> None:
        comparison, ((name, figures), *others) = found
        self._problem.hide()
        self.curves.set_run(name)
        self.curves.append(figures)
        self.curves.set_others(others)
        scores = {score_name(key): values for key, values in comparison.scores.items() if score_name(key)}
        self.scores.show_rows(comparison.names, scores)
        self.keys.show_rows(comparison.names, comparison.keys)

    def _fail(self, error: EngineError) -> None:
        self._problem.setText(said(str(error)))
        self._problem.show()

    def _fit(self) -> None:
        self.curves.set_plot_height(em(self, 16))
        self._content.setSpacing(space(self, 2))
        self._content.setContentsMargins(space(self, 2), space(self, 1.5), space(self, 2), space(self, 2))


class _Table(QTableWidget):
    """A row for each name, a column for each run."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setShowGrid(False)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        follow_font(self, self._fit)

    def show_rows(self, names: Sequence[str], rows: Mapping[str, Sequence[Any]]) -> None:
        self.setColumnCount(len(names))
        self.setRowCount(len(rows))
        self.setHorizontalHeaderLabels(list(names))
        self.setVerticalHeaderLabels(list(rows))
        for row, values in enumerate(rows.values()):
            for column, value in enumerate(values):
                self.setItem(row, column, QTableWidgetItem(_text(value)))
        self.setVisible(bool(rows))
        self._fit()

    def _fit(self) -> None:
        rows = sum(self.rowHeight(row) for row in range(self.rowCount()))
        self.setFixedHeight(rows + self.horizontalHeader().sizeHint().height() + em(self, 1))
        columns = self.verticalHeader().sizeHint().width() + self.horizontalHeader().length()
        self.setMaximumWidth(max(em(self, 20), columns + em(self, 1)))


def _text(value: Any) -> str:
    match value:
        case None:
            return "–"
        case float():
            return figure(value)
        case list() | tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)
