"""How large a new model becomes: one dial, turned to a size or to the time there is, and all that follows from it.

What follows is the plan's (`engine/training/dial.py`); what other places of the dial would mean is the same arithmetic.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QStyle, QStyleOptionSlider, QVBoxLayout, QWidget

from app.figures import number, short_count, significant
from app.settings.rows import NumberField
from app.settings.texts import Title, small_label
from app.theme import em, space
from app.training.texts import expected_sentence
from app.training.watch.quantities import figure
from app.training.watch.texts import duration_text
from app.widgets.choices import Segments
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label
from engine.training import dial

TIME, SIZE = "time", "size"
# Places of the dial, evenly apart: minutes, and millions of parameters. Every fifth has its name below it.
MINUTES = (1, 2, 3, 4, 6, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 480)
MILLIONS = (2, 3, 4, 5, 7, 10, 15, 25, 40, 60, 100, 150, 200, 300, 500, 1000)
MARKED = 5
USUAL_MINUTES, USUAL_MILLIONS = 20, 5
MOST_MINUTES, MOST_MILLIONS = 7 * 24 * 60, 100_000


class Dial(QWidget):
    """`changed`: it was turned, or a number written. `answers` are those of the job `plan`."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = {TIME: USUAL_MINUTES, SIZE: USUAL_MILLIONS}
        self._speed: tuple[float, int] | None = None  # operations a second, bytes of text
        self.by = Segments(
            (
                (TIME, self.tr("By time"), self.tr("The model that gets most out of the time there is.")),
                (SIZE, self.tr("By size"), self.tr("Trained as long as a model of this size is worth.")),
            )
        )
        self.slider = _Slider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, len(MINUTES) - 1)
        self.slider.setPageStep(MARKED)
        self._marks = _Marks(self.slider)
        self.field = NumberField()
        self.field.setKeyboardTracking(False)
        self._means = Title("")
        self._means.setProperty("muted", True)
        self.follows = Follows()
        self._line = FlowLayout()
        self._line.addWidget(self.field)
        self._line.addWidget(self._means)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for part in (self.by, self.slider, self._marks):
            self._column.addWidget(part)
        self._column.addLayout(self._line)
        self._column.addWidget(self.follows)
        self.by.choose(TIME)
        self.by.chosen.connect(lambda _: self._switch())
        self.slider.valueChanged.connect(lambda place: self._turn(_PLACES[self.by.choice][place]))
        self.field.valueChanged.connect(self._turn)
        follow_font(self, self._fit)
        self._show()

    @property
    def answers(self) -> dict[str, Any]:
        if self.by.choice == SIZE:
            return {"parameters": self._numbers[SIZE] * 1_000_000}
        return {"time": self._numbers[TIME]}

    def show_plan(self, plan: Mapping[str, Any], changed: Collection[str]) -> None:
        """What follows, from a plan for a model from nothing. changed: keys that the person gave a value."""
        about = plan["estimate"]
        self._speed = (about["flops"], about["size_bytes"])
        self.follows.show_plan(plan, changed)
        self._show()

    def _switch(self) -> None:
        self._show()
        self.changed.emit()

    def _turn(self, value: int) -> None:
        self._numbers[self.by.choice] = value
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        by, value = self.by.choice, self._numbers[self.by.choice]
        for control in (self.slider, self.field):
            control.blockSignals(True)
        places = _PLACES[by]
        self.slider.setValue(min(bisect_left(places, value), len(places) - 1))
        self.field.setRange(1, MOST_MINUTES if by == TIME else MOST_MILLIONS)
        self.field.setSuffix(self.tr(" min") if by == TIME else self.tr(" million"))
        self.field.setValue(value)
        for control in (self.slider, self.field):
            control.blockSignals(False)
        what = self.tr("How long it may take") if by == TIME else self.tr("How large it becomes")
        for named in (self.slider, self.field, self.field.lineEdit()):
            named.setAccessibleName(what)
        meant = self._meaning(by, value)
        self._means.setText(meant)
        self.slider.setAccessibleDescription(f"{self.field.text()} {meant}")
        self._marks.show_texts([self._mark(by, places[place]) for place in range(0, len(places), MARKED)])

    def _meaning(self, by: str, value: int) -> str:
        """The other side of the dial, in a few words."""
        if by == SIZE:
            return self.tr("parameters")
        setting = self._setting(by, value)
        if setting is None:
            return ""
        return self.tr("makes about {count} parameters").format(count=short_count(setting.size.parameters))

    def _mark(self, by: str, value: int) -> tuple[str, str]:
        """A place of the dial, and what it means."""
        setting = self._setting(by, value)
        if by == TIME:
            return _time_name(value), short_count(setting.size.parameters) if setting else ""
        if setting is None or self._speed is None:
            return short_count(value * 1_000_000), ""
        work = setting.tokens * dial.operations(setting.size.config)
        return short_count(value * 1_000_000), duration_text(work / self._speed[0] / dial.STEPPING)

    def _setting(self, by: str, value: int) -> dial.Setting | None:
        if self._speed is None:
            return None
        flops, size_bytes = self._speed
        if by == TIME:
            return dial.for_seconds(60 * value, flops, size_bytes)
        return dial.for_parameters(value * 1_000_000, size_bytes)

    def _fit(self) -> None:
        self._column.setSpacing(space(self))
        self._line.setSpacing(space(self))


