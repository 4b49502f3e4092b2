"""A reply as it is written: from tokens to the events that tell of it."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from typing import NamedTuple

from engine.chat.thinking import ThoughtSplitter
from engine.events import TextDelta, ThinkingDelta, TokenChoice
from engine.runtime.base import Token

Said = TextDelta | ThinkingDelta | TokenChoice


class _Placed(NamedTuple):
    """A token, and the characters of all that is decoded between which its bytes lie."""

    token: Token
    start: int
    end: int


class Writing:
    """Bytes become whole characters, a thought is told from the reply, and of each token of the reply is told, where
    that is asked for, how likely it was.

    `TokenChoice.start` counts characters of the reply. A token that begins in the middle of a character starts at that
    character; bytes that are no character count as the U+FFFD they are shown as. A token's choice comes before the text
    that its bytes complete. There is one for every token of which a byte belongs to the reply, but for the one that
    ends it, which writes nothing; white space between a thought and the reply belongs to neither.
    """

    def __init__(self, split: ThoughtSplitter, text_of: Callable[[int], str] | None = None) -> None:
        """text_of: the text of an alternative; None where nobody asks for choices."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._split, self._text_of = split, text_of
        self._decoded = 0  # characters, thoughts and all
        self._said = 0  # of them in the reply
        self._held: list[_Placed] = []  # may turn out to be thought

    @property
    def thinking(self) -> bool:
        return self._split.thinking

    def begin(self, written: bytes) -> str:
        """Take in what is already written of the reply; its text, without a character that was cut in two."""
        text = self._decoder.decode(written)
        return "".join(event.text for event in self._tell(text) if isinstance(event, TextDelta))

    def add(self, token: Token) -> list[Said]:
        """What is certain by now."""
        if self._text_of is None:
            return self._tell(self._decoder.decode(token.piece))
        first = self._decoder.decode(token.piece[:1])
        start = self._decoded + len(first) - (bool(token.piece) and not self._cut)
        text = first + self._decoder.decode(token.piece[1:])
        self._held.append(_Placed(token, start, self._decoded + len(text) + self._cut))
        return self._tell(text)

    @property
    def _cut(self) -> bool:
        """Whether a part of a character has come, and not yet its rest."""
        return bool(self._decoder.getstate()[0])

    def close(self) -> list[Said]:
        """What was held back of a reply that is over. A thought ends before a character that was cut in two."""
        events = [] if self.thinking else self._tell(self._decoder.decode(b"", final=True))
        return [*events, *self._with_choices(self._split.close())]

    def _tell(self, text: str) -> list[Said]:
        self._decoded += len(text)
        events = self._split.feed(text)
        if self.thinking:
            self._held.clear()
        return self._with_choices(events) if self._split.replying else [*events]

    def _with_choices(self, events: Sequence[ThinkingDelta | TextDelta]) -> list[Said]:
        """These, and before them the choices of the tokens held back, now that they are known to be of the reply."""
        if self._text_of is None:
            return [*events]
        self._said += sum(len(event.text) for event in events if isinstance(event, TextDelta))
        before = self._decoded - self._said  # characters of the thought, and white space behind it
        choices = [
            TokenChoice(
                token.piece.decode("utf-8", "replace"),
                token.probability,
                tuple([(self._text_of(id), probability) for id, probability in token.alternatives]),
                max(start - before, 0),
            )
            for token, start, end in self._held
            if token.probability is not None and (start >= before or end > before)
        ]
        self._held.clear()
        return [*choices, *events]
