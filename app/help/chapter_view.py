"""A chapter of the guide, set as the chat sets replies, with its pictures in the colours of the window."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QBrush,
    QGuiApplication,
    QImage,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextImageFormat,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QTextEdit, QWidget

from app.chat.backdrop import paint_backdrop
from app.chat.inline import is_safe
from app.chat.markdown import Line
from app.chat.reading import listing
from app.chat.typeset import COPY_SCHEME, Typesetter
from app.help.guide import Chapter, Picture, lines

_AGAIN_MS = 60  # while a window is resized, pictures are fitted so often


class ChapterView(QTextBrowser):
    """`link_activated`: an address, not followed. Words that are searched are marked."""

    link_activated = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chapter")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setAcceptDrops(False)
        self.setUndoRedoEnabled(False)
        self.anchorClicked.connect(self._activate)
        self._chapter: Chapter | None = None
        self._wanted: list[str] = []
        self._places: list[int] = []  # where a word of these ends
        self._width = 0  # that the pictures have
        self._typesetter = Typesetter(self.document(), self.font(), self.palette())
        self._fitting = QTimer(self, singleShot=True, interval=_AGAIN_MS)
        self._fitting.timeout.connect(self._set_again)

    @property
    def chapter(self) -> Chapter | None:
        return self._chapter

    def show_chapter(self, chapter: Chapter) -> None:
        self._chapter = chapter
        self.setAccessibleName(chapter.title)
        self._set()
        self.verticalScrollBar().setValue(0)

    # --- searching ---------------------------------------------------------------------------------------------------

    def mark(self, wanted: list[str]) -> None:
        """Mark these words, and bring the first of them into view."""
        self._wanted = wanted
        self._mark()
        self._bring_up(self._places[:1])

    def mark_next(self) -> bool:
        """Bring the next marked place into view; False after the last."""
        here = self.textCursor().position()
        following = [place for place in self._places if place > here][:1]
        self._bring_up(following)
        return bool(following)

    def _mark(self) -> None:
        looks = QTextCharFormat()
        looks.setBackground(QBrush(self.palette().color(QPalette.ColorRole.Highlight)))
        looks.setForeground(QBrush(self.palette().color(QPalette.ColorRole.HighlightedText)))
        marked: list[Any] = []
        for word in self._wanted:
            cursor = self.document().find(word)
            while not cursor.isNull():
                place: Any = QTextEdit.ExtraSelection()
                place.cursor, place.format = cursor, looks
                marked.append(place)
                cursor = self.document().find(word, cursor)
        self._places = sorted(place.cursor.selectionEnd() for place in marked)
        self.setExtraSelections(marked)

    def _bring_up(self, places: list[int]) -> None:
        for place in places:
            cursor = self.textCursor()
            cursor.setPosition(place)
            self.setTextCursor(cursor)
            self.ensureCursorVisible()

    # --- setting -----------------------------------------------------------------------------------------------------

    def _set(self) -> None:
        self._fit_column()
        self.clear()
        self._typesetter = Typesetter(self.document(), self.font(), self.palette())
        self._width = self._room()
        first = QTextBlockFormat()
        first.setLineHeight(0, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        QTextCursor(self.document()).setBlockFormat(first)  # lines are put behind the one that a document begins with
        cursor, before = QTextCursor(self.document()), None
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        for piece in self._chapter.pieces if self._chapter is not None else ():
            if isinstance(piece, Picture):
                self._put(piece, cursor)
                before = Line("text")
                continue
            for line in lines(piece):
                self._typesetter.insert(cursor, line, before)
                before = line
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.Start)  # what is written pushes it to the end
        self._mark()

    def _put(self, picture: Picture, cursor: QTextCursor) -> None:
        """The picture, and below it what it shows."""
        style, base = self._typesetter, self.palette().color(QPalette.ColorRole.Base)
        image, ratio = QImage(picture.file(dark=base.lightness() < 128)), self.devicePixelRatioF()
        width = min(self._width, image.width())
        scaled = image.scaledToWidth(max(1, round(width * ratio)), Qt.TransformationMode.SmoothTransformation)
        scaled.setDevicePixelRatio(ratio)
        name = f"guide:{picture.name}"
        self.document().addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(name), scaled)
        block = QTextBlockFormat()
        block.setTopMargin(style.em)
        cursor.insertBlock(block, QTextCharFormat())
        shown = QTextImageFormat()
        shown.setName(name)
        shown.setWidth(width)
        shown.setHeight(width * image.height() / max(1, image.width()))
        shown.setProperty(QTextFormat.Property.ImageAltText, picture.text)
        cursor.insertImage(shown)
        below, words = QTextBlockFormat(), QTextCharFormat()
        below.setTopMargin(0.3 * style.em)
        below.setBottomMargin(0.4 * style.em)
        words.setForeground(style.colours.muted)
        words.setProperty(QTextFormat.Property.FontSizeAdjustment, -1)
        cursor.insertBlock(below, words)
        cursor.insertText(picture.text, words)

    def _room(self) -> int:
        """The width that a picture may have."""
        margins = self.viewportMargins().left() + self.viewportMargins().right()
        bar = self.verticalScrollBar().sizeHint().width()  # there or not: else pictures would come and go with it
        return max(1, int(self.width() - margins - bar - 2 * self.document().documentMargin()) - 2)

    def _fit_column(self) -> None:
        """Lines of about 80 characters, beginning at the leading edge."""
        style = self._typesetter
        room = self.width() - self.verticalScrollBar().sizeHint().width()
        side = max(0, round(room - style.column - 2 * style.em))
        left, right = (side, 0) if self.isRightToLeft() else (0, side)
        if (self.viewportMargins().left(), self.viewportMargins().right()) != (left, right):
            self.setViewportMargins(left, 0, right, 0)

    def _set_again(self) -> None:
        """In another width or other colours, about where one was reading."""
        bar = self.verticalScrollBar()
        share = bar.value() / max(1, bar.maximum())
        self._set()
        bar.setValue(round(share * bar.maximum()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_column()
        super().resizeEvent(event)
        if self._room() != self._width and self._chapter is not None:
            self._fitting.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        looks = (QEvent.Type.FontChange, QEvent.Type.PaletteChange, QEvent.Type.LayoutDirectionChange)
        if event.type() in looks and getattr(self, "_chapter", None) is not None:
            self._set_again()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_backdrop(self, event, self._typesetter)
        super().paintEvent(event)

    def loadResource(self, kind: int, name: QUrl | str) -> QImage:
        """Pictures are put into the document; nothing else is loaded."""
        return QImage()

    def _activate(self, url: QUrl) -> None:
        if url.scheme() == COPY_SCHEME:
            QGuiApplication.clipboard().setText(listing(self.document(), int(url.path())))
            return
        address = url.toString()
        self.link_activated.emit(
            url.toString(QUrl.ComponentFormattingOption.FullyEncoded) if is_safe(address) else address
        )
