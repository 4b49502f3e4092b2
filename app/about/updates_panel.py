"""Whether there is a newer version: one button, what it found, and the way to the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QProgressBar, QPushButton, QVBoxLayout, QWidget

from app import messages
from app.about.updates import Phase, Updates
from app.discover.card_view import CardView
from app.figures import size_text
from app.settings.texts import breakable, small_label
from app.theme import space
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label

_NEEDS_SETTINGS = ("update_no_address", "update_insecure", "update_unsigned", "update_too_large", "bad_address")
_SCALE = 1000  # steps of the bar


class UpdatesPanel(QWidget):
    """`settings_requested`: show where the address is set. `link_activated`: an address in what changed, not opened."""

    settings_requested = Signal()
    link_activated = Signal(str)

    def __init__(self, updates: Updates, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._updates = updates
        heading = plain_label(self.tr("Newer versions"))
        heading.setProperty("role", "heading")
        self.says = plain_label(wrap=True)
        self.note = small_label()
        self.changes = CardView()
        self.changes.setAccessibleName(self.tr("What changed"))
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, _SCALE)
        self.bar.setAccessibleName(self.tr("Downloading"))
        self.look_button = QPushButton(self.tr("Look for a newer version"))
        self.stop_button = QPushButton(self.tr("Stop"))
        self.open_button = QPushButton(self.tr("Open the folder"))
        self.settings_button = QPushButton(self.tr("Show the settings"))
        self._buttons, self._packages = FlowLayout(), FlowLayout()
        for button in (self.look_button, self.stop_button, self.open_button, self.settings_button):
            button.setAutoDefault(False)  # in a dialog Return would press it
            self._buttons.addWidget(button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (heading, self.says, self.changes):
            self._column.addWidget(widget)
        self._column.addLayout(self._packages)
        self._column.addWidget(self.note)
        self._column.addWidget(self.bar)
        self._column.addLayout(self._buttons)
        self.look_button.clicked.connect(updates.look)
        self.stop_button.clicked.connect(updates.stop)
        self.open_button.clicked.connect(self._open_folder)
        self.settings_button.clicked.connect(self.settings_requested)
        self.changes.link_activated.connect(self.link_activated)
        updates.changed.connect(self._show)
        self._told: dict[str, Any] | None = None
        follow_font(self, self._fit)
        self._show()

    def package_buttons(self) -> list[QPushButton]:
        items = [self._packages.itemAt(index) for index in range(self._packages.count())]
        return [widget for item in items if item is not None and isinstance(widget := item.widget(), QPushButton)]

    def _show(self) -> None:
        updates, phase = self._updates, self._updates.phase
        if updates.told is not self._told:
            self._told = updates.told
            self._show_version()
        newer = bool(updates.told.get("newer"))
        self.says.setText(self._sentence())
        self.changes.setVisible(newer)
        note = self._note()
        self.note.setText(breakable(note))
        self.note.setVisible(bool(note))
        self.bar.setVisible(updates.busy)
        known = phase is Phase.FETCHING and updates.total > 0
        self.bar.setRange(0, _SCALE if known else 0)
        self.bar.setValue(_SCALE * updates.done // updates.total if known else 0)
        for button in self.package_buttons():
            button.setVisible(newer and not updates.busy and phase is not Phase.HERE)
        self._put_buttons(phase)

    def _put_buttons(self, phase: Phase) -> None:
        """The keyboard stays with what goes on: the button that takes another one's place has it, too."""
        failure = self._updates.failure
        shown = {
            self.look_button: not self._updates.busy,
            self.stop_button: self._updates.busy,
            self.open_button: phase is Phase.HERE,
            self.settings_button: failure is not None and failure.code in _NEEDS_SETTINGS,
        }
        had = any(button.hasFocus() for button in (*shown, *self.package_buttons()))
        for button, visible in shown.items():
            button.setVisible(visible)
        if had and self.isVisible():
            order = (self.stop_button, self.open_button, self.settings_button, self.look_button)
            next(button for button in order if shown[button]).setFocus()

    def _sentence(self) -> str:
        updates = self._updates
        match updates.phase:
            case Phase.IDLE:
                return self.tr(
                    "Nothing is looked for until you ask. One request then goes to the address in the settings, and "
                    "nothing about you or this computer goes with it."
                )
            case Phase.LOOKING:
                return self.tr("Looking…")
            case Phase.FAILED if updates.failure is not None:
                return messages.sentence(updates.failure.code, updates.failure.data)
            case Phase.HERE:
                return self.tr(
                    "The file is here, signed and whole. Close Seedling and install it as you installed this one; "
                    "your chats, models and settings stay."
                )
            case _ if not updates.told.get("newer"):
                return self.tr("This is the newest version.")
        text = self.tr("Seedling {version} of {date} is newer than this one. What changed:")
        return text.format(version=updates.told["version"], date=updates.told["date"])

    def _note(self) -> str:
        updates, told = self._updates, self._updates.told
        match updates.phase:
            case Phase.HERE:
                return updates.path
            case Phase.FETCHING if updates.total > 0:
                done, total = (size_text(size) for size in (updates.done, updates.total))
                return self.tr("{done} of {total} are here.").format(done=done, total=total)
            case Phase.TOLD | Phase.FETCHING if told.get("newer") and told["packages"]:
                return self.tr("It is put into {folder}. Nothing is installed by itself.").format(folder=told["folder"])
            case Phase.TOLD if told.get("newer"):
                text = self.tr("It has no file for this computer ({platform}).")
                return text.format(platform=told["platform"])
        return ""

    def _show_version(self) -> None:
        """What changed, and a button for each file."""
        self.changes.show_card(str(self._updates.told.get("changes", "")))
        while item := self._packages.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for package in self._updates.told.get("packages", ()):
            size = size_text(package["size"])
            button = QPushButton(f"{package['name']}  ·  {size}")
            button.setAccessibleName(self.tr("Download {name}, {size}").format(name=package["name"], size=size))
            button.setAutoDefault(False)
            button.clicked.connect(lambda _, name=package["name"]: self._updates.download(name))
            self._packages.addWidget(button)

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._updates.path).parent)))

    def _fit(self) -> None:
        self._column.setSpacing(space(self, 0.8))
        for layout in (self._buttons, self._packages):
            layout.setSpacing(space(self, 0.6))
