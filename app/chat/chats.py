"""The chats there are: their rows as the store has them, and as the list shows them, searched or not."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject

from app.background import Background
from app.chat.chat_list import ChatItem, ChatListModel
from app.chat.sidebar import Sidebar
from engine.chat import kept_states
from engine.chat.store import Chat, Store
from engine.errors import EngineError

Failed = Callable[[EngineError], object]


class Chats(QObject):
    """busy: whether a reply is being written in a chat. A change is shown at once and stored meanwhile; `failed` is
    told where that did not work.
    """

    def __init__(
        self,
        sidebar: Sidebar,
        shown: ChatListModel,
        store: Store,
        background: Background,
        busy: Callable[[int], bool],
        failed: Failed,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._sidebar, self._list, self._store, self._background = sidebar, shown, store, background
        self._busy, self._failed = busy, failed
        self._rows: dict[int, Chat] = {}
        self._searched = ""
        self._selected: int | None = None
        sidebar.search_changed.connect(self._search)

    def __contains__(self, chat: object) -> bool:
        return chat in self._rows

    def __getitem__(self, chat: int) -> Chat:
        return self._rows[chat]

    @property
    def all(self) -> list[Chat]:
        """The one changed last first."""
        return sorted(self._rows.values(), key=lambda chat: (-chat.updated, -chat.id))

    def read(self) -> None:
        self._rows = {chat.id: chat for chat in self._store.chats()}
        self._show_all()

    def select(self, chat: int | None) -> None:
        self._selected = chat
        self._sidebar.select(chat)

    def put(self, chat: int) -> None:
        """Show it as it is now."""
        if chat in self._rows and (not self._searched or self._list.item(chat) is not None):
            self._list.put(self._item(chat))
            self._sidebar.select(self._selected)

    def create(
        self,
        title: str,
        model: str,
        system: str,
        sampling: dict[str, Any],
        done: Callable[[int], object],
        failed: Failed,
    ) -> None:
        """A new chat; `done` is called with its id once it is stored."""

        def created(chat: int) -> None:
            now = time.time()
            self._rows[chat] = Chat(chat, title, now, now, model, system, sampling)
            done(chat)

        self._background.when_done(self._store.create_chat(title, model, system, sampling), created, failed)

    def touch(self, chat: int) -> None:
        """Something was said in it just now."""
        self._rows[chat] = replace(self._rows[chat], updated=time.time())
        self.put(chat)

    def change_model(self, chat: int, model: str) -> None:
        self._rows[chat] = replace(self._rows[chat], model=model)
        self._background.when_done(self._store.update_chat(chat, model=model), _ignore, self._failed)

    def change_parameters(self, chat: int, system: str, sampling: dict[str, Any]) -> None:
        self._rows[chat] = replace(self._rows[chat], system=system, sampling=sampling)
        future = self._store.update_chat(chat, system=system, sampling=sampling)
        self._background.when_done(future, _ignore, self._failed)

    def rename(self, chat: int, title: str, done: Callable[[], object]) -> None:
        """`done` once it is stored, unless it was deleted meanwhile."""

        def renamed(_: object) -> None:
            if chat in self._rows:
                self._rows[chat] = replace(self._rows[chat], title=title)
                self.put(chat)
                done()

        self._background.when_done(self._store.rename_chat(chat, title), renamed, self._failed)

    def delete(self, chat: int, done: Callable[[], object]) -> None:
        def deleted(_: object) -> None:
            self._rows.pop(chat, None)
            self._list.remove(chat)
            done()

        self.forget_state(chat)
        self._background.when_done(self._store.delete_chat(chat), deleted, self._failed)

    def forget_state(self, chat: int) -> None:
        """Delete what a model has made of it: something in it is being deleted."""
        self._background.run(partial(kept_states.forget, chat), _ignore, _ignore)

    def clear_away(self) -> None:
        """The same of all that are gone, and of those that there is no room for any more."""
        self._background.run(partial(kept_states.sweep, self._ids), _ignore, _ignore)

    def _ids(self) -> list[int]:
        return [chat.id for chat in self._store.chats()]

    def _search(self, text: str) -> None:
        self._searched = text
        if text:
            self._background.run(lambda: self._store.search(text), partial(self._show_found, text), self._failed)
        else:
            self._show_all()

    def _show_found(self, text: str, found: list[int]) -> None:
        if text == self._searched:  # else the answer to an older question
            self._list.set_chats(self._item(chat) for chat in found if chat in self._rows)
            self._sidebar.select(self._selected)
            self._sidebar.show_nothing_found(not found)

    def _show_all(self) -> None:
        self._list.set_chats(map(self._item, self._rows))
        self._sidebar.select(self._selected)
        self._sidebar.show_nothing_found(False)

    def _item(self, chat: int) -> ChatItem:
        row = self._rows[chat]
        return ChatItem(row.id, row.title, row.updated, busy=self._busy(chat))


def _ignore(_: object) -> None:
    pass
