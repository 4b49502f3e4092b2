"""Says in the composer that an earlier message is being edited, and ends that."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.theme import em
from app.widgets.buttons import IconButton
from app.widgets.labels import plain_label


class EditBanner(QWidget):
    """Hidden until something is edited."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        cancel = IconButton("x", self.tr("Cancel editing"))
        cancel.clicked.connect(self.cancelled)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(em(self, 0.5))
        layout.addWidget(plain_label(self.tr("Editing an earlier message — Esc to cancel"), muted=True), 1)
        layout.addWidget(cancel)
        self.hide()
