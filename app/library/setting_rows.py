"""One setting of a model, one row: its name, a control, a sentence, and the way back to what it is by itself."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.settings.rows import ChoiceBox, NumberField, Row
from app.settings.texts import Title
from app.theme import em, space
from app.widgets.buttons import IconButton, asking_button
from app.widgets.fitting import follow_font

Adapters = tuple[tuple[str, float], ...]
STRONGEST = 4.0  # an adapter laid over a model so many times as strongly as it was trained says little that is sound


class SettingRow(Row):
    """Shows a value; `changed(name, value)` says that the person wants another one."""

    changed = Signal(str, object)

    def __init__(self, name: str, *controls: QWidget) -> None:
        title, sentence = _texts(name)
        super().__init__(title, sentence, *controls)
        self.name = name
        self._controls = controls
        self.reset = QPushButton(self.tr("Reset"))
        self.reset.setObjectName("reset")
        self.reset.setAccessibleName(self.tr("Reset: {option}").format(option=title))
        self.reset.clicked.connect(self._reset)
        self.line.addWidget(self.reset)

    def show_value(self, value: Any) -> None:
        for control in self._controls:
            control.blockSignals(True)
        self._put(value)
        for control in self._controls:
            control.blockSignals(False)
        self.reset.setVisible(value is not None)

    def _put(self, value: Any) -> None:
        raise NotImplementedError

    def _reset(self) -> None:
        self._controls[0].setFocus()  # the button goes away
        self.changed.emit(self.name, None)


class NumberRow(SettingRow):
    """A whole number; `automatic` stands for None."""

    def __init__(self, name: str, least: int, most: int, automatic: int, step: int = 1) -> None:
        self._field, self._automatic = _CountField(), automatic
        self._field.setRange(least, most)
        self._field.setSingleStep(step)
        self._field.setSpecialValueText(QCoreApplication.translate("library", "automatic"))
        self._field.setKeyboardTracking(False)  # a number is meant once it is written
        super().__init__(name, self._field)
        self._field.lineEdit().setAccessibleName(_texts(name)[0])  # a screen reader meets it on its own
        self._field.valueChanged.connect(lambda value: self.changed.emit(name, None if value == automatic else value))

    def _put(self, value: Any) -> None:
        self._field.setValue(self._automatic if value is None else int(value))


class _CountField(NumberField):
    """-1 is written as what it means."""

    def textFromValue(self, value: int) -> str:
        return QCoreApplication.translate("library", "all") if value == -1 else super().textFromValue(value)

    def valueFromText(self, text: str) -> int:
        everything = QCoreApplication.translate("library", "all")
        return -1 if text.strip() == everything else super().valueFromText(text)


class ChoiceRow(SettingRow):
    def __init__(self, name: str, choices: tuple[Any, ...]) -> None:
        self._box, self._choices = ChoiceBox(), choices
        super().__init__(name, self._box)
        for choice in choices:
            self._box.addItem(_choice_name(choice))
        self._box.currentIndexChanged.connect(lambda place: self.changed.emit(name, choices[place]))

    def _put(self, value: Any) -> None:
        self._box.setCurrentIndex(self._choices.index(value))


class ActionRow(SettingRow):
    """What is chosen elsewhere: a button that leads there and says what it is now. `wanted`: it was pressed."""

    wanted = Signal()

    def __init__(self, name: str) -> None:
        self.button = asking_button("")
        super().__init__(name, self.button)
        self.button.clicked.connect(self.wanted)

    def _put(self, value: Any) -> None:
        translate = QCoreApplication.translate
        if self.name == "template":
            text = translate("library", "Edit…") if value is None else translate("library", "Edit yours…")
        else:
            text = translate("library", "Choose…") if value is None else str(value)
        self.button.setText(self.button.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, space(self, 24)))
        self.button.setAccessibleName(f"{_texts(self.name)[0]}: {text}")


class AdaptersRow(SettingRow):
    """Each adapter with its strength, and the way to a further one."""

    add_requested = Signal()

    def __init__(self) -> None:
        self._add = asking_button(QCoreApplication.translate("library", "Add…"))
        super().__init__("adapters", self._add)
        self._add.clicked.connect(self.add_requested)
        self._value: Adapters = ()
        self._lines = QVBoxLayout()
        self.column.addLayout(self._lines)
        follow_font(self, lambda: self._lines.setSpacing(space(self, 0.5)))

    @property
    def value(self) -> Adapters:
        return self._value

    def _put(self, value: Any) -> None:
        wanted: Adapters = tuple(value or ())
        if [path for path, _ in wanted] != [path for path, _ in self._value]:
            self._fill(wanted)
        self._value = wanted

    def _fill(self, adapters: Adapters) -> None:
        while item := self._lines.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for place, (path, strength) in enumerate(adapters):
            line = AdapterLine(Path(path).stem, strength)
            line.changed.connect(partial(self._set_strength, place))
            line.removed.connect(partial(self._remove, place))
            self._lines.addWidget(line)

    def _set_strength(self, place: int, strength: float) -> None:
        adapters = list(self._value)
        adapters[place] = adapters[place][0], strength
        self.changed.emit(self.name, tuple(adapters))

    def _remove(self, place: int) -> None:
        self._add.setFocus()  # the line goes away
        left = self._value[:place] + self._value[place + 1 :]
        self.changed.emit(self.name, left or None)


class AdapterLine(QWidget):
    """An adapter's name, how strongly it is laid over the model, and the way to be rid of it."""

    changed = Signal(float)
    removed = Signal()

    def __init__(self, name: str, strength: float) -> None:
        super().__init__()
        self.strength = QDoubleSpinBox()
        self.strength.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.PlusMinus)
        self.strength.setRange(-STRONGEST, STRONGEST)
        self.strength.setSingleStep(0.1)
        self.strength.setValue(strength)
        self.strength.setKeyboardTracking(False)
        words = self.tr("Strength of {name}").format(name=name)
        self.strength.setAccessibleName(words)
        self.strength.lineEdit().setAccessibleName(words)
        self.strength.valueChanged.connect(self.changed)
        remove = IconButton("x", self.tr("Detach {name}").format(name=name))
        remove.clicked.connect(self.removed)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(Title(name), 1)
        line.addWidget(self.strength)
        line.addWidget(remove)
        follow_font(self, lambda: line.setSpacing(em(self, 0.5)))


