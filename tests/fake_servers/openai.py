"""OpenAI's own API.

Sources: platform.openai.com/docs/api-reference/chat (chunks: `usage` is null until a last chunk without choices;
`prompt_tokens_details`, `completion_tokens_details`; `refusal`), docs/guides/error-codes (401, 429, 503 and
`insufficient_quota`), docs/guides/reasoning (reasoning models take `max_completion_tokens` alone); the words of refused
parameters: decolua/9router issue 560, Mai-with-u/MaiBot issue 1406.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fake_servers.openai_like import OpenAILike, Written
from fake_servers.server import Call

KEY = "sk-proj-fake0123456789"
NO_CREDIT = {
    "error": {
        "message": "You exceeded your current quota, please check your plan and billing details.",
        "type": "insufficient_quota",
        "param": None,
        "code": "insufficient_quota",
    }
}
TOO_MANY = {
    "error": {
        "message": "Rate limit reached for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000.",
        "type": "tokens",
        "param": None,
        "code": "rate_limit_exceeded",
    }
}
OVERLOADED = {
    "error": {
        "message": "That model is currently overloaded with other requests.",
        "type": "server_error",
        "param": None,
        "code": None,
    }
}
_REASONING = re.compile(r"o\d|gpt-5(?!.*chat)")


class FakeOpenAI(OpenAILike):
    kind = "openai"
    default_models = ("gpt-4o", "o4-mini", "gpt-5", "text-embedding-3-small", "whisper-1", "dall-e-3", "tts-1")
    owned_by = "system"

    def __init__(self, *args: Any, key: str | None = KEY, refusal: str = "", **how: Any) -> None:
        super().__init__(*args, key=key, **how)
        self.refusal = refusal

    def answer(self, call: Call) -> None:
        if self.key is not None and call.bearer is None:
            text = "You didn't provide an API key. You need to provide your API key in an Authorization header."
            self.refuse(call, 401, text, "invalid_request_error")
        elif self.key is not None and call.bearer != self.key:
            text = f"Incorrect API key provided: {call.bearer}. You can find your API key at the site of your account."
            self.refuse(call, 401, text, "invalid_request_error", "invalid_api_key")
        else:
            super().answer(call)

    def unknown(self, call: Call) -> None:
        self.refuse(call, 404, f"Invalid URL ({call.command} {call.where})", "invalid_request_error")

    def check(self, call: Call) -> bool:
        body = call.json
        if body.get("model") not in self.models:
            text = f"The model `{body.get('model')}` does not exist or you do not have access to it."
            return self._bad(call, 404, text, "model_not_found")
        if (asked := self.words(body["messages"])) > self.context:
            text = f"This model's maximum context length is {self.context} tokens, your messages have {asked}."
            return self._bad(call, 400, text, "context_length_exceeded", "messages")
        for name in set(body) - {"model", "messages", "stream", "stream_options", "max_completion_tokens"}:
            if _REASONING.match(body["model"]):
                return self._bad(call, 400, self._unsupported(name), "unsupported_parameter", name)
            if name not in ("max_tokens", "temperature", "top_p", "seed"):
                return self._bad(call, 400, f"Unrecognized request argument supplied: {name}", None)
        return True

    def _unsupported(self, name: str) -> str:
        if name == "max_tokens":
            text = "Unsupported parameter: 'max_tokens' is not supported with this model."
            return text + " Use 'max_completion_tokens' instead."
        return f"Unsupported value: '{name}' does not support this with this model. Only the default (1) is supported."

    def _bad(self, call: Call, status: int, message: str, code: str | None, param: str | None = None) -> bool:
        self.refuse(call, status, message, "invalid_request_error", code, param)
        return False

    def answering(self, body: dict[str, Any]) -> str:
        return f"{body['model']}-2026-08-06"

    def chunks(self, body: dict[str, Any], written: Written) -> Iterator[dict[str, Any]]:
        if self.refusal:
            written.reply = []
        for chunk in super().chunks(body, written):
            last = not chunk["choices"]
            yield ({} if last else {"usage": None}) | chunk
            if self.refusal and chunk["choices"] and "role" in chunk["choices"][0]["delta"]:
                for piece in self.pieces(self.refusal):
                    yield self.chunk(written, {"refusal": piece}) | {"usage": None}

    def usage(self, written: Written) -> dict[str, Any]:
        return super().usage(written) | {
            "prompt_tokens_details": {"cached_tokens": 2, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 5, "audio_tokens": 0},
        }
