"""Links in what a model wrote are opened only after the person has seen where they lead."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from app.widgets.labels import plain_box

SCHEMES = ("http", "https", "mailto")


def ask_and_open(parent: QWidget, address: str) -> None:
    """Show the whole address and open it if the person agrees; other schemes than the web's and mail are not opened."""
    url = QUrl(address)
    if not url.isValid() or url.scheme().lower() not in SCHEMES:
        return
    # As it will be asked for: encoded, a host in Unicode as its ASCII form, so that no lookalike can hide.
    shown = url.toString(QUrl.ComponentFormattingOption.FullyEncoded)
    translate = QCoreApplication.translate
    box = plain_box(parent, translate("links", "Open a link"), translate("links", "Open this address?"), shown)
    opening = box.addButton(translate("links", "Open"), QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.finished.connect(lambda _: QDesktopServices.openUrl(url) if box.clickedButton() is opening else None)
    box.finished.connect(box.deleteLater)
    box.open()