def _choice_name(choice: Any) -> str:
    translate = QCoreApplication.translate
    names = {
        None: translate("library", "automatic"),
        True: translate("library", "on"),
        False: translate("library", "off"),
        "none": translate("library", "none"),
        "lookup": translate("library", "from the text itself"),
        "draft": translate("library", "by a smaller model"),
    }
    return names.get(choice, str(choice))


def _texts(name: str) -> tuple[str, str]:
    """Title and sentence."""
    translate = QCoreApplication.translate
    return {
        "context": (
            translate("library", "Context"),
            translate("library", "Tokens it sees at once. A longer context takes more memory."),
        ),
        "gpu_layers": (
            translate("library", "Layers on the graphics card"),
            translate("library", "As many as fit, all, or none. Without a graphics card it changes nothing."),
        ),
        "threads": (
            translate("library", "Threads"),
            translate("library", "Processor threads it computes with. By itself as in the settings."),
        ),
        "batch": (
            translate("library", "Batch"),
            translate("library", "Tokens of a prompt read at once. A smaller batch takes less memory."),
        ),
        "flash_attention": (
            translate("library", "Flash attention"),
            translate("library", "Less memory for long contexts, and mostly faster."),
        ),
        "cache_type": (
            translate("library", "Kind of cache"),
            translate("library", "Numbers the context is kept in: q8_0 halves its memory and costs little quality."),
        ),
        "mmap": (
            translate("library", "Read the file as needed"),
            translate("library", "The system keeps what it can of the file in memory (mmap). Loads faster."),
        ),
        "mlock": (
            translate("library", "Keep in memory"),
            translate("library", "The system may not move it to the disk while it is loaded (mlock)."),
        ),
        "speculation": (
            translate("library", "Guess ahead"),
            translate("library", "Several tokens are guessed and checked at once: the same text, sooner."),
        ),
        "draft_model": (
            translate("library", "The smaller model"),
            translate("library", "It guesses. It needs the same vocabulary."),
        ),
        "adapters": (
            translate("library", "Adapters"),
            translate("library", "What was learnt on top, laid over the model as strongly as you like."),
        ),
        "template": (
            translate("library", "Chat template"),
            translate("library", "How a conversation is written for the model, in Jinja."),
        ),
    }[name]
