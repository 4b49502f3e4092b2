"""A small frame that says how far what is written goes."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.providers.texts import reach_name
from app.theme import space
from app.widgets.fitting import follow_font


class ReachBadge(QLabel):
    """Loud where it leaves this machine."""

    def __init__(self, reach: str = "machine", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("badge")
        self.setProperty("role", "small")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        follow_font(self, lambda: self.setContentsMargins(space(self, 0.7), 0, space(self, 0.7), 0))
        self.show_reach(reach)

    def show_reach(self, reach: str) -> None:
        """Raises KeyError where it is none of `engine.providers.base.REACHES`."""
        self.setText(reach_name(reach))
        self.setProperty("leaves", reach != "machine")
        self.style().polish(self)
