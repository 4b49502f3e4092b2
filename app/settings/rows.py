"""One option, one row: its name, the control its kind asks for, its sentence, and the way back to the default."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale, QSize, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.settings.texts import Title, small_label
from app.theme import em
from app.widgets.flow import FlowLayout
from engine import hardware
from engine.settings import OPTIONS, Option, Value

_SLACK = 4  # pixels by which Qt takes large text for too narrow


def title_of(option: Option) -> str:
    return QCoreApplication.translate("settings", option.title)


def sentence_of(option: Option) -> str:
    return QCoreApplication.translate("settings", option.sentence)


class Row(QWidget):
    """A name with controls beside it and a sentence beneath. `words` is what the search looks through."""

    def __init__(self, title: str, sentence: str, *controls: QWidget) -> None:
        super().__init__()
        self.words = f"{title} {sentence}"
        self.title, self.sentence = Title(title), small_label(sentence)
        self.line = FlowLayout(spacing=em(self, 0.5))
        self.line.addWidget(self.title)
        for control in controls:
            self.line.addWidget(control)
            if not control.accessibleName():
                control.setAccessibleName(title)
            control.setAccessibleDescription(sentence)
        if controls:
            self.title.setBuddy(controls[0])
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, em(self, 0.5), 0, em(self, 0.5))
        self.column.setSpacing(em(self, 0.2))
        self.column.addLayout(self.line)
        self.column.addWidget(self.sentence)

    def matches(self, text: str) -> bool:
        return all(word in self.words.casefold() for word in text.casefold().split())


class OptionRow(Row):
    """Shows the value of an option; `changed` says that the person wants another one."""

    changed = Signal(str, object)

    def __init__(self, option: Option, control: QWidget) -> None:
        self.option, self.control = option, control
        self._reset = QPushButton(self.tr("Reset"))
        self._reset.setObjectName("reset")
        self._reset.setAccessibleName(self.tr("Reset: {option}").format(option=title_of(option)))
        super().__init__(title_of(option), sentence_of(option), control)
        self.line.addWidget(self._reset)
        self._reset.clicked.connect(self._reset_now)

    def show_value(self, value: Value) -> None:
        blocked = self.control.blockSignals(True)
        self._put(value)
        self.control.blockSignals(blocked)
        self._reset.setVisible(value != self.option.default)

    def _put(self, value: Value) -> None:
        raise NotImplementedError

    def _want(self, value: Value) -> None:
        self.changed.emit(self.option.name, value)

    def _reset_now(self) -> None:
        self.control.setFocus()  # the button goes away
        self._want(self.option.default)


class ChoiceRow(OptionRow):
    """One of several, in a list that opens."""

    def __init__(self, option: Option) -> None:
        self._box = ChoiceBox()
        super().__init__(option, self._box)
        for choice in option.choices:
            self._box.addItem(choice_name(option.name, choice), choice)
            self.words += f" {choice_name(option.name, choice)}"
        self._box.currentIndexChanged.connect(lambda index: self._want(self._box.itemData(index)))

    def _put(self, value: Value) -> None:
        self._box.setCurrentIndex(self._box.findData(value))


class NumberRow(OptionRow):
    """A whole number within its limits; 0 may have a name of its own."""

    def __init__(self, option: Option, suffix: str = "", step: int = 1, zero: str = "") -> None:
        self._field = NumberField()
        self._field.setRange(int(option.least), int(option.most))
        self._field.setSingleStep(step)
        self._field.setSuffix(suffix)
        self._field.setSpecialValueText(zero)
        self._field.setKeyboardTracking(False)  # a number is meant once it is written
        super().__init__(option, self._field)
        self._field.lineEdit().setAccessibleName(title_of(option))  # a screen reader meets it on its own
        self._field.valueChanged.connect(self._want)

    def _put(self, value: Value) -> None:
        assert isinstance(value, int)
        self._field.setValue(value)


class SwitchRow(OptionRow):
    """On or off."""

    def __init__(self, option: Option) -> None:
        self._switch = QCheckBox()
        super().__init__(option, self._switch)
        self._switch.toggled.connect(self._want)

    def _put(self, value: Value) -> None:
        self._switch.setChecked(bool(value))


class TextRow(OptionRow):
    """A line of text; it is meant once it is written."""

    def __init__(self, option: Option) -> None:
        self._field = QLineEdit()
        self._field.setMinimumWidth(em(self._field, 12))
        self._field.setMaximumWidth(em(self._field, 30))
        super().__init__(option, self._field)
        self._field.editingFinished.connect(lambda: self._want(self._field.text().strip()))

    def _put(self, value: Value) -> None:
        self._field.setText(str(value))


def make_row(name: str) -> OptionRow:
    """The row that fits the option."""
    option = OPTIONS[name]
    if option.kind is bool:
        return SwitchRow(option)
    if option.choices:
        return ChoiceRow(option)
    if option.kind is str:
        return TextRow(option)
    translate = QCoreApplication.translate
    match name:
        case "threads":
            automatic = translate("settings", "automatic ({count})").format(count=hardware.threads_for("chat"))
            return NumberRow(option, zero=automatic)
        case "keep_backups":
            return NumberRow(option, zero=translate("settings", "none by itself"))
        case "kept_states_gb":
            return NumberRow(option, suffix=" GB", zero=translate("settings", "none"))
        case "download_limit":
            return NumberRow(option, suffix=" kB/s", step=100, zero=translate("settings", "none"))
        case _:
            percent = name.endswith("_percent")
            return NumberRow(option, suffix=" %" if percent else "", step=5 if percent else 1)


def choice_name(option: str, choice: str) -> str:
    """What a choice is called in the person's language; a language is called as its speakers do."""
    translate = QCoreApplication.translate
    names = {
        "system": translate("settings", "As the system"),
        "light": translate("settings", "Light"),
        "dark": translate("settings", "Dark"),
        "contrast": translate("settings", "High contrast"),
        "normal": translate("settings", "Normal"),
        "detailed": translate("settings", "Detailed"),
    }
    if option == "language" and choice not in names:
        return QLocale(choice).nativeLanguageName() or choice
    return names.get(choice, choice)


class ChoiceBox(QComboBox):
    """The wheel scrolls the page; it changes a value only where the person is at it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        return super().sizeHint() + QSize(_SLACK, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


class NumberField(QSpinBox):
    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.PlusMinus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event) if self.hasFocus() else event.ignore()
