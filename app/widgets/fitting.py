"""Lengths that follow a widget's font while the window is open."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


def follow_font(widget: QWidget, fit: Callable[[], object]) -> None:
    """Call `fit`, which sets lengths, now and whenever the widget's font has changed."""
    fit()
    widget.installEventFilter(_Follower(widget, fit))


class _Follower(QObject):
    def __init__(self, widget: QWidget, fit: Callable[[], object]) -> None:
        super().__init__(widget)
        self._fit = fit

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.FontChange:
            self._fit()
        return False
