"""Rows that are not to be learnt: those with some words, as they were looked for; kept as numbers in the recipe."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.messages import Notice
from app.training.planner import Planner
from app.training.rows_view import RowsView

MOST_CHARACTERS = 100_000  # of numbers in a recipe, which a worker is sent, and sends back, in one line


class LeavingOut(QObject):
    """`said` carries a `Notice`."""

    said = Signal(object)

    def __init__(self, view: RowsView, planner: Planner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._planner = view, planner
        self._rows: set[int] = set()
        view.leave_out_requested.connect(self._leave_out)
        view.take_back_requested.connect(self._take_back)

    def forget(self) -> None:
        """Of other data nothing is left out."""
        self._rows.clear()
        self._view.show_left_out(0)

    def _leave_out(self, numbers: Sequence[int]) -> None:
        from engine.data.row_numbers import RowNumbers  # numpy, which is here by now

        rows = self._rows.union(numbers)
        texts = RowNumbers.of(sorted(rows)).texts()
        if sum(map(len, texts)) > MOST_CHARACTERS:
            text = self.tr("So many scattered rows cannot be left out one by one. Take them out of the file instead.")
            self.said.emit(Notice(text))
            return
        self._rows = rows
        self._planner.change("exclude_rows", list(texts))
        self._view.search.clear()
        self._view.show_left_out(len(rows))

    def _take_back(self) -> None:
        self.forget()
        self._planner.change("exclude_rows", None)
