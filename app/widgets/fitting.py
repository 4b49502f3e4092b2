"""Lengths that follow a widget's font while the window is open."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QBoxLayout, QWidget

from app.theme import em


def follow_font(widget: QWidget, fit: Callable[[], object]) -> None:
    """Call `fit`, which sets lengths, now and whenever the widget's font has changed."""
    fit()
    widget.installEventFilter(_Follower(widget, fit))


def lay_beside(layout: QBoxLayout, room: QWidget, least_em: float) -> bool:
    """Put what the layout holds beside each other where `room` is so wide, else one below the other; which it was."""
    beside = room.width() >= em(room, least_em)
    layout.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
    return beside


class _Follower(QObject):
    def __init__(self, widget: QWidget, fit: Callable[[], object]) -> None:
        super().__init__(widget)
        self._fit = fit

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.FontChange:
            self._fit()
        return False
