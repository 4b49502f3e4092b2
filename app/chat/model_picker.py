"""The model picker: which model answers in this chat, and whether it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QPalette
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.theme import em, icon


class LoadState(Enum):
    EMPTY = "empty"
    LOADING = "loading"
    LOADED = "loaded"


@dataclass(frozen=True)
class Choice:
    """A model to choose. `problem`: why it cannot be, in a sentence; empty where it can."""

    name: str
    form: str
    problem: str = ""


class ModelPicker(QToolButton):
    """A button with a menu. The owner fills the menu when `opening` is emitted, by `set_choices`."""

    opening = Signal()
    chosen = Signal(str)
    add_file_requested = Signal()
    add_folder_requested = Signal()
    unload_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._state, self._percent = "", LoadState.EMPTY, 0
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(em(self, 0.8), em(self, 0.8)))
        menu = QMenu(self)
        menu.setToolTipsVisible(False)  # names and reasons come from files, and Qt would look for markup in them
        menu.aboutToShow.connect(self.opening)
        self.setMenu(menu)
        self._show()

    def set_model(self, name: str) -> None:
        self._name = name
        self._show()

    def set_state(self, state: LoadState, percent: int = 0) -> None:
        self._state, self._percent = state, percent
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._show()

    @property
    def state(self) -> LoadState:
        return self._state

    def set_choices(self, choices: list[Choice]) -> None:
        menu = self.menu()
        menu.clear()
        group = QActionGroup(menu)
        for choice in choices:
            text = f"{choice.name}  ·  {choice.problem or choice.form}"
            action = menu.addAction(
                _escaped(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, em(self, 36)))
            )
            action.setCheckable(True)
            action.setChecked(choice.name == self._name)
            action.setEnabled(not choice.problem)
            action.setActionGroup(group)
            action.triggered.connect(lambda _, name=choice.name: self.chosen.emit(name))
        menu.addSeparator()
        menu.addAction(self.tr("Add model file…")).triggered.connect(lambda: self.add_file_requested.emit())
        menu.addAction(self.tr("Add model folder…")).triggered.connect(lambda: self.add_folder_requested.emit())
        menu.addSeparator()
        unload = menu.addAction(self.tr("Unload the model"))
        unload.setEnabled(self._state is LoadState.LOADED)
        unload.triggered.connect(lambda: self.unload_requested.emit())

    def _show(self) -> None:
        state = {
            LoadState.EMPTY: self.tr("not loaded"),
            LoadState.LOADING: self.tr("loading {percent} %").format(percent=self._percent),
            LoadState.LOADED: self.tr("ready"),
        }[self._state]
        name = self.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideMiddle, em(self, 16))
        ready = self._state is LoadState.LOADED
        role = QPalette.ColorRole.Highlight if ready else QPalette.ColorRole.PlaceholderText
        self.setIcon(icon("dot" if ready else "ring", self.palette().color(role)))
        shown = f" {name}  ·  {state}" if state and self._state is not LoadState.EMPTY else f" {name}"
        self.setText(_escaped(f"{shown}  ▾"))
        self.setAccessibleName(self.tr("Model: {name} {state}").format(name=self._name, state=state))


def _escaped(text: str) -> str:
    """In menus and on buttons an ampersand marks a shortcut."""
    return text.replace("&", "&&")
