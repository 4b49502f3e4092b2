"""Messages: pure values. Two equal messages compare equal; ids and storage live elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.runtime.base import Sampling

ROLES = ("system", "user", "assistant")


@dataclass(frozen=True)
class Message:
    """One message. A reply also keeps what the model really wrote, so that it is never tokenized again.

    tokens: the token ids of the reply, without the one that ended it; None for typed text.
    model: fingerprint of the model (`Runtime.fingerprint`) that wrote `tokens`.
    """

    role: str
    content: str
    tokens: tuple[int, ...] | None = None
    model: str | None = None

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {"role": self.role, "content": self.content}
        if self.tokens is not None:
            data |= {"tokens": list(self.tokens), "model": self.model}
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Message:
        """Raises ValueError for a shape that is not a message."""
        role, content, tokens = data.get("role"), data.get("content"), data.get("tokens")
        if role not in ROLES or not isinstance(content, str):
            raise ValueError(f"not a message: {str(data)[:100]}")
        return cls(role, content, None if tokens is None else tuple(int(t) for t in tokens), data.get("model"))


@dataclass(frozen=True)
class ChatOptions:
    """How to answer. max_tokens None: until the model ends or the context is full."""

    sampling: Sampling = field(default_factory=Sampling)
    max_tokens: int | None = None
