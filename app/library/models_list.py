"""The list of models: one is chosen by mouse or keys, renamed in place, and has a menu of its own."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from app.library.row_delegate import RowDelegate
from app.library.rows import FilteredModels, Role
from engine.events import Model


class ModelsList(QListView):
    """`chosen(Model | None)`: the current row. `opened(Model)`: a click, or Enter. F2 renames, Delete removes."""

    chosen = Signal(object)
    opened = Signal(object)
    delete_pressed = Signal(object)
    menu_requested = Signal(object, QPoint)

    def __init__(self, models: FilteredModels, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs")
        self.setModel(models)
        self.setItemDelegate(RowDelegate(self))
        self.setAccessibleName(self.tr("Models"))
        self.setUniformItemSizes(True)  # a thousand rows are laid out by counting
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._context_menu)
        self.selectionModel().currentChanged.connect(lambda now, _: self.chosen.emit(now.data(Role.MODEL)))
        self.clicked.connect(lambda index: self.opened.emit(index.data(Role.MODEL)))

    def event(self, event: QEvent) -> bool:
        """F2 renames what is chosen here, whatever else it does in the window."""
        overrides = event.type() is QEvent.Type.ShortcutOverride
        if overrides and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_F2:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        model: Model | None = self.currentIndex().data(Role.MODEL)
        if model is None:
            super().keyPressEvent(event)
            return
        match event.key():
            case Qt.Key.Key_F2:
                self.edit(self.currentIndex())
            case Qt.Key.Key_Delete:
                self.delete_pressed.emit(model)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.state() is not QListView.State.EditingState:
                self.opened.emit(model)
            case Qt.Key.Key_Menu:
                self._context_menu(self.visualRect(self.currentIndex()).center())
            case _:
                super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.RightButton:  # the menu does not choose the row
            super().mousePressEvent(event)

    def edit_name(self, index: QModelIndex) -> None:
        self.setCurrentIndex(index)
        self.edit(index)

    def _context_menu(self, place: QPoint) -> None:
        model: Model | None = self.indexAt(place).data(Role.MODEL)
        if model is not None:
            self.menu_requested.emit(model, self.viewport().mapToGlobal(place))
