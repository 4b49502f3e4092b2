"""How long the rows are: a bar for each stretch of lengths, and a line where the model can see no further."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.figures import number
from app.theme import em, space


class Histogram(QWidget):
    """Painted with roles of the palette; said in words by its accessible description."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: Sequence[int] = ()
        self._edges: Sequence[int] = ()
        self._limit: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self.setAccessibleName(self.tr("Lengths of the rows in tokens"))

    def show_counts(self, counts: Sequence[int], edges: Sequence[int], words: str) -> None:
        """counts: rows from one of the `edges` to the next. words: the same, to be heard."""
        self._counts, self._edges = counts, edges
        self.setAccessibleDescription(words)
        self.update()

    def show_limit(self, limit: int | None) -> None:
        """Tokens that the model sees at once."""
        self._limit = limit
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(em(self, 20), em(self, 9))

    def minimumSizeHint(self) -> QSize:
        return QSize(em(self, 6), em(self, 6))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._counts:
            return
        painter = QPainter(self)
        colours, role = self.palette(), QPalette.ColorRole
        metrics = QFontMetricsF(self.font())
        foot = metrics.height() + space(self, 0.6)
        area = QRectF(self.rect()).adjusted(0.5, metrics.height() + space(self, 0.4), -0.5, -foot)
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        share = area.width() / len(self._counts)
        gap = min(2.0, share / 4)
        highest = max(1, *self._counts) if len(self._counts) > 1 else max(1, self._counts[0])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.color(role.Highlight))
        for place, count in enumerate(self._counts):
            if count:
                height = max(2.0, area.height() * count / highest)  # a single row can be seen
                left = area.right() - (place + 1) * share if mirrored else area.left() + place * share
                painter.drawRect(QRectF(left + gap / 2, area.bottom() - height, share - gap, height))
        painter.setPen(QPen(colours.color(role.Dark), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setPen(colours.color(role.PlaceholderText))
        self._write_edges(painter, area, mirrored)
        if self._limit is not None and self._edges[0] < self._limit < self._edges[-1]:
            self._draw_limit(painter, area, mirrored)

    def _write_edges(self, painter: QPainter, area: QRectF, mirrored: bool) -> None:
        """First and last length, and one between where there is room."""
        line = QRectF(area.left(), area.bottom() + space(self, 0.4), area.width(), QFontMetricsF(self.font()).height())
        first, last = number(self._edges[0]), number(self._edges[-1] - 1)
        leading, trailing = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        if mirrored:
            leading, trailing = trailing, leading
        painter.drawText(line, leading, first)
        painter.drawText(line, trailing, last)
        if area.width() > em(self, 14):
            painter.drawText(line, Qt.AlignmentFlag.AlignHCenter, self.tr("tokens"))

    def _draw_limit(self, painter: QPainter, area: QRectF, mirrored: bool) -> None:
        assert self._limit is not None
        place = next(n for n, edge in enumerate(self._edges) if edge >= self._limit)
        x = area.left() + area.width() * place / len(self._counts)
        if mirrored:
            x = area.left() + area.right() - x
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.BrightText), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, 0), QPointF(x, area.bottom()))
        words = self.tr("seen at once: {count}").format(count=number(self._limit))
        width = QFontMetricsF(self.font()).horizontalAdvance(words)
        left = x + space(self, 0.5)
        if left + width > area.right():
            left = x - width - space(self, 0.5)
        painter.drawText(QPointF(left, QFontMetricsF(self.font()).ascent()), words)
