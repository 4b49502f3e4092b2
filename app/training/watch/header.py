"""What run this is, how it stands, and the buttons that hold it, go on or end it."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.settings.texts import Title
from app.theme import space
from app.training.watch.quantities import figure
from app.training.watch.texts import duration_text, method_name, state_name
from app.widgets.drawing import Drawing
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label
from engine.events import Progress
from engine.training.runs import RunInfo

_ROLE = QPalette.ColorRole
SIGNS = {  # state of a run: drawing, colour
    "running": ("circle-dot", _ROLE.Highlight),
    "done": ("check", _ROLE.Highlight),
    "paused": ("circle-pause", _ROLE.PlaceholderText),
    "stopped": ("circle-stop", _ROLE.PlaceholderText),
    "interrupted": ("circle-alert", _ROLE.BrightText),
    "failed": ("circle-alert", _ROLE.BrightText),
    "broken": ("circle-alert", _ROLE.BrightText),
}


class RunHeader(QWidget):
    """Shows the standing of a run; what its buttons ask for is the page's to do."""

    pause_requested = Signal()
    resume_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Title("")
        self._title.setProperty("role", "title")
        self._sign = Drawing("circle", QPalette.ColorRole.PlaceholderText, 1.1)
        self._state = plain_label()
        self.pause = QPushButton(self.tr("Pause"))
        self.pause.setAccessibleDescription(self.tr("Keeps where it stands; Resume goes on from there."))
        self.resume = QPushButton(self.tr("Resume"))
        self.stop = QPushButton(self.tr("Stop and keep the best"))
        self.pause.clicked.connect(self.pause_requested)
        self.resume.clicked.connect(self.resume_requested)
        self.stop.clicked.connect(self.stop_requested)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._figures = plain_label(muted=True, wrap=True)

        self._standing = QWidget()
        standing = self._standing_row = QHBoxLayout(self._standing)
        standing.setContentsMargins(0, 0, 0, 0)
        standing.addWidget(self._sign)
        standing.addWidget(self._state)
        self._top = FlowLayout()
        for widget in (self._title, self._standing, self.pause, self.resume, self.stop):
            self._top.addWidget(widget)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._top)
        column.addWidget(self._bar)
        column.addWidget(self._figures)
        follow_font(self, self._fit)

    def show_run(self, info: RunInfo) -> None:
        """Name, method and state; the buttons that state has."""
        self._title.setText(info.name)
        self._sign.set_drawing(*SIGNS.get(info.state, ("circle", _ROLE.PlaceholderText)))
        words = (state_name(info.reason if info.state == "done" else info.state), method_name(info.method))
        self._state.setText(" · ".join(word for word in words if word))
        running, focused = info.state == "running", self.pause.hasFocus() or self.stop.hasFocus()
        self.pause.setVisible(running)
        self.stop.setVisible(running)
        self.resume.setVisible(info.resumable)
        if focused and not running and info.resumable:
            self.resume.setFocus()  # the button that was pressed has gone

    def show_progress(
        self, step: int, steps: int, seconds_left: float | None, tokens_per_second: float | None, best: float | None
    ) -> None:
        """seconds_left, tokens_per_second, best (held-back loss): None where there is nothing to tell."""
        locale = QLocale()
        self._bar.setRange(0, steps)
        self._bar.setValue(step)
        self._bar.setVisible(step < steps)
        parts = []
        if steps:
            text = self.tr("Step {step} of {steps}")
            parts.append(text.format(step=locale.toString(step), steps=locale.toString(steps)))
        if seconds_left is not None:
            parts.append(self.tr("about {duration} left").format(duration=duration_text(seconds_left)))
        if tokens_per_second:
            parts.append(self.tr("{count} tokens/s").format(count=locale.toString(round(tokens_per_second))))
        if best is not None:
            parts.append(self.tr("best held-out loss {loss}").format(loss=figure(best)))
        self.show_text(" · ".join(parts))

    def show_text(self, text: str) -> None:
        """A line under the bar."""
        self._figures.setText(text)
        self._figures.setVisible(bool(text))
        self._bar.setAccessibleDescription(text)

    def show_preparing(self, event: Progress) -> None:
        """Before the first step: what is done with the data; its end may not be known."""
        self._bar.show()
        self._bar.setRange(0, event.total)
        self._bar.setValue(event.done)
        self.show_text(event.message)

    def _fit(self) -> None:
        self._top.setSpacing(space(self))
        self._standing_row.setSpacing(space(self, 0.5))
        self._column.setSpacing(space(self, 0.8))
        self._sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
