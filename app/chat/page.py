"""The chat page: sidebar, the chat with its composer, side panel. Only the view; `controller.py` decides.

What an empty chat does not show is made when it is first wanted, so that a person can write before it is there; the
places of transcript and panel are kept for them, and nothing moves when they come.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.chat.composer import Composer
from app.chat.model_picker import ModelPicker
from app.chat.sidebar import Sidebar
from app.theme import em, measure
from app.widgets.buttons import IconButton
from app.widgets.fitting import follow_font

if TYPE_CHECKING:
    from app.chat.side_panel import SidePanel
    from app.chat.transcript import Transcript
    from app.chat.welcome import Welcome
    from app.chat.where import Where
    from app.keys import TextWithKeys
    from app.widgets.find_bar import FindBar
    from app.widgets.notice_bar import NoticeBar

_SIDEBAR, _PANEL = "sidebar", "panel"


class ChatPage(QWidget):
    """Three columns. Where there is no room for a side column beside the chat, it is shown in the chat's place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Each widget has its parent from the start: where one is set later, all within follow the new one's looks.
        self._columns = QSplitter(Qt.Orientation.Horizontal, self, childrenCollapsible=False)
        self._columns.setHandleWidth(1)
        self.sidebar = Sidebar(self._columns)
        self._centre = QFrame(self._columns)
        self._foot_widget = QWidget(self._centre)
        self.picker = ModelPicker(self._centre)
        self.composer = Composer(self._foot_widget)
        self._stack = QStackedWidget(self._centre)
        self._stack.setMinimumHeight(1)  # a notice with its buttons comes first where room is short
        self._stack.addWidget(QWidget(self._stack))
        panel_place = QFrame(self._columns)
        panel_place.setObjectName("sidePanel")
        self._sides: dict[str, QWidget] = {_SIDEBAR: self.sidebar, _PANEL: panel_place}
        self._backs: dict[str, IconButton] = {}
        self._wanted: list[str] = []  # side columns; what was asked for last is first
        self._alone = ""  # the side column that may take the chat's place
        self._build_centre()
        self._columns.addWidget(self.sidebar)
        self._columns.addWidget(self._centre)
        self._columns.addWidget(panel_place)
        self._columns.setStretchFactor(1, 1)
        self._columns.setSizes([em(self, 17), em(self, 60), em(self, 18)])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._columns)

        self.sidebar.new_requested.connect(self.show_chat)
        self.sidebar.chat_chosen.connect(self.show_chat)
        follow_font(self, self._fit)
        self.restore_columns(b"", sidebar=True, panel=True)
        self.setTabOrder(self.sidebar, self.composer.field)
        self.setTabOrder(self.composer.field, self.composer.button)

    # --- what is made when it is first wanted ------------------------------------------------------------------

    @cached_property
    def transcript(self) -> Transcript:
        from app.chat.transcript import Transcript
        from app.widgets.focus_ring import FocusRing

        transcript = Transcript()
        FocusRing(transcript)
        self._stack.addWidget(transcript)
        return transcript

    @cached_property
    def welcome(self) -> Welcome:
        from app.chat.welcome import Welcome

        return Welcome()

    @cached_property
    def _welcome_area(self) -> QWidget:
        from PySide6.QtWidgets import QScrollArea

        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its buttons have it
        area.setWidget(self.welcome)
        self._stack.addWidget(area)
        return area

    @cached_property
    def panel(self) -> SidePanel:
        from app.chat.side_panel import SidePanel

        panel, place = SidePanel(), self._sides[_PANEL]
        self._columns.replaceWidget(self._columns.indexOf(place), panel)  # with its size, shown or hidden as it is
        place.deleteLater()
        self._sides[_PANEL] = panel
        self._arrange()
        return panel

    @cached_property
    def find_bar(self) -> FindBar:
        from app.widgets.find_bar import FindBar

        bar = FindBar()
        bar.find_requested.connect(self._find)
        bar.closed.connect(self.composer.field.setFocus)
        self._middle.insertWidget(self._middle.indexOf(self._stack), bar)
        return bar

    @cached_property
    def notice(self) -> NoticeBar:
        from app.widgets.notice_bar import NoticeBar

        bar = NoticeBar()
        self._foot.insertWidget(0, bar)
        return bar

    @cached_property
    def where(self) -> Where:
        from app.chat.where import Where

        where = Where()
        self._foot.addWidget(where)
        return where

    # --- columns --------------------------------------------------------------------------------------------

    @property
    def wants_sidebar(self) -> bool:
        return _SIDEBAR in self._wanted

    @property
    def wants_panel(self) -> bool:
        return _PANEL in self._wanted

    def show_sidebar(self, shown: bool) -> None:
        self._want(_SIDEBAR, shown)

    def show_panel(self, shown: bool) -> None:
        self._want(_PANEL, shown)

    def toggle_sidebar(self) -> None:
        self.show_sidebar(self.sidebar.isHidden())

    def toggle_panel(self) -> None:
        self.show_panel(self._sides[_PANEL].isHidden())

    def show_chat(self) -> None:
        """The chat itself, where a side column took its place."""
        self._alone = ""
        self._arrange()

    def columns(self) -> bytes:
        """Their widths, for `restore_columns`."""
        return bytes(self._columns.saveState().data())

    def restore_columns(self, state: bytes, sidebar: bool, panel: bool) -> None:
        self._columns.restoreState(QByteArray(state))
        self._columns.setHandleWidth(1)
        self._columns.setChildrenCollapsible(False)
        self._wanted = [side for side, wants in ((_SIDEBAR, sidebar), (_PANEL, panel)) if wants]
        self.show_chat()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _want(self, side: str, shown: bool) -> None:
        others = [each for each in self._wanted if each != side]
        self._wanted = [side, *others] if shown else others
        self._alone = side if shown else ""
        self._arrange()

    def _arrange(self) -> None:
        """Show the columns that are wanted and have room."""
        room = self.width() - self._centre.minimumWidth()
        shown = []
        for side in self._wanted:
            if self._sides[side].minimumWidth() <= room:
                room -= self._sides[side].minimumWidth()
                shown.append(side)
        alone = "" if self._alone in shown else self._alone
        self._centre.setVisible(not alone)
        for side, column in self._sides.items():
            appears = column.isHidden()
            column.setVisible(side == alone or (not alone and side in shown))
            if appears and not column.isHidden():
                self._let_in(column)
        if alone and alone not in self._backs:
            self._add_back_button(alone)
        for side, back in self._backs.items():
            back.setVisible(side == alone)
        self._new_button.setVisible(self.sidebar.isHidden())
        self._panel_button.setChecked(not self._sides[_PANEL].isHidden())

    def _let_in(self, column: QWidget) -> None:
        from app.widgets.motion import slide_in

        slide_in(column, self._columns, from_left=column is self.sidebar)

    def _add_back_button(self, side: str) -> None:
        button = self._backs[side] = IconButton("x", self.tr("Back to the chat"), parent=self._sides[side])
        button.clicked.connect(lambda: self._want(side, False))
        layout = self._sides[side].layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(0, button, 0, Qt.AlignmentFlag.AlignRight)

    def show_keys(self, text_with_keys: TextWithKeys) -> None:
        """Name the present keys in the tooltips."""
        for button, action in self._actions.items():
            button.setToolTip(text_with_keys(button.accessibleName(), action))
        self.sidebar.show_keys(text_with_keys)
        self.composer.show_keys(text_with_keys)

    # --- the chat -------------------------------------------------------------------------------------------

    def show_welcome(self, shown: bool) -> None:
        self._stack.setCurrentWidget(self._welcome_area if shown else self.transcript)

    def open_find(self) -> None:
        if self._stack.currentWidget() is self.transcript:
            self.show_chat()
            self.find_bar.open()

    def find_again(self, backwards: bool) -> None:
        """The next place of what was looked for, or ask what to look for."""
        if text := self.find_bar.field.text():
            self._find(text, backwards)
        else:
            self.open_find()

    def _find(self, text: str, backwards: bool) -> None:
        self.find_bar.show_found(self.transcript.find(text, backwards))

    def _build_centre(self) -> None:
        centre = self._centre
        sidebar_button = IconButton("panel-left", self.tr("Show or hide the chats"), parent=centre)
        sidebar_button.clicked.connect(self.toggle_sidebar)
        self._new_button = IconButton("plus", self.tr("New chat"), parent=centre)
        self._new_button.clicked.connect(self.sidebar.new_requested)
        self._new_button.hide()
        find_button = IconButton("search", self.tr("Find in this chat"), parent=centre)
        find_button.clicked.connect(self.open_find)
        self._panel_button = IconButton("panel-right", self.tr("Show or hide the side panel"), parent=centre)
        self._panel_button.setCheckable(True)
        self._panel_button.clicked.connect(self.toggle_panel)
        self._actions = {
            sidebar_button: "sidebar",
            self._new_button: "new_chat",
            find_button: "find",
            self._panel_button: "panel",
        }

        header = self._header = QHBoxLayout()
        header.addWidget(sidebar_button)
        header.addWidget(self._new_button)
        header.addStretch(1)
        header.addWidget(self.picker)
        header.addStretch(1)
        header.addWidget(find_button)
        header.addWidget(self._panel_button)

        foot = self._foot = QVBoxLayout(self._foot_widget)
        foot.addWidget(self.composer)
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addWidget(self._foot_widget, 1000)
        centred.addStretch(1)

        layout = self._middle = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(header)
        layout.addWidget(self._stack, 1)
        layout.addLayout(centred)

    def _fit(self) -> None:
        self._header.setContentsMargins(em(self, 0.5), em(self, 0.4), em(self, 0.5), em(self, 0.2))
        self._header.setSpacing(em(self, 0.2))
        self._foot.setContentsMargins(em(self), em(self, 0.3), em(self), em(self, 0.7))
        self._foot.setSpacing(em(self, 0.5))
        self._foot_widget.setMaximumWidth(round(measure(self.font(), 80)) + em(self, 4))
        self._centre.setMinimumWidth(em(self, 15))
        self._sides[_PANEL].setMinimumWidth(em(self, 13))  # as it has itself, once it is there
