"""The page of models: those on this computer, and beside them whatever else leads to models."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.library.view import LocalModels
from app.settings.texts import Title
from app.theme import em, space
from app.widgets.choices import Segments
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout

TITLE_EM = 24  # in narrower windows its views alone say what the page is


class ModelsPage(QWidget):
    """A shell: a heading with a choice of views, once there are several. `shown`: the page has come into view."""

    shown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.local = LocalModels()
        self._title = Title(self.tr("Models"))
        self._title.setProperty("role", "title")
        self._views = dict[str, tuple[str, QWidget]]()
        self._choice: Segments | None = None
        self._stack = QStackedWidget()
        self._stack.setMinimumHeight(1)  # a notice with its buttons comes first where room is short
        self._header = FlowLayout()
        self._header.addWidget(self._title)
        self._margins = QHBoxLayout()
        self._margins.addLayout(self._header)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._margins)
        layout.addWidget(self._stack, 1)
        self.add_view("local", self.tr("All models"), self.local)
        follow_font(self, self._fit)

    def add_view(self, id: str, title: str, view: QWidget) -> None:
        """A further way to models; from the second one on they can be chosen above."""
        self._views[id] = title, view
        self._stack.addWidget(view)
        if len(self._views) > 1:
            if self._choice is not None:
                self._header.takeAt(1)  # by hand: Qt would delete the item, which is Python's
                self._choice.hide()
                self._choice.deleteLater()
            self._choice = Segments([(id, title, "") for id, (title, _) in self._views.items()], wide=False)
            self._choice.chosen.connect(self.show_view)
            self._header.addWidget(self._choice)
            self.show_view(self.view)

    @property
    def view(self) -> str:
        """The id of the one that is shown."""
        return next(id for id, (_, view) in self._views.items() if view is self._stack.currentWidget())

    def show_view(self, id: str) -> None:
        """Raises KeyError for one that there is not."""
        self._stack.setCurrentWidget(self._views[id][1])
        if self._choice is not None:
            self._choice.choose(id)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._title.setVisible(self.width() >= em(self, TITLE_EM))
        self._margins.setContentsMargins(space(self, 2), space(self, 2), space(self, 2), space(self, 1.5))
        self._header.setSpacing(space(self, 2))
