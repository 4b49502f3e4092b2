"""What is known of something: names with their values, side by side in as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.theme import em, space
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label


class Fact(QWidget):
    """A name, and below it what it is."""

    def __init__(self, title: str) -> None:
        super().__init__()
        name = plain_label(title, muted=True)
        name.setProperty("role", "small")
        self._value = plain_label(wrap=True)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.addWidget(name)
        self.column.addWidget(self._value)
        follow_font(self, lambda: self.column.setSpacing(space(self, 0.2)))

    def show_text(self, text: str) -> None:
        self._value.setText(text)

    def text(self) -> str:
        return self._value.text()

    def set_height(self, height: int) -> None:
        """Of the value, which then stands in line with what is beside it."""
        self._value.setMinimumHeight(height)


class FactGrid(QWidget):
    """Facts in columns of equal width; those without a value take no room."""

    COLUMN_EM, MOST = 9, 3

    def __init__(self, facts: Sequence[Fact], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = facts
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for fact in facts:
            fact.column.addStretch(1)
        follow_font(self, self._fit)

    def arrange(self) -> None:
        """After values have come or gone."""
        shown = [fact for fact in self._facts if fact.text()]
        for fact in self._facts:
            self._grid.removeWidget(fact)
            fact.setVisible(fact in shown)
        for place, fact in enumerate(shown):
            self._grid.addWidget(fact, place // self._columns, place % self._columns)
        for column in range(self.MOST):
            self._grid.setColumnStretch(column, 1 if column < self._columns else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        columns = max(1, min(self.MOST, self.width() // em(self, self.COLUMN_EM)))
        self._grid.setHorizontalSpacing(space(self, 2))
        self._grid.setVerticalSpacing(space(self, 1.2))
        if columns != self._columns:
            self._columns = columns
            self.arrange()
