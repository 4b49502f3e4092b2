"""One of the models is chosen: for settings, as a smaller one that guesses, as an adapter."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.library.models_list import ModelsList
from app.library.rows import FilteredModels, ModelRows, Role
from app.settings.texts import small_label
from app.theme import em, space
from app.widgets.fitting import follow_font
from engine.events import Model


class ChooseModelDialog(QDialog):
    """`model_chosen(Model)`."""

    model_chosen = Signal(object)

    def __init__(self, title: str, words: str, label: str, models: Iterable[Model], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.rows = ModelRows(self)
        self._filtered = FilteredModels(self.rows, self)
        for model in models:
            self.rows.take(model)
        self.filter = QLineEdit(placeholderText=self.tr("Look for a model"), clearButtonEnabled=True)
        self.filter.setAccessibleName(self.tr("Look for a model"))
        self.list = ModelsList(self._filtered)
        self._words = small_label(words if self.rows.rowCount() else self.tr("There is no model for this yet."))
        self.ok, cancel = QPushButton(label), QPushButton(self.tr("Cancel"))
        self.ok.setDefault(True)
        self._buttons = QHBoxLayout()
        self._buttons.addStretch(1)
        self._buttons.addWidget(cancel)
        self._buttons.addWidget(self.ok)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._words)
        self._column.addWidget(self.filter)
        self._column.addWidget(self.list, 1)
        self._column.addLayout(self._buttons)
        self.filter.textChanged.connect(self._look_for)
        self.list.chosen.connect(lambda model: self.ok.setEnabled(model is not None))
        self.list.doubleClicked.connect(lambda _: self.accept())
        self.ok.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        self.accepted.connect(self._choose)
        self.finished.connect(self.deleteLater)
        follow_font(self, self._fit)
        self._look_for("")

    def _look_for(self, text: str) -> None:
        self._filtered.look_for(text)
        if self._filtered.rowCount():
            self.list.setCurrentIndex(self._filtered.index(0, 0))
        self.ok.setEnabled(self._filtered.rowCount() > 0)

    def _choose(self) -> None:
        model = self.list.currentIndex().data(Role.MODEL)
        if model is not None:
            self.model_chosen.emit(model)

    def _fit(self) -> None:
        self._column.setContentsMargins(space(self, 2), space(self, 2), space(self, 2), space(self, 2))
        self._column.setSpacing(space(self))
        self._buttons.setSpacing(space(self))
        room = self.screen().availableGeometry().size()
        self.resize(min(em(self, 36), room.width() * 9 // 10), min(em(self, 30), room.height() * 9 // 10))
