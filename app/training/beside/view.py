"""Two columns, each what one model answers, and one composer below them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.chat.composer import Composer
from app.chat.transcript import Transcript
from app.settings.texts import Title, small_label
from app.theme import em, measure, set_text_role, space
from app.widgets.fitting import follow_font, lay_beside
from app.widgets.flow import FlowLayout
from app.widgets.focus_ring import FocusRing
from app.widgets.labels import plain_label
from app.widgets.notice_bar import NoticeBar
from app.widgets.scroll import Scroll

BESIDE_EM = 44  # from this width on the columns stand beside each other, else one below the other


class BesideView(QWidget):
    """`again_requested`: forget what was said. Sending and stopping are the composer's signals."""

    again_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = Title(self.tr("Side by side"))
        set_text_role(title, "title")
        self.again = QPushButton(self.tr("Start over"))
        self.again.clicked.connect(self.again_requested)
        self._same = small_label()
        self.likeliest = QCheckBox(self.tr("Always the likeliest word"))
        self.likeliest.setAccessibleDescription(
            self.tr("Nothing is left to chance, so what differs comes of the models alone.")
        )
        self.likeliest.toggled.connect(lambda _: self._say_same())
        self._seed: int | None = None
        self.notice = NoticeBar()
        self.columns = (Column(), Column())
        self.composer = Composer()
        self._build(title)
        follow_font(self, self._fit)
        self._say_same()

    def show_seed(self, seed: int | None) -> None:
        """By which both drew their last answers; None before there are any."""
        self._seed = seed
        self._say_same()

    def _say_same(self) -> None:
        if self.likeliest.isChecked():
            text = self.tr("Both get the same words and settings.")
        elif self._seed is None:
            text = self.tr("Both get the same words, settings and seed.")
        else:
            text = self.tr("Both get the same words, settings and seed ({seed}).").format(seed=self._seed)
        self._same.setText(self.tr("{same} Nothing is saved unless you keep it.").format(same=text))

    def _build(self, title: QWidget) -> None:
        self._top = FlowLayout()
        for part in (title, self.likeliest, self.again):
            self._top.addWidget(part)
        head = self._head = QVBoxLayout()
        head.addLayout(self._top)
        head.addWidget(self._same)
        head.addWidget(self.notice)
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        for column in self.columns:
            self._both.addWidget(column, 1)
        content = QWidget()
        inside = QVBoxLayout(content)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addLayout(head)
        inside.addLayout(self._both, 1)
        self._area = Scroll(content)
        self._area.setMinimumHeight(1)
        self._foot_widget = QWidget()
        foot = self._foot = QVBoxLayout(self._foot_widget)
        foot.addWidget(self.composer)
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addWidget(self._foot_widget, 1000)
        centred.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._area, 1)
        layout.addLayout(centred)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        lay_beside(self._both, self, BESIDE_EM)
        self._both.setContentsMargins(space(self, 2), space(self), space(self, 2), space(self))
        self._both.setSpacing(space(self, 2))
        self._top.setSpacing(space(self, 2))
        self._head.setContentsMargins(space(self, 2), space(self), space(self, 2), 0)
        self._head.setSpacing(space(self))
        self._foot.setContentsMargins(space(self, 2), space(self, 0.6), space(self, 2), space(self, 1.4))
        self._foot_widget.setMaximumWidth(round(measure(self.font(), 80)) + em(self, 4))


class Column(QFrame):
    """One model: its name, how it stands, what was said. `keep_requested`: make a chat of it."""

    keep_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._name = Title("")
        set_text_role(self._name, "heading")
        self._standing = plain_label(muted=True)
        self.keep = QPushButton(self.tr("Keep as a chat"))
        self.keep.clicked.connect(self.keep_requested)
        self.transcript = Answers()
        FocusRing(self.transcript)
        self._top = FlowLayout()
        for part in (self._name, self._standing, self.keep):
            self._top.addWidget(part)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._top)
        self._column.addWidget(self.transcript, 1)
        follow_font(self, self._fit)

    def show_name(self, name: str) -> None:
        self._name.setText(name)
        self.transcript.setAccessibleName(self.tr("What {name} answers").format(name=name))
        self.keep.setAccessibleName(self.tr("Keep as a chat: {name}").format(name=name))

    def show_standing(self, text: str) -> None:
        self._standing.setText(text)
        self._standing.setVisible(bool(text))

    def _fit(self) -> None:
        self._top.setSpacing(space(self))
        self._column.setContentsMargins(space(self, 1.5), space(self), space(self, 0.5), space(self, 0.5))
        self._column.setSpacing(space(self, 0.5))
        self.transcript.setMinimumHeight(em(self, 7))
        self.transcript.setMinimumWidth(em(self, 6))


class Answers(Transcript):
    """Only to be read and copied: what was asked is asked of both, so it is not changed in one."""

    @property
    def busy(self) -> bool:
        return True
