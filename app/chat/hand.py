"""Which message the mouse or the keyboard is at; the bar of actions is moved there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.chat.message_bar import MessageBar
from app.chat.message_writer import footer_block
from app.chat.shown_message import ShownMessage

if TYPE_CHECKING:
    from app.chat.transcript import Transcript


class Hand(QObject):
    """The mouse has precedence; while it drags, no bar stands in its way."""

    def __init__(self, view: Transcript) -> None:
        super().__init__(view)
        self._view = view
        self.bar = MessageBar(view.viewport())
        self.bar.chosen.connect(self._choose)
        self._mouse: QPoint | None = None
        self._at: ShownMessage | None = None  # by keyboard
        self._stepped = False
        self._returns_to = ""  # the action that had the keyboard when its message went
        self._stays = False  # what comes next stands where the keyboard was
        self._described: tuple[object, ...] = ()
        view.viewport().setMouseTracking(True)
        view.viewport().installEventFilter(self)
        QApplication.instance().focusChanged.connect(self._focus_changed)  # type: ignore[union-attr]

    def message(self) -> ShownMessage | None:
        under = None if self._mouse is None else self._view.message_under(self._mouse)
        return under or self._at

    def go_to(self, message: ShownMessage | None, stepped: bool = False) -> None:
        """The keyboard is at this message; `stepped`: by a key of its own, so that Tab means its actions."""
        self._at, self._stepped, self._mouse = message, stepped, None
        self.place()

    def step(self, step: int) -> None:
        """From message to message, 1 down, -1 up; the first time to the one that is at hand."""
        message = self._at or self._view.message_of_cursor()
        if message is not None:
            target = self._view.beside(message, step if self._stepped else 0)
            self._view.bring_up(target)
            self.go_to(target, stepped=True)

    def take_focus(self) -> bool:
        """Give the keyboard to the bar of the message stepped to; whether there is one."""
        if not self._stepped or self._at is None or self.bar.isHidden():
            return False
        self.bar.take_focus()
        return True

    def reset(self) -> None:
        self._at, self._stepped, self._stays = None, False, False
        self._hide()

    def left(self, message: ShownMessage) -> None:
        """This message is no longer there."""
        if message is self._at:
            self._at, self._stays = None, True

    def arrived(self, message: ShownMessage) -> None:
        if self._stays:
            self._at, self._stays = message, False

    def place(self) -> None:
        """Move the bar to the foot of the message, or as near to it as can be seen."""
        message = self.message()
        if message is None or message.label is None:
            self._hide()
            return
        view, room = self._view, self._view.viewport().rect()
        body, foot = self.place_of(message)
        figures = "" if view.statistics_shown else message.figures
        offered = view.offered(message.key)
        described = (message, message.version, offered, figures, room.width())
        if described != self._described:
            self._described = described
            self.bar.describe(message, offered, figures)
            if foot.right() + self.bar.width() > room.width():
                self.bar.narrow()
        size = self.bar.size()
        if body.top() > room.bottom() or foot.bottom() + size.height() < 0:
            self._hide()
            return
        left = room.width() - size.width() - view.margin if message.said_by_person else foot.right()
        top = min(foot.top(), room.height() - size.height())
        self.bar.move(max(0, min(left, room.width() - size.width())), top)
        self.bar.show()
        if self._returns_to:
            self.bar.take_focus(self._returns_to)
            self._returns_to = ""

    def place_of(self, message: ShownMessage) -> tuple[QRect, QRect]:
        """Where a message that is laid out stands in the view, and where its foot does: as wide as its words."""
        assert message.label is not None
        view, footer = self._view, footer_block(message)
        rect = view.document().documentLayout().blockBoundingRect
        foot, line = rect(footer), footer.layout().lineAt(0)
        words = line.naturalTextWidth() + view.margin if line.isValid() and footer.length() > 1 else 0.0
        above = -view.verticalScrollBar().value()
        body = QRectF(0, rect(message.label).top(), view.viewport().width(), 0)
        body.setBottom(foot.bottom())
        foot = QRectF(foot.left() + view.margin, foot.top(), words, foot.height())
        return body.translated(0, above).toRect(), foot.translated(0, above).toRect()

    def _hide(self) -> None:
        if focused := self.bar.focused():
            self._returns_to = focused if self._stays else ""
            self._view.setFocus()
        self.bar.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Leave:
            self._mouse = None
            self.place()
        elif kind in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease) and isinstance(event, QMouseEvent):
            dragging = event.buttons() != Qt.MouseButton.NoButton
            self._mouse = None if dragging else event.position().toPoint()
            self._at = None if dragging else self._at
            self.place()
        return False

    def _focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is None or new is self._view or self.bar.isAncestorOf(new):
            return
        self._at, self._stepped, self._stays = None, False, False
        self.place()

    def _choose(self, action: str) -> None:
        message = self.message()
        if message is not None:
            self._view.act(message.key, action)
