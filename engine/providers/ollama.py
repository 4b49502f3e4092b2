"""Ollama, asked in its own language: `/api/chat`, whose answers are lines of JSON.

Its `/v1` is not used: there the context cannot be chosen, so Ollama's own, a few thousand tokens, would cut
conversations off in silence. How long a model stays loaded is left to the server (`OLLAMA_KEEP_ALIVE`).
Sources: github.com/ollama/ollama docs/api.md, docs/context-length.mdx, api/types.go and server/routes.go; for
`truncate` and `shift` its issues 4967 and 17889.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import httpx2

from engine.chat.messages import ChatOptions, Message, valid_unicode, whole_characters
from engine.errors import EngineError
from engine.events import Event, Log, TextDelta, ThinkingDelta
from engine.providers import connection, streams
from engine.providers.base import Ended, Provider, RemoteModel, Usage
from engine.providers.openai_reply import begun
from engine.settings import stored

# Tokens a model is asked to hold where neither the person nor its Modelfile says how many: twice Ollama's own smallest
# default, as room for some pages. All that a model was trained for may take more memory than there is.
DEFAULT_CONTEXT = 8192

_NAMES = {
    "temperature": "temperature",
    "top_k": "top_k",
    "top_p": "top_p",
    "min_p": "min_p",
    "repetition_penalty": "repeat_penalty",
    "penalty_window": "repeat_last_n",
    "seed": "seed",
    "max_tokens": "num_predict",
}
_OFFERED = frozenset({*_NAMES, "context", "continue"})
_SEEDS = 1 << 31  # Ollama reads a seed by way of a float, and llama.cpp keeps 32 bits
_CAPABILITIES = {
    "completion": "chat",
    "thinking": "thinking",
    "tools": "tools",
    "vision": "vision",
    "embedding": "embedding",
}
_SIZES = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_MOST_MODELS = 1000
_KEYLESS = ("provider_key_missing", "provider_key_wrong")


class Ollama:
    """A `Dialect`."""

    def __init__(self, provider: Provider, key: str | None = None) -> None:
        self._provider = provider
        self._http = connection.client(provider, key)
        self._root = provider.address.removesuffix("/v1").removesuffix("/api")

    def models(self) -> list[RemoteModel]:
        with connection.failing(self._provider):
            rows = streams.value(self._json("GET", "/api/tags"), "models")
            if not isinstance(rows, list):
                raise EngineError("provider_strange", name=self._provider.name, detail="no list of models")
            loaded = self._loaded()
            ids = dict.fromkeys(filter(None, map(_id, rows[:_MOST_MODELS])))
            details = {id: row for row in rows if (id := _id(row)) in ids}
            return [_described(self._provider, id, details[id], self._shown_if(id), loaded) for id in ids]

    def offers(self, model: RemoteModel) -> frozenset[str]:
        """What the cloud does with a reply that was begun is not said anywhere."""
        return _OFFERED - {"continue"} if model.leaves else _OFFERED

    def stream(
        self, model: RemoteModel, messages: Sequence[Message], options: ChatOptions, cancelled: threading.Event
    ) -> Iterator[Event | Ended]:
        """Raises EngineError `provider_context` rather than having anything left out, `provider_sign_in`, and
        `provider_stays` for a model in the cloud, whatever its name, before anything of the conversation is sent.
        """
        if options.continue_final_message and "continue" not in self.offers(model):
            raise EngineError("provider_cannot_continue", name=self._provider.name)
        with self._http.heeding(cancelled):
            with connection.failing(self._provider, model.id):
                shown = self._json("POST", "/api/show", {"model": model.id})
            leaves = model.leaves or _leaves(model.id, shown)
            if leaves and stored("stay_here"):
                raise EngineError("provider_stays", name=model.name)
            context = _context(options.context, shown, leaves)
            body = _body(model, messages, options, shown, context)
            try:
                for event in self._reply(model.id, body, cancelled):
                    if cancelled.is_set():
                        return
                    yield from _full(event, options, self._provider.name, context)
                    yield event
            except EngineError as error:
                raise self._explained(error, leaves, context) from None

    def close(self) -> None:
        self._http.close()

    def _reply(self, id: str, body: dict[str, Any], cancelled: threading.Event) -> Iterator[Event | Ended]:
        def open_stream() -> httpx2.Response:
            question = self._http.build_request("POST", f"{self._root}/api/chat", json=body)
            return self._http.send(question, stream=True).raise_for_status()

        response = yield from connection.asked(self._provider, id, open_stream, cancelled)
        try:
            with begun(self._provider, id):
                for line in streams.json_lines(response):
                    if error := connection.error_in(self._provider, line, id):
                        raise error
                    if thought := streams.text(line, "message", "thinking"):
                        yield ThinkingDelta(thought)
                    if said := streams.text(line, "message", "content"):
                        yield TextDelta(said)
                    if streams.flag(line, "done"):
                        yield _ended(line)
                        return
                raise EngineError("provider_cut", name=self._provider.name)
        finally:
            response.close()

    def _explained(self, error: EngineError, leaves: bool, context: int | None) -> EngineError:
        name = self._provider.name
        if error.code in _KEYLESS and leaves:
            return EngineError("provider_sign_in", error.detail, name=name)
        if error.code == "provider_too_long" and context is not None:
            return EngineError("provider_context", error.detail, name=name, context=context)
        return error

    def _json(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        response = self._http.request(method, self._root + path, json=body)
        return streams.parsed(response.raise_for_status().content)

    def _loaded(self) -> set[str] | None:
        """The ids of the models in memory; None where the server does not tell."""
        try:
            return {id for row in streams.items(self._json("GET", "/api/ps"), "models") if (id := _id(row))}
        except (httpx2.HTTPStatusError, ValueError):  # older than 0.1.33
            return None

    def _shown_if(self, id: str) -> Any:
        """What the server knows of a model; None where that is damaged or gone, which is no reason to show no other."""
        try:
            return self._json("POST", "/api/show", {"model": id})
        except (httpx2.HTTPStatusError, ValueError):
            return None


# --- what is sent ----------------------------------------------------------------------------------------------------


def _body(
    model: RemoteModel, messages: Sequence[Message], options: ChatOptions, shown: Any, context: int | None
) -> dict[str, Any]:
    said = [{"role": message.role, "content": valid_unicode(message.content)} for message in messages]
    if options.continue_final_message:  # a reply at the end is gone on with
        said[-1]["content"] = whole_characters(said[-1]["content"])
    chosen = {_NAMES[name]: _value(name, options) for name in sorted(options.given & _NAMES.keys())}
    if context is not None:
        chosen["num_ctx"] = context
    # Without these two the beginning of a long conversation is dropped, and nobody is told.
    body = {"model": model.id, "messages": said, "stream": True, "truncate": False, "shift": False, "options": chosen}
    return body | ({"think": True} if "thinking" in streams.items(shown, "capabilities") else {})


def _value(name: str, options: ChatOptions) -> Any:
    if name == "max_tokens":
        return options.max_tokens
    value = getattr(options.sampling, name)
    return value % _SEEDS if name == "seed" else value


def _context(wanted: int | None, shown: Any, leaves: bool) -> int | None:
    """How many tokens to ask for, wanted or not; None leaves it to the cloud, which has no memory of ours to fill."""
    trained = _trained(shown)
    if wanted is None and leaves:
        return None
    asked = wanted or _of_modelfile(shown) or DEFAULT_CONTEXT
    return min(asked, trained or asked)


def _trained(shown: Any) -> int | None:
    architecture = streams.text(shown, "model_info", "general.architecture")
    return streams.whole(shown, "model_info", f"{architecture}.context_length") or None


def _of_modelfile(shown: Any) -> int | None:
    """`parameters` is text, one of them a line."""
    found = re.search(r"^num_ctx\s+(\d{1,9})\s*$", streams.text(shown, "parameters") or "", re.MULTILINE | re.ASCII)
    return int(found[1]) if found and int(found[1]) else None


# --- what comes back -------------------------------------------------------------------------------------------------


def _ended(line: dict[str, Any]) -> Ended:
    usage = Usage(
        prompt_tokens=streams.whole(line, "prompt_eval_count"),
        output_tokens=streams.whole(line, "eval_count"),
        prompt_seconds=_seconds(line, "prompt_eval_duration"),
        output_seconds=_seconds(line, "eval_duration"),
    )
    reason = "length" if streams.text(line, "done_reason") == "length" else "stop"
    return Ended(reason, usage, streams.text(line, "model") or None)


def _seconds(line: dict[str, Any], name: str) -> float | None:
    """Durations are nanoseconds (docs/api.md)."""
    nanoseconds = streams.whole(line, name)
    return None if nanoseconds is None else nanoseconds / 1e9


def _full(event: Event | Ended, options: ChatOptions, name: str, context: int | None) -> Iterator[Log]:
    """A warning, where a reply ended because the model may hold no more."""
    if context is None or not isinstance(event, Ended) or event.reason != "length":
        return
    limit = options.max_tokens if "max_tokens" in options.given else None
    written = event.usage.output_tokens
    if limit is None or (written is not None and written < limit):
        yield Log("warning", str(EngineError("provider_full", name=name, context=context)))


def _id(row: Any) -> str:
    return streams.text(row, "model") or streams.text(row, "name") or ""


def _described(provider: Provider, id: str, row: Any, shown: Any, loaded: set[str] | None) -> RemoteModel:
    told = streams.items(shown, "capabilities")
    return RemoteModel(
        provider=provider.name,
        id=id,
        context=_trained(shown),
        parameters=streams.whole(shown, "model_info", "general.parameter_count") or _size(row),
        size_bytes=streams.whole(row, "size"),
        quantization=streams.text(row, "details", "quantization_level") or None,
        capabilities=tuple(badge for name, badge in _CAPABILITIES.items() if name in told),
        loaded=None if loaded is None else id in loaded,
        leaves=_leaves(id, row) or _leaves(id, shown),
    )


def _size(row: Any) -> int | None:
    """`8.2B`, as a number."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)\s?([KMBT])", streams.text(row, "details", "parameter_size") or "")
    return round(float(found[1]) * _SIZES[found[2]]) if found else None


def _leaves(id: str, said: Any) -> bool:
    """Whether Ollama passes a model on to its cloud: by its tag, or by what is said of it, however it is called."""
    tag = id.rpartition(":")[2]
    named = tag == "cloud" or tag.endswith("-cloud")
    return named or any(streams.value(said, name) for name in ("remote_host", "remote_model"))
