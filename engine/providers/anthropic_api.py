"""Anthropic's API, and servers that speak as it does, through its SDK.

Since `anthropic-version: 2026-10-21` no request chooses how tokens are drawn: `temperature`, `top_p` and `top_k` are
refused. Servers of the version before still heed them; they are told by what they say of their models, which has no
`lifecycle` there, and are asked with that version and its `x-api-key`. What else a model takes, it says itself.
Sources: the SDK's types (anthropic 2.12), platform.claude.com/docs: "api/versioning", "api/errors" ("Prefill not
supported"), "build-with-claude/thinking", "build-with-claude/streaming".

Loading the SDK takes half a second, so only workers load this module.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any
from urllib.parse import quote, urlsplit

import anthropic
import httpx2

from engine.chat.messages import ChatOptions, Message, valid_unicode, whole_characters
from engine.errors import EngineError
from engine.events import Event, TextDelta, ThinkingDelta
from engine.providers import connection, streams
from engine.providers.base import Ended, Provider, RemoteModel, Usage
from engine.providers.openai_reply import begun

_OWN_HOST = "api.anthropic.com"
_OLDER = "2023-06-01"
_OLDER_NAMES = ("temperature", "top_k", "top_p")  # and called so in a request
_MOST_TOKENS = 8192  # of a reply, where nobody says how many the model writes at most: it has to be told some limit
_PAGE, _MOST_PAGES = 1000, 10
_REASONS = {"max_tokens": "length", "model_context_window_exceeded": "length", "refusal": "refused"}
_UNFINISHED = "pause_turn"  # it would have to be asked to go on


class Anthropic:
    """A `Dialect`."""

    def __init__(self, provider: Provider, key: str | None = None) -> None:
        self._provider = provider
        self._is_own = urlsplit(provider.address).hostname == _OWN_HOST
        self._http = connection.client(provider, key, auth="bearer" if self._is_own else "x-api-key")
        # The key is the connection's matter; without one the SDK would take what it finds in the environment.
        self._sdk = anthropic.Anthropic(
            api_key="-",
            base_url=provider.address.removesuffix("/v1"),
            max_retries=0,
            http_client=self._http,
            open_telemetry=False,
        )
        self._said: dict[str, dict[str, Any]] = {}  # of models, by their ids

    def models(self) -> list[RemoteModel]:
        """None where another server than Anthropic's has no list."""
        found: dict[str, RemoteModel] = {}
        after: str | None = None
        with connection.failing(self._provider):
            for _ in range(_MOST_PAGES):
                page = self._page(after)
                rows = {id: row for row in streams.items(page, "data") if (id := streams.text(row, "id"))}
                self._said |= rows
                found |= {id: _described(self._provider, id, row) for id, row in rows.items()}
                after = streams.text(page, "last_id") or None
                if not rows or not after or not streams.flag(page, "has_more"):
                    break
        return list(found.values())

    def offers(self, model: RemoteModel) -> frozenset[str]:
        """Asks the provider once what the model takes. Raises EngineError as any question does."""
        with connection.failing(self._provider, model.id):
            said = self._about(model.id)
        names = {"max_tokens", *(_OLDER_NAMES if self._is_older(said) else ())}
        return frozenset(names | ({"continue"} if _continues(said) else set()))

    def stream(
        self, model: RemoteModel, messages: Sequence[Message], options: ChatOptions, cancelled: threading.Event
    ) -> Iterator[Event | Ended]:
        with self._http.heeding(cancelled):
            offered = self.offers(model)
            if options.continue_final_message and "continue" not in offered:
                raise EngineError("provider_cannot_continue", name=self._provider.name)
            said = self._about(model.id)
            body, cut = _body(model, messages, options, offered, said)
            for event in self._reply(model.id, body, said, cut, cancelled):
                if cancelled.is_set():
                    return
                yield event

    def close(self) -> None:
        self._sdk.close()

    def _reply(
        self, id: str, body: dict[str, Any], said: dict[str, Any], cut: bool, cancelled: threading.Event
    ) -> Iterator[Event | Ended]:
        """cut: white space at the end of what is gone on with was left out, so it is none at the beginning either."""

        def open_stream() -> httpx2.Response:
            stream = self._sdk.post(
                "/v1/messages",
                cast_to=object,
                body=body | {"stream": True},
                options={"headers": self._version(said)},
                stream=True,
                stream_cls=anthropic.Stream[object],
            )
            return stream.response  # as it came: the SDK's own reader fails on an event of another form than it knows

        response = yield from connection.asked(self._provider, id, open_stream, cancelled)
        reading = _Reading(self._provider, id, cut)
        with closing(response), begun(self._provider, id):
            for event in streams.server_sent(response):
                yield from reading.event(event)
                if reading.over:
                    break
        yield reading.end()

    def _about(self, id: str) -> dict[str, Any]:
        """What the provider says of a model; nothing where it does not say such things."""
        if id not in self._said:
            try:
                said = self._get(f"/v1/models/{quote(id, safe='')}")
            except anthropic.NotFoundError:
                if self._is_own:
                    raise
                said = None
            self._said[id] = said if isinstance(said, dict) else {}
        return self._said[id]

    def _page(self, after: str | None) -> dict[str, Any]:
        try:
            page = self._get("/v1/models", limit=_PAGE, **({} if after is None else {"after_id": after}))
        except anthropic.NotFoundError:
            if self._is_own:
                raise
            return {}
        if error := connection.error_in(self._provider, page):
            raise error
        if not isinstance(page, dict):
            raise EngineError("provider_strange", detail=type(page).__name__, name=self._provider.name)
        return page

    def _get(self, path: str, **query: Any) -> Any:
        return self._sdk.get(path, cast_to=object, options={"params": query})

    def _is_older(self, said: dict[str, Any]) -> bool:
        return not self._is_own and "lifecycle" not in said

    def _version(self, said: dict[str, Any]) -> dict[str, str]:
        return {"anthropic-version": _OLDER} if self._is_older(said) else {}