_PLACES: Mapping[str, Sequence[int]] = {TIME: MINUTES, SIZE: MILLIONS}


class Follows(QWidget):
    """What a dial's place leads to: what to expect of the model, and its numbers, each with its reason."""

    def __init__(self) -> None:
        super().__init__()
        self._expect = plain_label(wrap=True)
        self._facts = {
            "layers": _Fact(self.tr("Depth")),
            "width": _Fact(self.tr("Width")),
            "vocabulary": _Fact(self.tr("Vocabulary")),
            "steps": _Fact(self.tr("Reads")),
            "batch_size": _Fact(self.tr("Batch")),
            "learning_rate": _Fact(self.tr("Learning rate")),
        }
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._expect)
        for fact in self._facts.values():
            self._column.addWidget(fact)
        follow_font(self, lambda: self._column.setSpacing(space(self, 0.8)))
        self.hide()

    def show_plan(self, plan: Mapping[str, Any], changed: Collection[str]) -> None:
        recipe, about, reasons = plan["recipe"], plan["estimate"], plan["reasons"]
        size = self.tr("A model of about {count} parameters.").format(count=short_count(about["parameters"]))
        self._expect.setText(f"{size} {expected_sentence(about['expected'])}")
        passes = self.tr("{count} tokens: the text {passes} times")
        batch = self.tr("{count} tokens a step")
        per_step = recipe["batch_size"] * recipe.get("accumulation", 1) * recipe["max_length"]
        texts = {
            "layers": self.tr("{count} blocks").format(count=number(recipe["layers"])),
            "width": number(recipe["width"]),
            "vocabulary": self.tr("{count} tokens").format(count=number(recipe["vocabulary"])),
            "steps": passes.format(count=short_count(about["tokens"]), passes=significant(about["passes"], 2)),
            "batch_size": batch.format(count=number(per_step)),
            "learning_rate": figure(recipe["learning_rate"]),
        }
        for key, fact in self._facts.items():
            own = self.tr("as you chose it in the settings")
            fact.show_value(texts[key], own if key in changed else reasons.get(key, ""))
        self.setVisible(True)


class _Fact(QWidget):
    """A name, its value, and why."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self._words, self._reason = name, plain_label(wrap=True), small_label()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._words)
        self._column.addWidget(self._reason)

    def show_value(self, value: str, reason: str) -> None:
        text = QCoreApplication.translate("training", "{name}: {value}")
        self._words.setText(text.format(name=self._name, value=value))
        because = QCoreApplication.translate("training", "Here because {reason}.")
        self._reason.setText(because.format(reason=reason) if reason else "")
        self._reason.setVisible(bool(reason))


class _Slider(QSlider):
    """The wheel scrolls the page; it turns the dial only where the person is at it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event) if self.hasFocus() else event.ignore()

    def centre(self, value: int) -> int:
        """Of the knob where it stands for this value, in pixels from the left."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        option.sliderPosition = option.sliderValue = value
        part = QStyle.SubControl.SC_SliderHandle
        return self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self).center().x()


class _Marks(QWidget):
    """Names below some places of a slider, and smaller what they mean; those for which there is no room are left out.

    A screen reader has it all by the slider's description.
    """

    def __init__(self, slider: _Slider) -> None:
        super().__init__()
        self._slider = slider
        self._texts: Sequence[tuple[str, str]] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        follow_font(self, lambda: self.setFixedHeight(em(self, 2.1)))

    def show_texts(self, texts: Sequence[tuple[str, str]]) -> None:
        self._texts = texts
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics, role, taken = self.fontMetrics(), QPalette.ColorRole, list[QRect]()
        last = len(self._texts) - 1
        for mark in sorted(range(len(self._texts)), key=lambda n: (n not in (0, last), n)):  # the ends come first
            name, means = self._texts[mark]
            width = max(metrics.horizontalAdvance(name), metrics.horizontalAdvance(means)) + 2
            middle = self._slider.centre(mark * MARKED)
            left = max(0, min(middle - width // 2, self.width() - width))
            place = QRect(left, 0, width, self.height())
            if any(place.adjusted(-em(self, 0.4), 0, em(self, 0.4), 0).intersects(other) for other in taken):
                continue
            taken.append(place)
            top, below = place.adjusted(0, 0, 0, -em(self, 1.05)), place.adjusted(0, em(self, 1.05), 0, 0)
            painter.setPen(self.palette().color(role.Text))
            painter.drawText(top, Qt.AlignmentFlag.AlignCenter, name)
            painter.setPen(self.palette().color(role.PlaceholderText))
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, means)
        painter.end()


def _time_name(minutes: int) -> str:
    translate = QCoreApplication.translate
    names = {
        1: translate("training", "a minute"),
        10: translate("training", "ten minutes"),
        60: translate("training", "an hour"),
        480: translate("training", "a night"),
    }
    return names.get(minutes) or duration_text(60 * minutes)
