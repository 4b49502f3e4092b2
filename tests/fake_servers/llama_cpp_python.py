"""llama-cpp-python's server, `python -m llama_cpp.server`, which is not llama.cpp's own.

Sources: abetlen/llama-cpp-python llama_cpp/server/app.py (routes; a request ends the stream of the one before),
errors.py (error shapes), types.py (parameters); and the program itself (docs/servers.md), beside which it is laid in
tests/engine/providers/test_real_servers.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_servers.openai_like import SSE, OpenAILike, Written
from fake_servers.server import Call


class FakeLlamaCppPython(OpenAILike):
    kind = "compatible"
    port_by_default = 8000
    default_models = ("/models/starter-q8_0.gguf",)
    limit_fields = ("max_tokens",)
    thinks_in = ()

    def answer(self, call: Call) -> None:
        if self.key is not None and call.where.startswith("/v1/") and call.bearer != self.key:
            call.say_json({"detail": "Invalid API key"}, 401)
        elif (call.command, call.where) == ("GET", "/openapi.json"):
            about = {"title": "🦙 llama.cpp Python API", "version": "0.3.36"}
            paths = {"/v1/completions": {"post": {}}, "/v1/chat/completions": {"post": {}}, "/v1/models": {"get": {}}}
            call.say_json({"openapi": "3.1.0", "info": about, "paths": paths})
        else:
            super().answer(call)

    def card(self, model: str) -> dict[str, Any]:
        return {"id": model, "object": "model", "owned_by": "me", "permissions": []}

    def unknown(self, call: Call) -> None:
        call.say_json({"detail": "Not Found"}, 404)

    def check(self, call: Call) -> bool:
        if not isinstance(call.json, dict):
            call.say(500, "Internal Server Error", {"Content-Type": "text/plain; charset=utf-8"})
            return False
        if not isinstance(call.json.get("messages"), list):
            self.refuse(call, 500, "1 validation error:\n  {'type': 'list_type'}\n", "internal_server_error")
            return False
        return self.words(call.json["messages"]) <= self.context or self._too_long(call)

    def _too_long(self, call: Call) -> bool:
        if call.json.get("stream"):  # which has begun by then
            with call.stream(SSE):
                return False
        text = f"This model's maximum context length is {self.context} tokens."
        self.refuse(call, 400, text, "invalid_request_error", "context_length_exceeded", "messages")
        return False

    def answering(self, body: dict[str, Any]) -> str:
        return str(body.get("model", self.models[0]))

    def chunks(self, body: dict[str, Any], written: Written) -> Iterator[dict[str, Any]]:
        """Without usage, whatever is asked for."""
        first, *rest = super().chunks({}, written)
        del first["choices"][0]["delta"]["content"]
        yield first
        yield from rest
