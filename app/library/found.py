"""What other programs on this computer have: ticked, and added to the list, where it lies."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QListView, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.library.row_delegate import RowDelegate
from app.library.rows import Index, ModelRows
from app.settings.texts import Title, small_label
from app.theme import em, space
from app.widgets.buttons import IconButton, asking_button
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label
from app.widgets.scroll import Scroll
from engine.events import Model


class FoundRows(ModelRows):
    """Rows with a box to tick; what can be opened is ticked at first. `ticked_changed`: which are."""

    ticked_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._off: set[str] = set()  # paths of those that are not to be added

    @staticmethod
    def key(model: Model) -> str:
        return model.path  # names are those of other programs, and may be equal

    def ticked(self) -> list[Model]:
        return [model for model in self.models() if not model.problem and model.path not in self._off]

    def take(self, model: Model) -> None:
        super().take(model)
        self.ticked_changed.emit()

    def keep(self, keys: Collection[str]) -> None:
        super().keep(keys)
        self.ticked_changed.emit()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.CheckStateRole and index.isValid():
            model = self.models()[index.row()]
            on = model.path not in self._off
            return None if model.problem else Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        path = self.models()[index.row()].path
        (self._off.discard if Qt.CheckState(value) is Qt.CheckState.Checked else self._off.add)(path)
        self.dataChanged.emit(index, index)
        self.ticked_changed.emit()
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags if self.models()[index.row()].problem else flags | Qt.ItemFlag.ItemIsUserCheckable


class FoundModels(QWidget):
    """`add_requested([Model])`; `scan_requested`: once more; `folder_requested`: also there; `closed`: back."""

    add_requested = Signal(object)
    scan_requested = Signal()
    folder_requested = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = FoundRows(self)
        self.list = _FoundList(self.rows)
        self._back = IconButton(
            "chevron-right" if self.isRightToLeft() else "chevron-left", self.tr("Back to all models")
        )
        self._back.clicked.connect(self.closed)
        title = Title(self.tr("What other programs have"))
        title.setProperty("role", "heading")
        self.again = QPushButton(self.tr("Look again"))
        self.again.clicked.connect(self.scan_requested)
        self.folder = asking_button(self.tr("Look in a folder…"))
        self.folder.clicked.connect(self.folder_requested)
        self._words = small_label(self.tr("Models are used where they lie, and nothing of another program is changed."))
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(self.tr("Looking for models"))
        self._bar.setRange(0, 0)
        self._nothing = plain_label(
            self.tr("Nothing was found that is not on the list already."), muted=True, wrap=True
        )
        self.add = QPushButton()
        self.add.setDefault(True)
        self.add.clicked.connect(lambda: self.add_requested.emit(self.rows.ticked()))
        self._head = QHBoxLayout()
        self._head.addWidget(self._back, 0, Qt.AlignmentFlag.AlignTop)
        self._top = FlowLayout()
        for widget in (title, self.again, self.folder):
            self._top.addWidget(widget)
        self._head.addLayout(self._top, 1)
        self._foot = FlowLayout()
        self._foot.addWidget(self.add)
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.addLayout(self._head)
        self._column.addWidget(self._words)
        self._column.addWidget(self._bar)
        self._column.addWidget(self._nothing)
        self._column.addWidget(self.list, 1)
        self._column.addLayout(self._foot)
        self._column.addStretch(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(Scroll(content))
        self.rows.ticked_changed.connect(self._show_ticked)
        follow_font(self, self._fit)
        self.show_scanning(False)

    def show_scanning(self, scanning: bool) -> None:
        """Whether it is still being looked for models."""
        self._bar.setVisible(scanning)
        for button in (self.again, self.folder):
            button.setEnabled(not scanning)
        self._show_ticked()

    def _show_ticked(self) -> None:
        count, there = len(self.rows.ticked()), self.rows.rowCount() > 0
        self.add.setText(self.tr("Add {count} models").format(count=count) if count != 1 else self.tr("Add 1 model"))
        self.add.setEnabled(count > 0)
        self.add.setVisible(there)
        self.list.setVisible(there)
        self._nothing.setVisible(not there and not self._bar.isVisibleTo(self))
        self._column.setStretch(self._column.count() - 1, 0 if there else 1)

    def _fit(self) -> None:
        self._column.setContentsMargins(space(self, 2), 0, space(self, 2), space(self, 2))
        self._column.setSpacing(space(self))
        self._head.setSpacing(space(self))
        self._top.setSpacing(space(self))
        self._foot.setSpacing(space(self))
        self.list.setMinimumHeight(em(self, 5))


class _FoundList(QListView):
    """Space, Enter or a click ticks a row."""

    def __init__(self, rows: FoundRows) -> None:
        super().__init__()
        self.setObjectName("runs")
        self.setModel(rows)
        self.setItemDelegate(RowDelegate(self))
        self.setAccessibleName(self.tr("Models that were found"))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._tick(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton:
            self._tick(index)

    def _tick(self, index: Index) -> None:
        state = index.data(Qt.ItemDataRole.CheckStateRole)
        if state is not None:
            on = Qt.CheckState(state) is Qt.CheckState.Checked
            wanted = Qt.CheckState.Unchecked if on else Qt.CheckState.Checked
            self.model().setData(index, wanted, Qt.ItemDataRole.CheckStateRole)
