"""The menu of the model picker: the models there are, found by words where there are many, and what else to do."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QPalette
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget, QWidgetAction

from app.chat.load import Load, LoadState
from app.chat.model_picker import SIGNS, escaped
from app.figures import number, short_count, size_text
from app.providers.texts import reach_name
from app.theme import em, icon

MANY, SHOWN = 12, 40  # models from which on they are grouped and looked for by words; those that are shown at once


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


class ModelMenu(QMenu):
    """Filled anew by `fill`, however it stands."""

    chosen = Signal(str)
    add_file_requested = Signal()
    add_folder_requested = Signal()
    manage_requested = Signal()
    unload_requested = Signal()
    reload_requested = Signal()

    def __init__(self, button: QWidget) -> None:
        super().__init__(button)
        self._button = button
        self._name, self._load = "", Load()
        self._rows: list[tuple[QAction, Choice | None]] = []  # models, and headings without one
        self._filter: QLineEdit | None = None  # where there are many
        self._rest: QAction | None = None  # says what is not shown
        self.setToolTipsVisible(False)  # names and reasons come from files, and Qt would look for markup in them

    def fill(self, choices: list[Choice], name: str, load: Load) -> None:
        """name: of the model that is chosen; load: how it stands."""
        self._name, self._load = name, load
        typed = "" if self._filter is None else self._filter.text()
        self.clear()
        self._filter = self._rest = None
        self._rows = []
        many = len(choices) > MANY
        grouped = many or any(choice.reach for choice in choices)
        if grouped:
            places = {choice.group: place for place, choice in reversed(list(enumerate(choices)))}
            choices = sorted(choices, key=lambda choice: places[choice.group])  # a group stands where it is first met
        if many:
            self._add_filter(typed)
        group = QActionGroup(self)
        for place, choice in enumerate(choices):
            if grouped and choice.group and (place == 0 or choices[place - 1].group != choice.group):
                heading = self.addAction(escaped(choice.group))
                heading.setEnabled(False)
                self._rows.append((heading, None))
            action = self._add_choice(choice)
            action.setActionGroup(group)
            self._rows.append((action, choice))
        if many:
            self._rest = self.addAction("")
            self._rest.setEnabled(False)
            self._show_matching(typed)
        self.addSeparator()
        self.addAction(self.tr("Add model file…")).triggered.connect(lambda: self.add_file_requested.emit())
        self.addAction(self.tr("Add model folder…")).triggered.connect(lambda: self.add_folder_requested.emit())
        self.addAction(self.tr("Manage models…")).triggered.connect(lambda: self.manage_requested.emit())
        self.addSeparator()
        colour = self._button.palette().color(QPalette.ColorRole.PlaceholderText)
        again = self.addAction(icon("rotate-ccw", colour), self.tr("Load the model again"))
        again.setEnabled(self._load.state in (LoadState.LOADED, LoadState.BROKEN))
        again.triggered.connect(lambda: self.reload_requested.emit())
        unload = self.addAction(icon("power", colour), self.tr("Unload the model"))
        unload.setEnabled(self._load.state is LoadState.LOADED)
        unload.triggered.connect(lambda: self.unload_requested.emit())

    def _add_choice(self, choice: Choice) -> QAction:
        room = min(em(self._button, 36), self._button.screen().availableGeometry().width() - em(self._button, 6))
        text = "  ·  ".join([choice.name, *self._facts(choice)])
        drawing = SIGNS.get(choice.reach, "")
        action = self.addAction(escaped(self._button.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)))
        if drawing and choice.name != self._name:  # the one that is chosen has a tick there
            action.setIcon(icon(drawing, self._button.palette().color(QPalette.ColorRole.PlaceholderText)))
        action.setCheckable(True)
        action.setChecked(choice.name == self._name)
        action.setEnabled(not choice.problem)
        action.triggered.connect(lambda _: self.chosen.emit(choice.name))
        return action

    def _add_filter(self, typed: str) -> None:
        """A field above the models; keys that are none of its own move along them."""
        self._filter = QLineEdit(placeholderText=self.tr("Look for a model"), clearButtonEnabled=True)
        self._filter.setAccessibleName(self.tr("Look for a model"))
        self._filter.setText(typed)
        self._filter.textChanged.connect(self._show_matching)
        holder = QWidgetAction(self)
        holder.setDefaultWidget(self._filter)
        self.addAction(holder)
        self.setActiveAction(holder)
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
            self._rest.setText(text.format(count=number(left)))
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
            facts.append(size_text(choice.size_bytes))
        if choice.name == self._name and self._load.memory_bytes:
            facts.append(self.tr("{size} in memory").format(size=size_text(self._load.memory_bytes)))
        return [*facts, choice.form]
