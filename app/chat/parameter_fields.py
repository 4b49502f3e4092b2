"""Number fields of the side panel. Each has a place below its least value, for what is left to the server."""

from __future__ import annotations

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox


class DecimalField(QDoubleSpinBox):
    """The wheel scrolls the panel; it changes a value only where the person is at it."""

    def __init__(self, least: float, most: float, step: float) -> None:
        super().__init__(decimals=2)
        self._least, self._step = least, step
        self._first = least  # where stepping begins: the value that was last shown
        self.setRange(least, most)
        self.setSingleStep(step)

    def leave_to_server(self, words: str) -> None:
        """Have a place, called so, for what the server decides; none without words."""
        self.setMinimum(self._least - self._step if words else self._least)
        self.setSpecialValueText(words)

    def show_value(self, value: float | None) -> None:
        """None: the server decides."""
        self._first = self._first if value is None else value
        self.setValue(self.minimum() if value is None else value)

    def chosen(self) -> float | None:
        return None if self.specialValueText() and self.value() == self.minimum() else self.value()

    def stepBy(self, steps: int) -> None:
        if self.chosen() is None and steps > 0:
            self.setValue(self._first)
        else:
            super().stepBy(steps)

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


class WholeField(QSpinBox):
    """A whole number whose least value reads `special`; `optional`: and means that none is chosen."""

    def __init__(
        self, least: int, most: int, special: str, step: int = 1, first: int = 0, optional: bool = True
    ) -> None:
        """first: where stepping begins when none is chosen."""
        super().__init__()
        self._least, self._special, self._first, self._optional = least, special, first, optional
        self._left = False
        self.setRange(least, most)
        self.setSingleStep(step)
        self.setSpecialValueText(special)

    def leave_to_server(self, words: str) -> None:
        self._left = bool(words)
        self.setMinimum(self._least if self._optional or not words else self._least - 1)
        self.setSpecialValueText(words or self._special)

    def show_value(self, value: int | None) -> None:
        """None: none is chosen, or the server decides."""
        self.setValue(self.minimum() if value is None else value)

    def chosen(self) -> int | None:
        return None if (self._optional or self._left) and self.value() == self.minimum() else self.value()

    def stepBy(self, steps: int) -> None:
        if self._left and self.chosen() is None and steps > 0:
            self.setValue(self._first)
        else:
            super().stepBy(steps)

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event) if self.hasFocus() else event.ignore()
