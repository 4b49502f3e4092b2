"""Which models a server or API has that speaks as OpenAI's does, as far as each program tells.

`get` asks for a path under `/v1`, or for an address from the root, and gives its JSON, or None where that is not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from engine.errors import EngineError
from engine.library.capabilities import BADGES, of_template
from engine.providers import connection
from engine.providers.base import Provider, RemoteModel
from engine.providers.streams import flag, items, part, text, value, whole

Get = Callable[[str], Any]

_LONGEST_ID = 500
# vLLM and SGLang, OpenRouter, Groq, Mistral: each its own name for the positions of a model.
_CONTEXT = ("max_model_len", "context_length", "context_window", "max_context_length")
# Of OpenAI's list, which says nothing but names: what does not answer in a chat.
_NO_CHAT = re.compile(
    r"embedding|whisper|tts|dall-e|image|sora|moderation|transcribe|realtime|audio|babbage|davinci|instruct",
    re.IGNORECASE,
)
_OTHER_TYPES = ("embedding", "embeddings", "image", "audio", "rerank", "moderation", "transcribe", "video")
_UNITS = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}


def of_openai(provider: Provider, get: Get) -> Iterator[RemoteModel]:
    """`/v1/models`, with what OpenRouter, Groq, Mistral, Together, vLLM and SGLang say beside an id."""
    for row in _rows(provider, get):
        id = text(row, "id")
        if id is None or not _chats(row) or (provider.kind == "openai" and _NO_CHAT.search(id)):
            continue
        context = next((found for name in _CONTEXT if (found := whole(row, name))), None)
        yield RemoteModel(provider.name, id, context=context, capabilities=_capabilities(row))


def of_llama_cpp(provider: Provider, get: Get) -> Iterator[RemoteModel]:
    """`/v1/models` and `/props`, which needs the key where there is one (tools/server/README.md, server-http.cpp).

    A router's models (`role`) say only whether they are loaded; llamafile 0.9 has no `/props`.
    """
    props = get("/props")
    router = text(props, "role") == "router"
    template = text(props, "chat_template")
    for row in _rows(provider, get):
        id = text(row, "id")
        if id is None:
            continue
        badges = [] if template is None else of_template(template)
        badges += ["vision"] if _has_image(row) else []
        yield RemoteModel(
            provider.name,
            id,
            context=whole(props, "default_generation_settings", "n_ctx") or whole(row, "meta", "n_ctx_train"),
            parameters=whole(row, "meta", "n_params"),
            size_bytes=whole(row, "meta", "size"),
            capabilities=tuple(badges),
            loaded=text(row, "status", "value") == "loaded" if router else True,
        )


def of_lm_studio(provider: Provider, get: Get) -> Iterator[RemoteModel]:
    """`/api/v1/models` (0.4), else `/api/v0/models` (0.3.6), else `/v1/models`. Unknown paths get a 200, too."""
    if found := items(get("/api/v1/models"), "models"):
        yield from (_lm_studio_v1(provider, row) for row in found if text(row, "type") == "llm" and text(row, "key"))
    elif found := items(get("/api/v0/models"), "data"):
        yield from (_lm_studio_v0(provider, row) for row in found if text(row, "type") in ("llm", "vlm"))
    else:
        yield from of_openai(provider, get)


def _lm_studio_v1(provider: Provider, row: Any) -> RemoteModel:
    return RemoteModel(
        provider.name,
        text(row, "key") or "",
        context=whole(row, "loaded_instances", 0, "config", "context_length") or whole(row, "max_context_length"),
        parameters=_counted(text(row, "params_string")),
        size_bytes=whole(row, "size_bytes"),
        quantization=text(row, "quantization", "name"),
        capabilities=_badges(
            thinking=bool(value(row, "capabilities", "reasoning")),
            tools=flag(row, "capabilities", "trained_for_tool_use"),
            vision=flag(row, "capabilities", "vision"),
        ),
        loaded=bool(items(row, "loaded_instances")),
    )


def _lm_studio_v0(provider: Provider, row: Any) -> RemoteModel:
    return RemoteModel(
        provider.name,
        text(row, "id") or "",
        context=whole(row, "loaded_context_length") or whole(row, "max_context_length"),
        quantization=text(row, "quantization"),
        capabilities=_badges(vision=text(row, "type") == "vlm"),
        loaded=text(row, "state") == "loaded",
    )


def _rows(provider: Provider, get: Get) -> list[Any]:
    """Raises EngineError `provider_strange` for what is no list, and what is said to be wrong instead of one."""
    answer = get("models")
    if error := connection.error_in(provider, answer):
        raise error
    if not isinstance(value(answer, "data"), list):
        raise EngineError("provider_strange", detail="no list of models", name=provider.name)
    return items(answer, "data")


def only_one(provider: Provider, get: Get) -> Iterator[RemoteModel]:
    """LitGPT serves one model and does not say which; it takes any name (litgpt/deploy/serve.py)."""
    yield RemoteModel(provider.name, provider.kind, loaded=True)


LISTINGS: dict[str, Callable[[Provider, Get], Iterator[RemoteModel]]] = {
    "openai": of_openai,
    "llama.cpp": of_llama_cpp,
    "lmstudio": of_lm_studio,
    "litgpt": only_one,
}


def listed(provider: Provider, listing: str, get: Get) -> list[RemoteModel]:
    """The models, each once, in the provider's order; a name that could not be shown or called is left out."""
    models: dict[str, RemoteModel] = {}
    for model in LISTINGS[listing](provider, get):
        if model.id.strip() and model.id.isprintable() and len(model.id) <= _LONGEST_ID:
            models.setdefault(model.id, model)
    return list(models.values())


def _chats(row: Any) -> bool:
    """Whether a row may be of a model that writes; OpenRouter, Mistral and Together mark those that do not."""
    outputs = items(row, "architecture", "output_modalities")
    writes = not outputs or "text" in outputs
    return (
        writes and flag(row, "capabilities", "completion_chat") is not False and text(row, "type") not in _OTHER_TYPES
    )


def _capabilities(row: Any) -> tuple[str, ...]:
    """What OpenRouter (`supported_parameters`, `architecture`) and Mistral (`capabilities`) say of a model."""
    parameters = items(row, "supported_parameters")
    if not parameters and not part(row, "capabilities"):
        return ()
    return _badges(
        thinking="reasoning" in parameters,
        tools="tools" in parameters or flag(row, "capabilities", "function_calling"),
        vision=_has_image(row) or flag(row, "capabilities", "vision"),
    )


def _has_image(row: Any) -> bool:
    return "image" in items(row, "architecture", "input_modalities")


def _badges(**has: bool | None) -> tuple[str, ...]:
    return tuple(badge for badge in BADGES if badge == "chat" or has.get(badge))


def _counted(words: str | None) -> int | None:
    """`270M` as a number; None for words that are no such count."""
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)\s*([KMBT])", words or "")
    return None if match is None else round(float(match[1]) * _UNITS[match[2]])
