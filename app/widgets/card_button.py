"""A button that is a card: a drawing, a title and a sentence, all of it one thing to press or to choose."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.theme import space
from app.widgets.drawing import Drawing
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label


class CardButton(QPushButton):
    """`drawing`: its name and the role of its colour. Texts break where the card ends."""

    def __init__(
        self,
        title: str,
        sentence: str,
        drawing: tuple[str, QPalette.ColorRole] = ("circle", QPalette.ColorRole.PlaceholderText),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.sign = Drawing(*drawing, 1.1)
        self._title, self._sentence = plain_label(wrap=True), plain_label(muted=True, wrap=True)
        self._sentence.setProperty("role", "small")
        self._words = QVBoxLayout()
        self._words.addWidget(self._title)
        self._words.addWidget(self._sentence)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(self._words, 1)
        for part in (self.sign, self._title, self._sentence):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.set_texts(title, sentence)
        follow_font(self, self._fit)

    def set_texts(self, title: str, sentence: str) -> None:
        self._title.setText(title)
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)

    def sizeHint(self) -> QSize:
        return self._row.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._row.minimumSize()

    def _fit(self) -> None:
        self._row.setContentsMargins(space(self, 1.5), space(self), space(self, 1.5), space(self))
        self._row.setSpacing(space(self, 1.2))
        self._words.setSpacing(space(self, 0.3))
