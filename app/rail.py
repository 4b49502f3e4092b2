"""The rail at the window's left edge: one button for each page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QButtonGroup, QFrame, QLabel, QVBoxLayout, QWidget

from app.theme import em, icon
from app.widgets.buttons import IconButton
from app.widgets.fitting import follow_font

if TYPE_CHECKING:
    from app.keys import TextWithKeys


class Rail(QFrame):
    """`page_chosen` says which page the person wants; `select` marks the one that is shown."""

    page_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self._buttons: dict[str, IconButton] = {}
        self._group = QButtonGroup(self)
        self._mark = QLabel(self, alignment=Qt.AlignmentFlag.AlignCenter)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._mark)
        self._column.addStretch(1)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self._last = self._column.count()  # below the stretch
        follow_font(self, self._fit)

    def add(self, id: str, icon_name: str, title: str, at_bottom: bool = False) -> None:
        """A button for a page, below those there are, or at the rail's bottom."""
        button = IconButton(icon_name, title, parent=self)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.page_chosen.emit(id))
        self._group.addButton(button)
        self._buttons[id] = button
        if at_bottom:
            self._column.addWidget(button)
        else:
            self._column.insertWidget(self._last - 1, button)
            self._last += 1

    def select(self, id: str) -> None:
        self._buttons[id].setChecked(True)

    def button(self, id: str) -> IconButton:
        return self._buttons[id]

    def show_keys(self, text_with_keys: TextWithKeys, actions: dict[str, str]) -> None:
        """Name the keys in the tooltips; `actions`: page -> the action that shows it."""
        for page, button in self._buttons.items():
            if page in actions:
                button.setToolTip(text_with_keys(button.accessibleName(), actions[page]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move along the buttons, from the last on to the first."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        buttons = self._in_order()
        focused = next((place for place, button in enumerate(buttons) if button.hasFocus()), None)
        if step is None or focused is None:
            super().keyPressEvent(event)
        else:
            buttons[(focused + step) % len(buttons)].setFocus(Qt.FocusReason.TabFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._draw_mark()

    def _in_order(self) -> list[IconButton]:
        return sorted(self._buttons.values(), key=self._column.indexOf)

    def _fit(self) -> None:
        self._column.setContentsMargins(em(self, 0.3), em(self, 0.6), em(self, 0.3), em(self, 0.6))
        self._column.setSpacing(em(self, 0.3))
        self._mark.setContentsMargins(0, 0, 0, em(self, 0.5))
        self._draw_mark()

    def _draw_mark(self) -> None:
        side = em(self, 1.4)
        self._mark.setPixmap(
            icon("seedling", self.palette().color(QPalette.ColorRole.Highlight)).pixmap(QSize(side, side))
        )
