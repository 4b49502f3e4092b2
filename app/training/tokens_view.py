"""How a tokenizer cuts a text: each token a box of its own, with its number and bytes, and how many there are."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from app.figures import decimal, number
from app.settings.texts import small_label
from app.stylesheet import RING
from app.theme import em, space
from app.widgets.announce import announce
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label
from app.widgets.scroll import Scroll

SETTLE_MS = 250  # after the last key
LONGEST = 2_000  # characters that are cut; more would be boxes that nobody counts
_HUES, _TINT = 5, 0.16  # colours of boxes, and how much of one is in the ground


class TokensView(QWidget):
    """`text_changed`: another text is to be cut; `text` is it, and `show_pieces` shows how."""

    text_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._own = False  # a text that the person wrote
        self.field = QPlainTextEdit()
        self.field.setPlaceholderText(self.tr("Write any sentence"))
        self.field.setAccessibleName(self.tr("A text to cut into tokens"))
        self.field.setTabChangesFocus(True)
        self._facts = plain_label(wrap=True)
        self.strip = TokenStrip()
        self.strip.pointed.connect(self._tell)
        self._token = small_label()
        self._area = Scroll(self.strip)
        self._soon = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._soon.timeout.connect(self.text_changed)
        self.field.textChanged.connect(self._written)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for part in (self.field, self._facts, self._area, self._token):
            self._column.addWidget(part)
        self._column.setStretchFactor(self._area, 1)
        follow_font(self, self._fit)

    @property
    def text(self) -> str:
        return self.field.toPlainText().encode("utf-8", "replace").decode()[:LONGEST]

    def offer(self, text: str) -> None:
        """A text to begin with, unless the person has written one."""
        if not self._own:
            blocked = self.field.blockSignals(True)
            self.field.setPlainText(text)
            self.field.blockSignals(blocked)

    def show_pieces(self, text: str, pieces: Sequence[Mapping[str, Any]], vocabulary: int, sampled: bool) -> None:
        """pieces: as the job `preview_tokenizer` ends. sampled: they were learnt from the beginning of the data."""
        self.strip.show_pieces(text, pieces)
        count = len(pieces)
        parts = [(self.tr("{count} tokens") if count != 1 else self.tr("{count} token")).format(count=number(count))]
        if count:
            parts.append(self.tr("{share} characters each").format(share=decimal(len(text) / count, 1)))
        parts.append(self.tr("from a vocabulary of {count}").format(count=number(vocabulary)))
        if sampled:
            parts.append(self.tr("learnt from the beginning of your text"))
        self._facts.setText(" · ".join(parts))
        self._tell(-1)

    def show_text(self, text: str) -> None:
        """In the place of how many there are."""
        self._facts.setText(text)

    def show_nothing(self, text: str) -> None:
        """Why nothing is cut."""
        self.strip.show_pieces("", ())
        self._tell(-1)
        self.show_text(text)

    def _written(self) -> None:
        self._own = bool(self.field.toPlainText())
        self._soon.start()

    def _tell(self, place: int) -> None:
        usual = self.tr("Point at a token, or go through them by the arrow keys, to see its number and bytes.")
        self._token.setText(self.strip.fact(place) or usual)

    def _fit(self) -> None:
        self.field.setFixedHeight(em(self, 4))
        self._area.setMinimumHeight(em(self, 6))
        self._column.setSpacing(space(self, 0.8))


class _Box(NamedTuple):
    text: str
    fact: str


class TokenStrip(QWidget):
    """Boxes that flow like words. `pointed(place)`: at which one mouse or keyboard is, -1 for none."""

    pointed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._boxes: list[_Box] = []
        self._places: list[QRect] = []
        self._width = 0  # that the places are for
        self._from_right = False
        self._current = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Tokens"))
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        follow_font(self, self._forget_places)

    def show_pieces(self, text: str, pieces: Sequence[Mapping[str, Any]]) -> None:
        """pieces: `id` and `bytes` (in hexadecimal) of each."""
        fact = self.tr("{text}: token {id}, bytes {bytes}")
        self._boxes = []
        for piece in pieces:
            spelled = bytes.fromhex(piece["bytes"])
            shown = visible(spelled)
            told = fact.format(text=shown, id=piece["id"], bytes=spelled.hex(" ").upper())
            self._boxes.append(_Box(shown, told))
        strong = next((letter for letter in text if unicodedata.bidirectional(letter) in ("L", "R", "AL")), "a")
        self._from_right = unicodedata.bidirectional(strong) != "L"
        self._current = -1
        self._forget_places()

    def fact(self, place: int) -> str:
        """Number and bytes of a token; nothing where there is none."""
        return self._boxes[place].fact if 0 <= place < len(self._boxes) else ""

    # --- where the boxes are -------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        width = max(self.width(), em(self, 10))
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(em(self, 4), self.heightForWidth(max(self.width(), em(self, 4))))

    def heightForWidth(self, width: int) -> int:
        places = self._flow(width)
        return (places[-1].bottom() + 1 if places else 0) + RING

    def _flow(self, width: int) -> list[QRect]:
        metrics, gap, inside = self.fontMetrics(), space(self, 0.5), space(self, 0.5)
        height, found = round(metrics.height() * 1.3), list[QRect]()
        left, top = RING, RING
        for box in self._boxes:
            wide = min(metrics.horizontalAdvance(box.text) + 2 * inside, max(1, width - 2 * RING))
            if left > RING and left + wide > width - RING:
                left, top = RING, top + height + gap
            x = width - left - wide if self._from_right else left
            found.append(QRect(x, top, wide, height))
            left += wide + gap
        return found

    def _forget_places(self) -> None:
        self._width = -1
        self.updateGeometry()
        self.update()

    def _placed(self) -> list[QRect]:
        if self._width != self.width():
            self._width, self._places = self.width(), self._flow(self.width())
        return self._places

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    # --- the look ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, role = self.palette(), QPalette.ColorRole
        tints = tints_of(QApplication.palette())  # its own ground is see-through: black, to those who mix colours
        inside, round_by = space(self, 0.5), em(self, 0.25)
        for at, (box, place) in enumerate(zip(self._boxes, self._placed(), strict=True)):
            if not place.intersects(event.rect()):
                continue
            current = at == self._current
            edge = colours.color(role.Highlight if current else role.Dark)
            painter.setPen(QPen(edge, RING if current else 1))
            painter.setBrush(tints[at % len(tints)])
            painter.drawRoundedRect(place, round_by, round_by)
            painter.setPen(colours.color(role.Text))
            room = place.adjusted(inside // 2, 0, -inside // 2, 0)
            text = self.fontMetrics().elidedText(box.text, Qt.TextElideMode.ElideMiddle, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, text)
        painter.end()

    # --- going through them --------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        forth = Qt.Key.Key_Left if self._from_right else Qt.Key.Key_Right
        back = Qt.Key.Key_Right if self._from_right else Qt.Key.Key_Left
        last = len(self._boxes) - 1
        places = {forth: self._current + 1, back: self._current - 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        if event.key() in places and last >= 0:
            self._point_at(max(0, min(places[Qt.Key(event.key())], last)))
            announce(self, self.fact(self._current))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() is not Qt.FocusReason.MouseFocusReason and self._boxes:
            self._point_at(max(0, self._current))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._point_at(-1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._point_at(self._at(event.position().toPoint()))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            if fact := self.fact(self._at(event.pos())):
                QToolTip.showText(event.globalPos(), f"<qt>{html.escape(fact)}</qt>", self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def _at(self, point: QPoint) -> int:
        return next((number for number, place in enumerate(self._placed()) if place.contains(point)), -1)

    def _point_at(self, place: int) -> None:
        if place != self._current:
            self._current = place
            self.setAccessibleDescription(self.fact(place))
            self.update()
            self.pointed.emit(place)


def visible(spelled: bytes) -> str:
    """The bytes of a token so that all of it can be seen: a space as ␣, what is no whole character as hexadecimal."""
    try:
        text = spelled.decode()
    except UnicodeDecodeError:
        return spelled.hex(" ").upper()
    return "".join(_MARKS.get(letter) or _seen(letter) for letter in text)


_MARKS = {" ": "␣", "\n": "↵", "\r": "␍", "\t": "⇥"}


def _seen(letter: str) -> str:
    hidden = unicodedata.category(letter) in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs")
    return f"U+{ord(letter):04X}" if hidden else letter


def tints_of(palette: QPalette) -> list[QColor]:
    """Grounds that differ in hue and are all as near to that of a field, so that text is read on each as on it."""
    ground, accent = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Highlight)
    found = []
    for place in range(_HUES):
        hue = (accent.hslHueF() + place * 0.38) % 1.0
        strong = QColor.fromHslF(hue, 0.75, 0.5)
        mixed = (
            a + (b - a) * _TINT
            for a, b in (
                (ground.redF(), strong.redF()),
                (ground.greenF(), strong.greenF()),
                (ground.blueF(), strong.blueF()),
            )
        )
        found.append(QColor.fromRgbF(*mixed))
    return found
