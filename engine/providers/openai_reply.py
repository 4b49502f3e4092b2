"""A reply as chat completions bring it, chunk by chunk or whole: what is said, thought and counted in it.

Nothing in it is trusted: a value of another type than it should be is as good as absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from engine.chat.messages import valid_unicode
from engine.errors import EngineError
from engine.events import Event, TextDelta, ThinkingDelta
from engine.providers import connection
from engine.providers.base import Ended, Provider, Usage
from engine.providers.quirks import THINKING
from engine.providers.streams import items, number, text, value, whole

# platform.openai.com/docs/api-reference/chat-streaming; what is not named here ended as it wanted to.
_REASONS = {"length": "length", "content_filter": "refused"}
# SGLang (`abort`) and OpenRouter (`error`, docs "Errors and debugging") say by these that the reply is not whole.
_BROKEN = ("abort", "error")


class Reading:
    """Takes the chunks of one reply and tells events; knows at the end how it ended."""

    def __init__(self, provider: Provider, model: str, continued: bool = False) -> None:
        """model: the id of the one that was asked. continued: the reply was begun before, so no thought begins it."""
        self.model = model
        self._provider = provider
        self._text, self._thinking = _Characters(), _Characters()
        self._tags = None if continued else _ThinkTags()
        self._found = False
        self._finish: str | None = None
        self._refused = False
        self._usage: dict[str, Any] = {}
        self._answered_by: str | None = None

    def chunk(self, chunk: Any, part: str = "delta") -> Iterator[Event]:
        """Events of a chunk, or of a whole reply, whose `part` is "message".

        Mistral's thinking models have a list of `thinking` and `text` in the place of a text (docs.mistral.ai,
        "Reasoning"). Raises EngineError `provider_strange`, and what the provider itself says went wrong.
        """
        if error := connection.error_in(self._provider, chunk, self.model):
            raise error
        if not isinstance(chunk, dict):
            raise EngineError("provider_strange", name=self._provider.name, detail=type(chunk).__name__)
        said = ("choices", 0, part)
        self._found = self._found or value(chunk, *said) is not None
        self._answered_by = text(chunk, "model") or self._answered_by
        self._usage |= _usage(chunk)
        thought = next((found for name in THINKING if (found := _characters(chunk, *said, name))), "")
        for piece in items(chunk, *said, "content"):
            thought += "".join(_characters(inner, "text") for inner in items(piece, "thinking"))
        yield from _delta(ThinkingDelta, self._thinking.add(thought))
        refusal = _characters(chunk, *said, "refusal")
        self._refused = self._refused or bool(refusal)
        yield from _delta(TextDelta, self._text.add(refusal))
        yield from self._said(_characters(chunk, *said, "content"))
        for piece in items(chunk, *said, "content"):
            yield from self._said(_characters(piece, "text"))
        self._finish = text(chunk, "choices", 0, "finish_reason") or self._finish

    def end(self) -> Iterator[Event | Ended]:
        """What was held back until it was clear that nothing more comes, and how it ended.

        Raises EngineError `provider_strange` where no reply came, and `provider_cut` for one that has no end.
        """
        if self._tags is not None:
            yield from self._told(self._tags.rest())
        yield from _delta(ThinkingDelta, self._thinking.rest())
        yield from _delta(TextDelta, self._text.rest())
        if self._finish is None or self._finish in _BROKEN:
            code = "provider_cut" if self._found else "provider_strange"
            raise EngineError(code, name=self._provider.name, detail=f"finish_reason {self._finish}")
        reason = "refused" if self._refused else _REASONS.get(self._finish, "stop")
        yield Ended(reason, Usage(**self._usage), self._answered_by)

    def _said(self, content: str) -> Iterator[Event]:
        if not content:
            return
        if self._tags is None:
            yield from _delta(TextDelta, self._text.add(content))
        else:
            yield from self._told(self._tags.add(content))

    def _told(self, parts: tuple[str, str]) -> Iterator[Event]:
        thought, said = parts
        yield from _delta(ThinkingDelta, self._thinking.add(thought))
        yield from _delta(TextDelta, self._text.add(said))


@contextmanager
def begun(provider: Provider, model: str) -> Iterator[None]:
    """Reads a reply of which some is there already: as `connection.failing`, but a broken connection cut it."""
    try:
        with connection.failing(provider, model):
            yield
    except EngineError as error:
        if error.code != "provider_unreachable":
            raise
        raise EngineError("provider_cut", error.detail, name=provider.name) from None


def _characters(data: Any, *path: str | int) -> str:
    """A text as it came, halves of characters and all."""
    found = value(data, *path)
    return found if isinstance(found, str) else ""


def _delta(kind: type[TextDelta] | type[ThinkingDelta], characters: str) -> Iterator[Event]:
    if characters:
        yield kind(characters)


class _Characters:
    """Whole characters of a text that comes in pieces: JSON may bring the two halves of one in two strings."""

    def __init__(self) -> None:
        self._half = ""

    def add(self, piece: str) -> str:
        piece = self._half + piece
        self._half = piece[-1:] if "\ud800" <= piece[-1:] <= "\udbff" else ""
        return valid_unicode(piece[: len(piece) - len(self._half)])

    def rest(self) -> str:
        half, self._half = self._half, ""
        return valid_unicode(half)


class _ThinkTags:
    """Tells thinking from text where a server leaves both in one: `<think>` at the beginning, and its end.

    llama.cpp with `--reasoning-format none`, LM Studio before 0.3.9 and many an API send what DeepSeek's and Qwen's
    models write as it is.
    """

    _OPEN, _CLOSE = "<think>", "</think>"

    def __init__(self) -> None:
        self._held = ""
        self._step = self._before

    def add(self, piece: str) -> tuple[str, str]:
        """What is thought and what is said, as far as that is clear."""
        self._held += piece
        thought = said = ""
        step = None
        while step != self._step:
            step = self._step
            more_thought, more_said = step()
            thought, said = thought + more_thought, said + more_said
        return thought, said

    def rest(self) -> tuple[str, str]:
        held, self._held = self._held, ""
        return (held, "") if self._step == self._inside else ("", held if self._step == self._before else "")

    # Each step takes what it can of what is held, and says what comes next.

    def _before(self) -> tuple[str, str]:
        begun = self._held.lstrip()
        if begun.startswith(self._OPEN):
            self._held, self._step = begun[len(self._OPEN) :], self._opened
        elif not self._OPEN.startswith(begun):
            self._step = self._behind
        return "", ""

    def _opened(self) -> tuple[str, str]:
        return self._at_text(self._inside)

    def _inside(self) -> tuple[str, str]:
        thought, closed, after = self._held.partition(self._CLOSE)
        if closed:
            self._held, self._step = after, self._closed
            return thought, ""
        kept = _beginning_at_end(thought, self._CLOSE)
        self._held = thought[len(thought) - kept :]
        return thought[: len(thought) - kept], ""

    def _closed(self) -> tuple[str, str]:
        return self._at_text(self._behind)

    def _behind(self) -> tuple[str, str]:
        said, self._held = self._held, ""
        return "", said

    def _at_text(self, step: Callable[[], tuple[str, str]]) -> tuple[str, str]:
        """On to `step` where something follows the line ends beside a tag."""
        self._held = self._held.lstrip("\n")
        if self._held:
            self._step = step
        return "", ""


def _beginning_at_end(text: str, tag: str) -> int:
    """How many characters at the end of `text` may be the beginning of `tag`."""
    return next((count for count in range(min(len(tag) - 1, len(text)), 0, -1) if text.endswith(tag[:count])), 0)


def _usage(chunk: dict[str, Any]) -> dict[str, Any]:
    """What a chunk says of tokens and seconds, as fields of `Usage`; only what it says."""
    found = {
        "prompt_tokens": whole(chunk, "usage", "prompt_tokens"),
        "output_tokens": whole(chunk, "usage", "completion_tokens"),
        "cached_tokens": whole(chunk, "usage", "prompt_tokens_details", "cached_tokens"),
        "thinking_tokens": _first(
            whole(chunk, "usage", "completion_tokens_details", "reasoning_tokens"),
            whole(chunk, "usage", "reasoning_tokens"),  # SGLang's `UsageInfo`
        ),
        "prompt_seconds": _seconds(chunk, "prompt_ms"),
        "output_seconds": _seconds(chunk, "predicted_ms"),
    }
    if not found["prompt_tokens"] and not found["output_tokens"]:  # LitServe counts nothing and says 0
        found |= dict.fromkeys(("prompt_tokens", "output_tokens"))
    return {name: value for name, value in found.items() if value is not None}


def _seconds(chunk: dict[str, Any], name: str) -> float | None:
    """llama.cpp's `timings` (tools/server/README.md) are milliseconds."""
    milliseconds = number(chunk, "timings", name)
    return None if milliseconds is None or milliseconds < 0 else milliseconds / 1000


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
