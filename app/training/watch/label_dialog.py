"""Using a classifier: type a text and see its labels, or hand over a file and get a table back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QLocale, QTimer, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPlainTextEdit, QProgressBar, QVBoxLayout, QWidget

from app.theme import em, space
from app.training.watch.quantities import share
from app.widgets.announce import announce
from app.widgets.buttons import asking_button
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label

SHOWN = 8  # labels, the likeliest first
PAUSE_MS = 300  # after the last letter


class LabelDialog(QDialog):
    """`text_entered(text)`, a moment after the last letter; `file_requested`: choose a file of texts to label.

    The owner runs the job `classify` and answers with the `show_…` functions.
    """

    text_entered = Signal(str)
    file_requested = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Label texts with {name}").format(name=name))
        heading = plain_label(self.tr("Type a text, or choose a file of texts."), wrap=True)
        self.field = QPlainTextEdit(placeholderText=self.tr("A text to label"))
        self.field.setAccessibleName(self.tr("A text to label"))
        self.field.setTabChangesFocus(True)
        self._rows: list[tuple[QLabel, QProgressBar, QLabel]] = []
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self.file = asking_button(self.tr("Label a file…"))
        self.file.setAutoDefault(False)
        self._state = plain_label(muted=True, wrap=True)
        self._state.hide()
        layout = self._layout = QVBoxLayout(self)
        for widget in (heading, self.field):
            layout.addWidget(widget)
        layout.addLayout(self._grid)
        layout.addWidget(self._state)
        layout.addWidget(self.file)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(lambda: self.text_entered.emit(self.field.toPlainText()))
        self.field.textChanged.connect(self._typed)
        self.file.clicked.connect(self.file_requested)
        follow_font(self, self._fit)

    def show_probabilities(self, found: Mapping[str, float]) -> None:
        """Of the text typed: label -> probability."""
        likeliest = sorted(found.items(), key=lambda item: -item[1])[:SHOWN]
        for number, (label, probability) in enumerate(likeliest):
            if number == len(self._rows):
                self._add_row()
            name, bar, figure = self._rows[number]
            name.setText(label)
            bar.setValue(round(1000 * probability))
            bar.setAccessibleName(label)
            figure.setText(share(probability))
        for row in self._rows[len(likeliest) :]:
            for part in row:
                part.hide()
        for row in self._rows[: len(likeliest)]:
            for part in row:
                part.show()
        if likeliest:
            announce(self, self.tr("{label}, {share}").format(label=likeliest[0][0], share=share(likeliest[0][1])))

    def show_progress(self, texts: int) -> None:
        """So many of the file are labelled."""
        self.file.setEnabled(False)
        self._say(self.tr("{count} texts are labelled so far.").format(count=QLocale().toString(texts)))

    def show_written(self, stats: Mapping[str, Any]) -> None:
        """The stats the job ended with for a file."""
        self.file.setEnabled(True)
        counts = sorted(stats["counts"].items(), key=lambda item: -item[1])
        parts = [f"{label}: {QLocale().toString(count)}" for label, count in counts[:SHOWN]]
        text = self.tr("{file} is written. {counts}").format(file=stats["csv"], counts=", ".join(parts))
        self._say(" ".join([text, *stats["sentences"]]))

    def show_problem(self, text: str) -> None:
        self.file.setEnabled(True)
        self._say(text)

    def _say(self, text: str) -> None:
        self._state.setText(text)
        self._state.show()
        announce(self, text)

    def _typed(self) -> None:
        if self.field.toPlainText().strip():
            self._pause.start()
        else:
            self._pause.stop()
            self.show_probabilities({})

    def _add_row(self) -> None:
        bar = QProgressBar(maximum=1000)
        bar.setTextVisible(False)
        row = (plain_label(), bar, plain_label(muted=True))
        for column, widget in enumerate(row):
            self._grid.addWidget(widget, len(self._rows), column)
        self._rows.append(row)

    def _fit(self) -> None:
        self._layout.setSpacing(space(self))
        self._grid.setHorizontalSpacing(space(self))
        self.field.setFixedHeight(em(self, 6))
        self.setMinimumWidth(min(em(self, 28), 700))
