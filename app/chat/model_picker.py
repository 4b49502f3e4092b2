"""The model picker: which model answers in this chat, and whether it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QEvent, QLocale, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QIcon, QPalette, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QSizePolicy, QToolButton, QWidget, QWidgetAction

from app.providers.texts import reach_name
from app.theme import em, icon
from app.widgets.drawing import progress_ring
from app.widgets.fitting import follow_font

# How far what is written goes: on the button, whatever its size.
SIGNS = {"machine": "server", "network": "network", "internet": "globe"}
MANY, SHOWN = 12, 40  # models from which on they are grouped and looked for by words; those that are shown at once


class LoadState(Enum):
    EMPTY = "empty"
    LOADING = "loading"
    LOADED = "loaded"
    BROKEN = "broken"


@dataclass(frozen=True)
class Load:
    """How a model stands: the file it is about, how far loading is, what it takes, why it could not be loaded.

    memory_bytes: what its worker takes. foreseen, measured: bytes of the model alone, as it was predicted and as it is.
    """

    state: LoadState = LoadState.EMPTY
    path: str = ""
    percent: int = 0
    memory_bytes: int | None = None
    problem: str = ""
    foreseen: int | None = None
    measured: int | None = None


@dataclass(frozen=True)
class Choice:
    """A model to choose. `problem`: why it cannot be, in a sentence; empty where it can."""

    name: str
    form: str
    problem: str = ""
    parameters: int | None = None
    size_bytes: int | None = None
    group: str = ""  # the heading it stands under, where there are many
    reach: str = ""  # of a model of a server: how far what is written goes, as `base.REACHES` has it

    def has(self, word: str) -> bool:
        """Whether a word, in small letters, is in its name or begins one of its group's."""
        return word in self.name.casefold() or any(part.startswith(word) for part in self.group.casefold().split())


