"""The list of chats as an item model: newest first, under headings by day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QByteArray, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Role(IntEnum):
    CHAT = Qt.ItemDataRole.UserRole + 1  # the chat's id; None for a heading
    HEADING = Qt.ItemDataRole.UserRole + 2  # whether the row is one
    BUSY = Qt.ItemDataRole.UserRole + 3  # whether a reply is being written in the chat


@dataclass(frozen=True)
class ChatItem:
    """A chat as the list shows it; `updated` in seconds since the epoch."""

    id: int
    title: str
    updated: float
    busy: bool = False


Row = ChatItem | str  # a heading is its text


class ChatListModel(QAbstractListModel):
    """Chats grouped by the day of their last message. Editing a row asks for a new title by `rename_requested`."""

    rename_requested = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: dict[int, ChatItem] = {}
        self._rows: list[Row] = []

    # --- what the controller says ---------------------------------------------------------------------------

    def set_chats(self, items: Iterable[ChatItem]) -> None:
        self._items = {item.id: item for item in items}
        self._refresh()

    def put(self, item: ChatItem) -> None:
        """Add a chat, or replace the one of that id."""
        self._items[item.id] = item
        self._refresh()

    def remove(self, chat: int) -> None:
        if self._items.pop(chat, None) is not None:
            self._refresh()

    def set_busy(self, chat: int, busy: bool) -> None:
        if item := self._items.get(chat):
            self.put(replace(item, busy=busy))

    def item(self, chat: int) -> ChatItem | None:
        return self._items.get(chat)

    def index_of(self, chat: int) -> QModelIndex:
        for number, row in enumerate(self._rows):
            if isinstance(row, ChatItem) and row.id == chat:
                return self.index(number)
        return QModelIndex()

    # --- what the view asks ---------------------------------------------------------------------------------

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not self.checkIndex(index, self.CheckIndexOption.IndexIsValid):
            return None
        row = self._rows[index.row()]
        if isinstance(row, str):
            values: dict[int, Any] = {Qt.ItemDataRole.DisplayRole: row, Role.HEADING: True, Role.BUSY: False}
            return values.get(role)
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return row.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return self.tr("{title}, replying").format(title=row.title) if row.busy else row.title
            case Role.CHAT:
                return row.id
            case Role.HEADING:
                return False
            case Role.BUSY:
                return row.busy
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and isinstance(self._rows[index.row()], ChatItem):
            flag = Qt.ItemFlag
            return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsEditable | flag.ItemNeverHasChildren
        return Qt.ItemFlag.NoItemFlags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        chat = self.data(index, Role.CHAT)
        title = " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or chat is None or not title:
            return False
        if title != self._items[chat].title:
            self.rename_requested.emit(chat, title)
        return True

    def roleNames(self) -> dict[int, QByteArray]:
        names = {int(role): QByteArray(role.name.lower().encode()) for role in Role}
        return {**super().roleNames(), **names}

    # --- rows -----------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        """Tell the view the least: what stays above and below is left alone."""
        new = self._grouped(date.today())
        old = self._rows
        above = _common(old, new)
        below = _common(old[above:][::-1], new[above:][::-1])
        removed, added = old[above : len(old) - below], new[above : len(new) - below]
        if len(removed) == len(added) and [_key(row) for row in removed] == [_key(row) for row in added]:
            self._rows = new
            if added:
                self.dataChanged.emit(self.index(above), self.index(above + len(added) - 1))
            return
        if removed:
            self.beginRemoveRows(QModelIndex(), above, above + len(removed) - 1)
            self._rows = old[:above] + old[len(old) - below :]
            self.endRemoveRows()
        if added:
            self.beginInsertRows(QModelIndex(), above, above + len(added) - 1)
            self._rows = new
            self.endInsertRows()

    def _grouped(self, today: date) -> list[Row]:
        rows: list[Row] = []
        heading = None
        for item in sorted(self._items.values(), key=lambda item: (-item.updated, -item.id)):
            group = self._heading(datetime.fromtimestamp(item.updated).date(), today)
            if group != heading:
                rows.append(group)
                heading = group
            rows.append(item)
        return rows

    def _heading(self, day: date, today: date) -> str:
        if day >= today:
            return self.tr("Today")
        if day == today - timedelta(days=1):
            return self.tr("Yesterday")
        if day >= today - timedelta(days=7):
            return self.tr("Previous 7 days")
        return self.tr("Older")


def _common(first: list[Row], second: list[Row]) -> int:
    """How many rows both begin with."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count


def _key(row: Row) -> int | str:
    return row if isinstance(row, str) else row.id
