"""Where chats, models and runs lie: a row for each, with its size, the way to another place, and a move under way."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLineEdit, QProgressBar, QPushButton, QWidget

from app.figures import size_text
from app.settings.rows import Row, sentence_of, title_of
from app.settings.texts import breakable, small_label
from app.theme import em
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label
from engine.settings import OPTIONS


class Answer(Enum):
    """What a person may say to a note under a folder."""

    CONTINUE = "continue"
    GIVE_UP = "give_up"
    TRY_AGAIN = "try_again"
    USE_USUAL = "use_usual"


class PlaceRow(Row):
    """A folder that can be opened."""

    def __init__(self, title: str, sentence: str) -> None:
        super().__init__(title, sentence)
        self.place = QLineEdit(readOnly=True)
        self.place.setAccessibleName(self.tr("Folder: {name}").format(name=title))
        self.title.setBuddy(self.place)
        self.amount = plain_label(muted=True)
        self.open_button = QPushButton(self.tr("Open"))
        self.open_button.setAccessibleName(self.tr("Open the folder: {name}").format(name=title))
        self.buttons = FlowLayout(spacing=em(self, 0.5))
        self.buttons.addWidget(self.open_button)
        self.line.addWidget(self.amount)
        self.column.addWidget(self.place)
        self.column.addLayout(self.buttons)
        self.open_button.clicked.connect(self._open)

    def show_place(self, place: Path) -> None:
        self.place.setText(str(place))
        self.place.setCursorPosition(0)

    def show_size(self, files: int, size: int) -> None:
        one, several = (
            self.tr("1 file, {size}"),
            QCoreApplication.translate("settings", "%n files, {size}", None, files),
        )
        self.amount.setText((one if files == 1 else several).format(size=size_text(size)))

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self.place.text()))


class KeptStatesRow(Row):
    """How much is kept of chats so that they are ready at once, and the way to be rid of it."""

    delete_requested = Signal()

    def __init__(self) -> None:
        super().__init__(
            QCoreApplication.translate("settings", "Chats kept ready now"),
            QCoreApplication.translate("settings", "Deleting it costs nothing but time: the chats stay as they are."),
        )
        self.amount = plain_label(muted=True)
        self.delete_button = QPushButton(self.tr("Delete"))
        self.delete_button.setAccessibleName(self.tr("Delete what is kept of chats"))
        self.title.setBuddy(self.delete_button)
        self.line.addWidget(self.amount)
        self.line.addWidget(self.delete_button)
        self.delete_button.clicked.connect(self.delete_requested)

    def show_size(self, chats: int, size: int) -> None:
        one, several = (
            self.tr("1 chat, {size}"),
            QCoreApplication.translate("settings", "%n chats, {size}", None, chats),
        )
        self.amount.setText((one if chats == 1 else several).format(size=size_text(size)))
        self.delete_button.setEnabled(chats > 0)


class FolderRow(PlaceRow):
    """A folder that can be moved. `answered` carries an `Answer` to the note it shows."""

    change_requested = Signal(str)
    reset_requested = Signal(str)
    stop_requested = Signal(str)
    answered = Signal(str, object)

    def __init__(self, name: str) -> None:
        option = OPTIONS[name]
        super().__init__(title_of(option), sentence_of(option))
        self.name = name
        title = title_of(option)
        self.change_button = QPushButton(self.tr("Change…"))
        self.change_button.setAccessibleName(self.tr("Change the folder: {name}").format(name=title))
        self.reset_button = QPushButton(self.tr("Reset"))
        self.reset_button.setObjectName("reset")
        self.reset_button.setAccessibleName(self.tr("Back to the usual place: {name}").format(name=title))
        for button in (self.change_button, self.reset_button):
            self.buttons.addWidget(button)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName(self.tr("Moving: {name}").format(name=title))
        self.stop_button = QPushButton(self.tr("Stop"))
        self.stop_button.setAccessibleName(self.tr("Stop moving: {name}").format(name=title))
        self.note = small_label()
        self._answers = FlowLayout(spacing=em(self, 0.5))
        moving = FlowLayout(spacing=em(self, 0.5))
        moving.addWidget(self.progress)
        moving.addWidget(self.stop_button)
        self.column.addLayout(moving)
        self.column.addWidget(self.note)
        self.column.addLayout(self._answers)
        self.change_button.clicked.connect(lambda: self.change_requested.emit(name))
        self.reset_button.clicked.connect(lambda: self.reset_requested.emit(name))
        self.stop_button.clicked.connect(lambda: self.stop_requested.emit(name))
        self.show_idle(False)

    def show_idle(self, changed: bool) -> None:
        """No move, nothing to say; `changed`: not in the usual place."""
        self._show_moving(False)
        self.show_note("")
        self.change_button.show()
        self.reset_button.setVisible(changed)

    def show_progress(self, done: int, total: int) -> None:
        self._show_moving(True)
        self.show_note("")
        self.progress.setValue(1000 * done // total if total else 0)

    def show_note(self, text: str, *answers: Answer) -> None:
        """Say something, with a button for each answer; empty takes it away."""
        self.note.setText(breakable(text))
        self.note.setVisible(bool(text))
        while item := self._answers.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for answer in answers:
            button = QPushButton(_answer_name(answer))
            button.setAccessibleDescription(text)
            button.clicked.connect(lambda _, answer=answer: self.answered.emit(self.name, answer))
            self._answers.addWidget(button)
            button.show()
        if answers:
            self._show_moving(False)
            self.change_button.hide()
            self.reset_button.hide()

    def answer_buttons(self) -> list[QWidget]:
        items = [self._answers.itemAt(index) for index in range(self._answers.count())]
        return [widget for item in items if item is not None and (widget := item.widget()) is not None]

    def _show_moving(self, moving: bool) -> None:
        self.progress.setVisible(moving)
        self.stop_button.setVisible(moving)
        if moving:
            self.change_button.hide()
            self.reset_button.hide()


def _answer_name(answer: Answer) -> str:
    translate = QCoreApplication.translate
    return {
        Answer.CONTINUE: translate("settings", "Continue"),
        Answer.GIVE_UP: translate("settings", "Give up the move"),
        Answer.TRY_AGAIN: translate("settings", "Try again"),
        Answer.USE_USUAL: translate("settings", "Use the usual place"),
    }[answer]