class ModelPicker(QToolButton):
    """A button with a menu. The owner fills the menu when `opening` is emitted, by `set_choices`."""

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
        self._rows: list[tuple[QAction, Choice | None]] = []  # of the menu: models, and headings without one
        self._filter: QLineEdit | None = None  # where there are many
        self._rest: QAction | None = None  # says what is not shown
        self._shown = self._state_shown = ""  # on the button: all of it, and what it says of the state
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        follow_font(self, lambda: self.setIconSize(QSize(em(self, 0.8), em(self, 0.8))))
        menu = QMenu(self)
        menu.setToolTipsVisible(False)  # names and reasons come from files, and Qt would look for markup in them
        menu.aboutToShow.connect(self.opening)
        self.setMenu(menu)
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
        if event.type() is QEvent.Type.PaletteChange:
            self._show()

    def set_choices(self, choices: list[Choice]) -> None:
        menu = self.menu()
        typed = "" if self._filter is None else self._filter.text()
        menu.clear()
        self._filter = self._rest = None
        self._rows = []
        many = len(choices) > MANY
        grouped = many or any(choice.reach for choice in choices)
        if grouped:
            places = {choice.group: place for place, choice in reversed(list(enumerate(choices)))}
            choices = sorted(choices, key=lambda choice: places[choice.group])  # a group stands where it is first met
        if many:
            self._add_filter(menu, typed)
        group = QActionGroup(menu)
        for place, choice in enumerate(choices):
            if grouped and choice.group and (place == 0 or choices[place - 1].group != choice.group):
                heading = menu.addAction(_escaped(choice.group))
                heading.setEnabled(False)
                self._rows.append((heading, None))
            action = self._add_choice(menu, choice)
            action.setActionGroup(group)
            self._rows.append((action, choice))
        if many:
            self._rest = menu.addAction("")
            self._rest.setEnabled(False)
            self._show_matching(typed)
        menu.addSeparator()
        menu.addAction(self.tr("Add model file…")).triggered.connect(lambda: self.add_file_requested.emit())
        menu.addAction(self.tr("Add model folder…")).triggered.connect(lambda: self.add_folder_requested.emit())
        menu.addAction(self.tr("Manage models…")).triggered.connect(lambda: self.manage_requested.emit())
        menu.addSeparator()
        colour = self.palette().color(QPalette.ColorRole.PlaceholderText)
        again = menu.addAction(icon("rotate-ccw", colour), self.tr("Load the model again"))
        again.setEnabled(self.state in (LoadState.LOADED, LoadState.BROKEN))
        again.triggered.connect(lambda: self.reload_requested.emit())
        unload = menu.addAction(icon("power", colour), self.tr("Unload the model"))
        unload.setEnabled(self.state is LoadState.LOADED)
        unload.triggered.connect(lambda: self.unload_requested.emit())

    def _add_choice(self, menu: QMenu, choice: Choice) -> QAction:
        room = min(em(self, 36), self.screen().availableGeometry().width() - em(self, 6))
        text = "  ·  ".join([choice.name, *self._facts(choice)])
        drawing = SIGNS.get(choice.reach, "")
        action = menu.addAction(_escaped(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)))
        if drawing and choice.name != self._name:  # the one that is chosen has a tick there
            action.setIcon(icon(drawing, self.palette().color(QPalette.ColorRole.PlaceholderText)))
        action.setCheckable(True)
        action.setChecked(choice.name == self._name)
        action.setEnabled(not choice.problem)
        action.triggered.connect(lambda _: self.chosen.emit(choice.name))
        return action

    def _add_filter(self, menu: QMenu, typed: str) -> None:
        """A field above the models; keys that are none of its own move along them."""
        self._filter = QLineEdit(placeholderText=self.tr("Look for a model"), clearButtonEnabled=True)
        self._filter.setAccessibleName(self.tr("Look for a model"))
        self._filter.setText(typed)
        self._filter.textChanged.connect(self._show_matching)
        holder = QWidgetAction(menu)
        holder.setDefaultWidget(self._filter)
        menu.addAction(holder)
        menu.setActiveAction(holder)
        self._filter.setFocus()

    def _show_matching(self, text: str) -> None:
        """The first of those that have all the words; a heading stands where something stands below it."""
        words, shown, left = text.casefold().split(), 0, 0
        heading: QAction | None = None
        for action, choice in self._rows:
            if choice is None:
                heading = action
                heading.setVisible(False)
                continue
            matches = all(map(choice.has, words))
            visible = matches and shown < SHOWN
            action.setVisible(visible)
            shown += visible
            left += matches and not visible
            if visible and heading is not None:
                heading.setVisible(True)
        if self._rest is not None:
            text = self.tr("{count} more: type a part of a name") if left else self.tr("No model has these words.")
            self._rest.setText(text.format(count=QLocale().toString(left)))
            self._rest.setVisible(bool(left) or not shown)

    def _facts(self, choice: Choice) -> list[str]:
        """What is worth knowing before one chooses; of a model that cannot be used, only why."""
        problem = choice.problem or (self._load.problem if choice.name == self._name else "")
        if problem:
            return [problem]
        facts = [reach_name(choice.reach)] if choice.reach else []
        if choice.parameters:
            facts.append(self.tr("{count} parameters").format(count=short_count(choice.parameters)))
        if choice.size_bytes:
            facts.append(_bytes(choice.size_bytes))
        if choice.name == self._name and self._load.memory_bytes:
            facts.append(self.tr("{size} in memory").format(size=_bytes(self._load.memory_bytes)))
        return [*facts, choice.form]

    # --- the button ---------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        state = {
            LoadState.EMPTY: self.tr("not loaded"),
            LoadState.LOADING: self.tr("loading {percent} %").format(percent=self._load.percent),
            LoadState.LOADED: self.tr("ready"),
            LoadState.BROKEN: self.tr("cannot be loaded"),
        }[self.state]
        self.setIcon(self._sign())
        if self._reach and self.state is not LoadState.BROKEN:  # nothing of it is loaded here
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
                rest, side = colours.color(role.Mid), self.iconSize().width()
                return QIcon(progress_ring(self._load.percent, accent, rest, side, self.devicePixelRatio()))
            case LoadState.LOADED:
                return icon("radio-on", accent)
            case LoadState.BROKEN:
                return icon("circle-alert", colours.color(role.BrightText))
        return icon("circle", muted)

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
        self.setText(_escaped(self._shown))

    def _frame(self) -> int:
        """What the button has around its text."""
        return super().sizeHint().width() - self._advance(self._shown)

    def _advance(self, text: str) -> int:
        return self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, _escaped(text)).width()  # as the button does


def _button_text(name: str, state: str) -> str:
    return f" {name}{state}  ▾"


def _bytes(count: int) -> str:
    return QLocale().formattedDataSize(count, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def short_count(count: int) -> str:
    """`8.4M`, `1.2B`: as models are named."""
    for unit, size in (("B", 10**9), ("M", 10**6), ("K", 10**3)):
        if count >= size:
            return f"{QLocale().toString(count / size, 'f', 1 if count < 100 * size else 0)}{unit}"
    return str(count)


def _escaped(text: str) -> str:
    """In menus and on buttons an ampersand marks a shortcut."""
    return text.replace("&", "&&")
