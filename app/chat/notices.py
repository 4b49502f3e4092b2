"""What the chat page says above the composer: each chat's own, kept while another one is shown."""

from __future__ import annotations

from dataclasses import replace

from app import messages
from app.messages import Notice
from app.widgets.notice_bar import NoticeBar
from engine.errors import EngineError


class Notices:
    """One for each chat at most; None is the chat that has no message yet."""

    def __init__(self, bar: NoticeBar) -> None:
        self._bar = bar
        self._chat: int | None = None
        self._kept: dict[int | None, Notice] = {}

    def open(self, chat: int | None) -> None:
        """Show what was said to this chat meanwhile, if anything."""
        self._chat = chat
        if notice := self._kept.pop(chat, None):
            self._bar.show_notice(notice)
        else:
            self._bar.clear()

    def say(self, chat: int | None, notice: Notice) -> None:
        """Show it now if its chat is shown, else when that is opened."""
        if chat == self._chat:
            self._bar.show_notice(notice)
        else:
            self._kept[chat] = notice

    def say_error(self, error: EngineError) -> None:
        """Of what belongs to no chat; nothing here would help."""
        self._bar.show_notice(replace(messages.notice(error), remedies=()))

    def go_on(self, chat: int) -> None:
        """The reply of this chat goes on, or is over: what it waited for is no news any more."""
        if chat == self._chat:
            self._bar.let_go()
        elif chat in self._kept and self._kept[chat].passing:
            del self._kept[chat]

    def forget(self, chat: int) -> None:
        self._kept.pop(chat, None)
