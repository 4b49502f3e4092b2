"""The backups of the chats: a list with dates and sizes, and what can be done with them."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPushButton

from app.figures import size_text
from app.settings.rows import Row
from app.theme import em
from app.widgets.flow import FlowLayout
from engine.chat.backups import Backup

SHOWN_AT_ONCE = 7  # the others are scrolled to


class BackupList(Row):
    """`restore_requested` carries the name of a backup."""

    make_requested = Signal()
    restore_requested = Signal(str)
    keep_requested = Signal()  # do not restore after all

    def __init__(self) -> None:
        super().__init__(
            self.tr("Backups"),
            self.tr("Whole copies of all chats. Putting one back keeps the present chats in a file beside it."),
        )
        self.make_button = QPushButton(self.tr("Back up now"))
        self.line.addWidget(self.make_button)
        self.title.setBuddy(self.make_button)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Backups"))
        self.restore_button = QPushButton(self.tr("Put back…"))
        self.restore_button.setAccessibleName(self.tr("Put the chosen backup back"))
        self.keep_button = QPushButton(self.tr("Do not put it back"))
        buttons = FlowLayout(spacing=em(self, 0.5))
        buttons.addWidget(self.restore_button)
        buttons.addWidget(self.keep_button)
        self.column.addWidget(self.list)
        self.column.addLayout(buttons)
        self.make_button.clicked.connect(self.make_requested)
        self.keep_button.clicked.connect(self.keep_requested)
        self.restore_button.clicked.connect(lambda: self._restore(self.list.currentItem()))
        self.list.itemActivated.connect(self._restore)
        self.list.currentRowChanged.connect(self._enable)
        self.keep_button.hide()
        self._restoring = ""
        self._enable()

    def show_backups(self, backups: list[Backup], restoring: str) -> None:
        """`restoring`: the name of the one that is put back at the next start, or empty."""
        self._restoring = restoring
        chosen = self.list.currentItem()
        name = chosen.data(Qt.ItemDataRole.UserRole) if chosen is not None else ""
        self.list.clear()
        for backup in backups:
            made = QLocale().toString(
                QDateTime.fromSecsSinceEpoch(int(backup.made.timestamp())), QLocale.FormatType.ShortFormat
            )
            text = f"{made}   {size_text(backup.size)}"
            if backup.path.name == restoring:
                text += "   " + self.tr("is put back when Seedling starts next")
            item = QListWidgetItem(text, self.list)
            item.setData(Qt.ItemDataRole.UserRole, backup.path.name)
            if backup.path.name == name:
                self.list.setCurrentItem(item)
        self.list.setVisible(bool(backups))
        self.list.setFixedHeight(em(self, 0.5) + self.list.sizeHintForRow(0) * min(len(backups), SHOWN_AT_ONCE))
        self.keep_button.setVisible(bool(restoring))
        self._enable()

    def show_busy(self, busy: bool) -> None:
        self.make_button.setEnabled(not busy)

    def _enable(self) -> None:
        self.restore_button.setVisible(self.list.count() > 0 and not self._restoring)
        self.restore_button.setEnabled(self.list.currentItem() is not None)

    def _restore(self, item: QListWidgetItem | None) -> None:
        if item is not None and not self._restoring:
            self.restore_requested.emit(item.data(Qt.ItemDataRole.UserRole))
