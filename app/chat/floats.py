"""What floats over the text: the bar of actions, the dot of a reply under way, the card of an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QTextBlockFormat, QTextCursor

from app.chat.error_card import ErrorCard
from app.chat.hand import Hand
from app.chat.phase import Phase
from app.chat.pulse import Pulse
from app.chat.shown_message import ShownMessage
from app.messages import Notice

if TYPE_CHECKING:
    from app.chat.transcript import Transcript


class Floats(QObject):
    """`place` is called whenever the text has moved."""

    def __init__(self, view: Transcript) -> None:
        super().__init__(view)
        self._view = view
        self.pulse = Pulse(view.viewport())
        self.hand = Hand(view)
        self.card = ErrorCard(view.viewport())

    def hide(self) -> None:
        self.hand.reset()
        self.pulse.hide()
        self.card.hide()

    def show_failure(self, notice: Notice | None) -> None:
        self.card.setVisible(notice is not None)
        if notice is not None:
            self.card.say(notice)
        self.make_room()

    def make_room(self) -> None:
        """As much as the card needs, after the last message."""
        height = 0
        if not self.card.isHidden():
            width = self._view.viewport().width() - 2 * self._view.margin
            height = self.card.height_for(width)
            self.card.resize(width, height)
        self._leave_room(height)

    def place(self) -> None:
        self.hand.place()
        self._place_pulse()
        if not self.card.isHidden():
            self.card.move(self._view.margin, self._end_of_messages())

    def _place_pulse(self) -> None:
        """Before the words that say what the reply does, or after those of the reply itself."""
        reply = self._view.streaming
        if reply is None or reply.label is None:
            self.pulse.hide()
            return
        side = round(0.7 * self._view.margin)
        if reply.foot(False)[1]:
            _, foot = self.hand.place_of(reply)
            centre = QPoint(self._view.margin + side // 2, foot.center().y())
        else:
            end = self._end_of_text(reply)
            centre = QPoint(end.right() + side, end.center().y())
        self.pulse.setGeometry(centre.x() - side // 2, centre.y() - side // 2, side, side)
        self.pulse.set_breathing(reply.phase is Phase.THINKING)
        self.pulse.show()

    def _end_of_text(self, message: ShownMessage) -> QRect:
        """Where the next word of a message that is laid out will stand in the view."""
        assert message.label is not None
        cursor = QTextCursor(self._view.document())
        cursor.setPosition(message.label.position() + message.end())
        return self._view.cursorRect(cursor)

    def _end_of_messages(self) -> int:
        """Where in the view the room after the last message begins."""
        document = self._view.document()
        end = document.documentLayout().blockBoundingRect(document.lastBlock())
        return round(end.top()) - self._view.verticalScrollBar().value()

    def _leave_room(self, height: int) -> None:
        """After the last message, in pixels."""
        block = self._view.document().lastBlock()
        form = block.blockFormat()
        if round(form.lineHeight()) != height:
            form.setLineHeight(height, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
            with self._view.editing() as cursor:
                cursor.setPosition(block.position())
                cursor.setBlockFormat(form)
