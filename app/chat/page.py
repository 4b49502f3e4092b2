"""The chat page: sidebar, the chat with its composer, side panel. Only the view; `controller.py` decides."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.chat.chat_list import ChatListModel
from app.chat.composer import Composer
from app.chat.model_picker import ModelPicker
from app.chat.side_panel import SidePanel
from app.chat.sidebar import Sidebar
from app.chat.transcript import Transcript
from app.chat.welcome import Welcome
from app.theme import em
from app.widgets.buttons import IconButton
from app.widgets.find_bar import FindBar
from app.widgets.notice_bar import NoticeBar


class ChatPage(QWidget):
    """Three columns. `columns_changed`: a side column was shown or hidden."""

    columns_changed = Signal()

    def __init__(self, chats: ChatListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sidebar = Sidebar(chats)
        self.picker = ModelPicker()
        self.transcript = Transcript()
        self.welcome = Welcome()
        self.find_bar = FindBar()
        self.notice = NoticeBar()
        self.composer = Composer()
        self.panel = SidePanel()

        self._stack = QStackedWidget()
        self._stack.addWidget(self.welcome)
        self._stack.addWidget(self.transcript)
        self._columns = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        self._columns.setHandleWidth(1)
        self._columns.addWidget(self.sidebar)
        self._columns.addWidget(self._centre())
        self._columns.addWidget(self.panel)
        self._columns.setStretchFactor(1, 1)
        self._columns.setSizes([em(self, 17), em(self, 60), em(self, 18)])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._columns)

        self.find_bar.find_requested.connect(self._find)
        self.find_bar.closed.connect(self.composer.field.setFocus)
        self.setTabOrder(self.sidebar, self.composer.field)
        self.setTabOrder(self.composer.field, self.composer.button)

    # --- columns --------------------------------------------------------------------------------------------

    def show_sidebar(self, shown: bool) -> None:
        self.sidebar.setVisible(shown)
        self._new_button.setVisible(not shown)
        self.columns_changed.emit()

    def show_panel(self, shown: bool) -> None:
        self.panel.setVisible(shown)
        self._panel_button.setChecked(shown)
        self.columns_changed.emit()

    def toggle_sidebar(self) -> None:
        self.show_sidebar(self.sidebar.isHidden())

    def toggle_panel(self) -> None:
        self.show_panel(self.panel.isHidden())

    def columns(self) -> bytes:
        """Their widths, for `restore_columns`."""
        return bytes(self._columns.saveState().data())

    def restore_columns(self, state: bytes) -> None:
        self._columns.restoreState(QByteArray(state))
        self._columns.setHandleWidth(1)
        self._columns.setChildrenCollapsible(False)

    # --- the chat -------------------------------------------------------------------------------------------

    def show_welcome(self, shown: bool) -> None:
        self._stack.setCurrentWidget(self.welcome if shown else self.transcript)

    def open_find(self) -> None:
        if self._stack.currentWidget() is self.transcript:
            self.find_bar.open()

    def _find(self, text: str, backwards: bool) -> None:
        self.find_bar.show_found(self.transcript.find(text, backwards))

    def _centre(self) -> QWidget:
        sidebar_button = IconButton("sidebar", self.tr("Show or hide the chats (Ctrl+B)"))
        sidebar_button.clicked.connect(self.toggle_sidebar)
        self._new_button = IconButton("plus", self.tr("New chat (Ctrl+N)"))
        self._new_button.clicked.connect(self.sidebar.new_requested)
        self._new_button.hide()
        find_button = IconButton("search", self.tr("Find in this chat (Ctrl+F)"))
        find_button.clicked.connect(self.open_find)
        self._panel_button = IconButton("panel", self.tr("Show or hide the side panel (Ctrl+,)"))
        self._panel_button.setCheckable(True)
        self._panel_button.clicked.connect(self.toggle_panel)

        header = QHBoxLayout()
        header.setContentsMargins(em(self, 0.5), em(self, 0.4), em(self, 0.5), em(self, 0.2))
        header.setSpacing(em(self, 0.2))
        header.addWidget(sidebar_button)
        header.addWidget(self._new_button)
        header.addStretch(1)
        header.addWidget(self.picker)
        header.addStretch(1)
        header.addWidget(find_button)
        header.addWidget(self._panel_button)

        foot = QVBoxLayout()
        foot.setSpacing(em(self, 0.5))
        foot.addWidget(self.notice)
        foot.addWidget(self.composer)
        foot_widget = QWidget()
        foot_widget.setMaximumWidth(em(self, 42))
        foot.setContentsMargins(em(self), em(self, 0.3), em(self), em(self))
        foot_widget.setLayout(foot)
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addWidget(foot_widget, 1000)
        centred.addStretch(1)

        centre = QFrame()
        centre.setMinimumWidth(em(self, 20))
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(header)
        layout.addWidget(self.find_bar)
        layout.addWidget(self._stack, 1)
        layout.addLayout(centred)
        return centre
