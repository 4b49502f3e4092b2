"""What the command palette finds: actions, chats, models and choices of the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from PySide6.QtCore import QCoreApplication

from app.actions import Actions, native
from app.background import Background
from app.palette import Answer, Command, LaterSource, Source
from engine.chat.store import Store

_CHATS_AT_FIRST = 5  # before anything is typed
_CHATS_RANKED = 200  # the newest; a title further down is found by the store's search


def of_actions(actions: Actions, without: tuple[str, ...] = ()) -> Source:
    """Everything that can be done now, with its keys."""

    def source(_: str) -> Iterator[Command]:
        for action in actions.bound():
            if action.id not in without:
                keys = native(actions.keys(action.id)[0]) if actions.keys(action.id) else ""
                yield Command(
                    f"action:{action.id}",
                    action.title,
                    partial(actions.run, action.id),
                    action.section,
                    keys,
                    "command",
                )

    return source


def of_chats(chats: Callable[[], Iterable[tuple[int, str]]], open_chat: Callable[[int], object]) -> Source:
    """Chats by title; `chats` gives ids and titles, the newest first."""

    def source(typed: str) -> list[Command]:
        newest = list(chats())[: _CHATS_RANKED if typed else _CHATS_AT_FIRST]
        return [_chat(chat, title, open_chat) for chat, title in newest]

    return source


def of_chat_contents(
    store: Store,
    background: Background,
    title_of: Callable[[int], str | None],
    open_chat: Callable[[int], object],
) -> LaterSource:
    """Chats whose messages hold the text, found on another thread."""

    def source(typed: str, answer: Answer) -> None:
        def found(chats: list[int]) -> None:
            titles = ((chat, title_of(chat)) for chat in chats)
            answer([_chat(chat, title, open_chat) for chat, title in titles if title is not None])

        background.run(lambda: store.search(typed), found, lambda _: None)  # the other sources still answer

    return source


def of_models(names: Callable[[], Iterable[str]], choose: Callable[[str], object]) -> Source:
    """Models that can be chosen."""
    detail = QCoreApplication.translate("palette", "Model")

    def source(typed: str) -> list[Command]:
        return [Command(f"model:{name}", name, partial(choose, name), detail, "", "box") for name in names() if typed]

    return source


def of_choices(option: str, title: str, choices: dict[str, str], choose: Callable[[str], object]) -> Source:
    """One option of the settings: `Theme: Dark`. `choices`: value -> what it is called."""
    detail = QCoreApplication.translate("palette", "Setting")

    def source(typed: str) -> list[Command]:
        return [
            Command(f"{option}:{value}", f"{title}: {name}", partial(choose, value), detail, "", "settings")
            for value, name in choices.items()
            if typed
        ]

    return source


def _chat(chat: int, title: str, open_chat: Callable[[int], object]) -> Command:
    detail = QCoreApplication.translate("palette", "Chat")
    return Command(f"chat:{chat}", title, partial(open_chat, chat), detail, "", "message-square")
