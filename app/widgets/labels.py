"""Labels that show text as it is: a name or an error that looks like markup is still only text."""

from __future__ import annotations

from collections.abc import Callable
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


def ask_before(box: QMessageBox, label: str, deed: Callable[[], object]) -> None:
    """Open the box and do what cannot be undone once the button `label` is pressed; Return cancels."""
    yes = box.addButton(label, box.ButtonRole.DestructiveRole)
    box.setDefaultButton(box.addButton(box.StandardButton.Cancel))
    box.finished.connect(lambda _: deed() if box.clickedButton() is yes else None)
    box.finished.connect(box.deleteLater)
    box.open()
