"""The list of runs: choose one to watch, tick two or more to compare them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QMenu,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.stylesheet import RING, TEXT_ROLES
from app.theme import em, space
from app.training.watch.header import SIGNS
from app.training.watch.run_model import Role, RunModel
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label
from engine.training.runs import RunInfo

Index = QModelIndex | QPersistentModelIndex


class RunsList(QWidget):
    """`run_chosen(folder)`; `compare_requested([folders])`; the others are of the menu of one run."""

    run_chosen = Signal(object)
    compare_requested = Signal(object)
    repeat_requested = Signal(object)
    delete_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = RunModel(self)
        self.list = _RunView(self.model)
        self.list.setAccessibleName(self.tr("Runs"))
        self.compare = QPushButton()
        self._nothing = plain_label(self.tr("Runs will stand here once there is one."), muted=True, wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._nothing)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.compare)
        follow_font(self, self._fit)
        self.list.clicked.connect(self._choose)
        self.list.activated.connect(self._choose)
        self.list.menu_requested.connect(self._open_menu)
        self.list.delete_pressed.connect(lambda index: self.delete_requested.emit(index.data(Role.INFO).folder))
        self.compare.clicked.connect(lambda: self.compare_requested.emit(self.model.ticked))
        self.model.ticked_changed.connect(self._show_ticked)
        self._show_ticked()
        self.show_runs(())

    def show_runs(self, runs: Sequence[RunInfo]) -> None:
        """The latest first, as `runs.list_runs` gives them."""
        current = self.list.currentIndex().data(Role.INFO)
        self.model.set_runs(runs)
        self._nothing.setVisible(not runs)
        self.list.setVisible(bool(runs))
        if current is not None and not self.list.currentIndex().isValid():
            self.select(current.folder)

    def select(self, folder: Path | None) -> None:
        """Mark a run as the one shown."""
        index = self.model.index_of(folder)
        self.list.setCurrentIndex(index)
        if not index.isValid():
            self.list.clearSelection()

    def _choose(self, index: QModelIndex) -> None:
        self.run_chosen.emit(index.data(Role.INFO).folder)

    def _show_ticked(self) -> None:
        count = len(self.model.ticked)
        self.compare.setVisible(count >= 2)
        self.compare.setText(self.tr("Compare {count} runs").format(count=count))

    def _open_menu(self, index: QModelIndex, place: QPoint) -> None:
        folder = index.data(Role.INFO).folder
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Repeat")).triggered.connect(lambda: self.repeat_requested.emit(folder))
        menu.addAction(self.tr("Delete…")).triggered.connect(lambda: self.delete_requested.emit(folder))
        menu.popup(place)

    def _fit(self) -> None:
        self._layout.setSpacing(space(self))
        self.list.setMinimumHeight(em(self, 3))


class _RunView(QListView):
    """Space or a click on its box ticks a run, Delete deletes it, the right button opens its menu."""

    menu_requested = Signal(QModelIndex, QPoint)
    delete_pressed = Signal(QModelIndex)

    def __init__(self, model: RunModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(_RunDelegate(self))
        self.setObjectName("runs")
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._context_menu)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() == Qt.Key.Key_Delete and index.isValid():
            self.delete_pressed.emit(index)
        elif event.key() == Qt.Key.Key_Space and index.isValid():
            self._tick(index)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index, place = self.indexAt(event.position().toPoint()), event.position().toPoint()
        if index.isValid() and self._on_box(index, place):
            self._tick(index)
        elif event.button() is not Qt.MouseButton.RightButton:  # the menu does not choose the run
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        if not self._on_box(self.indexAt(place), place):
            super().mouseReleaseEvent(event)

    def _on_box(self, index: QModelIndex, place: QPoint) -> bool:
        return box(self.visualRect(index), self.layoutDirection()).contains(place)

    def _tick(self, index: QModelIndex) -> None:
        role, state = Qt.ItemDataRole.CheckStateRole, Qt.CheckState
        checked = index.data(role) is not None and state(index.data(role)) is state.Checked
        self.model().setData(index, state.Unchecked if checked else state.Checked, role)

    def _context_menu(self, place: QPoint) -> None:
        if (index := self.indexAt(place)).isValid():
            self.menu_requested.emit(index, self.viewport().mapToGlobal(place))


class _RunDelegate(QStyledItemDelegate):
    """A run as a rounded row: a sign of its state, its name, what is known of it, and a box to tick."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, round(option.fontMetrics.height() * 3.0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette, rect, unit = option.palette, option.rect, option.fontMetrics.height()
        role, info = QPalette.ColorRole, index.data(Role.INFO)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_back(painter, option)
        drawing, colour = SIGNS.get(info.state, ("circle", role.PlaceholderText))
        sign = _placed(QRect(rect.left() + unit // 2, rect.top() + unit // 2, unit, unit), option)
        theme.icon(drawing, palette.color(colour)).paint(painter, sign)
        inner = QRect(rect.left() + 2 * unit, rect.top() + round(unit * 0.4), rect.width() - 4 * unit, unit)
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.setPen(palette.color(role.Text))
        elide = Qt.TextElideMode.ElideRight
        name = option.fontMetrics.elidedText(index.data(), elide, inner.width())
        painter.drawText(_placed(inner, option), align, name)
        font = QFont(option.font)
        font.setPointSizeF(font.pointSizeF() * TEXT_ROLES["small"])
        painter.setFont(font)
        painter.setPen(palette.color(role.PlaceholderText))
        inner.translate(0, round(unit * 1.15))
        facts = painter.fontMetrics().elidedText(index.data(Role.FACTS), elide, inner.width())
        painter.drawText(_placed(inner, option), align, facts)
        ticked = index.data(Qt.ItemDataRole.CheckStateRole)
        if ticked is not None:
            on = Qt.CheckState(ticked) is Qt.CheckState.Checked
            ink = palette.color(role.Highlight if on else role.Dark)
            side = round(unit * 1.1)
            place = QRect(0, 0, side, side)
            place.moveCenter(box(rect, option.direction).center())
            theme.icon("square-check" if on else "square", ink).paint(painter, place)
        painter.restore()

    def _paint_back(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        flags, palette, unit = QStyle.StateFlag, option.palette, option.fontMetrics.height()
        selected, hovered = bool(option.state & flags.State_Selected), bool(option.state & flags.State_MouseOver)
        focused = bool(option.state & flags.State_HasFocus)
        if selected or hovered or focused:
            ring = QPen(palette.color(QPalette.ColorRole.Highlight), RING)
            painter.setPen(ring if focused else Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(QPalette.ColorRole.Light if selected else QPalette.ColorRole.Midlight))
            painter.drawRoundedRect(option.rect.adjusted(1, 2, -1, -2), unit * 0.4, unit * 0.4)

    def helpEvent(
        self, event: QEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:  # fmt: skip
        return False  # a name is shown by the row alone; a tooltip would look for markup in it


def box(row: QRect, direction: Qt.LayoutDirection) -> QRect:
    """Where a row is ticked: the square at its end."""
    place = QRect(row.right() - row.height() * 2 // 3 + 1, row.top(), row.height() * 2 // 3, row.height())
    return QStyle.visualRect(direction, row, place)


def _placed(place: QRect, option: QStyleOptionViewItem) -> QRect:
    return QStyle.visualRect(option.direction, option.rect, place)
