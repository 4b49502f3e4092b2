"""Thoughts in the transcript: a quiet line above the reply, and below it the words, for those who want to see them.

They are no part of what was said: neither found nor copied with it. The line is a link of our own, so that a click or
Enter unfolds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QTextCursor

from app.chat.inline import Run
from app.chat.markdown import LONGEST_LINE, SAME, Line, plain_lines
from app.chat.message_writer import remove
from app.chat.shown_message import ShownMessage
from app.chat.thought import Thought
from app.chat.typeset import THOUGHT_SCHEME, Typesetter

if TYPE_CHECKING:
    from app.chat.transcript import Transcript

_TICK_MS = 1000  # the seconds on the line
_TAIL = " "  # ends the line, so that what is written below it is not taken into a selection of its words
_BATCH_MS = 40  # between two updates of words that are seen while they come


class Thoughts(QObject):
    """Those of a transcript. `lay` belongs into a change of the document, the others make one."""

    def __init__(self, view: Transcript) -> None:
        super().__init__(view)
        self._view = view
        self._arrived: list[str] = []  # words to be seen that are not
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self._count)
        self._updating = QTimer(self, singleShot=True, interval=_BATCH_MS)
        self._updating.timeout.connect(self._show_arrived)

    def arrive(self, message: ShownMessage, text: str) -> None:
        """The next piece of what is being thought."""
        begins = message.thought is None
        thought = message.thought = message.thought or Thought()
        thought.go_on()
        thought.parts.append(text)
        if begins:
            with self._view.editing() as cursor:
                self.lay(message, cursor)
                self._view.write_footer(message, cursor)
        elif thought.unfolded:
            self._arrived.append(text)
            if not self._updating.isActive():
                self._show_arrived()
        if not self._tick.isActive():
            self._tick.start()
            self._count()

    def end(self, message: ShownMessage) -> None:
        """The reply itself begins, or it is over."""
        if message.thought is not None and message.thought.since is not None:
            self._show_arrived()
            message.thought.stop()
            self._count()
        self.stop()

    def stop(self) -> None:
        """What is being written is not seen any more."""
        self._tick.stop()
        self._updating.stop()
        self._arrived.clear()

    def toggle(self, message: ShownMessage) -> None:
        """Show the words, or fold them away; the keyboard stays at the line."""
        assert message.thought is not None
        self._arrived.clear()  # they are among those that are laid out
        message.thought.unfolded = not message.thought.unfolded
        with self._view.editing() as cursor:
            self.lay(message, cursor)

    def lay(self, message: ShownMessage, cursor: QTextCursor) -> None:
        """Write the thought of a message, in the place of what stands there of it."""
        thought, label = message.thought, message.label
        if thought is None or label is None:
            return
        if message.top == label.length() - 1:  # nothing stands there yet
            cursor.setPosition(label.position() + message.top)
            self._style().insert(cursor, _line(message), Line("label"))
            self._style().insert_runs(cursor, Line("thought", (Run(_TAIL),)))
            if message.body == message.top and not message.open:
                message.last = Line("thought")
        else:
            line = label.next()
            remove(cursor, line.position() + line.length() - 1, label.position() + message.top)
            self._write_line(message, cursor)
        _move(message, cursor)
        if thought.unfolded:
            self._insert(message, thought.text, cursor, begun=False)

    def _show_arrived(self) -> None:
        message, text = self._view.streaming, "".join(self._arrived)
        self._arrived.clear()
        if message is not None and text:
            with self._view.editing() as cursor:
                self._insert(message, text, cursor, begun=True)
            self._updating.start()

    def _count(self) -> None:
        """Say how long it takes by now."""
        message = self._view.streaming
        if message is None or message.thought is None or message.label is None:
            self._tick.stop()
            return
        line = message.label.next()
        before = line.length()
        with self._view.editing() as cursor:
            self._write_line(message, cursor)
        message.shift(line.length() - before)

    def _insert(self, message: ShownMessage, text: str, cursor: QTextCursor, begun: bool) -> None:
        """begun: the last line goes on."""
        assert message.label is not None
        cursor.setPosition(message.label.position() + message.top)
        before = Line("thought")
        for said in plain_lines(text):
            line = said._replace(kind="thinking", path="q")
            if begun and cursor.block().length() < LONGEST_LINE:
                self._style().insert_runs(cursor, line)
            else:
                self._style().insert(cursor, line._replace(join=SAME) if begun else line, before)
            before, begun = line, False
        _move(message, cursor)

    def _write_line(self, message: ShownMessage, cursor: QTextCursor) -> None:
        """New words within the old ones, whose ends are removed then: so the keyboard stays at a line it is at."""
        assert message.label is not None
        line = message.label.next()
        start, length = line.position(), line.length() - 1 - len(_TAIL)
        cursor.setPosition(start + 1)
        self._style().insert_runs(cursor, _line(message))
        written = cursor.position() - start - 1
        for first, last in ((start + 1 + written, start + length + written), (start, start + 1)):
            cursor.setPosition(first)
            cursor.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
        cursor.setPosition(start + written + len(_TAIL))

    def _style(self) -> Typesetter:
        return self._view.style_of_text()


def _move(message: ShownMessage, cursor: QTextCursor) -> None:
    """What is laid out of the reply stands behind the cursor now."""
    assert message.label is not None
    message.shift(cursor.position() - message.label.position() - message.top)


def _line(message: ShownMessage) -> Line:
    assert message.thought is not None
    sign = "▾" if message.thought.unfolded else "▸"
    return Line("thought", (Run(f"{sign} {message.thought.words()}", link=f"{THOUGHT_SCHEME}:{message.key}"),))
