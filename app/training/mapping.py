"""What the rows are and which column holds what, where that cannot be told or a person knows better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.settings.rows import ChoiceBox
from app.settings.texts import Title, small_label
from app.theme import em, space
from app.training.texts import kind_name, role_name
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from engine.data.columns import KINDS

OFFERED = ("conversation", "text", "labelled", "preference")  # kinds that can be trained on
WIDEST_EM = 46


class ColumnMapping(QWidget):
    """`mapped(kind, columns)`: columns by role, as `engine.data.columns` calls them.

    `automatic_requested`: Seedling shall tell by itself again.
    """

    mapped = Signal(str, dict)
    automatic_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns: Sequence[str] = ()
        self._now: Mapping[str, str] = {}
        self._words = small_label()
        self.kind_box = ChoiceBox()
        for kind in OFFERED:
            self.kind_box.addItem(kind_name(kind), kind)
        self.kind_box.currentIndexChanged.connect(lambda _: self._show_roles())
        self.boxes: dict[str, ChoiceBox] = {}
        self._roles = QVBoxLayout()
        self.apply_button = QPushButton(self.tr("Read it so"))
        self.apply_button.clicked.connect(self._apply)
        self.automatic_button = QPushButton(self.tr("Let Seedling tell"))
        self.automatic_button.clicked.connect(self.automatic_requested)
        self._buttons = FlowLayout()
        self._buttons.addWidget(self.apply_button)
        self._buttons.addWidget(self.automatic_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._words)
        self._column.addWidget(_line(self.tr("The rows are"), self.kind_box))
        self._column.addLayout(self._roles)
        self._column.addLayout(self._buttons)
        follow_font(self, self._fit)

    @property
    def knows_columns(self) -> bool:
        return bool(self._columns)

    def forget(self) -> None:
        """The columns of what was looked at before."""
        self._columns, self._now = (), {}

    def show_detected(self, detected: Mapping[str, Any], kind: str | None) -> None:
        """detected: as the job `index` tells it; with questions, these are asked."""
        columns = {role: _joined(name) for role, name in detected["columns"].items()}
        self._columns = list(dict.fromkeys([*columns.values(), *detected["unused"]]))
        self._now = columns
        questions = " ".join(detected["questions"])
        self._words.setText(f"{detected['reason']}. {questions}" if questions else "")
        self._words.setVisible(bool(questions))
        self.automatic_button.setVisible(not questions)
        if kind in OFFERED:
            self.kind_box.setCurrentIndex(OFFERED.index(kind))
        self._show_roles()

    def _show_roles(self) -> None:
        """A box for each role of the kind; those of the last kind go."""
        while item := self._roles.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self.boxes = {}
        for role in roles_of(self.kind_box.currentData()):
            box = ChoiceBox()
            box.addItem(self.tr("no column"), "")
            for column in self._columns:
                box.addItem(column, column)
            box.setCurrentIndex(max(0, box.findData(self._now.get(role, ""))))
            self.boxes[role] = box
            self._roles.addWidget(_line(role_name(role), box))

    def _apply(self) -> None:
        columns = {role: box.currentData() for role, box in self.boxes.items() if box.currentData()}
        self.mapped.emit(self.kind_box.currentData(), columns)

    def _fit(self) -> None:
        self._column.setSpacing(space(self, 0.8))
        self._roles.setSpacing(space(self, 0.4))
        self.setMaximumWidth(em(self, WIDEST_EM))
        self._buttons.setSpacing(space(self))


def roles_of(kind: str) -> list[str]:
    return [role for roles in KINDS[kind] for role in roles.split("|")]


def _joined(names: str | Sequence[str]) -> str:
    return names if isinstance(names, str) else ", ".join(names)


def _line(title: str, box: ChoiceBox) -> QWidget:
    """A name and its box."""
    line = QWidget()
    flow = FlowLayout(line)
    label = Title(title)
    label.setBuddy(box)
    box.setAccessibleName(title)
    flow.addWidget(label)
    flow.addWidget(box)
    follow_font(line, lambda: flow.setSpacing(space(line)))
    return line
