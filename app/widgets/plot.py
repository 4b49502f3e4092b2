"""The area a curve is drawn in: axes, lines, zoom and pan along the steps, and the step that is pointed at.

Loads pyqtgraph, so it is imported when the first curve is shown. Of pyqtgraph nothing global is changed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyqtgraph
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPaintEvent, QPalette, QPen, QWheelEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.figures import number, significant
from app.theme import em
from app.widgets.fitting import follow_font
from app.widgets.focus_ring import FocusRing
from app.widgets.series import Numbers

ZOOM = 1.5  # one step of a key or button
_CLOSEST = 4.0  # steps: nothing is seen nearer
_DOT = 5  # pixels


@dataclass(frozen=True)
class Drawn:
    """A line as it is drawn: points (N,) each, and its looks. dots: mark the points, of which there are few."""

    steps: Numbers
    values: Numbers
    colour: QColor
    style: Qt.PenStyle = Qt.PenStyle.SolidLine
    width: float = 1.5
    dots: bool = False


class Plot(pyqtgraph.PlotWidget):  # type: ignore[misc]
    """`changed`: another stretch of steps, or another size. `pointed(step)`: None where nothing is pointed at.

    The wheel zooms where the person is at the plot, else it scrolls the page. Values are always seen in full.
    """

    changed = Signal()
    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None, enableMenu=False, axisItems={side: _Axis(side) for side in _SIDES})
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # steps go to the right in every language
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        FocusRing(self)
        item = self.getPlotItem()
        item.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        item.hideButtons()
        item.setMouseEnabled(x=True, y=False)
        item.disableAutoRange()
        self._box: Any = item.getViewBox()
        self._axes: list[_Axis] = [item.getAxis(side) for side in _SIDES]
        self._curves: list[Any] = []
        self._mark = pyqtgraph.InfiniteLine(angle=90)
        self._mark.hide()
        item.addItem(self._mark, ignoreBounds=True)
        self._ends = (0.0, 1.0)  # the first and the last step there is
        self._whole = True  # all steps are shown, also those that come
        self._step: float | None = None
        self._moving = False
        self.painting_s = 0.0  # what painting took since lines were drawn
        self._soon = QTimer(self, singleShot=True, interval=20)
        self._soon.timeout.connect(self.changed)
        self._box.sigXRangeChanged.connect(self._moved)
        self._box.sigResized.connect(lambda: self._soon.start())
        follow_font(self, self._dress)

    # --- what is shown ----------------------------------------------------------------------------------------

    @property
    def columns(self) -> int:
        """Pixels from side to side."""
        return max(16, int(self._box.width()))

    @property
    def stretch(self) -> tuple[float, float]:
        """The first and the last step shown."""
        return self._ends if self._whole else tuple(self._box.viewRange()[0])

    @property
    def whole(self) -> bool:
        return self._whole

    @property
    def step(self) -> float | None:
        """The step pointed at."""
        return self._step

    def set_ends(self, first: float, last: float) -> None:
        ends = (first, max(last, first + 1.0))
        if ends != self._ends:
            self._ends, self._moving = ends, True  # limits move the picture, which is not the person's wish
            self._box.setLimits(xMin=first, xMax=ends[1], minXRange=min(_CLOSEST, ends[1] - first))
            self._moving = False

    def draw(self, lines: Sequence[Drawn], values: tuple[float, float] | None, logarithmic: bool) -> None:
        """Show these lines between two values; logarithmic: values are powers of ten."""
        self.painting_s = 0.0
        self._axes[0].logarithmic = logarithmic
        while len(self._curves) < len(lines):
            curve = pyqtgraph.PlotCurveItem(antialias=True, skipFiniteCheck=True)
            dots = pyqtgraph.ScatterPlotItem(size=_DOT, pxMode=True)
            self.getPlotItem().addItem(curve, ignoreBounds=True)
            self.getPlotItem().addItem(dots, ignoreBounds=True)
            self._curves.append((curve, dots))
        for place, (curve, dots) in enumerate(self._curves):
            line = lines[place] if place < len(lines) else None
            curve.setVisible(line is not None)
            dots.setVisible(line is not None and line.dots)
            if line is None:
                continue
            pen = QPen(line.colour, line.width, line.style)
            pen.setCosmetic(True)
            curve.setData(line.steps, line.values, pen=pen)
            if line.dots:
                dots.setData(line.steps, line.values, pen=QPen(Qt.PenStyle.NoPen), brush=line.colour)
        self._moving = True
        self._box.setXRange(*self.stretch, padding=0)
        if values is not None:
            self._box.setYRange(*values, padding=0)
        self._moving = False

    # --- moving about -----------------------------------------------------------------------------------------

    def reset(self) -> None:
        """All steps again, and those that will come."""
        self._whole = True
        self._soon.start()

    def zoom(self, factor: float) -> None:
        """See so many times as near, about the step pointed at or else the middle."""
        left, right = self.stretch
        middle = self._step if self._step is not None and left <= self._step <= right else (left + right) / 2
        self._show(middle - (middle - left) / factor, middle + (right - middle) / factor)

    def pan(self, share: float) -> None:
        """Go on by a share of what is shown."""
        left, right = self.stretch
        first, last = self._ends
        by = max(first - left, min(last - right, share * (right - left)))
        self._show(left + by, right + by)

    def point(self, step: float | None) -> None:
        self._step = step
        self._mark.setVisible(step is not None)
        if step is not None:
            self._mark.setValue(step)
        self.pointed.emit(step)

    def _show(self, left: float, right: float) -> None:
        first, last = self._ends
        self._box.setXRange(max(first, left), min(last, right), padding=0)

    def _moved(self) -> None:
        if not self._moving:
            left, right = self._box.viewRange()[0]
            first, last = self._ends
            self._whole = left <= first and right >= last
            self._soon.start()

    # --- mouse and keys ---------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event) if self.hasFocus() else event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        place: QPointF = self._box.mapSceneToView(self.mapToScene(event.position().toPoint()))
        left, right = self.stretch
        self.point(place.x() if left <= place.x() <= right else None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from point to point, with Shift they move the picture; + and - zoom, Home shows all."""
        keys: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Plus: lambda: self.zoom(ZOOM),
            Qt.Key.Key_Equal: lambda: self.zoom(ZOOM),
            Qt.Key.Key_Minus: lambda: self.zoom(1 / ZOOM),
            Qt.Key.Key_Home: self.reset,
            Qt.Key.Key_0: self.reset,
            Qt.Key.Key_Left: lambda: self._arrow(event, -1),
            Qt.Key.Key_Right: lambda: self._arrow(event, 1),
        }
        if action := keys.get(event.key()):
            action()
        elif event.key() == Qt.Key.Key_Escape and self._step is not None:
            self.point(None)
        else:
            event.ignore()  # pyqtgraph would keep the keys that scroll the page

    def _arrow(self, event: QKeyEvent, direction: int) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.pan(0.2 * direction)
            return
        left, right = self.stretch
        curve = next((curve for curve, _ in self._curves if curve.isVisible() and len(curve.xData)), None)
        if curve is None:
            return
        steps = curve.xData
        here = self._step if self._step is not None else right if direction < 0 else left
        beyond = steps[steps > here] if direction > 0 else steps[steps < here]
        beyond = beyond[(beyond >= left) & (beyond <= right)]
        if len(beyond):
            self.point(float(beyond[0] if direction > 0 else beyond[-1]))

    def paintEvent(self, event: QPaintEvent) -> None:
        began = time.thread_time()
        super().paintEvent(event)
        self.painting_s += time.thread_time() - began

    # --- looks ------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_axes"):
            self.resetCachedContent()  # of what is behind the lines, a picture is kept
            self._dress()
            self._soon.start()

    def _dress(self) -> None:
        palette, role = self.palette(), QPalette.ColorRole
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 0.87)
        for axis in self._axes:
            axis.setTextPen(palette.color(role.PlaceholderText))
            axis.setPen(palette.color(role.Mid))
            axis.setTickFont(font)
            axis.setStyle(tickLength=-em(self, 0.25), tickTextOffset=em(self, 0.25), maxTickLevel=0)
        self._axes[0].setGrid(70)
        self._mark.setPen(QPen(palette.color(role.Dark), 0))
        self._axes[1].setHeight(em(self, 1.5))
        self.setMinimumHeight(em(self, 11))


