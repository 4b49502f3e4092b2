"""What may leave this computer, and to whom; what is written where; and the way to delete all chats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from app.settings.rows import Row
from app.settings.texts import breakable, small_label
from app.theme import em
from app.widgets.buttons import asking_button
from app.widgets.labels import plain_label
from engine import paths
from engine.chat import kept_states


class Privacy(QWidget):
    """`delete_requested`: the person wants all chats gone, and perhaps their backups, too."""

    delete_requested = Signal(bool)

    def __init__(self, switch: Row) -> None:
        """switch: whether anything may leave this computer."""
        super().__init__()
        self._leaves = Row(self.tr("What leaves this computer"), "")
        self._written = Row(self.tr("What is written where"), "")
        self.delete_row = Row(
            self.tr("Delete all chats"),
            self.tr(
                "Every chat with all its messages; their bytes are overwritten. What models have made of them is "
                "deleted, not overwritten: on most disks that would do nothing. Models and runs stay."
            ),
        )
        self.delete_button = asking_button(self.tr("Delete all chats…"))
        self.delete_row.line.addWidget(self.delete_button)
        self.rows = [switch, self._leaves, self._written, self.delete_row]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for row in self.rows:
            column.addWidget(row)
        self.delete_button.clicked.connect(self._confirm)
        self.show_leaving(stays=False, servers=())

    def show_leaving(self, stays: bool, servers: Sequence[tuple[str, str]]) -> None:
        """stays: nothing may leave. servers: names and hosts of those that are connected and not on this machine."""
        ours = self.tr("Seedling has no account and sends no telemetry.")
        links = self.tr("A link in a reply is opened in your browser, and only after you agreed.")
        if stays:
            lines = [ours, self.tr("Nothing leaves: models beyond this machine are not asked, and nothing is fetched.")]
        else:
            lines = [
                ours,
                self.tr("A model of this computer answers here, and what you write to it stays here."),
                self.tr("To a model of a server goes the whole chat, its system prompt, and your key for that server."),
                self.tr("To the hub go the words you look for, and the names of what you open or fetch there."),
                self.tr("A look for a newer version is one request for a list, when you ask or allowed it once a day."),
            ]
        paragraphs = [" ".join([*lines, links])]
        if servers and not stays:
            paragraphs.append(self.tr("Servers that are connected and not on this machine:"))
            paragraphs += [f"{name}  ·  {host}" for name, host in servers]
        text = "\n".join(paragraphs)
        self._leaves.words = f"{self._leaves.title.text()} {text}"
        self._leaves.sentence.setText(breakable(text))

    def show_places(self, database: Path) -> None:
        home = paths.home()
        lines = [
            self.tr("Chats, and beside them what was set aside: {place}").format(place=database),
            self.tr("Backups of the chats: {place}").format(place=paths.backups()),
            self.tr("What models have made of chats, deleted with them, not overwritten: {place}").format(
                place=kept_states.folder()
            ),
            self.tr("These settings: {place}").format(place=home / "settings.json"),
            self.tr("The list of models you added: {place}").format(place=home / "models.json"),
            self.tr("The list of servers, without their keys: {place}").format(place=home / "providers.json"),
            self.tr("Keys, encrypted, where you chose a file: {place}").format(place=home / "keys.json.enc"),
            self.tr("The list of a newer version, and its file on the way: {place}").format(place=paths.updates()),
            self.tr("Logs, without a word of what you or a model wrote: {place}").format(place=paths.logs()),
        ]
        text = "\n".join(lines)
        self._written.sentence.setText(breakable(text))
        self._written.words += text

    def _confirm(self) -> None:
        dialog = DeleteDialog(self)
        dialog.accepted.connect(lambda: self.delete_requested.emit(dialog.backups.isChecked()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class DeleteDialog(QDialog):
    """All chats are deleted only where the person writes the word."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Delete all chats"))
        self._word = self.tr("delete")
        text = self.tr("All chats are deleted and cannot be brought back. To go on, write “{word}”.")
        label = plain_label(text.format(word=self._word), wrap=True)
        self.field = QLineEdit()
        self.field.setAccessibleName(self.tr("Write the word to go on"))
        label.setBuddy(self.field)
        self.backups = QCheckBox(self.tr("Delete the backups as well"))
        hint = small_label(self.tr("Files that Seedling set aside beside the chats stay; delete them yourself."))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.delete_button = buttons.addButton(self.tr("Delete all chats"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.delete_button.setEnabled(False)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.field.textChanged.connect(lambda text: self.delete_button.setEnabled(self._agreed(text)))
        layout = QVBoxLayout(self)
        layout.setSpacing(em(self, 0.6))
        layout.setContentsMargins(em(self), em(self), em(self), em(self))
        for widget in (label, self.field, self.backups, hint, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(em(self, 22))

    def accept(self) -> None:
        if self._agreed(self.field.text()):  # Return reaches this, whatever the button says
            super().accept()

    def _agreed(self, text: str) -> bool:
        return text.strip().casefold() == self._word.casefold()
