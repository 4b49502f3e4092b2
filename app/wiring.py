"""A page with its controllers, and what happens between them and the rest of the program."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget


class Wiring(QObject):
    """Made when its page is first wanted, and a child of the program only once that has worked."""

    page: QWidget

    def start(self) -> None:
        """Show what there is."""
        raise NotImplementedError

    def follow(self, option: str) -> None:
        """An option has another value."""

    def close(self) -> None:
        """The program ends; the store is still open."""
        raise NotImplementedError
