"""A model as a rounded row of two lines: a sign of its state, its name and abilities, its facts, and its figures.

Where the row is wide, the figures stand below each other in columns; where it is not, they join the facts.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app import theme
from app.chat.load import Load, LoadState
from app.library import texts
from app.library.rows import Role
from app.stylesheet import RING, TEXT_ROLES
from app.widgets.drawing import progress_ring

Index = QModelIndex | QPersistentModelIndex

COLUMNS_EM = 38  # rows at least so wide have columns
_COLUMN_EM = (5.0, 5.5, 5.5)  # parameters, quantization, size
SIGNS = {"folder": "folder", "adapter": "plug", "adapter-gguf": "plug", "classifier": "list", "remote": "server"}


class RowDelegate(QStyledItemDelegate):
    """Paints rows that answer to the roles of `rows.Role`; where they have a box to tick, it is the sign."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, round(option.fontMetrics.height() * 3.2))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        unit, rect = option.fontMetrics.height(), option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_back(painter, option)
        self._paint_sign(painter, option, index)
        wide = rect.width() >= COLUMNS_EM * unit
        end = rect.right() - round(0.8 * unit)
        if wide:
            end = _paint_columns(painter, option, index.data(Role.FIGURES), end)
        inner = QRect(rect.left() + round(2.4 * unit), rect.top() + round(0.45 * unit), 0, unit)
        inner.setRight(end - round(0.6 * unit))
        _paint_title(painter, option, index, inner)
        inner.translate(0, round(1.2 * unit))
        _paint_facts(painter, option, index, inner, with_figures=not wide)
        painter.restore()

    def _paint_sign(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette, role, unit = option.palette, QPalette.ColorRole, option.fontMetrics.height()
        place = QRect(0, 0, round(1.15 * unit), round(1.15 * unit))
        place.moveCenter(QPoint(option.rect.left() + round(1.3 * unit), option.rect.center().y()))
        place = _placed(place, option)
        load, ticked = index.data(Role.LOAD) or Load(), index.data(Qt.ItemDataRole.CheckStateRole)
        if ticked is not None:
            on = Qt.CheckState(ticked) is Qt.CheckState.Checked
            drawing, colour = ("square-check", role.Highlight) if on else ("square", role.Dark)
        elif load.state is LoadState.LOADING:
            ratio = painter.device().devicePixelRatioF()
            accent, rest = palette.color(role.Highlight), palette.color(role.Mid)
            painter.drawPixmap(place.topLeft(), progress_ring(load.percent, accent, rest, place.width(), ratio))
            return
        elif index.data(Role.PROBLEM):
            drawing, colour = "triangle-alert", role.BrightText
        elif load.state is LoadState.LOADED:
            drawing, colour = "radio-on", role.Highlight
        else:
            drawing, colour = SIGNS.get(index.data(Role.MODEL).kind, "box"), role.PlaceholderText
        theme.icon(drawing, palette.color(colour)).paint(painter, place)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        field = QLineEdit(parent)
        field.setAccessibleName(self.tr("Name of the model"))
        return field

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        unit = option.fontMetrics.height()
        place = option.rect.adjusted(2 * unit, round(0.2 * unit), -round(0.8 * unit), 0)
        place.setHeight(round(1.5 * unit))
        editor.setGeometry(_placed(place, option))

    def helpEvent(
        self, event: QEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:  # fmt: skip
        return False  # names and reasons come from files, and a tooltip would look for markup in them


def _paint_back(painter: QPainter, option: QStyleOptionViewItem) -> None:
    flags, palette, unit = QStyle.StateFlag, option.palette, option.fontMetrics.height()
    selected, hovered = bool(option.state & flags.State_Selected), bool(option.state & flags.State_MouseOver)
    focused = bool(option.state & flags.State_HasFocus)
    if selected or hovered or focused:
        ring = QPen(palette.color(QPalette.ColorRole.Highlight), RING)
        painter.setPen(ring if focused else Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(QPalette.ColorRole.Light if selected else QPalette.ColorRole.Midlight))
        painter.drawRoundedRect(option.rect.adjusted(1, 2, -1, -2), unit * 0.4, unit * 0.4)


def _paint_columns(
    painter: QPainter, option: QStyleOptionViewItem, figures: tuple[str, str, str], end: int
) -> int:  # fmt: skip
    """The figures at the row's end; where they begin."""
    unit = option.fontMetrics.height()
    painter.setPen(option.palette.color(QPalette.ColorRole.Text))
    align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing
    for text, lines in reversed(list(zip(figures, _COLUMN_EM, strict=True))):
        place = QRect(end - round(lines * unit), option.rect.top(), round(lines * unit), option.rect.height())
        shown = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(_placed(place, option), align, shown)
        end -= place.width()
    return end


def _paint_title(painter: QPainter, option: QStyleOptionViewItem, index: Index, line: QRect) -> None:
    """The name, then what it is able to; the name keeps at least half of the room."""
    palette, role, metrics = option.palette, QPalette.ColorRole, option.fontMetrics
    small = _small(option.font)
    badges = list(index.data(Role.BADGES) or ())
    load = index.data(Role.LOAD) or Load()
    pills = [(badge, role.PlaceholderText) for badge in badges]
    if load.state is LoadState.LOADED:
        pills.insert(0, (QCoreApplication.translate("library", "loaded"), role.Highlight))
    gap = metrics.height() // 2
    widths = [_pill_width(text, small) for text, _ in pills]
    while pills and sum(widths) + gap * len(widths) > max(
        line.width() // 2, line.width() - metrics.horizontalAdvance(index.data()) - gap
    ):
        pills.pop()
        widths.pop()
    room = line.width() - sum(widths) - gap * len(widths)
    name = metrics.elidedText(index.data(), Qt.TextElideMode.ElideMiddle, room)
    painter.setFont(option.font)
    painter.setPen(palette.color(role.Text))
    align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
    painter.drawText(_placed(QRect(line.left(), line.top(), room, line.height()), option), align, name)
    left = line.left() + metrics.horizontalAdvance(name) + gap
    painter.setFont(small)
    edge = role.Dark if option.state & QStyle.StateFlag.State_Selected else role.Mid
    for (text, colour), width in zip(pills, widths, strict=True):
        place = _placed(QRect(left, line.top(), width, line.height()), option)
        painter.setPen(QPen(palette.color(edge if colour is role.PlaceholderText else colour), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), place.height() / 2, place.height() / 2)
        painter.setPen(palette.color(colour))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        left += width + gap


def _paint_facts(
    painter: QPainter, option: QStyleOptionViewItem, index: Index, line: QRect, with_figures: bool
) -> None:  # fmt: skip
    role = QPalette.ColorRole
    problem = index.data(Role.PROBLEM)
    text = problem or texts.joined((*(index.data(Role.FIGURES) if with_figures else ()), *index.data(Role.FACTS)))
    painter.setFont(_small(option.font))
    painter.setPen(option.palette.color(role.BrightText if problem else role.PlaceholderText))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
    align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
    painter.drawText(_placed(line, option), align, shown)


def _pill_width(text: str, font: QFont) -> int:
    metrics = QFontMetrics(font)
    return metrics.horizontalAdvance(text) + metrics.height()


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPointSizeF(small.pointSizeF() * TEXT_ROLES["small"])
    return small


def _placed(place: QRect, option: QStyleOptionViewItem) -> QRect:
    return QStyle.visualRect(option.direction, option.rect, place)
