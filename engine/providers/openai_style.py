"""Servers and APIs that speak as OpenAI's does, through its SDK; where each departs from it is in `quirks`.

Loading the SDK takes half a second and 23 MB, so only workers load this module.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import openai

from engine.chat.messages import ChatOptions, Message, valid_unicode, whole_characters
from engine.errors import EngineError
from engine.events import Event
from engine.providers import connection, openai_models, streams
from engine.providers.base import Ended, Provider, RemoteModel
from engine.providers.openai_reply import Reading, begun
from engine.providers.quirks import Quirks, quirks_of

_SSE = "text/event-stream"
_CHAT = "/chat/completions"


class OpenAIStyle:
    """A provider of one of the kinds in `QUIRKS`; a `Dialect`."""

    def __init__(self, provider: Provider, key: str | None = None) -> None:
        self._provider = provider
        self._http = connection.client(provider, key, auth=quirks_of(provider.kind).auth)
        self._root, base = _addresses(provider.address)
        # The key is the connection's matter; without one the SDK would take what it finds in the environment.
        self._sdk = openai.OpenAI(api_key="-", base_url=base, max_retries=0, http_client=self._http)

    def models(self) -> list[RemoteModel]:
        with connection.failing(self._provider):
            return openai_models.listed(self._provider, quirks_of(self._provider.kind).listing, self._get)

    def offers(self, model: RemoteModel) -> frozenset[str]:
        return quirks_of(self._provider.kind, model.id).offers

    def stream(
        self, model: RemoteModel, messages: Sequence[Message], options: ChatOptions, cancelled: threading.Event
    ) -> Iterator[Event | Ended]:
        quirks = quirks_of(self._provider.kind, model.id)
        if options.continue_final_message and quirks.continues is None:
            raise EngineError("provider_cannot_continue", name=self._provider.name)
        body = _body(quirks, model, messages, options)
        reading = Reading(self._provider, model.id, continued=options.continue_final_message)
        with self._http.heeding(cancelled):
            for event in (
                self._streamed(body, reading, cancelled) if quirks.streams else self._whole(body, reading, cancelled)
            ):
                if cancelled.is_set():
                    return
                yield event

    def close(self) -> None:
        self._sdk.close()

    def _streamed(self, body: dict[str, Any], reading: Reading, cancelled: threading.Event) -> Iterator[Event | Ended]:
        def open_stream() -> openai.Stream[object]:
            asked = body | {"stream": True}
            return self._sdk.post(_CHAT, cast_to=object, body=asked, stream=True, stream_cls=openai.Stream[object])

        with (yield from connection.asked(self._provider, reading.model, open_stream, cancelled)) as stream:
            with begun(self._provider, reading.model):
                if stream.response.headers.get("content-type", _SSE).startswith(_SSE):
                    for chunk in stream:
                        yield from reading.chunk(chunk)
                else:  # one that does not stream after all, or no such server
                    yield from reading.chunk(streams.parsed(stream.response.read()), part="message")
        yield from reading.end()

    def _whole(self, body: dict[str, Any], reading: Reading, cancelled: threading.Event) -> Iterator[Event | Ended]:
        def ask() -> object:
            return self._sdk.post(_CHAT, cast_to=object, body=body)

        answer = yield from connection.asked(self._provider, reading.model, ask, cancelled)
        yield from reading.chunk(answer, part="message")
        yield from reading.end()

    def _get(self, path: str) -> Any:
        """The JSON at a path under `/v1`, or from the root if it begins with a slash; None where that is not known."""
        try:
            return self._sdk.get(self._root + path if path.startswith("/") else path, cast_to=object)
        except openai.NotFoundError:
            return None


def _addresses(address: str) -> tuple[str, str]:
    """The root of a server, and where its API begins: at `/v1` if nothing else is said."""
    root = address.removesuffix("/v1")
    return root, address if urlsplit(address).path else f"{address}/v1"


def _body(quirks: Quirks, model: RemoteModel, messages: Sequence[Message], options: ChatOptions) -> dict[str, Any]:
    """A request, without how it is to be answered."""
    said = [{"role": message.role, "content": valid_unicode(message.content)} for message in messages]
    body: dict[str, Any] = {"model": model.id, "messages": said}
    if options.continue_final_message:
        said[-1]["content"] = whole_characters(said[-1]["content"])
        body |= quirks.continues or {}
    if quirks.most is not None:
        body[quirks.names["max_tokens"]] = quirks.most
    for name in sorted(options.given & quirks.names.keys()):
        body[quirks.names[name]] = _value(quirks, name, options)
    if quirks.streams and quirks.usage:
        body["stream_options"] = {"include_usage": True}
    return body


def _value(quirks: Quirks, name: str, options: ChatOptions) -> Any:
    value = options.max_tokens if name == "max_tokens" else getattr(options.sampling, name)
    return quirks.all_of_top_k if name == "top_k" and value == 0 else value
