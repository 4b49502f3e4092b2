"""Live curves: one quantity at a time, smoothed or not, with other runs laid over it, by mouse, key and ear.

pyqtgraph and numpy are loaded when the first curve is shown, and by another thread, so that the window does not wait.
Many points may come many times a second: they are appended to arrays, and drawn at most ten times a second, less often
where that takes long, thinned to what the screen has columns for.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QLocale, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.background import Background
from app.theme import em, space
from app.widgets.announce import announce
from app.widgets.buttons import IconButton
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label

if TYPE_CHECKING:  # numpy and pyqtgraph, see above
    from app.widgets.plot import Drawn, Plot
    from app.widgets.series import Numbers, Series

REDRAW_MS = 100
_SHARE_OF_TIME = 150  # drawing and painting take at most this part of it: it is taken from training
SMOOTHINGS = (0.0, 0.01, 0.05)  # shares of all points that an average is taken over
_STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
_OTHER_STYLES = (Qt.PenStyle.DashDotLine, Qt.PenStyle.DashDotDotLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)


@dataclass(frozen=True)
class Line:
    """One curve of a quantity. key: its name in a row of figures. name: for people. noisy: worth smoothing."""

    key: str
    name: str
    noisy: bool = False


@dataclass(frozen=True)
class Quantity:
    """What is shown together, in one unit. text: a value for people. logarithmic: whether that scale makes sense."""

    id: str
    title: str
    lines: tuple[Line, ...]
    text: Callable[[float], str]
    logarithmic: bool = False


@dataclass
class _Run:
    name: str
    series: dict[str, Series] = field(default_factory=dict)


@dataclass(frozen=True)
class _Shown:
    """A line that can be seen now."""

    id: str
    name: str
    series: Series
    noisy: bool
    colour: QColor
    style: Qt.PenStyle
    own: bool


class Curves(QWidget):
    """`append` figures of the run shown; `set_others` lays further runs over it. `quantity_chosen(id)`."""

    quantity_chosen = Signal(str)
    drawn = Signal()  # the picture shows what has come

    def __init__(self, quantities: Sequence[Quantity], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._quantities = {quantity.id: quantity for quantity in quantities}
        self._quantity = quantities[0]
        self.run, self._others = _Run(""), list[_Run]()
        self._waiting: list[Callable[[], None]] = []  # until numpy is here
        self._hidden = set[str]()  # lines switched off
        self._height = 0  # of the picture, in pixels; 0: what there is room for
        self._plot: Plot | None = None
        self._background: Background | None = None
        self._soon = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._soon.timeout.connect(self._draw)
        self._build()

    # --- what there is ----------------------------------------------------------------------------------------

    @property
    def quantity(self) -> str:
        return self._quantity.id

    @property
    def plot(self) -> Plot | None:
        """None until the first curve is shown."""
        return self._plot

    def set_run(self, name: str) -> None:
        """Another run: no figures so far."""
        self.run = _Run(name)
        self._waiting.clear()
        self._hidden.clear()
        if self._plot is not None:
            self._plot.point(None)
            self._plot.reset()
        self._later()

    def append(self, figures: Mapping[str, tuple[Numbers, Numbers]]) -> None:
        """Further points of the run, as `series.columns` gives them."""
        self._when_ready(lambda: self._append(self.run, figures))

    def set_others(self, runs: Sequence[tuple[str, Mapping[str, tuple[Numbers, Numbers]]]]) -> None:
        """Runs to compare with: names and figures."""
        self._when_ready(lambda: self._set_others(runs))

    def choose(self, quantity: str) -> None:
        """Raises KeyError for one there is not."""
        self._quantity = self._quantities[quantity]
        self._tabs[quantity].setChecked(True)
        self._log.setVisible(self._quantity.logarithmic)
        if self._plot is not None:
            self._plot.setAccessibleName(self._plot_name())
        self._draw()

    def set_smoothing(self, number: int) -> None:
        """One of `SMOOTHINGS`, by its number."""
        self._smoothing.setCurrentIndex(number)

    def set_logarithmic(self, wanted: bool) -> None:
        self._log.setChecked(wanted)

    def set_plot_height(self, pixels: int) -> None:
        """Of the picture alone; what stands around it takes the lines it needs."""
        self._height = pixels
        for place in (self._empty, self._plot):
            if place is not None:
                place.setFixedHeight(pixels)

    def summary(self) -> str:
        """What the picture says, in sentences."""
        sentences = [self._sentence(shown) for shown in self._shown() if shown.series.count]
        return " ".join(sentences) or self.tr("There are no figures yet.")

    def _append(self, run: _Run, figures: Mapping[str, tuple[Numbers, Numbers]]) -> None:
        from app.widgets.series import Series

        for key, (steps, values) in figures.items():
            run.series.setdefault(key, Series()).append(steps, values)
        self._later()

    def _set_others(self, runs: Sequence[tuple[str, Mapping[str, tuple[Numbers, Numbers]]]]) -> None:
        self._others = []
        for name, figures in runs:
            self._others.append(_Run(name))
            self._append(self._others[-1], figures)
        self._later()

    def _later(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    # --- loading ----------------------------------------------------------------------------------------------

    def _when_ready(self, action: Callable[[], None]) -> None:
        if self._plot is not None:
            action()
            return
        self._waiting.append(action)
        if self._background is None:
            self._background = Background(self)
            self._background.run(lambda: importlib.import_module("app.widgets.plot"), self._loaded, self._not_loaded)

    def end_loading(self) -> None:
        """The window closes: Qt has crashed where widgets were deleted while another thread made classes of them."""
        if self._background is not None:
            self._background.close()

    def _loaded(self, module: Any) -> None:
        assert self._background is not None
        self._background.close()
        plot: Plot = module.Plot()
        self._plot = plot
        plot.setAccessibleName(self._plot_name())
        plot.changed.connect(self._draw)
        plot.pointed.connect(self._point)
        self._place.addWidget(plot)
        if self._height:
            plot.setFixedHeight(self._height)
        for button, action in (
            (self._nearer, lambda: plot.zoom(module.ZOOM)),
            (self._farther, lambda: plot.zoom(1 / module.ZOOM)),
            (self._reset, plot.reset),
        ):
            button.clicked.connect(action)
        for waiting in self._waiting:
            waiting()
        self._waiting.clear()
        self._draw()

    def _not_loaded(self, _: Exception) -> None:
        self._empty.setText(self.tr("The curves cannot be drawn: pyqtgraph is missing or broken."))

    # --- drawing ----------------------------------------------------------------------------------------------

    def _shown(self) -> list[_Shown]:
        """The lines of the quantity that have points, those of the run itself first."""
        palette, found = self.palette(), list[_Shown]()
        role = QPalette.ColorRole
        own_colours = [palette.color(each) for each in (role.Highlight, role.Text, role.PlaceholderText)]
        for number, line in enumerate(self._quantity.lines):
            series = self.run.series.get(line.key)
            if series is not None and series.count:
                look = own_colours[number % 3], _STYLES[number % 3]
                name = self._name_in_run(self.run, line) if self._others else line.name
                found.append(_Shown(line.key, name, series, line.noisy, *look, own=True))
        for number, run in enumerate(self._others):
            colour = other_colour(palette.color(role.Highlight), number)
            for line in reversed(self._quantity.lines):  # what is measured on held-out rows compares best
                series = run.series.get(line.key)
                if series is not None and series.count:
                    look = colour, _OTHER_STYLES[number % 4]
                    name = self._name_in_run(run, line)
                    found.append(_Shown(f"{number}/{line.key}", name, series, line.noisy, *look, own=False))
                    break
        return found

    def _name_in_run(self, run: _Run, line: Line) -> str:
        return self.tr("{run}: {line}").format(run=run.name, line=line.name)

    def _draw(self) -> None:
        self._soon.stop()
        began, painting = time.thread_time(), self._plot.painting_s if self._plot is not None else 0.0
        self._show()
        took = time.thread_time() - began + painting
        self._soon.setInterval(max(REDRAW_MS, round(1000 * _SHARE_OF_TIME * took)))
        self.drawn.emit()

    def _show(self) -> None:
        self._show_tabs()
        shown = self._shown()
        if self._plot is None:
            return
        from app.widgets.series import span

        plot, logarithmic = self._plot, self._quantity.logarithmic and self._log.isChecked()
        seen = [line for line in shown if line.id not in self._hidden]
        some = bool(shown)
        self._empty.setVisible(not some)
        plot.setVisible(some)
        if some:
            plot.set_ends(
                min(float(line.series.steps[0]) for line in shown), max(float(line.series.steps[-1]) for line in shown)
            )
            above = sorted(seen, key=lambda line: line.own)  # the run's own over the others
            lines = [drawn for line in above for drawn in self._drawn(line, plot, logarithmic)]
            plot.draw(lines, span([line.values for line in lines], logarithmic), logarithmic)
        self._show_legend(shown)
        plot.setAccessibleDescription(self.summary())
        self._reset.setEnabled(not plot.whole)

    def _drawn(self, line: _Shown, plot: Plot, logarithmic: bool) -> list[Drawn]:
        """The line as it is drawn; where it is smoothed, what it is made of stays faint behind it."""
        from app.widgets.plot import Drawn
        from app.widgets.series import logarithms, thinned

        def points(values: Numbers) -> tuple[Numbers, Numbers]:
            found = thinned(line.series.steps, values, *plot.stretch, plot.columns)
            return logarithms(*found) if logarithmic else found

        def drawn(values: Numbers, width: float) -> Drawn:
            steps, values = points(values)
            if line.style is not Qt.PenStyle.SolidLine and len(steps) > plot.columns / 4:
                width = 1.0  # Qt takes thirty times as long for many short dashes of another width
            dots = not line.noisy and len(steps) < plot.columns / 12
            return Drawn(steps, values, line.colour, line.style, width, dots)

        weight = smoothing_weight(SMOOTHINGS[self._smoothing.currentIndex()], line.series.count) if line.noisy else 0.0
        width = 2.0 if line.own else 1.5
        if not weight:
            return [drawn(line.series.values, width)]
        faint = QColor(line.colour)
        faint.setAlphaF(0.25)
        return [
            Drawn(*points(line.series.values), faint, Qt.PenStyle.SolidLine, 1.0),
            drawn(line.series.smoothed(weight), width),
        ]

    def _show_tabs(self) -> None:
        for id, tab in self._tabs.items():
            known = any(line.key in self.run.series for line in self._quantities[id].lines)
            tab.setVisible(known or id == self._quantity.id)

    # --- figures ----------------------------------------------------------------------------------------------

    def _show_legend(self, shown: list[_Shown]) -> None:
        step = self._plot.step if self._plot is not None else None
        for number, line in enumerate(shown):
            if number == len(self._entries):
                self._entries.append(_Entry(self._switch))
                self._legend.addWidget(self._entries[-1])
            point = line.series.at(step) if step is not None else line.series.at(float(line.series.steps[-1]))
            value = self._quantity.text(point[1]) if point is not None else ""
            self._entries[number].show_line(line, value, line.id not in self._hidden)
        for entry in self._entries[len(shown) :]:
            entry.hide()
        own = next((line for line in shown if line.own), None)
        here = own.series.at(step) if own is not None and step is not None else None
        text = self.tr("Step {step}").format(step=QLocale().toString(round(here[0]))) if here is not None else ""
        self._where.setText(text)
        self._where.setVisible(bool(text))

    def _point(self, step: float | None) -> None:
        shown = self._shown()
        self._show_legend(shown)
        if step is not None and self._plot is not None and self._plot.hasFocus():
            announce(
                self,
                ", ".join([self._where.text(), *(entry.accessibleName() for entry in self._entries[: len(shown)])]),
            )

    def _switch(self, id: str, on: bool) -> None:
        self._hidden.discard(id) if on else self._hidden.add(id)
        self._draw()

    def _sentence(self, shown: _Shown) -> str:
        series, text = shown.series, self._quantity.text
        lowest, highest = int(series.values.argmin()), int(series.values.argmax())
        return self.tr(
            "{line}: {first} at step {start}, {last} at step {end}; lowest {low} at step {low_step}, "
            "highest {high} at step {high_step}."
        ).format(
            line=shown.name,
            first=text(float(series.values[0])),
            start=int(series.steps[0]),
            last=text(float(series.values[-1])),
            end=int(series.steps[-1]),
            low=text(float(series.values[lowest])),
            low_step=int(series.steps[lowest]),
            high=text(float(series.values[highest])),
            high_step=int(series.steps[highest]),
        )

    def _plot_name(self) -> str:
        return self.tr("Curve: {quantity}").format(quantity=self._quantity.title)

    # --- what it is made of -----------------------------------------------------------------------------------

    def _build(self) -> None:
        self._tabs: dict[str, QToolButton] = {}
        group = QButtonGroup(self)
        self._tab_row = FlowLayout()
        for quantity in self._quantities.values():
            tab = QToolButton()
            tab.setText(quantity.title)
            tab.setCheckable(True)
            tab.clicked.connect(lambda _, id=quantity.id: self._choose(id))
            group.addButton(tab)
            self._tabs[quantity.id] = tab
            self._tab_row.addWidget(tab)
        self._tabs[self._quantity.id].setChecked(True)
        self._smoothing = QComboBox()
        self._smoothing.addItems([self.tr("Not smoothed"), self.tr("Smoothed"), self.tr("Smoothed more")])
        self._smoothing.setAccessibleName(self.tr("Smoothing"))
        self._smoothing.setCurrentIndex(1)
        self._smoothing.currentIndexChanged.connect(self._draw)
        self._log = QCheckBox(self.tr("Log scale"))
        self._log.toggled.connect(self._draw)
        self._nearer = IconButton("plus", self.tr("Zoom in"))
        self._farther = IconButton("minus", self.tr("Zoom out"))
        self._reset = IconButton("rotate-ccw", self.tr("Show all steps"))
        self._controls = FlowLayout()
        for control in (self._smoothing, self._log, self._nearer, self._farther, self._reset):
            self._controls.addWidget(control)
        self._entries: list[_Entry] = []
        self._where = plain_label()
        self._where.hide()
        self._legend = FlowLayout()
        self._legend.addWidget(self._where)
        self._empty = plain_label(self.tr("The first figures come after a few steps."), muted=True, wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._place = QHBoxLayout()
        self._place.addWidget(self._empty)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._tab_row)
        self._column.addLayout(self._place, 1)
        self._column.addLayout(self._legend)
        self._column.addLayout(self._controls)
        follow_font(self, self._fit)
        self._show_tabs()

    def _choose(self, id: str) -> None:
        self.choose(id)
        self.quantity_chosen.emit(id)

    def _fit(self) -> None:
        self._tab_row.setSpacing(space(self, 0.25))
        self._controls.setSpacing(space(self, 0.75))
        self._legend.setSpacing(space(self, 0.75))
        self._column.setSpacing(space(self, 0.5))
        if not self._height:
            self._empty.setMinimumHeight(em(self, 11))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_column"):
            self._later()


class _Entry(QToolButton):
    """A line of the legend: what it looks like, its name and its value; a click hides the line or shows it.

    A name for which a line has no room is shortened in its middle.
    """

    def __init__(self, switch: Callable[[str, bool], None]) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setToolTip(self.tr("Show or hide this line"))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._id = self._whole = ""
        self._look: tuple[object, ...] = ()
        self.clicked.connect(lambda on: switch(self._id, on))

    def show_line(self, line: _Shown, value: str, on: bool) -> None:
        self._id = line.id
        self._whole = f"{line.name}  {value}"
        self.setAccessibleName(self._whole)
        self._shorten()
        self.setChecked(on)
        width, height = em(self, 2.2), em(self, 1.0)
        look = (line.colour.name(), line.style, line.own, width, self.devicePixelRatio())
        if look != self._look:
            self._look = look
            self.setIconSize(QSize(width, height))
            self.setIcon(
                QIcon(line_sample(line.colour, line.style, 2.0, QSize(width, height), self.devicePixelRatio()))
            )
        self.show()

    def sizeHint(self) -> QSize:
        return super().sizeHint() + QSize(self._width(self._whole) - self._width(self.text()), 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(em(self, 6), self.sizeHint().width()), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        room = self._width(self._whole) + min(0, self.width() - self.sizeHint().width())
        text = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, room)
        if text != self.text():
            self.setText(text)

    def _width(self, text: str) -> int:
        return self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, text).width()


def smoothing_weight(share: float, points: int) -> float:
    """Of a moving average over about this share of the points; the same until there are twice as many."""
    return 1 - 1 / max(1.0, share * 2 ** (points.bit_length() - 1)) if points else 0.0


def line_sample(colour: QColor, style: Qt.PenStyle, width: float, size: QSize, ratio: float) -> QPixmap:
    """A stretch of a line with a gap at both ends, for a legend; `size` in pixels of the widget."""
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setPen(QPen(colour, width, style, Qt.PenCapStyle.FlatCap))
    gap, middle = round(size.width() * 0.08), size.height() // 2
    painter.drawLine(gap, middle, size.width() - gap, middle)
    painter.end()
    return pixmap


def other_colour(accent: QColor, number: int) -> QColor:
    """The colour of a run that is laid over: of another hue than the accent, and as bright, so it is seen as well."""
    hue = (accent.hslHueF() + (0.33, 0.67, 0.5, 0.83)[number % 4]) % 1.0
    dark, light, colour = 0.0, 1.0, accent
    for _ in range(12):  # by halves; luminance grows with lightness
        middle = (dark + light) / 2
        colour = QColor.fromHslF(hue, accent.hslSaturationF(), middle)
        dark, light = (middle, light) if luminance(colour) < luminance(accent) else (dark, middle)
    return colour


def luminance(colour: QColor) -> float:
    """Relative, 0 to 1, as WCAG 2.2 defines it."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
