"""Where in a rendered conversation the contents of its messages stand.

Searching would find a message "user" in the template's own words. So the conversation is rendered a second time with a
numbered place for each content; what then stands between two places is the template's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.chat.messages import Message

# Two characters of the private use area around a message's number: no template has a reason to write them.
_PLACE = re.compile("\ue0f0(\\d+)\ue0f1")


@dataclass(frozen=True)
class Span:
    """Where in the rendered text a message's content stands, in characters."""

    start: int
    end: int
    number: int  # of the message, from 0
    message: Message


def with_places(messages: Sequence[Message]) -> list[Message]:
    """The same conversation with a numbered place in the stead of each content."""
    return [_with_place(i, message) for i, message in enumerate(messages)]


def find(text: str, placed: str, messages: Sequence[Message]) -> list[Span] | None:
    """Where the contents stand in `text`, in its order; None where that cannot be told.

    placed: the text that the template makes of `with_places(messages)`.
    """
    literals, numbers = split(placed)
    if not text.startswith(literals[0]) or any(number >= len(messages) for number in numbers):
        return None
    spans: list[Span] = []
    start = len(literals[0])
    for i, (number, after) in enumerate(zip(numbers, literals[1:], strict=True)):
        message = messages[number]
        end = _content_end(text, start, message.content, after, last=i == len(numbers) - 1)
        if end is None:
            return None
        spans.append(Span(start, end, number, message))
        start = end + len(after)
    return spans if start == len(text) else None


def split(placed: str) -> tuple[list[str], list[int]]:
    """What stands between the places, one text more than there are places, and their numbers."""
    parts = _PLACE.split(placed)
    return parts[0::2], [int(number) for number in parts[1::2]]


def with_spaces(spans: Sequence[Span], text: str) -> list[Span]:
    """The spans of trimmed contents, widened where the template wrote the same white space again.

    A model that answers " Yes" after "[/INST]" wrote the space as part of its token; the template writes it as its own.
    """
    widened: list[Span] = []
    for i, span in enumerate(spans):
        floor = widened[-1].end if widened else 0
        ceiling = spans[i + 1].start if i + 1 < len(spans) else len(text)
        content = span.message.content
        start = span.start - max(content.find(text[span.start : span.end]), 0)
        end = start + len(content)
        fits = floor <= start and end <= ceiling and text.startswith(content, start)
        widened.append(replace(span, start=start, end=end) if fits else span)
    return widened


def _with_place(index: int, message: Message) -> Message:
    # Templates may leave out what is blank, so that has to stay blank.
    return replace(message, content=f"\ue0f0{index}\ue0f1") if message.content.strip() else message


def _content_end(text: str, start: int, content: str, after: str, last: bool) -> int | None:
    """The end of a content that begins at `start` and is followed by `after`, trimmed or rewritten as it may be."""
    for form in (content, content.strip(), content.lstrip(), content.rstrip()):
        end = start + len(form)
        if text.startswith(form, start) and text.startswith(after, end) and (not last or end + len(after) == len(text)):
            return end
    if last:
        return len(text) - len(after) if text.endswith(after) and len(text) - len(after) >= start else None
    if not after or after in content:  # where it ends would be anyone's guess
        return None
    end = text.find(after, start)
    return None if end < 0 else end
