"""What an empty chat shows: a greeting, the model that is ready, three things to ask, and what stays private."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.theme import em, measure, set_text_role, space
from app.widgets.drawing import Drawing
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label

if TYPE_CHECKING:
    from app.destinations import Destination


class Welcome(QWidget):
    """`suggestion_chosen` carries the text to send."""

    suggestion_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark = Drawing("seedling", QPalette.ColorRole.Highlight, 2.6)
        greeting = plain_label(self.tr("What shall we talk about?"), wrap=True)
        set_text_role(greeting, "title")
        self._model = plain_label(muted=True, wrap=True)
        self._promise = plain_label(muted=True, wrap=True)
        set_text_role(self._promise, "small")
        for label in (greeting, self._model, self._promise):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setMinimumWidth(1)  # it wraps

        self._middle = QWidget()
        self._column = QVBoxLayout(self._middle)
        self._column.addStretch(2)
        self._column.addWidget(mark)
        self._column.addWidget(greeting)
        self._column.addWidget(self._model)
        self._cards = QVBoxLayout()
        for text in (
            self.tr("Tell me a story about a little fox."),
            self.tr("Write a short story about a rainy day."),
            self.tr("Tell me about a girl who finds a seed."),
        ):
            card = _Card(text)
            card.clicked.connect(lambda _, text=text: self.suggestion_chosen.emit(text))
            self._cards.addWidget(card)
        self._column.addLayout(self._cards)
        self._column.addWidget(self._promise)
        self._steps: QWidget | None = None
        self._column.addStretch(3)
        layout = QHBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(self._middle, 1000)
        layout.addStretch(1)
        follow_font(self, self._fit)

    def set_model(self, name: str, bundled: bool, destination: Destination | None = None) -> None:
        """destination: of a model of a server."""
        stays = destination is None or not destination.leaves
        promise = self.tr("Everything stays on this computer. No account, no telemetry.")
        elsewhere = self.tr("The chat is kept on this computer. No account, no telemetry.")
        self._promise.setText(promise if stays else elsewhere)
        if destination is not None:
            text = self.tr("{name} will answer. It is asked when you send a message.")
        elif bundled:
            text = self.tr("{name} is ready: a small model that came with Seedling. It needs no network.")
        else:
            text = self.tr("{name} will answer. It runs on this computer and needs no network.")
        self._model.setText(text.format(name=name))

    def show_steps(self, steps: QWidget | None) -> None:
        """What a new home is offered, below what can be asked; None: no longer."""
        if self._steps is not None and self._steps is not steps:
            self._column.removeWidget(self._steps)
            self._steps.hide()
        if steps is not None and steps is not self._steps:
            self._column.insertWidget(self._column.indexOf(self._promise), steps)
            steps.show()
        self._steps = steps

    def _fit(self) -> None:
        self._middle.setMaximumWidth(round(measure(self.font(), 80)) + space(self, 4))
        self._column.setSpacing(space(self))
        self._cards.setSpacing(space(self))
        self._cards.setContentsMargins(0, space(self, 2), 0, space(self, 2))


class _Card(QPushButton):
    """A suggestion, shortened where there is little room; the tooltip then has all of it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setObjectName("suggestion")
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._whole = text
        self._around = super().sizeHint().width() - self._advance(text)

    def sizeHint(self) -> QSize:
        return QSize(self._around + self._advance(self._whole), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._around + em(self, 4), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() - self._around
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, room))
        self.setToolTip("" if self.text() == self._whole else self._whole)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._around = super().sizeHint().width() - self._advance(self.text())

    def _advance(self, text: str) -> int:
        return self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, text).width()
