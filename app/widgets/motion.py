"""Short movements that explain what happened; with motion switched off everything is there at once."""

from __future__ import annotations

from PySide6.QtCore import QAbstractAnimation, QEasingCurve, QPoint, QPropertyAnimation
from PySide6.QtWidgets import QApplication, QStyle, QWidget

DURATION_MS = 140
_ALLOWED = "motion"  # property of the application


def allow(application: QApplication, allowed: bool) -> None:
    application.setProperty(_ALLOWED, allowed)


def allowed() -> bool:
    """Whether both the person and the platform want movement."""
    application = QApplication.instance()
    if not isinstance(application, QApplication) or not application.property(_ALLOWED):
        return False
    return application.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0


def unfold(widget: QWidget) -> None:
    """Show a widget by letting it grow to its height."""
    widget.show()
    if allowed() and widget.window().isVisible():
        _run(widget, b"maximumHeight", 0, max(1, widget.sizeHint().height()), restore=16_777_215)


def slide_in(widget: QWidget, from_left: bool) -> None:
    """Let a column that has just been shown come in from its side. Its room is there at once: text is laid out once."""
    if allowed() and widget.window().isVisible():
        place = widget.pos()
        away = QPoint(place.x() + (-widget.width() if from_left else widget.width()), place.y())
        _run(widget, b"pos", away, place, restore=None)


def _run(widget: QWidget, name: bytes, start: object, end: object, restore: object) -> None:
    for running in widget.findChildren(QPropertyAnimation):
        running.stop()
    animation = QPropertyAnimation(widget, name, widget)
    animation.setDuration(DURATION_MS)
    animation.setEasingCurve(QEasingCurve.Type.OutCubic)
    animation.setStartValue(start)
    animation.setEndValue(end)
    if restore is not None:
        animation.finished.connect(lambda: widget.setProperty(name.decode(), restore))
    animation.start(QAbstractAnimation.DeletionPolicy.DeleteWhenStopped)
