"""The checkpoints of a run: each a model that can be talked to, also beside another, or the one it began from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QCheckBox, QPushButton, QVBoxLayout, QWidget

from app.settings.texts import Title, small_label
from app.theme import space
from app.training.watch.quantities import figure
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout

Checkpoint = tuple[int, Path, float | None]


class Checkpoints(QWidget):
    """The latest first. `talk_requested(folder)`; `compare_requested(folder)`: beside the parent.

    `beside_requested(folders)`: two that were chosen, the earlier one first.
    """

    talk_requested = Signal(object)
    beside_requested = Signal(list)
    compare_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[object, ...] = ()
        self._chosen: list[Path] = []  # at most two, the one chosen last at the end
        self.beside = QPushButton(self.tr("Talk to both"))
        self.beside.setAccessibleDescription(self.tr("Ask two checkpoints the same, side by side."))
        self.beside.clicked.connect(lambda: self.beside_requested.emit(sorted(self._chosen)))
        self._how = small_label()
        self._choice = FlowLayout()
        self._choice.addWidget(self._how)
        self._choice.addWidget(self.beside)
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(self._choice)
        whole.addLayout(self._column)
        follow_font(self, self._fit)

    def show_checkpoints(self, checkpoints: Sequence[Checkpoint], best: int, has_parent: bool, writes: bool) -> None:
        """(step, folder, held-out loss or None) of each. best: a step, 0 for none. writes: whether it can reply."""
        shown = (tuple(checkpoints), best, has_parent, writes)
        if shown == self._shown:
            return
        self._shown = shown
        focused = next((row.path for row in self._rows() if row.has_focus()), None)
        while item := self._column.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for step, path, loss in reversed(checkpoints):
            row = _Row(path, self._text(step, loss, step == best != 0), writes, writes and has_parent and step > 0)
            row.talk.clicked.connect(lambda _, path=path: self.talk_requested.emit(path))
            row.compare.clicked.connect(lambda _, path=path: self.compare_requested.emit(path))
            row.choose.setChecked(path in self._chosen)
            row.choose.setVisible(writes and len(checkpoints) > 1)
            row.choose.toggled.connect(lambda on, path=path: self._choose(path, on))
            self._column.addWidget(row)
            if path == focused:
                row.talk.setFocus()
        self._chosen = [path for path in self._chosen if path in [path for _, path, _ in checkpoints]]
        self._show_choice()

    def _choose(self, path: Path, on: bool) -> None:
        self._chosen = [*(each for each in self._chosen if each != path), *((path,) if on else ())]
        if len(self._chosen) > 2:
            gone = self._chosen.pop(0)
            next(row for row in self._rows() if row.path == gone).choose.setChecked(False)
        self._show_choice()

    def _show_choice(self) -> None:
        """The button for two, and how to come to it."""
        several = any(row.choose.isVisibleTo(self) for row in self._rows())
        two = len(self._chosen) == 2
        self.beside.setVisible(several and two)
        self._how.setVisible(several)
        self._how.setText(self.tr("Two are chosen.") if two else self.tr("Choose two to talk to both at once."))

    def _fit(self) -> None:
        self._column.setSpacing(space(self, 0.5))
        self._choice.setSpacing(space(self))
        layout = self.layout()
        assert layout is not None
        layout.setSpacing(space(self))

    def _rows(self) -> list[_Row]:
        items = (self._column.itemAt(number) for number in range(self._column.count()))
        return [widget for item in items if item is not None and isinstance(widget := item.widget(), _Row)]

    def _text(self, step: int, loss: float | None, best: bool) -> str:
        if step == 0:
            return self.tr("Before the first step")
        text = self.tr("Step {step}").format(step=QLocale().toString(step))
        if loss is not None:
            text += " · " + self.tr("held out {loss}").format(loss=figure(loss))
        return text + (" · " + self.tr("best") if best else "")


class _Row(QWidget):
    def __init__(self, path: Path, text: str, talk: bool, compare: bool) -> None:
        super().__init__()
        self.path = path
        self.choose = QCheckBox()
        self.choose.setAccessibleName(self.tr("Choose it to talk to two: {checkpoint}").format(checkpoint=text))
        self.talk = QPushButton(self.tr("Talk to it"))
        self.talk.setAccessibleName(self.tr("Talk to it: {checkpoint}").format(checkpoint=text))
        self.talk.setVisible(talk)
        self.compare = QPushButton(self.tr("Beside its parent"))
        self.compare.setAccessibleName(self.tr("Talk to it beside its parent: {checkpoint}").format(checkpoint=text))
        self.compare.setVisible(compare)
        self._line = FlowLayout(self)
        for widget in (self.choose, Title(text), self.talk, self.compare):
            self._line.addWidget(widget)
        follow_font(self, lambda: self._line.setSpacing(space(self)))

    def has_focus(self) -> bool:
        return self.choose.hasFocus() or self.talk.hasFocus() or self.compare.hasFocus()
