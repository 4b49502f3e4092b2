"""The conversation: one read-only text view whose finished lines are laid out once.

Every message is a block with its role, the lines of its text, and a footer; an empty block ends the document and makes
room for the card of an error. Only the open end of the reply that is being written is replaced, every INTERVAL.
Messages of a chat that was just opened are laid out from the newest backwards, a little at a time, and beyond READY
characters only as the person gets there. Why this and not another technique: docs/transcript.md.

Positions within a message are counted from its first block, which Qt keeps track of while text is inserted above.
"""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRectF, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
)
from PySide6.QtWidgets import QAbstractSlider, QFrame, QPushButton, QTextBrowser, QWidget

from app.chat.backdrop import paint_backdrop
from app.chat.floats import Floats
from app.chat.inline import SAFE_SCHEMES
from app.chat.markdown import Line, MarkdownStream, words
from app.chat.message_bar import add_actions
from app.chat.message_writer import MessageWriter, footer_block, remove
from app.chat.phase import Phase
from app.chat.reading import SearchText, last_listing, listing, plain_data, selected_text
from app.chat.shown_message import ONLY, ShownMessage, Version
from app.chat.thought import Thought
from app.chat.thoughts import Thoughts
from app.chat.typeset import COPY_SCHEME, THOUGHT_SCHEME, Typesetter
from app.messages import Notice
from app.widgets.announce import announce

INTERVAL = 40  # ms between two updates while text arrives
READY = 200_000  # characters of a chat that are laid out unasked: a document is laid out anew for every change of width
_SLICE = 0.008  # seconds of work before the window gets its turn
_SLICE_CHARACTERS = 8_000  # and what is written meanwhile: Qt lays it out only when the piece of work ends


