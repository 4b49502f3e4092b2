"""Writes one message into the document: its role, the lines of its text, its foot."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QTextBlock, QTextBlockFormat, QTextCursor

from app.chat.growth import growth
from app.chat.inline import Run, showable
from app.chat.markdown import Line
from app.chat.shown_message import ShownMessage
from app.chat.typeset import Property, Typesetter


class MessageWriter:
    """`figures_shown`: whether statistics stand in every foot."""

    def __init__(self, style: Typesetter, figures_shown: bool) -> None:
        self._style = style
        self.figures_shown = figures_shown

    def begin(self, message: ShownMessage, below: QTextBlock, cursor: QTextCursor) -> None:
        """Write a message's role and its foot before the block `below`."""
        cursor.setPosition(below.position() - 1)
        label = Line("label", (Run(_name(message.role)),))
        self._style.insert(cursor, label, None, message.said_by_person)
        message.label = cursor.block()
        message.last = Line("label")
        message.top = message.body = cursor.positionInBlock()
        self._style.insert(cursor, Line("footer"), message.last)
        self.write_footer(message, cursor)

    def show(self, message: ShownMessage, finished: list[Line], opened: list[Line], cursor: QTextCursor) -> None:
        """Replace the open lines of a reply by lines that are final and new open ones; equal beginnings stay."""
        assert message.label is not None
        base = message.label.position()
        lines = [*finished, *opened]
        pairs = enumerate(zip(message.open, lines, strict=False))
        same = next((i for i, (old, new) in pairs if old != new), min(len(message.open), len(lines)))
        ends = message.ends[:same]
        start, before = (ends[-1], lines[same - 1]) if same else (message.body, message.last)
        grown = same < min(len(message.open), len(lines)) and growth(message.open[same], lines[same])
        if grown:
            start += 1 + grown.kept
        if start < message.end():
            remove(cursor, base + start, base + message.end())
        cursor.setPosition(base + start)
        for line in lines[same:]:
            if grown:
                self._style.insert_runs(cursor, line, grown.run, grown.offset)
                grown = None
            else:
                self._style.insert(cursor, line, before, message.said_by_person)
            before = line
            ends.append(cursor.position() - base)
        if finished:
            message.body, message.last = ends[len(finished) - 1], finished[-1]
        message.open, message.ends = opened, ends[len(finished) :]

    def lay_again(self, message: ShownMessage, cursor: QTextCursor) -> None:
        assert message.label is not None
        remove(cursor, message.label.position() + message.top, message.label.position() + message.body)
        message.last = Line("label" if message.thought is None else "thought")
        for line in message.lines():
            self._style.insert(cursor, line, message.last, message.said_by_person)
            message.last = line
        message.body = cursor.position() - message.label.position()

    def write_footer(self, message: ShownMessage, cursor: QTextCursor) -> None:
        line = self._footer_line(message)
        cursor.setPosition(footer_block(message).position())
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        before = message.open[-1] if message.open else message.last
        form = QTextBlockFormat(self._style.block_format(line, before, False))
        form.setProperty(Property.ICON, message.foot(False)[0])
        cursor.setBlockFormat(form)
        self._style.insert_runs(cursor, line)

    def _footer_line(self, message: ShownMessage) -> Line:
        icon, words = message.foot(self.figures_shown)
        beside = bool(icon) or (message.state == "streaming" and bool(words))
        return Line("footer", (Run(showable(words)),) if words else (), level=int(beside))


def footer_block(message: ShownMessage) -> QTextBlock:
    """The last block of a message that is laid out."""
    assert message.label is not None
    return message.label.document().findBlock(message.label.position() + message.end() + 1)


def remove(cursor: QTextCursor, start: int, end: int) -> None:
    """Remove text after `start`, the end of a block's text, which keeps its format even when it is empty."""
    cursor.setPosition(start)
    kept = cursor.blockFormat()
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    cursor.removeSelectedText()
    cursor.setBlockFormat(kept)


def _name(role: str) -> str:
    translate = QCoreApplication.translate
    names = {
        "user": translate("Transcript", "You"),
        "assistant": translate("Transcript", "Seedling"),
        "system": translate("Transcript", "Instructions"),
    }
    return names.get(role) or showable(role)
