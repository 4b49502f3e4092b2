"""All settings of a training: every key of its recipe, with its value, why it has it, and the way to another one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication, QSize, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.settings.rows import ChoiceBox, Row
from app.settings.texts import small_label
from app.theme import em, set_text_role, space
from app.widgets.buttons import asking_button
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label
from engine.training import recipe as recipes
from engine.training.recipe import KEYS, Key

FIXED = ("data", "columns")  # what was dropped, and how it is read, is told by the card above
HIDDEN = ("out",)  # the window gives each run a folder of its own
WIDEST_EM, FIELD_EM = 46, 16
# The key each group begins with.
_GROUPS = (
    "method",
    "shape",
    "max_length",
    "optimizer",
    "evaluate_every",
    "precision",
    "lora.rank",
    "dpo.loss",
    "classify.layers",
)


class RecipeForm(QWidget):
    """`changed(key, value)`: the person wants this value. `reset_requested(key)`: the one that follows by itself."""

    changed = Signal(str, object)
    reset_requested = Signal(str)
    load_requested = Signal()
    save_requested = Signal()
    copy_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = {name: KeyRow(key) for name, key in KEYS.items() if name not in HIDDEN}
        for row in self.rows.values():
            row.changed.connect(self.changed)
            row.reset_requested.connect(self.reset_requested)
        self.search = QLineEdit(placeholderText=self.tr("Look for a setting"), clearButtonEnabled=True)
        self.search.setAccessibleName(self.tr("Look for a setting"))
        self.search.textChanged.connect(lambda _: self._filter())
        self.load_button = asking_button(self.tr("Load a recipe…"))
        self.save_button = asking_button(self.tr("Save the recipe…"))
        self.copy_button = QPushButton(self.tr("Copy the command"))
        self.copy_button.setAccessibleDescription(self.tr("The command that does the same training in a terminal."))
        self.load_button.clicked.connect(self.load_requested)
        self.save_button.clicked.connect(self.save_requested)
        self.copy_button.clicked.connect(self.copy_requested)
        self._tools = FlowLayout()
        for button in (self.load_button, self.save_button, self.copy_button):
            self._tools.addWidget(button)
        self._headings = {name: plain_label(group_name(name)) for name in _GROUPS}
        self._method = ""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._tools)
        self._column.addWidget(self.search)
        for group, names in _grouped():
            heading = self._headings[group]
            set_text_role(heading, "heading")
            self._column.addWidget(heading)
            for name in names:
                self._column.addWidget(self.rows[name])
        follow_font(self, self._fit)

    def show_plan(self, recipe: Mapping[str, Any], reasons: Mapping[str, str], changed: Collection[str]) -> None:
        """recipe: every key with a value. changed: the keys that the person gave a value."""
        self._method = str(recipe["method"])
        for name, row in self.rows.items():
            row.show_value(recipe.get(name), reasons.get(name, ""), name in changed)
        self._filter()

    def show_refusal(self, key: str, text: str) -> bool:
        """Say at a key why it is refused, and bring it into view; whether there is such a key."""
        row = self.rows.get(key)
        if row is None:
            return False
        row.show_refusal(text)
        row.show()
        return True

    def _filter(self) -> None:
        """Show what means something in this method and has the words looked for."""
        for group, names in _grouped():
            shown = [
                name
                for name in names
                if self._method in KEYS[name].methods and self.rows[name].matches(self.search.text())
            ]
            for name in names:
                self.rows[name].setVisible(name in shown)
            self._headings[group].setVisible(bool(shown))

    def _fit(self) -> None:
        self.setMaximumWidth(em(self, WIDEST_EM))
        for heading in self._headings.values():
            heading.setContentsMargins(0, space(self, 2), 0, 0)
        self._column.setSpacing(space(self, 0.6))
        self._tools.setSpacing(space(self))
        self.search.setMaximumWidth(em(self, 30))


class KeyRow(Row):
    """A key, the control its kind asks for, what it means, why it has its value, and why a value is refused."""

    changed = Signal(str, object)
    reset_requested = Signal(str)

    def __init__(self, key: Key) -> None:
        self.key = key
        self.control = _control(key)
        title = QCoreApplication.translate("recipe", key.name)
        super().__init__(title, QCoreApplication.translate("recipe", key.help), self.control)
        self._value: Any = None
        self.reset = QPushButton(self.tr("Reset"))
        self.reset.setObjectName("reset")
        self.reset.setAccessibleName(self.tr("Reset: {option}").format(option=title))
        self.reset.clicked.connect(self._reset)
        self.line.addWidget(self.reset)
        self._reason, self._refusal = small_label(), small_label()
        self._refusal.setProperty("muted", False)
        self._refusal.setProperty("refused", True)
        self.column.addWidget(self._reason)
        self.column.addWidget(self._refusal)
        self._refusal.hide()
        match self.control:
            case ChoiceBox():
                self.control.currentIndexChanged.connect(lambda _: self._want(self.control.currentData()))
            case QCheckBox():
                self.control.toggled.connect(self._want)
            case QLineEdit():
                self.control.editingFinished.connect(self._want_text)
                self.control.setReadOnly(key.name in FIXED)

    def show_value(self, value: Any, reason: str, changed: bool) -> None:
        self._value = value
        blocked = self.control.blockSignals(True)
        match self.control:
            case ChoiceBox():
                self.control.setCurrentIndex(max(0, self.control.findData(value)))
            case QCheckBox():
                self.control.setChecked(bool(value))
            case QLineEdit():
                self.control.setText(as_text(value))
                self.control.setCursorPosition(0)
        self.control.blockSignals(blocked)
        self._reason.setText("" if changed or not reason else self.tr("Here because {reason}.").format(reason=reason))
        self._reason.setVisible(bool(self._reason.text()))
        self.reset.setVisible(changed)
        self._refusal.hide()

    def show_refusal(self, text: str) -> None:
        self._refusal.setText(text)
        self._refusal.show()
        self.reset.show()
        self._reason.hide()

    def _want(self, value: Any) -> None:
        if value is None:
            self.reset_requested.emit(self.key.name)
        else:
            self.changed.emit(self.key.name, value)

    def _want_text(self) -> None:
        assert isinstance(self.control, QLineEdit)
        text = self.control.text().strip()
        if self.control.isReadOnly() or text == as_text(self._value):
            return
        self._want(recipes.parse_setting(f"{self.key.name}={text}")[1] if text else None)

    def _reset(self) -> None:
        self.control.setFocus()  # the button goes away
        self.reset_requested.emit(self.key.name)


def as_text(value: Any) -> str:
    """As it is written in the field."""
    match value:
        case None:
            return ""
        case list() | tuple():
            return ", ".join(map(str, value))
        case float():
            return f"{value:.10g}"
        case _:
            return str(value)


def group_name(first: str) -> str:
    translate = QCoreApplication.translate
    return {
        "method": translate("training", "What is learnt"),
        "shape": translate("training", "The model"),
        "max_length": translate("training", "Batches and length"),
        "optimizer": translate("training", "Optimization"),
        "evaluate_every": translate("training", "Along the way"),
        "precision": translate("training", "The machine"),
        "lora.rank": translate("training", "The adapter"),
        "dpo.loss": translate("training", "Preferences"),
        "classify.layers": translate("training", "Labels"),
    }[first]


def _grouped() -> Iterator[tuple[str, list[str]]]:
    names = [name for name in KEYS if name not in HIDDEN]
    places = [names.index(first) for first in _GROUPS]
    for place, end in zip(places, [*places[1:], len(names)], strict=True):
        yield names[place], names[place:end]


def _control(key: Key) -> QWidget:
    if key.kind is bool:
        return QCheckBox()
    if key.choices:
        box = ChoiceBox()
        box.addItem(QCoreApplication.translate("training", "by itself"), None)
        for choice in key.choices:
            box.addItem(QCoreApplication.translate("recipe", str(choice)), choice)
        return box
    field = _Field()
    field.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    field.setPlaceholderText(QCoreApplication.translate("training", "by itself"))
    return field


class _Field(QLineEdit):
    """All alike in width, so that they stand in a column."""

    def sizeHint(self) -> QSize:
        return QSize(em(self, FIELD_EM), super().sizeHint().height())