_SIDES = ("left", "bottom")


class _Axis(pyqtgraph.AxisItem):  # type: ignore[misc]
    """Numbers as people write them; `logarithmic`: its values are powers of ten."""

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.logarithmic = False
        self.enableAutoSIPrefix(False)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        if not self.logarithmic:
            return super().tickValues(low, high, size)  # type: ignore[no-any-return]
        if high - low < 1:  # within ten times a number, ordinary ones, where they stand on this scale
            ticks = super().tickValues(10**low, 10**high, size)
            return [(step, [math.log10(value) for value in values if value > 0]) for step, values in ticks]
        powers = range(math.floor(low), math.ceil(high) + 1)
        digits = (1, 2, 5) if high - low < 3 else (1,)
        marks = [power + math.log10(digit) for power in powers for digit in digits]
        shown = [mark for mark in marks if low <= mark <= high]
        return [(1.0, shown[:: 1 + len(shown) // 9])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.logarithmic:
            return [short_number(10**value) for value in values]
        return [short_number(value, spacing) for value in values]


def short_number(value: float, spacing: float = 0.0) -> str:
    """As `0.25`, `1.5`, `120`, `1,200`, `45k`, `1.2M` or `3e-05`; spacing: of the numbers beside it."""
    size = abs(value)
    if size < spacing / 1000:
        return "0"
    for least, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size >= least:
            return f"{significant(value / (1e3 if unit == 'k' else least), 4)}{unit}"
    if size >= 1000:
        return number(value)
    return significant(value, 3 if size >= 1e-3 or not size else 2)
