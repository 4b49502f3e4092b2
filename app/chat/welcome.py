"""What an empty chat shows: a greeting, the model that is ready, and three things to ask."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.theme import em, icon
from app.widgets.labels import plain_label


class Welcome(QWidget):
    """`suggestion_chosen` carries the text to send."""

    suggestion_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        greeting = plain_label(self.tr("What shall we talk about?"), wrap=True)
        font = greeting.font()
        font.setPointSizeF(font.pointSizeF() * 1.6)
        greeting.setFont(font)
        greeting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._model = plain_label(muted=True, wrap=True)
        self._model.setAlignment(Qt.AlignmentFlag.AlignCenter)

        middle = QWidget()
        middle.setMaximumWidth(em(self, 30))
        column = QVBoxLayout(middle)
        column.setSpacing(em(self, 0.6))
        column.addStretch(2)
        column.addWidget(self._drawing)
        column.addWidget(greeting)
        column.addWidget(self._model)
        column.addSpacing(em(self))
        for text in (
            self.tr("Tell me a story about a little fox."),
            self.tr("Write a short story about a rainy day."),
            self.tr("Tell me about a girl who finds a seed."),
        ):
            button = _Suggestion(text)
            button.setObjectName("suggestion")
            button.clicked.connect(lambda _, text=text: self.suggestion_chosen.emit(text))
            column.addWidget(button)
        column.addStretch(3)
        layout = QHBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(middle, 1000)
        layout.addStretch(1)
        self._draw()

    def set_model(self, name: str, bundled: bool) -> None:
        if bundled:
            text = self.tr("{name} is ready: a small model that came with Seedling. It needs no network.")
        else:
            text = self.tr("{name} will answer. It is loaded with your first message.")
        self._model.setText(text.format(name=name))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        colour = self.palette().color(QPalette.ColorRole.Highlight)
        self._drawing.setPixmap(icon("seedling", colour).pixmap(em(self, 3), em(self, 3)))


class _Suggestion(QPushButton):
    """Shortens its text where there is little room; the tooltip then has all of it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._whole = text
        self._around = super().sizeHint().width() - self._advance(text)
        self.setAccessibleName(text)

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
