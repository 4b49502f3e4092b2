"""The side panel: the system prompt and the sampling of this chat."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFormLayout, QFrame, QPlainTextEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.chat.parameter_fields import DecimalField, WholeField
from app.chat.parameters import Parameters
from app.theme import em
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label
from engine.runtime.base import Sampling

COUNTS = ("max_tokens", "context")  # None where nothing is chosen; all else is of `Sampling`


class SidePanel(QFrame):
    """Shows `Parameters`; `changed` says that the person changed one.

    Of a provider's model it shows what that offers, each value left to the server until it is set. What is set for
    another model meanwhile stays, seen or not.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidePanel")
        self._values: dict[str, Any] = {}
        self._given: set[str] = set()
        self._offers: frozenset[str] | None = None
        self._showing = False
        self.system = QPlainTextEdit()
        self.system.setObjectName("field")
        self.system.setTabChangesFocus(True)
        self.system.setPlaceholderText(self.tr("How the model should behave, if anything"))
        self.temperature = DecimalField(0.0, 5.0, 0.05)
        self.top_k = WholeField(0, 1000, self.tr("off"), first=40, optional=False)
        self.top_p = DecimalField(0.0, 1.0, 0.05)
        self.min_p = DecimalField(0.0, 1.0, 0.01)
        self.penalty = DecimalField(0.5, 3.0, 0.05)
        self.seed = WholeField(-1, 2**31 - 1, self.tr("random"))
        self.max_tokens = WholeField(0, 1_000_000, self.tr("no limit"), first=1024)
        self.context = WholeField(0, 10_000_000, self.tr("as trained"), step=256, first=4096)
        self._fields: dict[str, DecimalField | WholeField] = {
            "temperature": self.temperature,
            "top_k": self.top_k,
            "top_p": self.top_p,
            "min_p": self.min_p,
            "repetition_penalty": self.penalty,
            "seed": self.seed,
            "max_tokens": self.max_tokens,
            "context": self.context,
        }
        self._unknown = plain_label(self.tr("What can be set is known once the server is connected."), wrap=True)
        self._cost = plain_label(muted=True, wrap=True)
        reset = QPushButton(self.tr("Reset to defaults"))
        reset.clicked.connect(self._reset)

        form = self._form = QFormLayout()
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
            form.addRow(label, field)
        for option, field in self._fields.items():
            field.valueChanged.connect(lambda _, option=option: self._change(option))
        self.system.setAccessibleName(self.tr("System prompt"))
        self.system.textChanged.connect(self._say_changed)

        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(em(self), em(self), em(self), em(self))
        layout.setSpacing(em(self, 0.6))
        layout.addWidget(plain_label(self.tr("System prompt")))
        layout.addWidget(self.system)
        layout.addSpacing(em(self, 0.4))
        layout.addLayout(form)
        layout.addWidget(self._unknown)
        layout.addSpacing(em(self, 0.4))
        layout.addWidget(reset)
        layout.addWidget(self._cost)
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
        self.set_cost("")
        self.set_parameters(Parameters())

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
        values = dict(self._values)
        counts = {name: values.pop(name) for name in COUNTS}
        system = self.system.toPlainText().encode("utf-8", "replace").decode()
        return Parameters(system, Sampling(**values), **counts, given=frozenset(self._given))

    def set_parameters(self, parameters: Parameters) -> None:
        """Show these without saying that they changed."""
        self._values = {
            **asdict(parameters.sampling),
            "max_tokens": parameters.max_tokens,
            "context": parameters.context,
        }
        self._given = set(parameters.given)
        self._show(parameters.system)

    def set_offers(self, offers: frozenset[str] | None) -> None:
        """What the model's provider heeds; None of a model on this machine, which heeds all of it."""
        if offers != self._offers:
            self._offers = offers
            self._show()

    def set_cost(self, money: str) -> None:
        """What the chat has cost so far; nothing where nothing was paid."""
        self._cost.setText(self.tr("This chat has cost {money}.").format(money=money))
        self._cost.setVisible(bool(money))

    def _show(self, system: str | None = None) -> None:
        self._showing = True
        if system is not None and self.system.toPlainText() != system:
            self.system.setPlainText(system)
        for name, field in self._fields.items():
            field.leave_to_server(self.tr("by server") if self._offers is not None else "")
            left = self._offers is not None and name not in self._given
            field.show_value(None if left else self._values[name])
            self._form.setRowVisible(field, self._offers is None or name in self._offers)
        self._unknown.setVisible(self._offers is not None and not self._offers)
        self._showing = False

    def _change(self, name: str) -> None:
        if self._showing:
            return
        value = self._fields[name].chosen()
        if value is None:
            self._given.discard(name)
            value = None if name in COUNTS else getattr(Sampling(), name)
        else:
            self._given.add(name)
        self._values[name] = value
        self.changed.emit()

    def _say_changed(self) -> None:
        if not self._showing:
            self.changed.emit()

    def _reset(self) -> None:
        """Defaults for the numbers; the system prompt is the person's own text and stays."""
        self.set_parameters(Parameters(system=self.system.toPlainText()))
        self.changed.emit()
