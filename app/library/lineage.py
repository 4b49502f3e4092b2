"""What a model came from: its parent, the data it learnt from and the training that made it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.theme import set_text_role, space
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label


class Lineage(QWidget):
    """`model_chosen(name)`: its parent. `run_chosen(name)`: of the folder of the training that made it."""

    model_chosen = Signal(str)
    run_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heading = plain_label(self.tr("Where it comes from"))
        set_text_role(heading, "heading")
        self._words = plain_label(wrap=True)
        self.parent_button = QPushButton(self.tr("Show what it was made from"))
        self.run_button = QPushButton(self.tr("Show its training"))
        self._lineage: Mapping[str, Any] = {}
        self.parent_button.clicked.connect(lambda: self.model_chosen.emit(str(self._lineage["parent"])))
        self.run_button.clicked.connect(lambda: self.run_chosen.emit(str(self._lineage["run"])))
        self._buttons = FlowLayout()
        self._buttons.addWidget(self.parent_button)
        self._buttons.addWidget(self.run_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(heading)
        self._column.addWidget(self._words)
        self._column.addLayout(self._buttons)
        follow_font(self, self._fit)

    def show_lineage(self, lineage: Mapping[str, Any], parent_here: bool = False) -> None:
        """lineage: `parent` (a name), `data` (names of files), `run` (the name of its folder), each perhaps missing."""
        self._lineage = lineage
        parent, data, run = lineage.get("parent"), lineage.get("data") or (), lineage.get("run")
        if parent and data:
            text = self.tr("Made from {parent}, and learnt from {data}.")
        elif parent:
            text = self.tr("Made from {parent}.")
        elif data:
            text = self.tr("Learnt from {data}.")
        else:
            text = ""
        names = (data,) if isinstance(data, str) else tuple(map(str, data))
        self._words.setText(text.format(parent=parent, data=", ".join(names)))
        self._words.setVisible(bool(text))
        self.parent_button.setVisible(bool(parent) and parent_here)
        self.run_button.setVisible(bool(run))
        self.setVisible(bool(text or run))

    def _fit(self) -> None:
        self._column.setSpacing(space(self, 0.8))
        self._buttons.setSpacing(space(self))
