"""The page of settings: one column of all options under headings, a list of the headings, and a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.figures import size_text
from app.settings.backup_list import BackupList
from app.settings.privacy import Privacy
from app.settings.rows import OptionRow, Row, make_row
from app.settings.shortcuts import Action, ShortcutsSection
from app.settings.storage import FolderRow, KeptStatesRow, PlaceRow
from app.settings.texts import Title, breakable, small_label
from app.theme import em
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label
from app.widgets.notice_bar import NoticeBar
from app.widgets.scroll import Scroll
from engine import hardware, paths
from engine.settings import OPTIONS, SECTIONS, Value

COLUMN_EM = 36  # about 75 characters
NARROW_EM = 40  # below it the list of headings gives its room to the options


class SettingsPage(QWidget):
    """`option_changed(name, value)`: what the person wants; what is shown follows by `show_value`.

    `shown`: the page has come into view.
    """

    option_changed = Signal(str, object)
    shown = Signal()

    def __init__(self, actions: Sequence[Action] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settingsPage")
        self.backups = BackupList()
        self.shortcuts = ShortcutsSection(actions)
        self.logs = LogsRow()
        self.kept_states = KeptStatesRow()
        self.about = AboutRow()
        self.option_rows: dict[str, OptionRow] = {}
        self.folder_rows: dict[str, FolderRow] = {}
        for option in OPTIONS.values():
            if option.folder:
                self.folder_rows[option.name] = FolderRow(option.name)
            elif option.section and option.kind is not dict:
                row = make_row(option.name)
                row.changed.connect(self.option_changed)
                self.option_rows[option.name] = row
        self.privacy = Privacy(self.option_rows["stay_here"])
        self._sections = [self._section(name) for name in SECTIONS]
        self.notice = NoticeBar()
        self._build()
        self._filter("")

    def show_value(self, name: str, value: Value) -> None:
        if name in self.option_rows:
            self.option_rows[name].show_value(value)
        elif name == "shortcuts" and isinstance(value, Mapping):
            self.shortcuts.show_changes(value)

    def show_section(self, name: str) -> None:
        """Bring a section to the top, whatever was searched for."""
        self.search.clear()
        self._list.setCurrentRow(SECTIONS.index(name))

    # --- what it is made of -----------------------------------------------------------------------------------

    def _section(self, name: str) -> Section:
        rows: list[Row] = []
        for option in OPTIONS.values():
            if option.section == name:
                row = self.option_rows.get(option.name) or self.folder_rows.get(option.name)
                rows += [row] if row is not None else []
        match name:
            case "chats":
                return Section(name, [*rows, self.backups])
            case "storage":
                return Section(name, [*rows, self.kept_states], _portable())
            case "performance":
                return Section(name, rows, _machine())
            case "privacy":
                return Section(name, self.privacy.rows, whole=self.privacy)
            case "shortcuts":
                return Section(name, self.shortcuts.rows, whole=self.shortcuts)
            case "updates":
                return Section(name, [self.about, *rows])
            case "logs":
                return Section(name, [*rows, self.logs])
            case _:
                return Section(name, rows)

    def _build(self) -> None:
        title = Title(self.tr("Settings"))
        title.setProperty("role", "title")
        self.search = QLineEdit(placeholderText=self.tr("Search the settings"), clearButtonEnabled=True)
        self.search.setAccessibleName(self.tr("Search the settings"))
        self.search.setMinimumWidth(em(self, 12))
        top = FlowLayout(spacing=em(self, 0.8))
        top.addWidget(title)
        top.addWidget(self.search)
        self.search.setMaximumWidth(em(self, 30))

        self._list = QListWidget()
        self._list.setObjectName("sections")
        self._list.setAccessibleName(self.tr("Sections"))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setSpacing(em(self, 0.15))
        for section in self._sections:
            self._list.addItem(section.title)
        self._nothing = Row(self.tr("Nothing found"), self.tr("No setting has these words."))
        everything = QPushButton(self.tr("Show all settings"))
        everything.clicked.connect(self._clear_search)
        self._nothing.line.addWidget(everything)

        self._column = QWidget()
        column = QVBoxLayout(self._column)
        column.setContentsMargins(em(self, 0.2), 0, em(self), em(self, 2))
        column.setSpacing(em(self))
        column.addWidget(self._nothing)
        for section in self._sections:
            column.addWidget(section)
        column.addStretch()
        self.area = Scroll(self._column)

        body = QHBoxLayout()
        body.setSpacing(em(self))
        body.addWidget(self._list)
        body.addWidget(self.area, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(em(self, 1.2), em(self), em(self, 0.4), 0)
        layout.setSpacing(em(self, 0.7))
        layout.addLayout(top)
        layout.addWidget(self.notice)
        layout.addLayout(body, 1)
        self._fit()
        self._list.setCurrentRow(0)
        self.search.textChanged.connect(self._filter)
        self._list.currentRowChanged.connect(self._go_to)
        self.area.verticalScrollBar().valueChanged.connect(self._mark_present)

    # --- finding ----------------------------------------------------------------------------------------------

    def _filter(self, text: str) -> None:
        for index, section in enumerate(self._sections):
            self._list.item(index).setHidden(not section.filter(text))
        self._nothing.setVisible(all(section.isHidden() for section in self._sections))
        if text:
            self.area.verticalScrollBar().setValue(0)

    def _clear_search(self) -> None:
        self.search.setFocus()
        self.search.clear()

    def _go_to(self, index: int) -> None:
        if index >= 0:  # once the rows that a search had hidden are laid out
            QTimer.singleShot(0, self, lambda: self.area.verticalScrollBar().setValue(self._sections[index].y()))

    def _mark_present(self, position: int) -> None:
        """Keep the list in step with what is on top."""
        shown = [index for index, section in enumerate(self._sections) if not section.isHidden()]
        present = next((index for index in reversed(shown) if self._sections[index].y() <= position + em(self)), None)
        bar = self.area.verticalScrollBar()
        if position == bar.maximum() and self._list.currentRow() >= 0 and self._list.currentRow() > (present or 0):
            return  # one of the last, which cannot come to the top
        blocked = self._list.blockSignals(True)
        self._list.setCurrentRow(-1 if present is None else present)
        self._list.blockSignals(blocked)

    # --- sizes ------------------------------------------------------------------------------------------------

    def _fit(self) -> None:
        self._list.setVisible(self.width() >= em(self, NARROW_EM))
        self._list.setFixedWidth(self._list.sizeHintForColumn(0) + em(self, 1.5))
        self._column.setMaximumWidth(em(self, COLUMN_EM))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_column"):
            self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()


class Section(QWidget):
    """A heading and its rows; `whole` is a widget that holds the rows already."""

    def __init__(self, name: str, rows: Sequence[Row], facts: str = "", whole: QWidget | None = None) -> None:
        super().__init__()
        self.title, self._rows = _section_title(name), rows
        heading = plain_label(self.title)
        heading.setProperty("role", "heading")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(heading)
        if facts:
            column.addWidget(small_label(facts))
        for widget in rows if whole is None else [whole]:
            column.addWidget(widget)

    def filter(self, text: str) -> bool:
        """Show the rows with these words, all where they are in the heading; whether there is one."""
        whole = text.strip().casefold() in self.title.casefold()
        found = [whole or row.matches(text) for row in self._rows]
        for row, shown in zip(self._rows, found, strict=True):
            row.setVisible(shown)
        self.setVisible(any(found))
        return any(found)


class AboutRow(Row):
    """The way to what this program is, where newer versions are looked for now."""

    def __init__(self) -> None:
        self.button = QPushButton(QCoreApplication.translate("settings", "About Seedling"))
        super().__init__(
            QCoreApplication.translate("settings", "This version"),
            QCoreApplication.translate("settings", "What it is made of, its licences, and a look for a newer one now."),
        )
        self.line.addWidget(self.button)
        self.title.setBuddy(self.button)


class LogsRow(PlaceRow):
    """Where the logs lie, and the way to be rid of old ones."""

    delete_requested = Signal()

    def __init__(self) -> None:
        super().__init__(
            QCoreApplication.translate("settings", "Logs"),
            QCoreApplication.translate("settings", "At most 20 MB; the oldest go by themselves."),
        )
        self.delete_button = QPushButton(self.tr("Delete old logs"))
        self.buttons.addWidget(self.delete_button)
        self.delete_button.clicked.connect(self.delete_requested)


def _section_title(name: str) -> str:
    translate = QCoreApplication.translate
    return {
        "appearance": translate("settings", "Appearance"),
        "chats": translate("settings", "Backups"),
        "storage": translate("settings", "Storage"),
        "downloads": translate("settings", "Downloads"),
        "performance": translate("settings", "Performance"),
        "privacy": translate("settings", "Privacy"),
        "updates": translate("settings", "Updates"),
        "shortcuts": translate("settings", "Shortcuts"),
        "logs": translate("settings", "Logs"),
    }[name]


def _portable() -> str:
    """That the program carries its data with it, where it does."""
    place = paths.portable_home()
    if place is None:
        return ""
    text = QCoreApplication.translate(
        "settings",
        "This Seedling carries its data with it: chats, models, settings and logs lie beside the program, in {place}. "
        "Keys alone stay in the keyring of the computer they were entered on.",
    )
    return text.format(place=breakable(str(place)))


def _machine() -> str:
    """What this computer has, as far as it matters to a model."""
    text = QCoreApplication.translate(
        "settings", "This computer: {cores} cores, {threads} threads, {memory} of memory."
    )
    cores, threads = hardware.physical_cores(), hardware.logical_cores()
    return text.format(cores=cores, threads=threads, memory=size_text(hardware.memory().total))
