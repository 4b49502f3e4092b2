"""The card of a repository: Markdown a stranger wrote, shown as the chat shows replies. Nothing in it is fetched."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QGuiApplication, QImage, QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from app.chat.inline import SAFE_SCHEMES
from app.chat.markdown import Line, markdown_lines
from app.chat.reading import listing
from app.chat.typeset import COPY_SCHEME, Typesetter

LONGEST = 60_000  # characters that are shown; more is said to be missing
_SLICE_S = 0.008  # time for lines before the window gets its turn
_FENCED = re.compile(r"(^ {0,3}(```+|~~~+)[^\n]*\n.*?(?:^ {0,3}\2[ \t]*$|\Z)|`[^`\n]+`)", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]{0,2000})?/?>")


def without_html(text: str) -> str:
    """What HTML says without its tags, as cards are dressed up with them; code is left as it is."""
    parts = _FENCED.split(text)
    return "".join(part if place % 3 == 1 else _plain(part) for place, part in enumerate(parts) if place % 3 != 2)


def _plain(text: str) -> str:
    return _TAG.sub("", _BREAK.sub("\n", _COMMENT.sub("", text)))


class CardView(QTextBrowser):
    """As high as its text is, so that it scrolls with what it stands in. `link_activated`: the address, not opened."""

    link_activated = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("repositoryCard")
        self.setAccessibleName(self.tr("Card"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setAcceptDrops(False)
        self.setUndoRedoEnabled(False)
        self.anchorClicked.connect(self._activate)
        self.document().documentLayout().documentSizeChanged.connect(self._grow)
        self._text = ""
        self._lines: Iterator[Line] = iter(())
        self._before: Line | None = None
        self._laying = QTimer(self, singleShot=True, interval=0)
        self._laying.timeout.connect(self._lay)

    def show_card(self, text: str) -> None:
        """Markdown without its front matter; laid out piece by piece."""
        text = without_html(text)
        self._text = text if len(text) <= LONGEST else text[:LONGEST] + "\n\n…"
        self._restyle()

    def _restyle(self) -> None:
        self.clear()
        self._typesetter = Typesetter(self.document(), self.font(), self.palette())
        self.document().setDocumentMargin(0)
        first = QTextBlockFormat()
        first.setLineHeight(0, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        QTextCursor(self.document()).setBlockFormat(first)  # lines are put behind the one that a document begins with
        self._lines, self._before = markdown_lines(self._text), None
        self._laying.start()

    def _lay(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        deadline = time.perf_counter() + _SLICE_S
        for line in self._lines:
            self._typesetter.insert(cursor, line, self._before)
            self._before = line
            if time.perf_counter() > deadline:
                self._laying.start()
                break
        cursor.endEditBlock()

    def _grow(self) -> None:
        self.setFixedHeight(round(self.document().size().height()) + 2 * self.frameWidth())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.PaletteChange) and self._text:
            self._restyle()

    def loadResource(self, kind: int, name: QUrl | str) -> QImage:
        """Nothing is ever loaded because of what a text says. (None would not do: Qt would then look by itself.)"""
        return QImage()

    def _activate(self, url: QUrl) -> None:
        if url.scheme() == COPY_SCHEME:
            QGuiApplication.clipboard().setText(listing(self.document(), int(url.path())))
        elif (address := url.toString(QUrl.ComponentFormattingOption.FullyEncoded)).lower().startswith(SAFE_SCHEMES):
            self.link_activated.emit(address)
