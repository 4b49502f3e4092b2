"""A provider: a server or an API that has models. What there is to know of one, and of each of its models.

A model of a provider is called `provider/id`. A dialect speaks one kind of provider's language; nothing else knows how
its requests and answers look.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.chat.messages import ChatOptions, Message
from engine.events import Event

# What a provider may be. "compatible": any server or API that speaks as OpenAI's does.
KINDS = (
    "ollama",
    "llama.cpp",
    "llamafile",
    "lmstudio",
    "jan",
    "gpt4all",
    "vllm",
    "sglang",
    "litgpt",
    "compatible",
    "openai",
    "anthropic",
)
# How far what is written travels: to this machine itself, to another one nearby, or to anywhere.
REACHES = ("machine", "network", "internet")
# Where a provider's key is: nowhere, in the keyring, in our encrypted file, in memory until the program ends, or in an
# environment variable ("env:NAME").
KEY_PLACES = ("", "keyring", "vault", "run")

# What follows the name that was asked for where a provider answers with a version of the same model:
# gpt-4o-2024-08-06, claude-sonnet-4-5-20250929, qwen3:latest.
_VERSION = re.compile(r"[-:@](latest|v?\d{3,}(-\d{2}-\d{2})?)")


@dataclass(frozen=True)
class Provider:
    """A server or an API. name: without "/". address: its base, without a slash at the end (`http://127.0.0.1:8080`).

    key_place: one of KEY_PLACES, or "env:NAME"; the key itself is never kept here.
    """

    name: str
    kind: str
    address: str
    key_place: str = ""


@dataclass(frozen=True)
class RemoteModel:
    """A model as its provider describes it; None where that is not said.

    context: positions. capabilities: as `engine.library.capabilities` calls them. leaves: the provider passes on to the
    internet what it is asked, wherever it stands itself (Ollama's cloud models).
    """

    provider: str
    id: str
    context: int | None = None
    parameters: int | None = None
    size_bytes: int | None = None
    quantization: str | None = None
    capabilities: tuple[str, ...] = ()
    loaded: bool | None = None
    leaves: bool = False

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.id}"


@dataclass(frozen=True)
class Usage:
    """What a reply took, as the provider counts it and measures the seconds; None where it does not say."""

    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    thinking_tokens: int | None = None
    prompt_seconds: float | None = None
    output_seconds: float | None = None


@dataclass(frozen=True)
class Ended:
    """How a reply ended: reason is `stop`, `length` or `refused`; model: what the provider says has answered."""

    reason: str
    usage: Usage = field(default_factory=Usage)
    model: str | None = None


class Dialect(Protocol):
    """One provider, asked in its own language. Whatever goes wrong is raised as EngineError `provider_…`."""

    def models(self) -> list[RemoteModel]:
        """The provider's models, as it lists them."""

    def offers(self, model: RemoteModel) -> frozenset[str]:
        """Which of `Sampling`'s fields, and of "max_tokens", "context" and "continue", this model heeds."""

    def stream(
        self, model: RemoteModel, messages: Sequence[Message], options: ChatOptions, cancelled: threading.Event
    ) -> Iterator[Event | Ended]:
        """`TextDelta`s, `ThinkingDelta`s and `Log`s of a reply, and `Ended` last; nothing after `cancelled`.

        Only what is `given` of the options, and offered, is sent; so is their `context`. Closing the iterator ends the
        request at the server.
        """

    def close(self) -> None:
        """Let go of the connection. Closing twice does nothing."""


def fingerprint(provider: Provider, model: RemoteModel) -> str:
    """Of a model that is somewhere else: tokens of no other model are taken for its own."""
    return hashlib.sha256(f"{provider.kind} {provider.address} {model.id}".encode()).hexdigest()


def names(model: str) -> tuple[str, str] | None:
    """Provider and id of a model called `provider/id`; None for a name of another form."""
    provider, slash, id = model.partition("/")
    return (provider, id) if slash and provider and id else None


def is_same(asked: str, answered: str) -> bool:
    """Whether the model that answered is the one asked for, by another way of writing it or a version of it."""
    one, other = (re.split(r"[/\\]", name.casefold())[-1].removesuffix(".gguf") for name in (asked, answered))
    if one == other:
        return True
    longer, shorter = (other, one) if len(other) > len(one) else (one, other)
    return longer.startswith(shorter) and _VERSION.fullmatch(longer, len(shorter)) is not None


def plain(value: Any, most: int = 200) -> str:
    """What a provider says, as one short line that can be shown."""
    text = " ".join(str(value).split())
    text = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return text if len(text) <= most else text[: most - 1] + "…"
