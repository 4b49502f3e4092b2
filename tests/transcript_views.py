"""A transcript as tests look at it: its blocks, its structure, what is copied from it."""

from __future__ import annotations

import random
import re
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QGuiApplication,
    QTextBlock,
    QTextCursor,
)
from PySide6.QtTest import QTest

from app.chat.transcript import Transcript
from app.chat.typeset import Property, kind_of

TEXT = """# Title

Some *text* with `code` and [a link](https://example.org/a?b=1).

1. one
2. two
   - nested

```python
def f(x):
    return x  # done
```

| a | b |
|---|--:|
| 1 | 2 |

> quoted

The end 👩‍👩‍👧‍👦.
"""


def blocks(view: Transcript) -> list[QTextBlock]:
    out = []
    block = view.document().firstBlock()
    while block.isValid():
        out.append(block)
        block = block.next()
    return out


def texts(view: Transcript, *kinds: str) -> list[str]:
    return [block.text() for block in blocks(view) if kind_of(block) in (kinds or ("text",))]


def structure(view: Transcript) -> list[Any]:
    """Everything that makes a document what it looks like: text, block formats, runs and their formats."""
    out: list[Any] = []
    for block in blocks(view):
        form = block.blockFormat()
        properties = {p: v for p, v in form.properties().items() if p != Property.COPY}
        properties.pop(0x1100, None)  # index of the table, a number of Qt's own
        runs = []
        iterator = block.begin()
        while not iterator.atEnd():
            fragment = iterator.fragment()
            char = fragment.charFormat()
            look = (char.fontItalic(), char.fontWeight(), char.fontFixedPitch(), char.foreground().color().name())
            runs.append((fragment.text(), look, re.sub(r"copy-code:\d+", "copy-code", char.anchorHref())))
            iterator += 1
        out.append((block.text(), {k: str(v) for k, v in properties.items()}, runs))
    return out


def show_whole(view: Transcript, text: str) -> list[Any]:
    view.clear()
    view.add_message(1, "assistant", text, "foot")
    view.settle()
    return structure(view)


def show_streamed(view: Transcript, text: str, chance: random.Random) -> list[Any]:
    view.clear()
    view.begin_message(1, "assistant")
    at = 0
    most = max(3, len(text) // chance.choice([3, 10, 40]))
    while at < len(text):
        size = chance.randint(1, most)
        view.append(text[at : at + size])
        if chance.random() < 0.8:
            view.settle()
        at += size
    view.end_message("foot")
    return structure(view)


def select(view: Transcript, start: int, end: int) -> None:
    cursor = QTextCursor(view.document())
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)


def clipboard(view: Transcript) -> str:
    view.selectAll()
    view.copy()
    return QGuiApplication.clipboard().text()


def click_link(view: Transcript, name: str) -> None:
    """Follow the link with this text by keyboard, as a person does."""
    document = view.document()
    found = document.find(name)
    while not found.isNull() and not found.charFormat().isAnchor():
        found = document.find(name, found)
    assert not found.isNull(), name
    view.setFocus()
    view.setTextCursor(found)
    QTest.keyClick(view, Qt.Key.Key_Return)


def longest_block(view: Transcript) -> int:
    return max(block.length() for block in blocks(view))
