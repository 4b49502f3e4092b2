"""What a model thinks before it replies, told from the reply: `<think>…</think>` at the beginning of what it writes.

Qwen3, DeepSeek-R1 and those that follow them write so; some of their templates open the thought themselves, at the end
of the prompt. Only the beginning counts: further on the same words are part of the reply.
"""

from __future__ import annotations

from enum import Enum, auto

from engine.events import TextDelta, ThinkingDelta

OPEN, CLOSE = "<think>", "</think>"


class _Place(Enum):
    BEGINNING = auto()  # nothing but white space, or a part of the mark, has come
    THOUGHT = auto()
    BETWEEN = auto()  # behind the thought; white space before the reply belongs to neither
    REPLY = auto()


class ThoughtSplitter:
    """Takes a reply in pieces of any size; what it gives does not depend on how it was cut up.

    A reply without a thought comes out as it went in. inside: the prompt has opened the thought already.
    """

    def __init__(self, inside: bool = False) -> None:
        self._place = _Place.THOUGHT if inside else _Place.BEGINNING
        self._held = ""  # cannot be told yet
        self._thought = False  # something of the thought has come out

    @classmethod
    def of_a_reply(cls) -> ThoughtSplitter:
        """One that finds no thought any more."""
        splitter = cls()
        splitter._place = _Place.REPLY
        return splitter

    @property
    def thinking(self) -> bool:
        return self._place is _Place.THOUGHT

    @property
    def replying(self) -> bool:
        """Whether the reply has begun; from then on nothing is held back."""
        return self._place is _Place.REPLY

    def feed(self, text: str) -> list[ThinkingDelta | TextDelta]:
        """What is certain by now."""
        self._held += text
        events: list[ThinkingDelta | TextDelta] = []
        if self._place is _Place.BEGINNING:
            self._begin()
        if self._place is _Place.THOUGHT and (thought := self._take_thought()):
            events.append(ThinkingDelta(thought))
        if self._place is _Place.BETWEEN:
            self._held = self._held.lstrip()
            self._place = _Place.REPLY if self._held else _Place.BETWEEN
        if self._place is _Place.REPLY and self._held:
            events.append(TextDelta(self._held))
            self._held = ""
        return events

    def close(self) -> list[TextDelta]:
        """What was held back of a reply that is over. Of a thought that was cut, half a mark is left out."""
        rest, self._held = self._held, ""
        return [TextDelta(rest)] if rest and self._place is _Place.BEGINNING else []

    def _begin(self) -> None:
        said = self._held.lstrip()
        if said.startswith(OPEN):
            self._place, self._held = _Place.THOUGHT, said[len(OPEN) :]
        elif not OPEN.startswith(said):
            self._place = _Place.REPLY

    def _take_thought(self) -> str:
        """What is certainly thought; white space around it is left out, half a mark at its end is held back."""
        if not self._thought:
            self._held = self._held.lstrip()
        end = self._held.find(CLOSE)
        if end >= 0:
            thought = self._held[:end].rstrip()
            self._place, self._held = _Place.BETWEEN, self._held[end + len(CLOSE) :]
        else:
            half = next(size for size in range(len(CLOSE) - 1, -1, -1) if self._held.endswith(CLOSE[:size]))
            thought = self._held[: len(self._held) - half].rstrip()
            self._held = self._held[len(thought) :]
        self._thought = self._thought or bool(thought)
        return thought
