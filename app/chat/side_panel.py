"""The side panel: the system prompt and the sampling of this chat."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent, QWheelEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.chat.parameters import Parameters
from app.theme import em
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label
from engine.runtime.base import Sampling


class SidePanel(QFrame):
    """Shows `Parameters`; `changed` says that the person changed one."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidePanel")
        self._penalty_window = Sampling().penalty_window
        self.system = QPlainTextEdit()
        self.system.setObjectName("field")
        self.system.setTabChangesFocus(True)
        self.system.setPlaceholderText(self.tr("How the model should behave, if anything"))
        self.temperature = _decimal(0.0, 5.0, 0.05)
        self.top_k = _whole(0, 1000, self.tr("off"))
        self.top_p = _decimal(0.0, 1.0, 0.05)
        self.min_p = _decimal(0.0, 1.0, 0.01)
        self.penalty = _decimal(0.5, 3.0, 0.05)
        self.seed = _whole(-1, 2**31 - 1, self.tr("random"))
        self.max_tokens = _whole(0, 1_000_000, self.tr("no limit"))
        self.context = _whole(0, 10_000_000, self.tr("as trained"), step=256)
        reset = QPushButton(self.tr("Reset to defaults"))
        reset.clicked.connect(self._reset)

        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setVerticalSpacing(em(self, 0.5))
        form.setHorizontalSpacing(em(self, 0.8))
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, field, hint in (
            (
                self.tr("Temperature"),
                self.temperature,
                self.tr("0 always takes the likeliest word; more is more varied."),
            ),
            (self.tr("Top-k"), self.top_k, self.tr("Choose among this many of the likeliest tokens.")),
            (self.tr("Top-p"), self.top_p, self.tr("Choose among the likeliest tokens that reach this probability.")),
            (self.tr("Min-p"), self.min_p, self.tr("Drop tokens below this share of the likeliest one.")),
            (self.tr("Repetition penalty"), self.penalty, self.tr("Above 1 makes recent tokens less likely.")),
            (self.tr("Seed"), self.seed, self.tr("The same seed gives the same reply.")),
            (self.tr("Longest reply"), self.max_tokens, self.tr("In tokens.")),
            (self.tr("Context"), self.context, self.tr("Tokens the model looks at; more needs more memory.")),
        ):
            label = plain_label(name)
            label.setBuddy(field)
            label.setToolTip(hint)
            field.setToolTip(hint)
            field.setAccessibleName(name)
            field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            field.setAccessibleDescription(hint)
            field.valueChanged.connect(self.changed)
            form.addRow(label, field)
        self.system.setAccessibleName(self.tr("System prompt"))
        self.system.textChanged.connect(self.changed)

        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(em(self), em(self), em(self), em(self))
        layout.setSpacing(em(self, 0.6))
        layout.addWidget(plain_label(self.tr("System prompt")))
        layout.addWidget(self.system)
        layout.addSpacing(em(self, 0.4))
        layout.addLayout(form)
        layout.addSpacing(em(self, 0.4))
        layout.addWidget(reset)
        layout.addStretch()
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its fields have it
        scroll.setWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self._column = layout
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        follow_font(self, self._fit)

    def _fit(self) -> None:
        self.system.setFixedHeight(em(self, 7))
        for field in (self.temperature, self.top_k, self.top_p, self.min_p, self.penalty):
            field.setMinimumWidth(em(self, 7))
        for field in (self.seed, self.max_tokens, self.context):  # wide for what they rarely hold
            field.setMinimumWidth(em(self, 8))
        self.setMinimumWidth(em(self, 13))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._column.invalidate()  # Qt keeps the sizes from before the fields had their style

    def parameters(self) -> Parameters:
        sampling = Sampling(
            temperature=self.temperature.value(),
            top_k=self.top_k.value(),
            top_p=self.top_p.value(),
            min_p=self.min_p.value(),
            repetition_penalty=self.penalty.value(),
            penalty_window=self._penalty_window,
            seed=self.seed.value() if self.seed.value() >= 0 else None,
        )
        return Parameters(
            self.system.toPlainText().encode("utf-8", "replace").decode(),
            sampling,
            self.max_tokens.value() or None,
            self.context.value() or None,
        )

    def set_parameters(self, parameters: Parameters) -> None:
        """Show these without saying that they changed."""
        blocked = self.blockSignals(True)
        sampling = parameters.sampling
        if self.system.toPlainText() != parameters.system:
            self.system.setPlainText(parameters.system)
        self.temperature.setValue(sampling.temperature)
        self.top_k.setValue(sampling.top_k)
        self.top_p.setValue(sampling.top_p)
        self.min_p.setValue(sampling.min_p)
        self.penalty.setValue(sampling.repetition_penalty)
        self._penalty_window = sampling.penalty_window
        self.seed.setValue(-1 if sampling.seed is None else sampling.seed)
        self.max_tokens.setValue(parameters.max_tokens or 0)
        self.context.setValue(parameters.context or 0)
        self.blockSignals(blocked)

    def _reset(self) -> None:
        """Defaults for the numbers; the system prompt is the person's own text and stays."""
        self.set_parameters(Parameters(system=self.system.toPlainText()))
        self.changed.emit()


class _DecimalField(QDoubleSpinBox):
    """The wheel scrolls the panel; it changes a value only where the person is at it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


class _WholeField(QSpinBox):
    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


def _decimal(least: float, most: float, step: float) -> QDoubleSpinBox:
    field = _DecimalField(decimals=2)
    field.setRange(least, most)
    field.setSingleStep(step)
    return field


def _whole(least: int, most: int, special: str, step: int = 1) -> QSpinBox:
    """A whole number whose least value reads `special`."""
    field = _WholeField()
    field.setRange(least, most)
    field.setSingleStep(step)
    field.setSpecialValueText(special)
    return field
