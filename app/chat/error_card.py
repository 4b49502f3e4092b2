"""Why there is no reply, as a card at the place where it would stand."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.messages import Notice, Remedy, label
from app.theme import em, icon
from app.widgets.announce import announce
from app.widgets.labels import plain_label


class ErrorCard(QFrame):
    """One sentence and the buttons that help. `remedy_chosen` carries a `Remedy`; copying is done here."""

    remedy_chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("errorCard")
        self._notice = Notice("")
        self._icon = QLabel()
        self._label = plain_label(wrap=True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        row = QHBoxLayout()
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(row)
        layout.addLayout(self._buttons)
        self._fit()
        self.hide()

    @property
    def text(self) -> str:
        return self._notice.text

    def say(self, notice: Notice) -> None:
        self._notice = notice
        self._label.setText(notice.text)
        self.setAccessibleName(notice.text)
        while item := self._buttons.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for remedy in notice.remedies:
            button = QPushButton(label(remedy))
            button.clicked.connect(lambda _, remedy=remedy: self._choose(remedy))
            self._buttons.addWidget(button)
            button.show()  # now, so that it counts in `height_for`
        self._buttons.addStretch(1)
        announce(self, notice.text)

    def height_for(self, width: int) -> int:
        """The height it needs; where the buttons do not fit beside each other, they stand one below the other."""
        layout = self.layout()
        assert layout is not None
        self._buttons.setDirection(QBoxLayout.Direction.LeftToRight)
        margins = layout.contentsMargins()
        if self._buttons.sizeHint().width() > width - margins.left() - margins.right():
            self._buttons.setDirection(QBoxLayout.Direction.TopToBottom)
        layout.activate()
        return layout.totalHeightForWidth(width)

    def _choose(self, remedy: Remedy) -> None:
        if remedy is Remedy.COPY:
            QGuiApplication.clipboard().setText(self._notice.details)
        else:
            self.remedy_chosen.emit(remedy)

    def _fit(self) -> None:
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(em(self, 0.8), em(self, 0.6), em(self, 0.8), em(self, 0.6))
        layout.setSpacing(em(self, 0.5))
        self._buttons.setSpacing(em(self, 0.5))
        side = em(self, 1.1)
        drawing = icon("triangle-alert", self.palette().color(QPalette.ColorRole.PlaceholderText))
        self._icon.setPixmap(drawing.pixmap(side, side))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and self.layout() is not None:
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self.palette().color(QPalette.ColorRole.AlternateBase))
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), em(self, 0.5), em(self, 0.5))
