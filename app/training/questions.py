"""Four questions in plain words, answered beforehand as the data suggests: what, which model, how long, how careful.

For a model from nothing one dial stands in the place of the last three.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.settings.rows import ChoiceBox, NumberField
from app.settings.texts import small_label
from app.theme import set_text_role, space
from app.training.dial import Dial
from app.widgets.choices import Cards, Segments
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label

OWN = "own"  # the time is given in minutes
_METHODS = {  # that a goal may lead to
    "style": ("full", "lora"),
    "text": ("continue",),
    "label": ("classify",),
    "preference": ("dpo",),
    "new": ("pretrain",),
}
USUAL_MINUTES, MOST_MINUTES = 30, 7 * 24 * 60


class Questions(QWidget):
    """`changed`: another answer was given. `answers` are as the job `plan` takes them."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.goal = Cards()
        self.goal.chosen.connect(lambda _: self._goal_changed())
        self._other_goals = small_label()
        self.model = ChoiceBox()
        self.model.setAccessibleName(self.tr("Which model shall learn it?"))
        self.model.currentIndexChanged.connect(lambda _: self._model_changed())
        self._about_model = small_label()
        self.time = Segments(
            (
                ("short", self.tr("Short"), self.tr("A few minutes, to see what comes of it.")),
                ("medium", self.tr("Medium"), self.tr("As long as is usual for so much data.")),
                (
                    "long",
                    self.tr("Long"),
                    self.tr("As long as it gets better; it ends by itself when it does not."),
                ),
                (OWN, self.tr("My time"), self.tr("About as long as you say.")),
            )
        )
        self.minutes = NumberField()
        self.minutes.setRange(1, MOST_MINUTES)
        self.minutes.setValue(USUAL_MINUTES)
        self.minutes.setSuffix(self.tr(" min"))
        self.minutes.setKeyboardTracking(False)
        self.minutes.setAccessibleName(self.tr("Minutes"))
        self.minutes.lineEdit().setAccessibleName(self.tr("Minutes"))
        self.minutes.valueChanged.connect(lambda _: self.changed.emit())
        self.time.choose("medium")
        self.time.chosen.connect(lambda _: self._time_changed())
        self.care = Segments(
            (
                ("gentle", self.tr("Gentle"), self.tr("Small changes: it keeps nearly all that it knew.")),
                ("usual", self.tr("Usual"), self.tr("It learns well and keeps most of what it knew.")),
                ("bold", self.tr("Bold"), self.tr("It learns most, and may forget what it knew.")),
            )
        )
        self.care.choose("usual")
        self.care.chosen.connect(lambda _: self.changed.emit())
        self.dial = Dial()
        self.dial.changed.connect(self.changed)
        self._parts = {
            "goal": _Question(self.tr("What shall it learn?"), self.goal, self._other_goals),
            "model": _Question(self.tr("Which model shall learn it?"), self.model, self._about_model),
            "dial": _Question(self.tr("How large, or how long?"), self.dial),
            "time": _Question(self.tr("How long?"), self.time, self.minutes),
            "care": _Question(self.tr("How careful?"), self.care),
        }
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for part in self._parts.values():
            self._column.addWidget(part)
        follow_font(self, lambda: self._column.setSpacing(space(self, 2.5)))
        self.minutes.hide()

    @property
    def answers(self) -> dict[str, Any]:
        if self.goal.choice == "new":
            return {"goal": "new", **self.dial.answers}
        chosen: dict[str, Any] = {"goal": self.goal.choice, "care": self.care.choice}
        chosen["time"] = self.minutes.value() if self.time.choice == OWN else self.time.choice
        chosen["model"] = self.model.currentData()
        return chosen

    def show_kind(self, kind: str) -> None:
        """Offer what such data can teach; the most usual is chosen. An answer that still makes sense stays."""
        goals = goals_of(kind)
        before = self.goal.choice
        self.goal.set_choices(goals)
        if before in [id for id, _, _ in goals]:
            self.goal.choose(before)
        self._other_goals.setText(
            self.tr("Your rows can teach this. To have them teach something else, read them differently.")
            if len(goals) == 1
            else ""
        )
        self._other_goals.setVisible(len(goals) == 1)
        self._parts["goal"].setVisible(bool(goals))
        self._show_parts()

    def show_method(self, method: str) -> None:
        """The goal that a loaded recipe has, without saying so."""
        goal = next((goal for goal, methods in _METHODS.items() if method in methods), "")
        if goal in self.goal.ids:
            self.goal.choose(goal)
            self._show_parts()

    def show_models(self, models: Sequence[tuple[str, str, str]]) -> None:
        """(id, name, what is known of it); the one chosen stays, else it is the first."""
        blocked = self.model.blockSignals(True)
        before = self.model.currentData()
        self.model.clear()
        for index, (id, name, known) in enumerate(models):
            self.model.addItem(name, id)
            self.model.setItemData(index, known, Qt.ItemDataRole.ToolTipRole)
        self.model.setCurrentIndex(max(0, self.model.findData(before)))
        self.model.blockSignals(blocked)
        self._tell_model()

    def choose_model(self, name: str) -> None:
        """Without saying so; a model that is none of those there are is offered beside them."""
        blocked = self.model.blockSignals(True)
        if self.model.findData(name) < 0:
            self.model.addItem(name, name)
        self.model.setCurrentIndex(self.model.findData(name))
        self.model.blockSignals(blocked)
        self._tell_model()

    def _model_changed(self) -> None:
        self._tell_model()
        self.changed.emit()

    def _tell_model(self) -> None:
        """Below the box, where it has room in large type, too."""
        stays = self.tr("It stays as it is: what comes of it is a model of its own.")
        known = self.model.currentData(Qt.ItemDataRole.ToolTipRole)
        self._about_model.setText(f"{known}. {stays}" if known else stays)

    def _goal_changed(self) -> None:
        self._show_parts()
        self.changed.emit()

    def _time_changed(self) -> None:
        self.minutes.setVisible(self.time.choice == OWN)
        self.changed.emit()

    def _show_parts(self) -> None:
        """A model from nothing has no parent, nothing to be careful about, and a dial of its own."""
        for name, part in self._parts.items():
            if name != "goal":
                part.setVisible((name == "dial") == (self.goal.choice == "new"))


class _Question(QWidget):
    def __init__(self, title: str, *parts: QWidget) -> None:
        super().__init__()
        heading = plain_label(title, wrap=True)
        set_text_role(heading, "heading")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(heading)
        for part in parts:
            self._column.addWidget(part)
        follow_font(self, lambda: self._column.setSpacing(space(self)))


def goals_of(kind: str) -> list[tuple[str, str, str]]:
    """(id, title, sentence) of what rows of this kind can teach, the most usual first."""
    translate = QCoreApplication.translate
    style = (
        "style",
        translate("training", "A style or a skill, from examples"),
        translate("training", "It learns to answer as the model does in your file."),
    )
    text = (
        "text",
        translate("training", "Facts or a language, from text"),
        translate("training", "It reads your text and learns to go on as it does."),
    )
    new = (
        "new",
        translate("training", "A new model, from nothing"),
        translate("training", "It begins empty and knows only what your text says."),
    )
    label = (
        "label",
        translate("training", "A label"),
        translate("training", "It learns to tell which label a text has."),
    )
    preference = (
        "preference",
        translate("training", "What you prefer"),
        translate("training", "It learns to write more like the better replies, and less like the worse ones."),
    )
    return {"conversation": [style], "text": [text, new], "labelled": [label], "preference": [preference]}.get(kind, [])