class Transcript(QTextBrowser):
    """Shows messages; `key` is the caller's number for one. Role `user` is shown as typed, any other as Markdown."""

    copied = Signal(str)
    link_activated = Signal(str)
    action_requested = Signal(int, str)  # key, one of the actions in message_bar.py
    remedy_chosen = Signal(object)  # Remedy: a button of the error's card

    _typesetter: Typesetter | None = None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Conversation"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.setUndoRedoEnabled(False)
        self._messages: dict[int, ShownMessage] = {}
        self._waiting: list[ShownMessage] = []  # not laid out, or not to their end; the next one last
        self._oldest = 0  # number of the oldest message that is laid out
        self._numbers = count(1)
        self.streaming: ShownMessage | None = None  # the reply that is being written
        self._arrived: list[str] = []
        self.statistics_shown = False
        self.continues = True  # the model goes on with replies that were cut
        self._follow = True
        self._search = SearchText(self.document())
        self._laying = QTimer(self, singleShot=True)
        self._laying.timeout.connect(self._lay_more)
        self._updating = QTimer(self, singleShot=True)
        self._updating.timeout.connect(self._show_arrived)
        self._latest = QPushButton("↓", self)
        self._latest.hide()
        self._latest.setAccessibleName(self.tr("Jump to the latest message"))
        self._latest.clicked.connect(self.scroll_to_latest)
        self._floats = Floats(self)
        self._hand = self._floats.hand
        self._thoughts = Thoughts(self)
        self._floats.card.remedy_chosen.connect(self.remedy_chosen)
        self.anchorClicked.connect(self._activate)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.verticalScrollBar().rangeChanged.connect(self._grown)
        self._restyle()

    # --- messages ----------------------------------------------------------------------------------------------------

    def clear(self) -> None:
        self._messages.clear()
        self._waiting.clear()
        self._arrived.clear()
        self.streaming = None
        self._thoughts.stop()
        self._floats.hide()
        self._laying.stop()
        self._updating.stop()
        self._follow = True
        self._empty_document()

    def add_message(
        self,
        key: int,
        role: str,
        text: str,
        figures: str = "",
        state: str = "done",
        version: Version = ONLY,
        thought: Thought | None = None,
    ) -> None:
        """A finished message, laid out when the event loop turns: a chat's messages may be added in one go."""
        message = ShownMessage(next(self._numbers), key, role, [text], figures, state, version, thought=thought)
        self._waiting.append(self._append(message))
        self._laying.start(0)

    def begin_message(
        self, key: int, role: str, text: str = "", version: Version = ONLY, thought: Thought | None = None
    ) -> None:
        """A reply begins, or goes on after `text`; `think` and `append` add to it until `end_message`."""
        if self.streaming is not None:
            self.end_message(state="interrupted")
        message = ShownMessage(next(self._numbers), key, role, [], state="streaming", version=version, thought=thought)
        message.stream = MarkdownStream()
        self._append(message)
        self.streaming = message
        with self.editing() as cursor:
            self._begin(message, cursor)
        if text:
            self._add(text)

    def set_phase(self, phase: Phase, percent: int = 0) -> None:
        """What the reply does now."""
        message = self._reply()
        message.phase, message.percent = phase, percent
        with self.editing() as cursor:
            self._writer.write_footer(message, cursor)

    def think(self, text: str) -> None:
        """The next piece of what is thought before the reply."""
        self._thoughts.arrive(self._reply(), text)

    def append(self, text: str) -> None:
        """The next piece of the reply; shown at once, or with what arrives within INTERVAL."""
        self._thoughts.end(self._reply())
        self._add(text)

    def _add(self, text: str) -> None:
        self._reply().parts.append(text)
        self._arrived.append(text)
        if not self._updating.isActive():
            self._show_arrived()

    def end_message(self, figures: str = "", state: str = "done") -> None:
        """The reply is over; `state` is done, length, cancelled, interrupted or failed."""
        message = self._reply()
        self._show_arrived()
        self._thoughts.end(message)
        self._updating.stop()
        self.streaming = None
        message.figures, message.state = figures, state
        stream, message.stream = message.stream, None
        assert stream is not None
        rest = stream.close()
        with self.editing() as cursor:
            self._writer.show(message, rest, [], cursor)
            if stream.late_definitions:
                self._writer.lay_again(message, cursor)
            self._writer.write_footer(message, cursor)
        announce(self, words(rest))

    def set_statistics_shown(self, shown: bool) -> None:
        """Whether figures stand under every reply, or only in the bar of the one at hand."""
        self.statistics_shown = self._writer.figures_shown = shown
        with self.editing() as cursor:
            for message in self._messages.values():
                if message.figures and message.label is not None and message.waiting is None:
                    self._writer.write_footer(message, cursor)

    def set_motion(self, motion: bool) -> None:
        self._floats.pulse.set_motion(motion)

    def show_failure(self, notice: Notice | None) -> None:
        """Why there is no reply, on a card after the last message; None takes it away."""
        self._floats.show_failure(notice)

    def failure(self) -> str:
        """What the card says; nothing where there is none."""
        return "" if self._floats.card.isHidden() else self._floats.card.text

    def remove_from(self, key: int) -> None:
        """Take a message away, and all that follow it."""
        message = self._messages.get(key)
        while message is not None:
            following = message.following
            self.remove_message(message.key)
            message = following

    def remove_message(self, key: int) -> None:
        """Take a message away; one that is not there is none to remove."""
        message = self._messages.pop(key, None)
        if message is None:
            return
        self._hand.left(message)
        for other in self._messages.values():
            if other.following is message:
                other.following = message.following
        if message in self._waiting:
            self._waiting.remove(message)
        if message is self.streaming:
            self.streaming = None
            self._thoughts.stop()
            self._updating.stop()
            self._arrived.clear()
        if message.label is not None:
            with self.editing() as cursor:
                end = footer_block(message)
                remove(cursor, message.label.position() - 1, end.position() + end.length() - 1)

    def shown(self) -> list[int]:
        """The keys of all messages, in their order."""
        return list(self._messages)

    def last(self, role: str) -> int | None:
        """The key of the last message of this role."""
        return next((message.key for message in reversed(self._messages.values()) if message.role == role), None)

    def message_text(self, key: int) -> str:
        """The text of a message as it was given."""
        return self._messages[key].text

    def settle(self) -> None:
        """Lay out and show all that waits."""
        self._show_arrived()
        while self._waiting:
            self._lay(math.inf, math.inf, everything=True)

    def _append(self, message: ShownMessage) -> ShownMessage:
        if message.key in self._messages:
            self.remove_message(message.key)
        if self._messages:
            next(reversed(self._messages.values())).following = message
        self._messages[message.key] = message
        self._hand.arrived(message)
        return message

    def _reply(self) -> ShownMessage:
        if self.streaming is None:
            raise RuntimeError("no message has begun")
        return self.streaming

    # --- layout ------------------------------------------------------------------------------------------------------

    @contextmanager
    def editing(self) -> Iterator[QTextCursor]:
        """A cursor for one change of the document, after which it is laid out."""
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        try:
            yield cursor
        finally:
            cursor.endEditBlock()
        self._floats.place()

    def style_of_text(self) -> Typesetter:
        assert self._typesetter is not None
        return self._typesetter

    def _empty_document(self) -> None:
        self.document().clear()
        self._oldest = 0
        with self.editing() as cursor:
            style = self.style_of_text()
            cursor.setBlockFormat(style.block_format(Line("filler"), None, False))
            cursor.insertText("\u200b")  # text is added after it, so that a text cursor before it stays at the top
            style.insert(cursor, Line("end"), None)
        self.setTextCursor(QTextCursor(self.document()))
        self._floats.make_room()

    def _restyle(self, anchor: tuple[ShownMessage, float] | None = None) -> None:
        """Lay everything out again, in other colours or another font; `anchor` is what the view began with."""
        self._typesetter = Typesetter(self.document(), self.font(), self.palette())
        self._writer = MessageWriter(self._typesetter, self.statistics_shown)
        self._fit_column()
        for message in self._messages.values():
            message.forget_layout()
        self._empty_document()
        self._waiting = [message for message in self._messages.values() if message is not self.streaming]
        if (reply := self.streaming) is not None:
            reply.stream = MarkdownStream()
            self._arrived.clear()
            with self.editing() as cursor:
                self._begin(reply, cursor)
                self._writer.show(reply, reply.stream.feed(reply.text), reply.stream.open_lines(), cursor)
        if anchor is None:
            self._lay_more()
            return
        self.settle()
        block, offset = anchor[0].label, anchor[1]
        if block is not None:
            self.verticalScrollBar().setValue(round(self._rect(block).top() + offset))

    def _first_in_view(self) -> tuple[ShownMessage, float] | None:
        """The message at the top of the view, and how far below its start the view begins."""
        top = self.verticalScrollBar().value()
        message = self._message_at(self.cursorForPosition(QPoint(0, 0)).position())
        if message is None or message.label is None:
            return None
        return message, top - self._rect(message.label).top()

    def _lay_more(self) -> None:
        if self._wants_more():
            self._lay()
            self._laying.start(1)

    def _wants_more(self) -> bool:
        """Whether a message waits that is new, or about to come into view, or among the first READY characters."""
        if not self._waiting:
            return False
        bar = self.verticalScrollBar()
        near = bar.value() < 2 * bar.pageStep()
        return near or self._waiting[-1].number > self._oldest or self.document().characterCount() < READY

    def _lay(self, seconds: float = _SLICE, room: float = _SLICE_CHARACTERS, everything: bool = False) -> None:
        """Lay out waiting messages, the newest first, for so long and so many characters: the wanted ones, or all."""
        if not self._waiting:
            return
        bar = self.verticalScrollBar()
        following = self._waiting[-1].following
        below = following.label if following is not None and following.label else self.document().lastBlock()
        above_view = not self._follow and self._rect(below).top() < bar.value()
        height = self.document().size().height()
        deadline = time.perf_counter() + seconds
        with self.editing() as cursor:
            while self._waiting and room >= 0 and time.perf_counter() < deadline and (everything or self._wants_more()):
                message = self._waiting[-1]
                if message.label is None:
                    self._begin(message, cursor)
                    message.waiting = message.lines()
                assert message.label is not None
                cursor.setPosition(message.label.position() + message.body)
                for line in message.waiting or ():
                    self.style_of_text().insert(cursor, line, message.last, message.said_by_person)
                    message.last = line
                    room -= sum(len(run.text) for run in line.runs)
                    if time.perf_counter() > deadline or room < 0:
                        break
                else:
                    message.waiting = None
                    self._waiting.pop()
                message.body = cursor.position() - message.label.position()
                if message.waiting is None:
                    self._writer.write_footer(message, cursor)
        if above_view:
            bar.setValue(bar.value() + round(self.document().size().height() - height))

    def _begin(self, message: ShownMessage, cursor: QTextCursor) -> None:
        """Write a message's role and its foot before those of the message that follows."""
        following = message.following
        while following is not None and following.label is None:
            following = following.following
        below = following.label if following is not None and following.label else self.document().lastBlock()
        self._writer.begin(message, below, cursor)
        self._thoughts.lay(message, cursor)
        self._oldest = min(self._oldest, message.number) or message.number

    def _show_arrived(self) -> None:
        message = self.streaming
        if message is None or message.stream is None or not self._arrived:
            return
        began = time.perf_counter()
        finished = message.stream.feed("".join(self._arrived))
        self._arrived.clear()
        with self.editing() as cursor:
            self._writer.show(message, finished, message.stream.open_lines(), cursor)
        announce(self, words(finished))
        spent = time.perf_counter() - began  # of which a slow machine keeps thrice as much for the person
        self._updating.start(max(INTERVAL, round(3000 * spent)))

    # --- what floats over the text ---------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether a reply is being written."""
        return self.streaming is not None

    @property
    def margin(self) -> int:
        """Between the text and the sides of the view, in pixels."""
        return round(self.style_of_text().em)

    def write_footer(self, message: ShownMessage, cursor: QTextCursor) -> None:
        """Say under a message what is to be said of it now."""
        self._writer.write_footer(message, cursor)

    # --- text as people copy and search it ---------------------------------------------------------------------------

    def createMimeDataFromSelection(self) -> QMimeData:
        return plain_data(selected_text(self.textCursor()))

    def find(self, text: str, backwards: bool = False) -> bool:  # type: ignore[override]  # finds in messages, not blocks
        """Select the next place that holds the text, in any case, and show it; past the end go on from the start."""
        again = selected_text(self.textCursor()).casefold() == text.casefold()  # else the word is still being typed

        def look(around: bool) -> tuple[int, int] | None:
            cursor = self.textCursor()
            origin = cursor.selectionEnd() if again and not backwards else cursor.selectionStart()
            return self._search.find(text, origin, backwards, around)

        self._show_arrived()
        found = look(around=not self._waiting)
        if found is None and self._waiting:
            self.settle()  # what is laid out above moves the cursor
            found = look(around=True)
        if found is None:
            return False
        cursor = self.textCursor()
        cursor.setPosition(found[0])
        cursor.setPosition(found[1], QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        return True

    # --- what the person does ----------------------------------------------------------------------------------------

    def loadResource(self, kind: int, name: QUrl | str) -> QImage:
        """Nothing is ever loaded because of what a text says. (None would not do: Qt would then look by itself.)"""
        return QImage()

    def _activate(self, url: QUrl) -> None:
        if url.scheme() == COPY_SCHEME:
            self._copy(listing(self.document(), int(url.path())))
        elif url.scheme() == THOUGHT_SCHEME:
            self._thoughts.toggle(self._messages[int(url.path())])
        elif (address := url.toString(QUrl.ComponentFormattingOption.FullyEncoded)).lower().startswith(SAFE_SCHEMES):
            self.link_activated.emit(address)

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.copied.emit(text)

    def offered(self, key: int) -> tuple[str, ...]:
        """What can be done with a message now."""
        return self._messages[key].actions(self.busy, self.continues)

    def copy_last_code(self) -> None:
        if code := last_listing(self.document()):
            self._copy(code)

    def act(self, key: int, action: str) -> None:
        """What a button or a menu asks for; copying is done here, all else is announced."""
        if action == "copy":
            self._copy(self.message_text(key))
        elif action == "copy_thought" and (thought := self._messages[key].thought) is not None:
            self._copy(thought.text)
        self.action_requested.emit(key, action)

    def message_under(self, point: QPoint) -> ShownMessage | None:
        return self._message_at(self.cursorForPosition(point).position())

    def _message_at(self, position: int) -> ShownMessage | None:
        laid = [message for message in self._messages.values() if message.label is not None]
        index = bisect_right(laid, position, key=lambda message: message.label.position() if message.label else 0)
        return laid[index - 1] if index else None

    def message_of_cursor(self) -> ShownMessage | None:
        """The one the text cursor is in; before the first, the last one."""
        return self._message_at(self.textCursor().position()) or next(reversed(self._messages.values()), None)

    def beside(self, message: ShownMessage, step: int) -> ShownMessage:
        """The message after (1) or before (-1) this one; at the ends, itself."""
        messages = list(self._messages.values())
        return messages[min(max(messages.index(message) + step, 0), len(messages) - 1)]

    def bring_up(self, message: ShownMessage) -> None:
        """Scroll to a message, and put the text cursor there for those who have it read to them."""
        while message.label is None:
            self._lay(everything=True)
        self.setTextCursor(QTextCursor(message.label))
        self.verticalScrollBar().setValue(round(self._rect(message.label).top()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu(event.pos())
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        message = self.message_of_cursor() if by_key else self.message_under(event.pos())
        if message is not None:
            menu.addSeparator()
            add_actions(menu, message, self.offered(message.key), partial(self.act, message.key))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._hand.go_to(self.message_of_cursor())

    def focusNextPrevChild(self, next: bool) -> bool:
        """From a message that was stepped to, Tab goes to its actions; else from link to link."""
        if not self.hasFocus():  # a button of the bar or the card has it
            return QWidget.focusNextPrevChild(self, next)
        return (next and self._hand.take_focus()) or super().focusNextPrevChild(next)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that move the view move the view: the text cursor, which a screen reader reads by, goes along."""
        moves = {
            Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
            Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
            Qt.Key.Key_Home: QAbstractSlider.SliderAction.SliderToMinimum,
            Qt.Key.Key_End: QAbstractSlider.SliderAction.SliderToMaximum,
        }
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.settle()
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._hand.step(1 if event.key() == Qt.Key.Key_Down else -1)
            return
        move = moves.get(Qt.Key(event.key()))
        if move is None or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            super().keyPressEvent(event)
            return
        self.verticalScrollBar().triggerAction(move)
        bottom = move in (moves[Qt.Key.Key_PageDown], moves[Qt.Key.Key_End])
        corner = self.viewport().rect().bottomLeft() if bottom else QPoint(0, 0)
        self.setTextCursor(self.cursorForPosition(corner))

    # --- scrolling ---------------------------------------------------------------------------------------------------

    def scroll_to_latest(self) -> None:
        self._follow = True
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        self._latest.hide()

    def _scrolled(self, value: int) -> None:
        self._follow = value >= self.verticalScrollBar().maximum() - self.style_of_text().em
        self._latest.setVisible(not self._follow)
        self._floats.place()
        if self._waiting and not self._laying.isActive():
            self._laying.start(1)

    def _grown(self, _minimum: int, maximum: int) -> None:
        if self._follow:
            self.verticalScrollBar().setValue(maximum)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_column()
        super().resizeEvent(event)
        size, em = self._latest.sizeHint(), round(self.style_of_text().em)
        self._latest.move((self.width() - size.width()) // 2, self.height() - size.height() - em)
        self._floats.make_room()
        self._floats.place()

    def _fit_column(self) -> None:
        """Lines of about 80 characters, in the middle of a wide window."""
        style = self.style_of_text()
        room = self.width() - self.verticalScrollBar().sizeHint().width()
        side = max(0, round((room - style.column - 2 * style.em) / 2))
        if self.viewportMargins().left() != side:
            self.setViewportMargins(side, 0, side, 0)

    def changeEvent(self, event: QEvent) -> None:
        restyle = event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and self._typesetter is not None
        anchor = self._first_in_view() if restyle and not self._follow else None
        super().changeEvent(event)
        if restyle:
            self._restyle(anchor)

    # --- painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_backdrop(self, event, self.style_of_text())
        super().paintEvent(event)

    def _rect(self, block: QTextBlock) -> QRectF:
        return self.document().documentLayout().blockBoundingRect(block)
