"""The list of what is offered: a click or Enter opens one; arrow keys alone ask nobody anything."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from app.discover.offers import OfferRows
from app.library.row_delegate import RowDelegate
from app.library.rows import Role


class OffersList(QListView):
    """`opened(Offer)`."""

    opened = Signal(object)

    def __init__(self, rows: OfferRows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs")
        self.setModel(rows)
        self.setItemDelegate(RowDelegate(self))
        self.setAccessibleName(self.tr("What is offered"))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.clicked.connect(lambda index: self.opened.emit(index.data(Role.MODEL)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and index.isValid():
            self.opened.emit(index.data(Role.MODEL))
        else:
            super().keyPressEvent(event)
