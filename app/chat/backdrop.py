"""What lies behind the text: bubbles of the person, listings, bars of quotations, rules."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QTextBlock
from PySide6.QtWidgets import QTextBrowser

from app.chat.typeset import Property, Typesetter, kind_of


def paint_backdrop(view: QTextBrowser, event: QPaintEvent, style: Typesetter) -> None:
    """Paint behind what is to be painted of the view's text; before the view paints that."""
    painter = QPainter(view.viewport())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(event.rect())
    above = view.verticalScrollBar().value()
    painter.translate(0, -above)
    first = view.cursorForPosition(event.rect().topLeft()).block()
    _paint(painter, first, above + event.rect().bottom(), style)
    painter.end()


def _paint(painter: QPainter, block: QTextBlock, bottom: float, style: Typesetter) -> None:
    """In document coordinates, behind `block` and those after it down to `bottom`."""
    document = block.document()
    layout = document.documentLayout()
    em, indent, colours = style.em, style.indent, style.colours
    width = document.size().width()
    bubble: QRectF | None = None
    listing: QRectF | None = None
    above: QRectF | None = None
    above_path = ""
    block = block.previous() if block.previous().isValid() else block
    while True:
        rect = layout.blockBoundingRect(block)
        below = not block.isValid() or rect.top() > bottom + em
        kind, path = kind_of(block), str(block.blockFormat().property(Property.PATH) or "")
        said = bool(block.blockFormat().property(Property.BUBBLE))
        if bubble is not None and (not said or kind == "label" or below):
            _box(painter, bubble.adjusted(0, -0.4 * em, 0, 0.5 * em), colours.bubble, 0.6 * em)
            bubble = None
        if listing is not None and (kind != "code" or below):
            _box(painter, listing.adjusted(0, -0.3 * em, 0, 0.4 * em), colours.box, 0.4 * em)
            listing = None
        if below:
            return
        left = em + len(path) * indent
        if said:
            whole = QRectF(0, rect.top(), width, rect.height())
            bubble = whole if bubble is None else bubble.united(whole)
        if kind in ("code", "code-title"):
            whole = QRectF(left, rect.top(), width - left - em, rect.height())
            listing = whole if listing is None else listing.united(whole)
        if drawing := block.blockFormat().property(Property.ICON):
            style.icon(str(drawing)).paint(painter, QRectF(em, rect.center().y() - em / 2, em, em).toRect())
        if kind == "rule":
            painter.setPen(QPen(colours.border, max(1.0, em / 16)))
            painter.drawLine(QPointF(left, rect.center().y()), QPointF(width - em, rect.center().y()))
        for depth in (depth for depth, container in enumerate(path) if container == "q"):
            joins = above is not None and above_path[: depth + 1] == path[: depth + 1]
            top = above.bottom() if above is not None and joins else rect.top()
            x = em + (depth + 0.35) * indent
            if block.textDirection() == Qt.LayoutDirection.RightToLeft:
                x = width - x - 0.2 * em
            _box(painter, QRectF(x, top, 0.2 * em, rect.bottom() - top), colours.border, 0)
        above, above_path = rect, path
        block = block.next()


def _box(painter: QPainter, rect: QRectF, colour: QColor, radius: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(rect, radius, radius)
