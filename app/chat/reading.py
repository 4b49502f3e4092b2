"""The text of the document as people copy and search it: what was said, without captions, footers and added lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple, cast

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit

from app.chat.inline import LINE_BREAK
from app.chat.typeset import Property, is_chrome, kind_of


def selected_text(cursor: QTextCursor) -> str:
    """The selection as plain text; of a selection of cells, those cells."""
    document = cursor.document()
    if not cursor.hasComplexSelection():
        start, end = cursor.selectionStart(), cursor.selectionEnd()
        return text_between(document, start, end) or cursor.selectedText().replace("\u2029", "\n")
    table = cursor.currentTable()
    row, rows, column, columns = cast(tuple[int, int, int, int], cursor.selectedTableCells())
    cells = [[table.cellAt(row + r, column + c) for c in range(columns)] for r in range(rows)]
    return "\n".join(
        "\t".join(text_between(document, cell.firstPosition(), cell.lastPosition()) for cell in line) for line in cells
    )


def plain_data(text: str) -> QMimeData:
    """Text for the clipboard, in data that Qt made: left with data of Python's at exit, PySide crashes."""
    field = QPlainTextEdit("x")
    field.selectAll()
    data = field.createMimeDataFromSelection()
    data.text()  # it fills itself at the first look
    data.clear()
    data.setText(text)
    return data


def text_between(document: QTextDocument, start: int, end: int) -> str:
    """What was said between two positions: divided lines in one piece."""
    parts: list[str] = []
    for separator, block in _said(document.findBlock(start)):
        if block.position() > end:
            break
        text = _plain(block)
        if end < block.position() + block.length() - 1:
            text = _slice(text, 0, end - block.position())
        if start > block.position():
            text = _slice(text, start - block.position(), None)
        parts += [separator, text] if parts else [text]
    return "".join(parts)


def listing(document: QTextDocument, number: int) -> str:
    """The code below the `code-title` with this number."""
    parts: list[str] = []
    found = False
    for block in _blocks(document.firstBlock()):
        if found and kind_of(block) != "code":
            break
        if found:
            parts += [_separator(block), block.text()] if parts else [block.text()]
        found = found or block.blockFormat().property(Property.COPY) == number
    return "".join(parts)


def last_listing(document: QTextDocument) -> str:
    """The code that stands lowest; empty where there is none."""
    numbers = (block.blockFormat().property(Property.COPY) for block in _blocks(document.firstBlock()))
    number = max((number for number in numbers if number is not None), default=None)
    return "" if number is None else listing(document, number)


class _Place(NamedTuple):
    """A block among the text that is searched."""

    start: int  # character of that text
    position: int  # of the document


class SearchText:
    """What was said, as one text to search, and the way back into the document. It is read again after a change."""

    def __init__(self, document: QTextDocument) -> None:
        self._document = document
        self._revision = -1  # none of a document's
        self._places: list[_Place] = []
        self._text = ""

    def _read(self) -> None:
        if self._revision == self._document.revision():
            return
        self._revision = self._document.revision()
        self._places = []
        parts: list[str] = []
        length = 0
        for separator, block in _said(self._document.firstBlock()):
            if kind_of(block) == "label":
                continue
            text = _plain(block)
            self._places.append(_Place(length + len(separator), block.position()))
            parts += separator, text
            length += len(separator) + len(text)
        self._text = "".join(parts)

    def find(self, text: str, position: int, backwards: bool, around: bool) -> tuple[int, int] | None:
        """Start and end, in the document, of the next place, in any case; `around`: past the end go on at the start."""
        self._read()
        found = [match.span() for match in re.finditer(re.escape(text), self._text, re.IGNORECASE)] if text else []
        here = self._character_at(position)
        if backwards:
            found.reverse()
        ahead = (span for span in found if (span[0] < here if backwards else span[0] >= here))
        place = next(ahead, found[0] if found and around else None)
        return None if place is None else (self._position_of(place[0], 0), self._position_of(place[1] - 1, 1))

    def _character_at(self, position: int) -> int:
        index = bisect_right(self._places, position, key=lambda place: place.position) - 1
        if index < 0:
            return 0
        place = self._places[index]
        text = self._document.findBlock(place.position).text()
        return place.start + len(_slice(text, 0, position - place.position))

    def _position_of(self, character: int, more: int) -> int:
        place = self._places[max(0, bisect_right(self._places, character, key=lambda place: place.start) - 1)]
        text = self._document.findBlock(place.position).text()
        return place.position + utf16_length(text[: max(0, character - place.start) + more])


def _said(block: QTextBlock) -> Iterator[tuple[str, QTextBlock]]:
    """Blocks that belong to what was said, each with what separates it from the one before."""
    separator = ""
    for each in _blocks(block):
        separator = max(separator, _separator(each), key=len)
        if not is_chrome(each):
            yield separator, each
            separator = ""


def _blocks(block: QTextBlock) -> Iterator[QTextBlock]:
    while block.isValid():
        yield block
        block = block.next()


def _separator(block: QTextBlock) -> str:
    return str(block.blockFormat().property(Property.SEPARATOR) or "")


def _plain(block: QTextBlock) -> str:
    """The text of a block, as long as in the document: a space after a bullet, line feeds for its line breaks."""
    text = block.text().replace(LINE_BREAK, "\n")
    marker = block.blockFormat().intProperty(Property.MARKER)
    return f"{text[:marker]} {text[marker + 1 :]}" if marker else text


def utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _slice(text: str, start: int, end: int | None) -> str:
    """The part of a text between two positions as Qt counts them."""
    if text.isascii():
        return text[start:end]
    units = text.encode("utf-16-le", "surrogatepass")[2 * start : None if end is None else 2 * end]
    return units.decode("utf-16-le", "surrogatepass")
