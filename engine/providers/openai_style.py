"""Servers and APIs that speak as OpenAI's does, through its SDK; where each departs from it is in `quirks`.

Loading the SDK takes half a second and 23 MB, so only workers load this module.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
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

_CHAT = "/chat/completions"
_Reply = Generator[Event | Ended]


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
        reply = self._streamed if quirks.streams else self._whole
        with self._http.heeding(cancelled), closing(reply(body, reading, cancelled)) as events:
            for event in events:
                if cancelled.is_set():
                    return
                yield event

    def close(self) -> None:
        self._sdk.close()

    def _streamed(self, body: dict[str, Any], reading: Reading, cancelled: threading.Event) -> _Reply:
        def open_stream() -> openai.Stream[object]:
            return self._sdk.post(_CHAT, cast_to=object, body=body, stream=True, stream_cls=openai.Stream[object])

        def without_count() -> openai.Stream[object]:
            """Some APIs refuse what they do not know; Mistral counts unasked (dnakov/anon-kode issue 53)."""
            try:
                return open_stream()
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if "stream_options" not in error.response.text or body.pop("stream_options", None) is None:
                    raise
                return open_stream()

        with (yield from connection.asked(self._provider, reading.model, without_count, cancelled)) as stream:
            with begun(self._provider, reading.model):
                if "json" in stream.response.headers.get("content-type", ""):  # it does not stream after all
                    yield from reading.chunk(streams.parsed(stream.response.read()), part="message")
                else:
                    for chunk in streams.server_sent(stream.response):
                        yield from reading.chunk(chunk)
        yield from reading.end()

    def _whole(self, body: dict[str, Any], reading: Reading, cancelled: threading.Event) -> _Reply:
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
    if quirks.streams:
        body["stream"] = True
    if quirks.streams and quirks.usage:
        body["stream_options"] = {"include_usage": True}
    return body


def _value(quirks: Quirks, name: str, options: ChatOptions) -> Any:
    value: Any = options.max_tokens if name == "max_tokens" else getattr(options.sampling, name)
    return quirks.instead.get((name, value), value)
