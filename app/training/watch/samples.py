"""What the model writes to a fixed prompt, evaluation after evaluation, with what is new marked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QLocale
from PySide6.QtGui import QPalette, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QTextEdit, QVBoxLayout, QWidget

from app.theme import em, space
from app.widgets.buttons import IconButton
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label

LONGEST = 4000  # characters shown of one sample
_PIECES = re.compile(r"\w+|\s+|[^\w\s]")


class Samples(QWidget):
    """One sample at a time, the newest until the person goes back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples: list[tuple[int, str]] = []
        self._number = -1
        self._which = plain_label()
        self.earlier = IconButton("chevron-up", self.tr("The sample before"))
        self.later = IconButton("chevron-down", self.tr("The sample after"))
        self.earlier.clicked.connect(lambda: self._go(self._number - 1))
        self.later.clicked.connect(lambda: self._go(self._number + 1))
        self.text = QTextEdit(readOnly=True)
        self.text.setObjectName("field")
        self.text.setAccessibleName(self.tr("Sample"))
        self.text.setTabChangesFocus(True)
        self._legend = plain_label(self.tr("Underlined: not in the sample before."), muted=True, wrap=True)
        self._legend.setProperty("role", "small")
        row = self._row = QHBoxLayout()
        row.addWidget(self._which, 1)
        row.addWidget(self.earlier)
        row.addWidget(self.later)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.text)
        column.addWidget(self._legend)
        follow_font(self, self._fit)
        self.clear()

    def clear(self) -> None:
        self._samples, self._number = [], -1
        self._show()

    def add(self, samples: Sequence[tuple[int, str]]) -> None:
        """Further samples, (step, text); those from the first of their steps on are replaced."""
        if not samples:
            return
        newest = self._number == len(self._samples) - 1
        self._samples = [sample for sample in self._samples if sample[0] < samples[0][0]] + list(samples)
        last = len(self._samples) - 1
        self._go(last if newest else min(self._number, last))

    def _go(self, number: int) -> None:
        self._number = max(0, min(number, len(self._samples) - 1))
        self._show()

    def _show(self) -> None:
        some = bool(self._samples)
        self.earlier.setEnabled(self._number > 0)
        self.later.setEnabled(self._number < len(self._samples) - 1)
        self._legend.setVisible(self._number > 0)
        self.text.setVisible(some)
        if not some:
            self._which.setText(self.tr("The first sample comes at the first evaluation."))
            return
        step, text = self._samples[self._number]
        self._which.setText(self.tr("At step {step}").format(step=QLocale().toString(step)))
        before = self._samples[self._number - 1][1] if self._number > 0 else None
        self._write(text[:LONGEST], before[:LONGEST] if before is not None else None)

    def _write(self, text: str, before: str | None) -> None:
        new = QTextCharFormat()
        new.setForeground(self.palette().color(QPalette.ColorRole.Highlight))
        new.setFontUnderline(True)
        self.text.clear()
        cursor = QTextCursor(self.text.document())
        for piece, is_new in changes(before, text) if before is not None else [(text, False)]:
            cursor.insertText(piece, new if is_new else QTextCharFormat())
        self.text.moveCursor(QTextCursor.MoveOperation.Start)

    def _fit(self) -> None:
        self._row.setSpacing(space(self, 0.5))
        self._column.setSpacing(space(self, 0.5))
        self.text.setFixedHeight(em(self, 9))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_column"):
            self._show()


def changes(before: str, after: str) -> Iterator[tuple[str, bool]]:
    """The second text in stretches, each with whether it is not in the first; whole words."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, _, _, start, stop in matcher.get_opcodes():
        if stop > start:
            yield "".join(new[start:stop]), kind != "equal"
