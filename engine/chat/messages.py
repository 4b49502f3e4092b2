"""Messages: pure values. Two equal messages compare equal; ids and storage live elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from engine.errors import EngineError
from engine.phrases import phrase
from engine.runtime.base import Sampling, check_option

ROLES = ("system", "user", "assistant")


def valid_unicode(text: str) -> str:
    """`text` with surrogate pairs joined and lone surrogates replaced: what UTF-8, and so every tokenizer, can hold."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


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


def whole_characters(content: str) -> str:
    """A reply that is to be continued, without what stands for the rest of a character that was cut in two."""
    return content.removesuffix("\ufffd")


def as_message(message: Message | dict[str, Any]) -> Message:
    """A message whose content any tokenizer can take. Raises EngineError `usage`."""
    try:
        given = message if isinstance(message, Message) else Message.from_json(message)
    except (ValueError, TypeError) as error:
        raise EngineError("usage", reason=str(error)) from error
    return replace(given, content=valid_unicode(given.content))


@dataclass(frozen=True)
class Asked:
    """A reply in a chat of the store, by its id, asked for at this time (seconds since 1970)."""

    chat: int
    at: float


@dataclass(frozen=True)
class ChatOptions:
    """How to answer. max_tokens None: until the model ends or the context is full.

    continue_final_message: go on with the last message, a reply, instead of beginning a new one.
    given: the names of what was asked for; a provider is left to choose the rest.
    context: positions that a provider is asked to hold, chosen when its model was opened; None: as it sees fit.
    choices: tell of each token how likely it was and what else there was, by a `TokenChoice`; no provider's model does.
    Raises EngineError `bad_option` for a value outside its range.
    """

    sampling: Sampling = field(default_factory=Sampling)
    max_tokens: int | None = None
    continue_final_message: bool = False
    given: frozenset[str] = field(default=frozenset(), compare=False)
    context: int | None = None
    choices: bool = False

    def __post_init__(self) -> None:
        check_option("max_tokens", self.max_tokens, least=1, whole=True)
        check_option("context", self.context, least=1, whole=True)
        for name in ("continue_final_message", "choices"):
            if not isinstance(value := getattr(self, name), bool):
                raise EngineError("bad_option", option=name, expected=phrase("true or false"), value=value)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ChatOptions:
        """From the fields of `Sampling` and our own, side by side; None is as good as absent."""
        own = ("max_tokens", "continue_final_message", "choices")
        known = [*(f.name for f in fields(Sampling)), *own]
        for name in data:
            if name not in known:
                expected = phrase("one of {names}", names=", ".join(known))
                raise EngineError("bad_option", option=name, expected=expected, value=data[name])
        given = {name: value for name, value in data.items() if value is not None}
        ours = {name: given.pop(name) for name in own if name in given}
        return cls(Sampling(**given), **ours, given=frozenset({*given, *ours}))
