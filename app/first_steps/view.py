"""What a new home is offered, in the welcome of an empty chat: a few quiet lines, none of which has to be answered."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.settings.rows import ChoiceBox, choice_name, title_of
from app.settings.texts import Title, small_label
from app.theme import space
from app.widgets.buttons import IconButton, asking_button
from app.widgets.drawing import Drawing
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from engine.settings import OPTIONS, Value


class FirstSteps(QFrame):
    """`option_changed(name, value)`; the others are presses. Everything it shows, `controller.py` has said."""

    option_changed = Signal(str, object)
    use_requested = Signal()
    choose_requested = Signal()
    servers_requested = Signal()
    found_servers_requested = Signal()
    download_requested = Signal()
    downloads_requested = Signal()
    chat_requested = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        heading = Title(self.tr("Make yourself at home"))
        heading.setProperty("role", "heading")
        self.close_button = IconButton("x", self.tr("Put this away"))
        self.close_button.clicked.connect(self.dismissed)
        self._head = QHBoxLayout()
        self._head.addWidget(heading, 1)
        self._head.addWidget(self.close_button)

        self.boxes = {name: self._box(name) for name in ("theme", "language")}
        self.look = Step("palette", self.boxes["theme"])
        self.language = Step("languages", self.boxes["language"])
        self.use, self.choose = QPushButton(self.tr("Use them")), QPushButton(self.tr("Look at them"))
        self.models = Step("box", self.use, self.choose)
        self.ask, self.connect_found = QPushButton(self.tr("Look for servers")), asking_button(self.tr("Connect…"))
        self.servers = Step("server", self.ask, self.connect_found)
        self.download, self.show_downloads = QPushButton(self.tr("Download")), QPushButton(self.tr("Show downloads"))
        self.chat = QPushButton(self.tr("Chat with it"))
        self.suggestion = Step("download", self.download, self.show_downloads, self.chat)
        self.progress = QProgressBar(textVisible=False)
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName(self.tr("How far the download is"))
        self.suggestion.column.addWidget(self.progress)
        self.steps = (self.look, self.language, self.models, self.servers, self.suggestion)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._head)
        for step in self.steps:
            self._column.addWidget(step)
        for button, signal in (
            (self.use, self.use_requested),
            (self.choose, self.choose_requested),
            (self.ask, self.servers_requested),
            (self.connect_found, self.found_servers_requested),
            (self.download, self.download_requested),
            (self.show_downloads, self.downloads_requested),
            (self.chat, self.chat_requested),
        ):
            button.clicked.connect(signal)
        self._say_look()
        self.suggestion.hide()
        self.show_progress(None)
        follow_font(self, self._fit)

    def show_value(self, name: str, value: Value) -> None:
        """Of an option, as it is now."""
        if name in self.boxes:
            box = self.boxes[name]
            blocked = box.blockSignals(True)
            box.setCurrentIndex(box.findData(value))
            box.blockSignals(blocked)

    def show_progress(self, share: float | None) -> None:
        """Of the download, between 0 and 1; None while there is none."""
        self.progress.setVisible(share is not None)
        self.progress.setValue(round(1000 * (share or 0)))

    def _box(self, name: str) -> ChoiceBox:
        box = ChoiceBox()
        box.setAccessibleName(title_of(OPTIONS[name]))
        for choice in OPTIONS[name].choices:
            box.addItem(choice_name(name, choice), choice)
        box.currentIndexChanged.connect(lambda index: self.option_changed.emit(name, box.itemData(index)))
        return box

    def _say_look(self) -> None:
        self.look.show_texts(self.tr("Look"), "")
        self.language.show_texts(title_of(OPTIONS["language"]), self.tr("It changes when Seedling starts next."))

    def _fit(self) -> None:
        self._column.setContentsMargins(space(self, 2), space(self), space(self, 1.5), space(self, 1.5))
        self._column.setSpacing(space(self, 1.4))
        width = max(box.sizeHint().width() for box in self.boxes.values())
        for box in self.boxes.values():
            box.setMinimumWidth(width)


class Step(QWidget):
    """A drawing, a line of words with its buttons, and a sentence beneath. Buttons are shown by `show_buttons`."""

    def __init__(self, drawing: str, *controls: QWidget) -> None:
        super().__init__()
        self.title, self.sentence = Title(""), small_label()
        self._controls = controls
        self._line = FlowLayout()
        self._line.addWidget(self.title)
        for control in controls:
            self._line.addWidget(control)
        self.column = QVBoxLayout()
        self.column.addWidget(self.sentence)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.addWidget(Drawing(drawing, QPalette.ColorRole.PlaceholderText, 1.2), 0, 0)
        self._grid.addLayout(self._line, 0, 1)
        self._grid.addLayout(self.column, 1, 1)
        self._grid.setColumnStretch(1, 1)
        follow_font(self, self._fit)

    def show_texts(self, title: str, sentence: str) -> None:
        self.title.setText(title)
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        for control in self._controls:
            control.setAccessibleDescription(f"{title}. {sentence}".strip())

    def show_buttons(self, *shown: QWidget) -> None:
        """These alone of its buttons."""
        for control in self._controls:
            control.setVisible(control in shown)

    def _fit(self) -> None:
        self._grid.setHorizontalSpacing(space(self, 1.2))
        self._grid.setVerticalSpacing(space(self, 0.2))
        self._line.setSpacing(space(self, 0.8))
        self.column.setSpacing(space(self, 0.8))
