"""The sidebar: new chat, search, and the list of chats."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.chat.chat_list import ChatListModel, Role
from app.keys import TextWithKeys
from app.stylesheet import RING, TEXT_ROLES
from app.theme import em
from app.widgets.buttons import IconButton
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label

SEARCH_DELAY_MS = 150


class Sidebar(QFrame):
    """Shows a `ChatListModel` and says what the person wants; `chat_chosen` also where it is the chat shown already."""

    new_requested = Signal()
    chat_chosen = Signal(int)
    delete_requested = Signal(int)
    search_changed = Signal(str)

    def __init__(self, model: ChatListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.new_button = IconButton("plus", self.tr("New chat"))
        self.new_button.setText(self.tr("New chat"))
        self.new_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.new_button.setObjectName("newChat")
        self.new_button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.new_button.clicked.connect(self.new_requested)
        self.search = QLineEdit(placeholderText=self.tr("Search"), clearButtonEnabled=True)
        self.search.setAccessibleName(self.tr("Search the chats"))
        self.list = _ChatView(model)
        self.list.setAccessibleName(self.tr("Chats"))
        self.list.setMinimumHeight(1)  # what stands in its place comes first where room is short
        self._nothing = self._nothing_found()
        self._nothing.hide()
        self._no_chats = plain_label(self.tr("Your chats will stand here. Write a message to begin one."), True, True)
        self._no_chats.setAlignment(Qt.AlignmentFlag.AlignCenter)

        layout = QVBoxLayout(self)
        layout.addWidget(self.new_button)
        layout.addWidget(self.search)
        layout.addWidget(self._nothing)
        layout.addWidget(self._no_chats)
        layout.addWidget(self.list, 1)
        follow_font(self, self._fit)

        pause = QTimer(self, singleShot=True, interval=SEARCH_DELAY_MS)
        pause.timeout.connect(lambda: self.search_changed.emit(self.search.text().strip()))
        self.search.textChanged.connect(lambda: pause.start())
        self.list.clicked.connect(self._choose)
        self.list.activated.connect(self._choose)
        self.list.menu_requested.connect(self._open_menu)
        self.list.delete_pressed.connect(self._delete)
        for changed in (model.rowsInserted, model.rowsRemoved):
            changed.connect(self._show_whether_empty)
        self._show_whether_empty()

    def _fit(self) -> None:
        layout, side = self.layout(), em(self, 0.6)
        assert layout is not None
        layout.setContentsMargins(side, side, side, side)
        layout.setSpacing(em(self, 0.5))
        self.setMinimumWidth(em(self, 12))

    def select(self, chat: int | None) -> None:
        """Mark a chat as the one shown."""
        model = self.list.model()
        index = model.index_of(chat) if chat is not None and isinstance(model, ChatListModel) else QModelIndex()
        self.list.setCurrentIndex(index)
        if not index.isValid():
            self.list.clearSelection()

    def show_nothing_found(self, nothing: bool) -> None:
        self._nothing.setVisible(nothing)
        self._show_whether_empty()

    def _show_whether_empty(self) -> None:
        self._no_chats.setVisible(self.list.model().rowCount() == 0 and self._nothing.isHidden())

    def _nothing_found(self) -> QWidget:
        """What stands in the place of the list when a search finds nothing, and the way out."""
        place = QWidget()
        words = plain_label(self.tr("Nothing found"), muted=True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        clear = QPushButton(self.tr("Clear the search"))
        clear.clicked.connect(self.search.clear)
        clear.clicked.connect(self.search.setFocus)
        column = QVBoxLayout(place)
        column.addWidget(words)
        column.addWidget(clear, 0, Qt.AlignmentFlag.AlignHCenter)
        return place

    def focus_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def rename(self, chat: int) -> None:
        """Have the person write another title: of the chat under the cursor where that is in the list."""
        if not self.list.hasFocus():
            self.select(chat)
        self.list.edit(self.list.currentIndex())

    def show_keys(self, text_with_keys: TextWithKeys) -> None:
        self.new_button.setToolTip(text_with_keys(self.new_button.accessibleName(), "new_chat"))
        self.search.setToolTip(text_with_keys(self.search.accessibleName(), "search_chats"))

    def _choose(self, index: QModelIndex) -> None:
        chat = index.data(Role.CHAT)
        if chat is not None:
            self.chat_chosen.emit(chat)

    def _open_menu(self, index: QModelIndex, place: QPoint) -> None:
        kept = QPersistentModelIndex(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Rename")).triggered.connect(lambda: self.list.edit(_model_index(kept)))
        menu.addAction(self.tr("Delete…")).triggered.connect(lambda: self._delete(_model_index(kept)))
        menu.popup(place)

    def _delete(self, index: QModelIndex) -> None:
        chat = index.data(Role.CHAT)
        if chat is not None:
            self.delete_requested.emit(chat)


class _ChatView(QListView):
    """The list itself: F2 renames, Delete deletes, the dots or the right button open a menu."""

    menu_requested = Signal(QModelIndex, QPoint)
    delete_pressed = Signal(QModelIndex)

    def __init__(self, model: ChatListModel) -> None:
        super().__init__()
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
            theme.icon("ellipsis", muted).paint(painter, _centred(dots(rect), unit))
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


def _model_index(index: QPersistentModelIndex) -> QModelIndex:
    return index.model().index(index.row(), index.column()) if index.isValid() else QModelIndex()


def _centred(rect: QRect, side: int) -> QRect:
    result = QRect(0, 0, side, side)
    result.moveCenter(rect.center())
    return result
