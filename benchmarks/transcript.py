"""Which technique shows a conversation: three candidates, the same text, times of the thread that draws the window.

    python benchmarks/transcript.py            smaller sizes, under two minutes
    python benchmarks/transcript.py --full     100,000 tokens, a line of 400,000 characters, 10,000 messages, 2 MB

`lines` is app.chat.transcript. `markdown` calls QTextBrowser.setMarkdown with the whole reply at every update.
`list` is a QListView whose delegate draws one QTextDocument a message and keeps them; the last one is set anew at every
update. Tokens come at 200 a second, 8 every 40 ms, fed as fast as they are taken: a tick is what one update and its
painting cost, in processor time of the thread that draws, which other work of the machine changes little. A candidate
that is too slow is stopped, and the table says where.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QAccessible, QPainter, QTextDocument
from PySide6.QtWidgets import QApplication, QListView, QStyledItemDelegate, QStyleOptionViewItem, QTextBrowser, QWidget

from app.chat.transcript import Transcript

TOKENS_PER_TICK = 8
Index = QModelIndex | QPersistentModelIndex


class Lines:
    name = "lines"

    def __init__(self) -> None:
        self.widget = Transcript()

    def open_chat(self, messages: list[tuple[str, str]]) -> None:
        self.widget.clear()
        for key, (role, text) in enumerate(messages):
            self.widget.add_message(key, role, text, "12.3 tok/s")

    def complete(self) -> bool:
        return not self.widget._wants_more()

    def begin(self) -> None:
        self.widget.begin_message(-1, "assistant")

    def append(self, text: str) -> None:
        self.widget.append(text)
        self.widget._show_arrived()  # a tick is 40 ms of a reply: the timer would have come

    def find(self, text: str) -> bool:
        return self.widget.find(text)

    def select_all(self) -> int:
        self.widget.settle()
        self.widget.selectAll()
        return len(self.widget.createMimeDataFromSelection().text())


class Markdown:
    name = "markdown"

    def __init__(self) -> None:
        self.widget = QTextBrowser()
        self.text = ""

    def open_chat(self, messages: list[tuple[str, str]]) -> None:
        self.text = "\n\n".join(text for _, text in messages)
        self.widget.setMarkdown(self.text)

    def complete(self) -> bool:
        return True

    def begin(self) -> None:
        self.text += "\n\n"

    def append(self, text: str) -> None:
        self.text += text
        self.widget.setMarkdown(self.text)
        bar = self.widget.verticalScrollBar()
        bar.setValue(bar.maximum())

    def find(self, text: str) -> bool:
        return self.widget.find(text)

    def select_all(self) -> int:
        self.widget.selectAll()
        return len(self.widget.createMimeDataFromSelection().text())


class Messages(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self.texts)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        return self.texts[index.row()] if role == Qt.ItemDataRole.DisplayRole else None


class Delegate(QStyledItemDelegate):
    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self.view = view
        self.documents: dict[int, QTextDocument] = {}

    def document(self, index: Index) -> QTextDocument:
        document = self.documents.get(index.row())
        if document is None:
            document = self.documents[index.row()] = QTextDocument()
            document.setMarkdown(index.data())
        document.setTextWidth(self.view.viewport().width())
        return document

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self.document(index).size().toSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.translate(option.rect.topLeft())
        self.document(index).drawContents(painter)
        painter.restore()


class List:
    name = "list"

    def __init__(self) -> None:
        self.widget = QListView()
        self.model = Messages()
        self.delegate = Delegate(self.widget)
        self.widget.setModel(self.model)
        self.widget.setItemDelegate(self.delegate)
        self.widget.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)

    def open_chat(self, messages: list[tuple[str, str]]) -> None:
        self.model.beginResetModel()
        self.model.texts = [text for _, text in messages]
        self.model.endResetModel()
        self.widget.scrollToBottom()

    def complete(self) -> bool:
        return True

    def begin(self) -> None:
        row = len(self.model.texts)
        self.model.beginInsertRows(QModelIndex(), row, row)
        self.model.texts.append("")
        self.model.endInsertRows()

    def append(self, text: str) -> None:
        row = len(self.model.texts) - 1
        self.model.texts[row] += text
        self.delegate.documents.pop(row, None)
        index = self.model.index(row)
        self.model.dataChanged.emit(index, index)
        self.delegate.sizeHintChanged.emit(index)
        self.widget.scrollToBottom()

    def find(self, text: str) -> bool | None:
        return None

    def select_all(self) -> int | None:
        return None


CANDIDATES: tuple[Callable[[], Lines | Markdown | List], ...] = (Lines, Markdown, List)


# --- text ------------------------------------------------------------------------------------------------------------

WORDS = "the model reads a story and learns which word follows another so **later** it can `write` its own".split()
CODE = '''def step(state: State, batch: list[int]) -> float:
    """One step of training."""
    loss = model(batch)
    return loss.item()  # nats

'''


def reply_tokens(count: int, seed: int = 0) -> Iterator[str]:
    """About `count` tokens (5 characters each) of what a model writes: paragraphs, lists, code, tables."""
    chance = random.Random(seed)

    def words(most: int) -> str:
        return " ".join(chance.choice(WORDS) for _ in range(chance.randint(4, most)))

    def part() -> str:
        match chance.randrange(8):
            case 0:
                return f"## {words(6)}\n\n"
            case 1:
                return "".join(f"{i}. {words(20)}\n" for i in range(1, chance.randint(3, 9))) + "\n"
            case 2:
                return "".join(f"- {words(14)}\n  - {words(8)}\n" for _ in range(4)) + "\n"
            case 3:
                return "```python\n" + CODE * chance.randint(1, 8) + "```\n\n"
            case 4:
                rows = "".join(f"| {words(5)} | {chance.random():.3f} |\n" for _ in range(6))
                return f"| what | value |\n|---|--:|\n{rows}\n"
            case _:
                return "".join(words(30) + ". " for _ in range(chance.randint(2, 6))) + "\n\n"

    text, made = "", 0
    while made < count:
        while len(text) < 5:
            text += part()
        made += 1
        yield text[:5]
        text = text[5:]


def chat(count: int, size: int) -> list[tuple[str, str]]:
    """`count` messages that are `size` characters together."""
    tokens = reply_tokens(size // 5 + count)
    each = max(1, size // 5 // count)
    return [("user" if i % 2 == 0 else "assistant", "".join(next(tokens) for _ in range(each))) for i in range(count)]


# --- measuring -------------------------------------------------------------------------------------------------------


def shown(widget: QWidget) -> None:
    QApplication.processEvents()
    widget.repaint()


def stream(candidate: Lines | Markdown | List, pieces: list[str], limit: float) -> list[str]:
    """Append the pieces, one a tick; median, 99th percentile and longest tick, and all of them together."""
    candidate.open_chat([])
    candidate.begin()
    ticks: list[float] = []
    began = time.perf_counter()
    for piece in pieces:
        start = time.thread_time()
        candidate.append(piece)
        QApplication.processEvents()
        ticks.append(time.thread_time() - start)
        if time.perf_counter() - began > limit:
            break
    ordered = sorted(ticks)
    share = len(ticks) / len(pieces)
    figures = (
        statistics.median(ticks),
        ordered[int(0.99 * (len(ticks) - 1))],
        ordered[-1],
        statistics.mean(ticks[-20:]),
    )
    total = f"{sum(ticks):.1f} s" if share == 1 else f"stopped at {share:.0%}"
    return [*(f"{1000 * figure:.1f}" for figure in figures), total]


def opening(candidate: Lines | Markdown | List, messages: list[tuple[str, str]]) -> list[str]:
    """Until the newest messages are on the screen; until no work is left, and the longest wait of the window."""
    start = time.thread_time()
    candidate.open_chat(messages)
    shown(candidate.widget)
    first = time.thread_time() - start
    longest = first
    while not candidate.complete():
        tick = time.thread_time()
        QApplication.processEvents()
        longest = max(longest, time.thread_time() - tick)
    return [f"{1000 * first:.0f}", f"{time.thread_time() - start:.1f} s", f"{1000 * longest:.0f}"]


def reading(candidate: Lines | Markdown | List, needle: str) -> list[str]:
    """Finding in the chat that is open, copying all of it, and what a screen reader is given."""
    start = time.thread_time()
    found = candidate.find(needle)
    find = "no" if found is None else f"{1000 * (time.thread_time() - start):.0f} ms"
    start = time.thread_time()
    copied = candidate.select_all()
    copy = "no" if copied is None else f"{copied:,} in {1000 * (time.thread_time() - start):.0f} ms"
    interface = QAccessible.queryAccessibleInterface(candidate.widget)
    text = interface.textInterface() if interface is not None else None
    characters = 0 if text is None else text.characterCount()
    return [find, copy, f"{characters:,}" if characters else "a list of rows"]


def table(title: str, heads: list[str], rows: list[list[str]]) -> None:
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    print(f"\n{title}")
    for row in [heads, *rows]:
        print("  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)), flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--full", action="store_true", help="the sizes that decided")
    full = arguments.parse_args().full
    tokens, line, count, size, limit = (
        (100_000, 400_000, 10_000, 2_000_000, 120.0) if full else (10_000, 40_000, 500, 100_000, 10.0)
    )
    application = QApplication([])
    application.setStyle("Fusion")
    pieces = list(reply_tokens(tokens))
    ticks = ["".join(pieces[i : i + TOKENS_PER_TICK]) for i in range(0, tokens, TOKENS_PER_TICK)]
    unbroken = ["A" * 400] * (line // 400)
    messages = chat(count, size)
    tables: dict[str, list[list[str]]] = {"stream": [], "line": [], "open": [], "read": []}
    for make in CANDIDATES:
        candidate = make()
        candidate.widget.resize(900, 700)
        candidate.widget.show()
        shown(candidate.widget)
        tables["stream"].append([candidate.name, *stream(candidate, ticks, limit)])
        tables["line"].append([candidate.name, *stream(candidate, unbroken, limit / 2)])
        tables["open"].append([candidate.name, *opening(candidate, messages)])
        tables["read"].append([candidate.name, *reading(candidate, "zebra")])
        candidate.widget.close()
    ms = ["", "median ms", "p99 ms", "max ms", "last 20 ms", "all"]
    table(f"{tokens:,} tokens, {TOKENS_PER_TICK} a tick of 40 ms", ms, tables["stream"])
    table(f"one line of {line:,} characters, 400 a tick", ms, tables["line"])
    table(f"opening {count:,} messages, {size:,} characters", ["", "first ms", "all", "longest ms"], tables["open"])
    table("in that chat", ["", "find nothing", "copy all, characters", "screen reader, characters"], tables["read"])


if __name__ == "__main__":
    main()
