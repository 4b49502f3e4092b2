"""LitGPT's server, however it was started: with a prompt to `/predict`, or as OpenAI's API.

Sources: Lightning-AI/litgpt litgpt/deploy/serve.py and tutorials/deploy.md; Lightning-AI/LitServe src/litserve:
server.py (FastAPI, whose `/openapi.json` names the routes; `/health`; `X-API-Key`) and api.py (a streamed answer has
one JSON object a line). It does not say which model it has, how many tokens it wrote, nor why it ended.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from engine.chat.messages import ChatOptions, Message, valid_unicode
from engine.chat.prompt import plain_text
from engine.errors import EngineError
from engine.events import Event, TextDelta
from engine.providers import connection, streams
from engine.providers.base import Ended, Provider, RemoteModel
from engine.providers.openai_reply import begun
from engine.providers.quirks import quirks_of

if TYPE_CHECKING:
    import httpx2

    from engine.providers.openai_style import OpenAIStyle

_AS_OPENAI = "/v1/chat/completions"


class LitGPT:
    """A `Dialect`. Which of its languages the server speaks is asked once, when it matters."""

    def __init__(self, provider: Provider, key: str | None = None) -> None:
        self._provider, self._key = provider, key
        self._http = connection.client(provider, key, auth=quirks_of("litgpt").auth)
        self._openai: OpenAIStyle | None = None
        self._asked = False

    def models(self) -> list[RemoteModel]:
        """Its one model, by a name of ours, once it is loaded."""
        with connection.failing(self._provider):
            self._http.get("/health").raise_for_status()
        return [RemoteModel(self._provider.name, "litgpt", loaded=True)]

    def offers(self, model: RemoteModel) -> frozenset[str]:
        """What `/predict` heeds was chosen when the server was started."""
        inner = self._speaks_openai()
        return frozenset() if inner is None else inner.offers(model)

    def stream(
        self, model: RemoteModel, messages: Sequence[Message], options: ChatOptions, cancelled: threading.Event
    ) -> Iterator[Event | Ended]:
        if options.continue_final_message:
            raise EngineError("provider_cannot_continue", name=self._provider.name)
        inner = self._speaks_openai()
        if inner is not None:
            yield from inner.stream(model, messages, options, cancelled)
            return
        with self._http.heeding(cancelled), closing(self._predict(model, _prompt(messages), cancelled)) as events:
            for event in events:
                if cancelled.is_set():
                    return
                yield event

    def close(self) -> None:
        self._http.close()
        if self._openai is not None:
            self._openai.close()

    def _predict(self, model: RemoteModel, prompt: str, cancelled: threading.Event) -> Generator[Event | Ended]:
        def ask() -> httpx2.Response:
            response = self._http.send(
                self._http.build_request("POST", "/predict", json={"prompt": prompt}), stream=True
            )
            if response.is_error:
                response.read()
            return response.raise_for_status()

        said: str | None = None
        with closing((yield from connection.asked(self._provider, model.id, ask, cancelled))) as response:
            with begun(self._provider, model.id):
                for output in _outputs(response):
                    said = streams.text(output, "output")
                    if said is None:
                        break
                    if said:
                        yield TextDelta(said)
        if said is None:  # nothing at all is how a stream ends whose model failed (docs/servers.md)
            raise EngineError("provider_strange", name=self._provider.name)
        yield Ended("stop")

    def _speaks_openai(self) -> OpenAIStyle | None:
        if not self._asked:
            with connection.failing(self._provider):
                response = self._http.get("/openapi.json")
            if _has_route(response.content, _AS_OPENAI):
                from engine.providers.openai_style import OpenAIStyle

                self._openai = OpenAIStyle(self._provider, self._key)
            self._asked = True
        return self._openai


def _has_route(description: bytes, route: str) -> bool:
    try:
        return streams.value(streams.parsed(description), "paths", route) is not None
    except ValueError:
        return False


def _outputs(response: httpx2.Response) -> Iterator[Any]:
    """The objects of an answer: the one of a whole reply, or a line each of one that is streamed."""
    if response.headers.get("content-type", "").startswith("application/json"):
        yield streams.parsed(response.read())
    else:
        yield from streams.json_lines(response)


def _prompt(messages: Sequence[Message]) -> str:
    """A conversation as one prompt; the server lays the model's own style over it."""
    return valid_unicode(plain_text(messages))
