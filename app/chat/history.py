"""From the messages of a chat to what a model is asked, and to a title."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from engine.chat.messages import Message

TITLE_LENGTH = 48


def to_prompt(messages: Iterable[Message]) -> list[Message]:
    """The conversation as templates expect it: user and assistant take turns, and nobody says nothing.

    Questions that got no answer are asked together with the next one; of replies in a row the last one counts.
    """
    turns: list[Message] = []
    for message in messages:
        if not message.content or message.role == "system":
            continue
        previous = turns[-1] if turns else None
        if previous is None or previous.role != message.role:
            turns.append(message)
        elif message.role == "user":
            turns[-1] = Message("user", f"{previous.content}\n\n{message.content}")
        else:
            turns[-1] = message
    return turns


def title_of(text: str) -> str:
    """The first words of the first message, as one short line of plain text."""
    visible = "".join(" " if unicodedata.category(character).startswith("C") else character for character in text[:400])
    words = " ".join(visible.split())
    if len(words) <= TITLE_LENGTH:
        return words
    cut = words[: TITLE_LENGTH + 1]
    return (cut[: cut.rfind(" ")] if " " in cut else cut[:TITLE_LENGTH]).rstrip(" ,.;:") + "…"
