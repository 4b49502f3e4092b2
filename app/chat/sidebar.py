"""The sidebar: new chat, search, and the list of chats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from app.theme import em
from app.widgets.buttons import IconButton
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label

if TYPE_CHECKING:
    from app.chat.chat_list import ChatListModel
    from app.chat.chat_rows import ChatView
    from app.keys import TextWithKeys

SEARCH_DELAY_MS = 150


class Sidebar(QFrame):
    """Shows a `ChatListModel`, once it has one. `chat_chosen`: also where it is the chat shown already."""

    list: ChatView

    new_requested = Signal()
    chat_chosen = Signal(int)
    delete_requested = Signal(int)
    search_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.new_button = IconButton("plus", self.tr("New chat"), parent=self)
        self.new_button.setText(self.tr("New chat"))
        self.new_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.new_button.setObjectName("newChat")
        self.new_button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.new_button.clicked.connect(self.new_requested)
        self.search = QLineEdit(self, placeholderText=self.tr("Search"), clearButtonEnabled=True)
        self.search.setAccessibleName(self.tr("Search the chats"))
        layout = self._column = QVBoxLayout(self)
        layout.addWidget(self.new_button)
        layout.addWidget(self.search)
        layout.addStretch(1)  # where the list will be
        follow_font(self, self._fit)

        pause = QTimer(self, singleShot=True, interval=SEARCH_DELAY_MS)
        pause.timeout.connect(lambda: self.search_changed.emit(self.search.text().strip()))
        self.search.textChanged.connect(lambda: pause.start())

    def show_chats(self, model: ChatListModel) -> None:
        """Show this list from now on, and follow it."""
        from app.chat.chat_rows import ChatView

        self.list = ChatView(model)
        self.list.setAccessibleName(self.tr("Chats"))
        self.list.setMinimumHeight(1)  # what stands in its place comes first where room is short
        self._nothing = self._nothing_found()
        self._nothing.hide()
        self._no_chats = plain_label(self.tr("Your chats will stand here. Write a message to begin one."), True, True)
        self._no_chats.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column.takeAt(self._column.count() - 1)
        self._column.addWidget(self._nothing)
        self._column.addWidget(self._no_chats)
        self._column.addWidget(self.list, 1)
        self.list.clicked.connect(self._choose)
        self.list.activated.connect(self._choose)
        self.list.menu_requested.connect(self._open_menu)
        self.list.delete_pressed.connect(self._delete)
        for changed in (model.rowsInserted, model.rowsRemoved):
            changed.connect(self._show_whether_empty)

    def _fit(self) -> None:
        layout, side = self.layout(), em(self, 0.6)
        assert layout is not None
        layout.setContentsMargins(side, side, side, side)
        layout.setSpacing(em(self, 0.5))
        self.setMinimumWidth(em(self, 12))

    def select(self, chat: int | None) -> None:
        """Mark a chat as the one shown."""
        index = self.list.index_of(chat) if chat is not None else QModelIndex()
        self.list.setCurrentIndex(index)
        if not index.isValid():
            self.list.clearSelection()

    def show_nothing_found(self, nothing: bool) -> None:
        self._nothing.setVisible(nothing)
        self._show_whether_empty()

    def _show_whether_empty(self) -> None:
        """Say so, once the chats have been read."""
        self._no_chats.setVisible(self.list.model().rowCount() == 0 and self._nothing.isHidden())

    def _nothing_found(self) -> QWidget:
        """What stands in the place of the list when a search finds nothing, and the way out."""
        place = QWidget()
        words = plain_label(self.tr("Nothing found"), muted=True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        from PySide6.QtWidgets import QPushButton

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
        chat = self.list.chat_at(index)
        if chat is not None:
            self.chat_chosen.emit(chat)

    def _open_menu(self, index: QModelIndex, place: QPoint) -> None:
        kept = QPersistentModelIndex(index)
        from PySide6.QtWidgets import QMenu

        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Rename")).triggered.connect(lambda: self.list.edit(_model_index(kept)))
        menu.addAction(self.tr("Delete…")).triggered.connect(lambda: self._delete(_model_index(kept)))
        menu.popup(place)

    def _delete(self, index: QModelIndex) -> None:
        chat = self.list.chat_at(index)
        if chat is not None:
            self.delete_requested.emit(chat)


def _model_index(index: QPersistentModelIndex) -> QModelIndex:
    return index.model().index(index.row(), index.column()) if index.isValid() else QModelIndex()