class _Reading:
    """Takes the events of one reply, and knows at the end how it ended. Nothing in it is trusted."""

    def __init__(self, provider: Provider, model: str, cut: bool) -> None:
        self.over = False
        self._provider, self._model, self._cut = provider, model, cut
        self._begun = False
        self._reason: str | None = None
        self._answered_by: str | None = None
        self._usage: dict[str, Any] = {}

    def event(self, event: dict[str, Any]) -> Iterator[Event]:
        """Raises EngineError for what the provider says went wrong."""
        if error := connection.error_in(self._provider, event, self._model):
            raise error
        match streams.text(event, "type"):
            case "message_start":
                self._begun = True
                self._answered_by = streams.text(event, "message", "model") or None
                self._usage |= streams.part(event, "message", "usage")
            case "content_block_start":
                yield from self._said(streams.part(event, "content_block"))
            case "content_block_delta":
                yield from self._said(streams.part(event, "delta"))
            case "message_delta":
                self._reason = streams.text(event, "delta", "stop_reason") or self._reason
                told = streams.part(event, "usage")
                self._usage |= {name: value for name, value in told.items() if value is not None}
            case "message_stop":
                self.over = True

    def end(self) -> Ended:
        """Raises EngineError `provider_strange` where no reply came, and `provider_cut` for one that has no end."""
        if self._reason is None or self._reason == _UNFINISHED:
            code = "provider_cut" if self._begun else "provider_strange"
            raise EngineError(code, detail=f"stop_reason {self._reason}", name=self._provider.name)
        return Ended(_REASONS.get(self._reason, "stop"), _usage(self._usage), self._answered_by)

    def _said(self, part: dict[str, Any]) -> Iterator[Event]:
        if thought := streams.text(part, "thinking"):
            yield ThinkingDelta(thought)
        said = streams.text(part, "text") or ""
        if self._cut:
            said = said.lstrip()
        if said:
            self._cut = False
            yield TextDelta(said)


def _usage(told: dict[str, Any]) -> Usage:
    """`input_tokens` are those that were neither read from the cache nor written into it."""
    fresh, read, written = (
        streams.whole(told, name) for name in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    )
    return Usage(
        prompt_tokens=None if fresh is None else fresh + (read or 0) + (written or 0),
        cached_tokens=read,
        output_tokens=streams.whole(told, "output_tokens"),
        thinking_tokens=streams.whole(told, "output_tokens_details", "thinking_tokens"),
    )


def _described(provider: Provider, id: str, row: dict[str, Any]) -> RemoteModel:
    able = streams.part(row, "capabilities")
    badges = {
        "chat": True,
        "thinking": streams.flag(able, "thinking", "supported"),
        "vision": streams.flag(able, "image_input", "supported"),
    }
    context = streams.whole(row, "max_input_tokens") or None
    return RemoteModel(provider.name, id, context, capabilities=tuple(name for name, has in badges.items() if has))


def _continues(said: dict[str, Any]) -> bool:
    """Models that choose themselves how long they think refuse a reply that was begun, as do all since Claude 4.6."""
    return _thinks(said, "adaptive") is False


def _thinks(said: dict[str, Any], type: str) -> bool | None:
    return streams.flag(said, "capabilities", "thinking", "types", type, "supported")


def _body(
    model: RemoteModel, messages: Sequence[Message], options: ChatOptions, offered: frozenset[str], said: dict[str, Any]
) -> tuple[dict[str, Any], bool]:
    """A request, and whether white space was cut off the reply that is gone on with: it may not end with any."""
    system = "\n\n".join(valid_unicode(message.content) for message in messages if message.role == "system")
    turns = _turns(messages)
    cut = False
    if options.continue_final_message and turns:
        begun = whole_characters(turns[-1]["content"])
        turns[-1]["content"] = begun.rstrip()
        cut = begun != begun.rstrip()
    body: dict[str, Any] = {"model": model.id, "messages": turns, "max_tokens": _limit(options, said)}
    if system:
        body["system"] = system
    if _thinks(said, "adaptive"):  # they think anyhow, and say what only where they are asked to
        body["thinking"] = {"type": "adaptive", "display": "summarized"}
    for name in sorted(options.given & offered & {*_OLDER_NAMES}):
        body[name] = getattr(options.sampling, name)
    return body, cut


def _turns(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """The conversation as user and assistant take turns; neighbours of one role are one turn."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        content = valid_unicode(message.content)
        if message.role == "system":
            continue
        if turns and turns[-1]["role"] == message.role:
            turns[-1]["content"] += f"\n\n{content}"
        else:
            turns.append({"role": message.role, "content": content})
    return turns


def _limit(options: ChatOptions, said: dict[str, Any]) -> int:
    """`max_tokens` is required: what was asked for, within what the model writes at most."""
    most = streams.whole(said, "max_tokens") or None
    asked = options.max_tokens if "max_tokens" in options.given else None
    if asked is None:
        return most or _MOST_TOKENS
    return min(asked, most or asked)
