"""A reply that was asked for, and what there is of it by now."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from app.chat.parameters import Parameters
from app.chat.phase import Phase
from engine.chat.messages import Message
from engine.chat.store import StoredMessage
from engine.events import Failed
from engine.library.models import ModelEntry

Wanted = tuple[str, str, int | None]  # address, backend, context: what a worker must have loaded


@dataclass(eq=False)
class Reply:
    """A reply asked for: a new one, another version of the one it stands `beside`, or the rest of a stored one.

    `message` is its row in the store. Of a reply that `continues`, `history` ends with what is there of it.
    """

    chat: int
    model: str  # by its name in the library
    parameters: Parameters
    history: list[Message]
    beside: int | None = None
    continues: StoredMessage | None = None
    message: int = 0
    parts: list[str] = field(default_factory=list)  # what has come, piece by piece
    thoughts: list[str] = field(default_factory=list)  # what the model thinks before, piece by piece
    phase: Phase = Phase.WAITING
    percent: int = 0  # of the phase
    state: str = "streaming"
    stats: dict[str, Any] = field(default_factory=dict)
    failure: Failed | None = None
    wanted: Wanted | None = None
    entry: ModelEntry | None = None  # the model itself, where it is none of the library
    offers: frozenset[str] | None = None  # what its provider heeds, as far as that is known before it is connected
    stopped: bool = False
    abandoned: bool = False  # its chat is gone: nothing more of it is stored
    _thought_from: float | None = None  # seconds of the monotonic clock
    _thought_until: float | None = None

    @property
    def text(self) -> str:
        begun = self.history[-1].content if self.continues is not None else ""
        return "".join([begun, *self.parts])

    @property
    def thinking(self) -> str:
        begun = self.continues.thinking if self.continues is not None else ""
        return "".join([begun, *self.thoughts])

    @property
    def began(self) -> bool:
        """Whether anything has come that is worth keeping."""
        return bool(self.parts or self.thoughts)

    @property
    def thinks(self) -> bool:
        """Whether it is thinking now."""
        return self._thought_from is not None and self._thought_until is None

    @property
    def thinking_seconds(self) -> float | None:
        """How long it thought, or thinks already; None where it did not."""
        if self._thought_from is None:
            return None
        return (monotonic() if self._thought_until is None else self._thought_until) - self._thought_from

    def think(self, text: str) -> None:
        if self._thought_from is None:
            self._thought_from = monotonic()
        self.thoughts.append(text)

    def say(self, text: str) -> None:
        self.stop_thinking()
        self.parts.append(text)

    def stop_thinking(self) -> None:
        if self.thinks:
            self._thought_until = monotonic()
