"""Labels that show text as it is: a name or an error that looks like markup is still only text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMessageBox


def plain_label(text: str = "", muted: bool = False, wrap: bool = False) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)  # before the text: Qt would look for markup in it
    label.setText(text)
    label.setWordWrap(wrap)
    if muted:
        label.setProperty("muted", True)
    return label


def plain_box(parent: QWidget | None, title: str, text: str, details: str = "") -> QMessageBox:
    """A message box that shows `text` as plain text; buttons are the caller's."""
    from PySide6.QtWidgets import QMessageBox

    box = QMessageBox(parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(title)
    box.setText(text)
    if details:
        box.setInformativeText(details)
    return box
