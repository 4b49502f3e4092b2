"""The documents of running text: what lies between lines `<|endoftext|>`, or the whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.data import rows
from engine.data.decoding import Text
from engine.data.rows import Row
from engine.phrases import phrase

END = "<|endoftext|>"
_END_LINE = re.compile(rf"^(?:{re.escape(END)}[ \t]*)+$", re.MULTILINE)


class DocumentRows:
    """Iterates over (line, characters, text). A text longer than a row may be comes in parts of whole paragraphs."""

    def __init__(self, text: Text) -> None:
        self.text, self.notes = text, text.notes

    def __iter__(self) -> Iterator[Row]:
        buffer, line, searched = "", 1, 0
        for piece in self.text:
            buffer += piece
            whole = buffer.rfind("\n") + 1  # lines that are here to their end
            while found := _END_LINE.search(buffer, searched, whole):
                yield from _document(line, buffer[: found.start()])
                line += buffer.count("\n", 0, found.end())
                buffer, searched, whole = buffer[found.end() :], 0, whole - found.end()
            searched = whole
            while len(buffer) > rows.LIMIT:
                cut = _cut(buffer)
                if _PARTS not in self.notes:
                    self.notes.append(_PARTS)
                yield from _document(line, buffer[:cut])
                line += buffer.count("\n", 0, cut)
                buffer, searched = buffer[cut:], max(0, searched - cut)
        while found := _END_LINE.search(buffer, searched):
            yield from _document(line, buffer[: found.start()])
            line += buffer.count("\n", 0, found.end())
            buffer, searched = buffer[found.end() :], 0
        yield from _document(line, buffer)


_PARTS = phrase("has a text longer than {size} MB, which is read in parts", size=rows.LIMIT // 1_000_000)


def _cut(text: str) -> int:
    """Where to part a text that is too long: after a paragraph, else a line, else anywhere."""
    for end in ("\n\n", "\n", " "):
        at = text.rfind(end, 0, rows.LIMIT)
        if at > 0:
            return at + len(end)
    return rows.LIMIT


def _document(line: int, text: str) -> Iterator[Row]:
    begun = len(text) - len(text.lstrip("\n"))
    text = text.strip("\n")
    if text and not text.isspace():
        yield line + begun, len(text), text
