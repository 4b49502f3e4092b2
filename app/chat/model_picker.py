"""The model picker: which model answers in this chat, and whether it is loaded."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPalette, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from app.chat.load import Load, LoadState
from app.theme import em, icon
from app.widgets.fitting import follow_font

if TYPE_CHECKING:
    from app.chat.model_menu import Choice, ModelMenu

# How far what is written goes: on the button, whatever its size.
SIGNS = {"machine": "server", "network": "network", "internet": "globe"}


class ModelPicker(QToolButton):
    """A button with a menu, once the owner has filled it by `set_choices`, and again when `opening` is emitted."""

    opening = Signal()
    chosen = Signal(str)
    add_file_requested = Signal()
    add_folder_requested = Signal()
    manage_requested = Signal()
    unload_requested = Signal()
    reload_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._load = "", Load()
        self._reach = ""  # of a model of a server
        self._shown = self._state_shown = ""  # on the button: all of it, and what it says of the state
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        follow_font(self, lambda: self.setIconSize(QSize(em(self, 0.8), em(self, 0.8))))
        self._show()

    def set_model(self, name: str, reach: str = "") -> None:
        """reach: of a model of a server, how far what is written goes."""
        self._name, self._reach = name, reach
        self._show()

    def set_load(self, load: Load) -> None:
        self._load = load
        self._show()

    @property
    def state(self) -> LoadState:
        return self._load.state

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._signed_in != self._muted():
            self._show()

    def set_choices(self, choices: list[Choice]) -> None:
        self._menu.fill(choices, self._name, self._load)

    @cached_property
    def _menu(self) -> ModelMenu:
        from app.chat.model_menu import ModelMenu

        menu = ModelMenu(self)
        menu.aboutToShow.connect(self.opening)
        menu.chosen.connect(self.chosen)
        menu.add_file_requested.connect(self.add_file_requested)
        menu.add_folder_requested.connect(self.add_folder_requested)
        menu.manage_requested.connect(self.manage_requested)
        menu.unload_requested.connect(self.unload_requested)
        menu.reload_requested.connect(self.reload_requested)
        self.setMenu(menu)
        return menu

    # --- the button ---------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        state = {
            LoadState.EMPTY: self.tr("not loaded"),
            LoadState.LOADING: self.tr("loading {percent} %").format(percent=self._load.percent),
            LoadState.LOADED: self.tr("ready"),
            LoadState.BROKEN: self.tr("cannot be loaded"),
        }[self.state]
        self.setIcon(self._sign())
        self._signed_in = self._muted()
        if self._reach and self.state is not LoadState.BROKEN:  # nothing of it is loaded here
            from app.providers.texts import reach_name

            state = reach_name(self._reach)
        self._state_shown = f"  ·  {state}" if self._reach or self.state is not LoadState.EMPTY else ""
        self.setAccessibleName(self.tr("Model: {name} {state}").format(name=self._name, state=state))
        self.setAccessibleDescription(self._load.problem)
        self._fit()
        self.updateGeometry()

    def _sign(self) -> QIcon:
        """A circle: empty, filling, full, or with a mark of trouble."""
        colours, role = self.palette(), QPalette.ColorRole
        accent, muted = colours.color(role.Highlight), colours.color(role.PlaceholderText)
        if self._reach and self.state is not LoadState.BROKEN:
            return icon(SIGNS[self._reach], muted if self._reach == "machine" else accent)
        match self.state:
            case LoadState.LOADING:
                from app.widgets.drawing import progress_ring

                rest, side = colours.color(role.Mid), self.iconSize().width()
                return QIcon(progress_ring(self._load.percent, accent, rest, side, self.devicePixelRatio()))
            case LoadState.LOADED:
                return icon("radio-on", accent)
            case LoadState.BROKEN:
                return icon("circle-alert", colours.color(role.BrightText))
        return icon("circle", muted)

    def _muted(self) -> str:
        """A colour by which palettes differ."""
        return self.palette().color(QPalette.ColorRole.PlaceholderText).name()

    def sizeHint(self) -> QSize:
        name = self.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideMiddle, em(self, 16))
        return QSize(self._frame() + self._advance(_button_text(name, self._state_shown)), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._frame() + em(self, 2.5), super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Name and state; where there is no room for both, the name; at last what there is room for of it."""
        room = self.width() - self._frame()
        whole = self.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideMiddle, em(self, 16))
        left = room - self._advance(_button_text("", ""))
        part = self.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideMiddle, left)
        shown = (_button_text(whole, self._state_shown), _button_text(whole, ""), _button_text(part, ""))
        self._shown = next((text for text in shown if self._advance(text) <= room), shown[-1])
        self.setText(escaped(self._shown))

    def _frame(self) -> int:
        """What the button has around its text."""
        return super().sizeHint().width() - self._advance(self._shown)

    def _advance(self, text: str) -> int:
        return self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, escaped(text)).width()  # as the button does


def _button_text(name: str, state: str) -> str:
    return f" {name}{state}  ▾"


def escaped(text: str) -> str:
    """In menus and on buttons an ampersand marks a shortcut."""
    return text.replace("&", "&&")
