"""The list of chats as it is shown: rows under headings, with dots that open a menu."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.chat.chat_list import ChatListModel, Role
from app.stylesheet import RING, TEXT_ROLES
from app.theme import icon


class ChatView(QListView):
    """The list itself: F2 renames, Delete deletes, the dots or the right button open a menu."""

    menu_requested = Signal(QModelIndex, QPoint)
    delete_pressed = Signal(QModelIndex)

    def __init__(self, model: ChatListModel) -> None:
        super().__init__()
        self._chats = model
        self.setModel(model)
        self.setItemDelegate(_ChatDelegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(trigger.EditKeyPressed | trigger.DoubleClicked)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._context_menu)

    def index_of(self, chat: int) -> QModelIndex:
        """The row of a chat; none where it is not in the list."""
        return self._chats.index_of(chat)

    def chat_at(self, index: QModelIndex) -> int | None:
        """The chat of a row; a heading has none."""
        chat = index.data(Role.CHAT)
        return None if chat is None else int(chat)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.currentIndex().isValid():
            self.delete_pressed.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        index = self.indexAt(place)
        if index.data(Role.CHAT) is not None and dots(self.visualRect(index)).contains(place):
            self.menu_requested.emit(index, event.globalPosition().toPoint())
        elif event.button() is not Qt.MouseButton.RightButton:  # the menu does not choose the chat
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        if not dots(self.visualRect(self.indexAt(place))).contains(place):
            super().mouseReleaseEvent(event)

    def _context_menu(self, place: QPoint) -> None:
        index = self.indexAt(place)
        if index.data(Role.CHAT) is not None:
            self.menu_requested.emit(index, self.viewport().mapToGlobal(place))


class _ChatDelegate(QStyledItemDelegate):
    """Paints a heading small and muted, a chat as a rounded row with dots under the mouse."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, round(option.fontMetrics.height() * 2.0))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        palette: QPalette = option.palette
        rect: QRect = option.rect
        unit = option.fontMetrics.height()
        inner = rect.adjusted(round(unit * 0.6), 0, -round(unit * 0.6), 0)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(Role.HEADING):
            font = QFont(option.font)
            font.setPointSizeF(font.pointSizeF() * TEXT_ROLES["small"])
            painter.setFont(font)
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            inner.setBottom(rect.bottom() - round(unit * 0.3))
            painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, index.data())
            painter.restore()
            return
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if selected or hovered or focused:
            ring = QPen(palette.color(QPalette.ColorRole.Highlight), RING)
            painter.setPen(ring if focused else Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(QPalette.ColorRole.Light if selected else QPalette.ColorRole.Midlight))
            painter.drawRoundedRect(rect.adjusted(1, 2, -1, -2), unit * 0.4, unit * 0.4)
        if hovered or (selected and focused):
            muted = palette.color(QPalette.ColorRole.PlaceholderText)
            icon("ellipsis", muted).paint(painter, _centred(dots(rect), unit))
            inner.setRight(dots(rect).left())
        elif index.data(Role.BUSY):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
            spot = _centred(dots(rect), round(unit * 0.45))
            painter.drawEllipse(spot)
            inner.setRight(spot.left())
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        text = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    def helpEvent(
        self,
        event: QEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        return False  # a title is shown by the row alone; a tooltip would look for markup in it


def dots(row: QRect) -> QRect:
    """Where the dots that open a row's menu are."""
    return QRect(row.right() - row.height() + 1, row.top(), row.height(), row.height())


def _centred(rect: QRect, side: int) -> QRect:
    result = QRect(0, 0, side, side)
    result.moveCenter(rect.center())
    return result
