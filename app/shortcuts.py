"""The list of everything that a key does now, to look through and to search."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.actions import MESSAGES, Actions, native
from app.theme import em
from app.widgets.labels import plain_label

# Keys of the composer, which are no actions: they mean this only while one writes.
_TYPING: tuple[tuple[str, Any], ...] = (
    ("Return", QT_TRANSLATE_NOOP("shortcuts", "Send the message")),
    ("Shift+Return", QT_TRANSLATE_NOOP("shortcuts", "Begin a new line")),
)


class ShortcutsDialog(QDialog):
    """The actions with their keys, by section; a field narrows them to those whose name or keys hold its text."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.field = QLineEdit(placeholderText=self.tr("Search"), clearButtonEnabled=True)
        self.field.setAccessibleName(self.tr("Search the shortcuts"))
        self.field.textChanged.connect(self._narrow)
        self._nothing = plain_label(self.tr("Nothing found"), muted=True)
        self._nothing.hide()
        self._sections: list[tuple[QLabel, list[tuple[QLabel, QLabel]]]] = []
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(em(self, 2))
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self._fill(actions)

        rows = QWidget()
        rows.setLayout(self._form)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setAccessibleName(self.windowTitle())
        scroll.setWidget(rows)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(em(self, 0.5))
        layout.setContentsMargins(em(self), em(self), em(self), em(self))
        layout.addWidget(self.field)
        layout.addWidget(self._nothing)
        layout.addWidget(scroll, 1)
        layout.addWidget(buttons)
        room = self.screen().availableGeometry().size() if parent is None else parent.window().size()
        if room.width() < em(self, 26):
            self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        self.setMinimumSize(1, 1)
        self.resize(min(em(self, 30), room.width()), min(em(self, 36), room.height()))

    def _fill(self, actions: Actions) -> None:
        with_keys = [action for action in actions.bound() if actions.keys(action.id)]
        for section, members in groupby(with_keys, key=lambda action: action.section):
            heading = plain_label(section)
            font = QFont(heading.font())
            font.setBold(True)
            heading.setFont(font)
            self._form.addRow(heading)
            rows = [self._row(action.title, actions.keys(action.id)) for action in members]
            if section == QCoreApplication.translate("actions", MESSAGES):
                rows += [self._row(QCoreApplication.translate("shortcuts", what), (keys,)) for keys, what in _TYPING]
            self._sections.append((heading, rows))

    def _row(self, title: str, keys: Sequence[str]) -> tuple[QLabel, QLabel]:
        what = plain_label(title, wrap=True)
        shown = plain_label("   ".join(native(key) for key in keys), muted=True)
        self._form.addRow(what, shown)
        return what, shown

    def _narrow(self, text: str) -> None:
        wanted = text.strip().casefold()
        anything = False
        for heading, rows in self._sections:
            found = [any(wanted in label.text().casefold() for label in row) for row in rows]
            for row, shown in zip(rows, found, strict=True):
                self._form.setRowVisible(row[0], shown)
            self._form.setRowVisible(heading, any(found))
            anything = anything or any(found)
        self._nothing.setVisible(not anything)
