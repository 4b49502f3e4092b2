"""One of several, all of them to be seen at once: cards below each other, or short words beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.theme import space
from app.widgets.card_button import CardButton
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label

_ON = ("radio-on", QPalette.ColorRole.Highlight)
_OFF = ("circle", QPalette.ColorRole.Dark)


class Choices(QWidget):
    """Base of both. `chosen`: the person took another one; setting it by `choose` says nothing."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._ids: list[str] = []

    @property
    def ids(self) -> Sequence[str]:
        return self._ids

    @property
    def choice(self) -> str:
        """The id of what is chosen; empty where there is nothing to choose."""
        number = self._group.checkedId()
        return self._ids[number] if number >= 0 else ""

    def choose(self, id: str) -> None:
        """Raises ValueError where it is none of them."""
        self._group.button(self._ids.index(id)).setChecked(True)

    def button(self, id: str) -> QPushButton:
        button = self._group.button(self._ids.index(id))
        assert isinstance(button, QPushButton)
        return button

    def _add(self, id: str, button: QPushButton) -> None:
        button.setCheckable(True)
        self._group.addButton(button, len(self._ids))
        self._ids.append(id)
        button.toggled.connect(lambda on: self._show(id) if on else None)
        button.clicked.connect(lambda: self.chosen.emit(id))

    def _show(self, id: str) -> None:
        """What is chosen has changed."""


class Cards(Choices):
    """Cards with a title and a sentence each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        follow_font(self, lambda: self._column.setSpacing(space(self, 0.8)))

    def set_choices(self, choices: Sequence[tuple[str, str, str]]) -> None:
        """(id, title, sentence) of each; the first one is chosen."""
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._column.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._ids = []
        for id, title, sentence in choices:
            card = CardButton(title, sentence, _OFF)
            card.toggled.connect(lambda on, card=card: card.sign.set_drawing(*(_ON if on else _OFF)))
            self._add(id, card)
            self._column.addWidget(card)
        if choices:
            self.choose(choices[0][0])

    def set_texts(self, id: str, title: str, sentence: str) -> None:
        card = self.button(id)
        assert isinstance(card, CardButton)
        card.set_texts(title, sentence)


class Segments(Choices):
    """Short words beside each other, and below them the sentence, where it has one, of what is chosen.

    wide: they share the width there is.
    """

    def __init__(
        self, choices: Sequence[tuple[str, str, str]], wide: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._sentences = {id: sentence for id, _, sentence in choices}
        self._sentence = plain_label(muted=True, wrap=True)
        self._sentence.setProperty("role", "small")
        self.line = FlowLayout()
        for id, title, sentence in choices:
            button = QPushButton(title)
            button.setObjectName("segment")
            share = QSizePolicy.Policy.Expanding if wide else QSizePolicy.Policy.Maximum
            button.setSizePolicy(share, QSizePolicy.Policy.Fixed)
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.setAccessibleDescription(sentence)
            self._add(id, button)
            self.line.addWidget(button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self.line)
        self._column.addWidget(self._sentence)
        follow_font(self, self._fit)

    def _show(self, id: str) -> None:
        self._sentence.setText(self._sentences[id])
        self._sentence.setVisible(bool(self._sentences[id]))

    def _fit(self) -> None:
        self.line.setSpacing(space(self, 0.6))
        self._column.setSpacing(space(self, 0.6))
