"""An API that speaks as OpenAI's does, after OpenRouter, Groq and DeepSeek.

Sources: openrouter.ai/docs (errors: `{"error": {"code", "message", "metadata"}}`, 402 without credit, after the
streaming has begun an `error` in a chunk of status 200; `: OPENROUTER PROCESSING` comments; models with
`context_length` and `architecture`; `reasoning` of a delta), console.groq.com/docs/models (`context_window`),
api-docs.deepseek.com (`reasoning_content`; no keep-alive but empty lines).
"""

from __future__ import annotations

import json
from typing import Any

from fake_servers.openai_like import SSE, OpenAILike
from fake_servers.server import Call

KEY = "sk-or-fake"


class FakeCompatible(OpenAILike):
    """`url` is that of its server; the address of the API is `base`."""

    kind = "compatible"
    default_models = ("qwen/qwen3-8b", "meta-llama/llama-3.3-70b-instruct")
    thinks_in = ("reasoning",)

    def __init__(self, *args: Any, key: str | None = KEY, prefix: str = "/api/v1", **how: Any) -> None:
        super().__init__(*args, key=key, **how)
        self.base = self.url + prefix
        self._prefix = prefix

    def answer(self, call: Call) -> None:
        if self.key is not None and call.bearer != self.key:
            text = "No cookie auth credentials found" if call.bearer is None else "User not found."
            self._error(call, 401, text)
        elif not call.where.startswith(self._prefix + "/"):
            call.say(404, "<!DOCTYPE html><html>Not found</html>", {"Content-Type": "text/html"})
        else:
            call.where = "/v1" + call.where.removeprefix(self._prefix)
            super().answer(call)

    def card(self, model: str) -> dict[str, Any]:
        return {
            "id": model,
            "canonical_slug": model,
            "name": model,
            "created": 1745875945,
            "context_length": 131072,
            "architecture": {"modality": "text->text", "input_modalities": ["text"], "output_modalities": ["text"]},
            "pricing": {"prompt": "0.00000002", "completion": "0.00000008"},
            "supported_parameters": ["max_tokens", "temperature", "top_p", "reasoning", "tools"],
        }

    def _error(self, call: Call, status: int, message: str, **metadata: Any) -> None:
        call.say_json({"error": {"code": status, "message": message, "metadata": metadata}}, status)

    def unknown(self, call: Call) -> None:
        self._error(call, 404, "Not Found")

    def check(self, call: Call) -> bool:
        if call.json.get("model") in self.models:
            return True
        self._error(call, 400, f"{call.json.get('model')} is not a valid model ID")
        return False

    def chat(self, call: Call) -> None:
        if not self.check(call):
            return
        written = self.write(call.json)
        if not call.json.get("stream"):
            call.say_json(self.whole(call.json, written))
            return
        with call.stream(SSE) as send:
            before = b": OPENROUTER PROCESSING\n\n"
            for chunk in self.chunks(call.json, written):
                send(before + b"data: %b\n\n" % json.dumps(chunk).encode())
                before = b""
            send(b"data: [DONE]\n\n")
