"""How each server and API that speaks as OpenAI's does departs from it, as a table. Each row names its source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

# Options of ours, and what they are called in the body of a request.
_PLAIN = {"temperature": "temperature", "top_p": "top_p", "seed": "seed", "max_tokens": "max_tokens"}
_EVERY_TOKEN = {("top_k", 0): -1}
_SAMPLERS = _PLAIN | {"top_k": "top_k", "min_p": "min_p"}


@dataclass(frozen=True)
class Quirks:
    """One row. names: the options that are heeded, by our names, as a request's body calls them.

    listing: how the models are listed, see `openai_models`. streams: a reply can come as it is written.
    usage: `stream_options.include_usage` is known. continues: what the body says beside a last message that is a reply
    to be gone on with; None where that cannot be asked for. instead: values that are called otherwise. most: the tokens
    that are asked for where nobody chose. auth: how a key is shown, as `connection.client` calls it.
    """

    source: str
    names: Mapping[str, str]
    listing: str = "openai"
    streams: bool = True
    usage: bool = True
    continues: Mapping[str, Any] | None = None
    instead: Mapping[tuple[str, Any], float] = field(default_factory=dict)
    most: int | None = None
    auth: str = "bearer"

    @property
    def offers(self) -> frozenset[str]:
        return frozenset(self.names) | (frozenset() if self.continues is None else {"continue"})


# Fields of a message or a delta that hold what the model thinks, the first that has any. `reasoning_content`: llama.cpp
# (tools/server/README.md, "Reasoning support"), DeepSeek, SGLang, LM Studio. `reasoning`: vLLM (engine/protocol.py,
# `DeltaMessage`, which says it twice, by both names), LM Studio's gpt-oss (api-changelog.md, 0.3.23), OpenRouter, Groq.
THINKING = ("reasoning_content", "reasoning")

_LLAMA_CPP = Quirks(
    "ggml-org/llama.cpp tools/server/README.md (what `/completion` heeds, `/v1/chat/completions` does as well), "
    "server-common.cpp (a reply is not gone on with while thinking is enabled), pull request 23012 (the two flags)",
    _SAMPLERS | {"repetition_penalty": "repeat_penalty", "penalty_window": "repeat_last_n"},
    listing="llama.cpp",
    continues={
        "continue_final_message": True,
        "add_generation_prompt": False,
        "chat_template_kwargs": {"enable_thinking": False},
    },
)

QUIRKS: Mapping[str, Quirks] = {
    "llama.cpp": _LLAMA_CPP,
    "llamafile": Quirks(
        "Mozilla-Ocho/llamafile llamafile/server/doc/v1_chat_completions.md; from 0.10 on it has llama.cpp's server",
        _PLAIN,
        listing="llama.cpp",
    ),
    "lmstudio": Quirks(
        "lmstudio-ai/docs 1_developer/3_openai-compat/chat-completions.md, 2_rest/list.md, 2_rest/endpoints.md, "
        "api-changelog.md (`stream_options` since 0.3.18)",
        _PLAIN | {"top_k": "top_k", "repetition_penalty": "repeat_penalty"},
        listing="lmstudio",
    ),
    "jan": Quirks(
        "janhq/jan src-tauri/src/core/server/proxy.rs: a request goes on to llama.cpp's server as it is",
        _LLAMA_CPP.names,
    ),
    "gpt4all": Quirks(
        "nomic-ai/gpt4all gpt4all-chat/src/server.cpp, `parseImpl`: `stream`, `stream_options` and `seed` are refused, "
        "and 16 tokens are written where no `max_tokens` is given",
        {"temperature": "temperature", "top_p": "top_p", "min_p": "min_p", "max_tokens": "max_tokens"},
        streams=False,
        usage=False,
        most=4096,
    ),
    "vllm": Quirks(
        "vllm-project/vllm vllm/entrypoints/openai/chat_completion/protocol.py; sampling_params.py (old and new "
        "versions take -1 for every token)",
        _SAMPLERS | {"repetition_penalty": "repetition_penalty"},
        continues={"continue_final_message": True, "add_generation_prompt": False},
        instead=_EVERY_TOKEN,
    ),
    "sglang": Quirks(
        "sgl-project/sglang python/sglang/srt/entrypoints/openai/protocol.py; docs/backend/sampling_params.md",
        _SAMPLERS | {"repetition_penalty": "repetition_penalty"},
        continues={"continue_final_message": True},
        instead=_EVERY_TOKEN,
    ),
    "litgpt": Quirks(
        "Lightning-AI/litgpt litgpt/deploy/serve.py, `OpenAISpecLitAPI.predict`; Lightning-AI/LitServe "
        "src/litserve/specs/openai.py, server.py (`X-API-Key`)",
        {"temperature": "temperature", "top_p": "top_p", "max_tokens": "max_completion_tokens"},
        listing="litgpt",
        usage=False,
        instead={("temperature", 0): 1e-6, ("top_p", 0): 1e-6},  # as serve.py has it, 0 is the default: docs/servers.md
        auth="x-api-key",
    ),
    "compatible": Quirks("platform.openai.com/docs/api-reference/chat: what is common to most that follow it", _PLAIN),
    "openai": Quirks(
        "platform.openai.com/docs/api-reference/chat (`max_tokens` is deprecated in favor of `max_completion_tokens`)",
        _PLAIN | {"max_tokens": "max_completion_tokens"},
    ),
}

# platform.openai.com/docs/guides/reasoning: o1, o3, o4 and gpt-5 refuse temperature, top_p and max_tokens; the models
# for ChatGPT among them do not think.
_REASONING = re.compile(r"(o\d|gpt-([5-9]|\d\d)(?!.*\bchat\b))", re.IGNORECASE)
_OPENAI_REASONING = replace(QUIRKS["openai"], names={"max_tokens": "max_completion_tokens"})


def quirks_of(kind: str, model: str = "") -> Quirks:
    """The row for a kind of provider, and for a model of it where its models differ."""
    if kind == "openai" and _REASONING.match(model):
        return _OPENAI_REASONING
    return QUIRKS[kind]
