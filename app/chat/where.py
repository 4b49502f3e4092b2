"""Where words go when a server answers: said below them all the time, and asked before the first ones leave."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QMessageBox, QWidget

from app.destinations import Destination
from app.settings.texts import breakable, small_label
from app.theme import space
from app.widgets.drawing import Drawing
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_box


class Where(QWidget):
    """Hidden where words stay on this machine."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign, self._words = Drawing("globe", QPalette.ColorRole.Highlight, 1.0), small_label()
        self._words.setProperty("muted", False)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        self._line.addWidget(self._words, 1)
        follow_font(self, lambda: self._line.setSpacing(space(self, 0.8)))
        self.show_destination(None)

    @property
    def text(self) -> str:
        return self._words.text() if not self.isHidden() else ""

    def show_destination(self, destination: Destination | None) -> None:
        """None: a model of this computer answers."""
        leaves = destination is not None and destination.leaves
        self.setVisible(leaves)
        if destination is not None and leaves:
            self._words.setText(breakable(sentence(destination)))
            near = destination.reach == "network"
            self._sign.set_drawing("network" if near else "globe", QPalette.ColorRole.Highlight)


def sentence(destination: Destination) -> str:
    """Where what is written in a chat goes."""
    translate = QCoreApplication.translate
    if destination.reach == "network":
        text = translate("where", "What you write in this chat goes to {host} in your network.")
    elif destination.passes_on:
        text = translate("where", "What you write in this chat leaves this machine: {host} passes it on.")
    else:
        text = translate("where", "What you write in this chat goes to {host}.")
    return text.format(host=destination.host)


def ask_where_words_go(parent: QWidget, destination: Destination, agreed: Callable[[], object]) -> None:
    """agreed: called where the person wants it so."""
    translate = QCoreApplication.translate
    about = translate(
        "where", "You are asked once for each server. Other models, of this computer, keep all of it here."
    )
    question = translate("where", "Use it?")
    text = f"{sentence(destination)} {question}"
    box = plain_box(parent, translate("where", "Words leave this computer"), text, about)
    yes = box.addButton(translate("where", "Use it"), QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.finished.connect(lambda _: agreed() if box.clickedButton() is yes else None)
    box.finished.connect(box.deleteLater)
    box.open()
