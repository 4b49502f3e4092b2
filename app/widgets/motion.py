"""Short movements that explain what happened; with motion switched off everything is there at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractAnimation, QEasingCurve, QPoint, QPropertyAnimation, Qt
from PySide6.QtWidgets import QApplication, QSplitter, QStyle, QWidget

from app.theme import MOTION

DURATION_MS = 140
_UNLIMITED = 16_777_215  # Qt's QWIDGETSIZE_MAX


def allowed() -> bool:
    """Whether both the person and the platform want movement."""
    application = QApplication.instance()
    if not isinstance(application, QApplication) or not application.property(MOTION):
        return False
    return application.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0


def unfold(widget: QWidget) -> None:
    """Show a widget; where it was hidden, it grows to its height."""
    appears = widget.isHidden()
    widget.show()
    if appears and allowed() and widget.isVisible():
        height = widget.heightForWidth(widget.width()) if widget.hasHeightForWidth() else widget.sizeHint().height()
        _run(widget, b"maximumHeight", 0, max(1, height), lambda: widget.setMaximumHeight(_UNLIMITED))


def slide_in(column: QWidget, columns: QSplitter, from_left: bool) -> None:
    """Let a column that has just been shown come in from its side.

    It has its room at once, so that text beside it is laid out only once.
    """
    if allowed() and column.isVisible():
        columns.refresh()
        place = column.pos()
        away = place + QPoint(-column.width() if from_left else column.width(), 0)
        _run(column, b"pos", away, place, columns.refresh)


def _run(widget: QWidget, name: bytes, start: object, end: object, after: Callable[[], object]) -> None:
    for running in widget.findChildren(QPropertyAnimation, options=Qt.FindChildOption.FindDirectChildrenOnly):
        running.stop()
    animation = QPropertyAnimation(widget, name, widget)
    animation.setDuration(DURATION_MS)
    animation.setEasingCurve(QEasingCurve.Type.OutCubic)
    animation.setStartValue(start)
    animation.setEndValue(end)
    animation.finished.connect(after)
    animation.start(QAbstractAnimation.DeletionPolicy.DeleteWhenStopped)
