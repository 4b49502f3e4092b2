"""LitGPT's server: `litgpt serve MODEL`, with `--stream true` or with `--openai_spec true`.

Sources: Lightning-AI/litgpt litgpt/deploy/serve.py (`prompt`, `output`; of the OpenAI spec `temperature`, `top_p` and
`max_completion_tokens` are heeded; the model's style is laid over the prompt), tutorials/deploy.md;
Lightning-AI/LitServe src/litserve/server.py (`/`, `/health`, `/info`, FastAPI's `/openapi.json`, `X-API-Key`), api.py
(a streamed answer is lines of JSON), specs/openai.py (chunks; the finish reason is always "stop"; usage of zeros).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fake_servers.openai_like import OpenAILike, Written
from fake_servers.server import Call


class FakeLitGPT(OpenAILike):
    """mode: "plain", "stream" or "openai"."""

    kind = "litgpt"
    port_by_default = 8000
    default_models = ("EleutherAI/pythia-160m",)
    limit_fields = ("max_completion_tokens",)

    def __init__(self, *args: Any, mode: str = "plain", **how: Any) -> None:
        super().__init__(*args, **how)
        self.mode = mode

    @property
    def path(self) -> str:
        return "/v1/chat/completions" if self.mode == "openai" else "/predict"

    def answer(self, call: Call) -> None:
        if self.key is not None and call.where != "/openapi.json" and call.headers.get("X-API-Key") != self.key:
            self._no(call, 401, "Invalid API Key. Check that you are passing a correct 'X-API-Key' in your header.")
            return
        match call.command, call.where:
            case "GET", "/":
                call.say(200, "litserve running")
            case "GET", "/health":
                call.say(503, "not ready") if self.loading else call.say(200, "ok")
            case "GET", "/info":
                call.say_json({"model": None, "server": {"devices": ["cpu"], "stream": self.mode != "plain"}})
            case "GET", "/openapi.json":
                paths = {path: {"get": {}} for path in ("/", "/health", "/info")} | {self.path: {"post": {}}}
                call.say_json({"openapi": "3.1.0", "info": {"title": "FastAPI", "version": "0.1.0"}, "paths": paths})
            case "POST", self.path:
                self.chat(call) if self.mode == "openai" else self.predict(call)
            case _:
                self.unknown(call)

    def unknown(self, call: Call) -> None:
        self._no(call, 404, "Not Found")

    def _no(self, call: Call, status: int, detail: str) -> None:
        call.say_json({"detail": detail}, status)

    def predict(self, call: Call) -> None:
        if not isinstance(call.json, dict) or "prompt" not in call.json:
            call.say(500, "Internal Server Error")
            return
        pieces = self.pieces(self.reply)
        if self.mode == "plain":
            for _ in pieces:
                call.watch(self.pace)
            call.say_json({"output": "".join(pieces)})
            return
        with call.stream() as send:
            for piece in pieces:
                send(json.dumps({"output": piece}).encode() + b"\n")

    def chunk(self, written: Written, delta: dict[str, Any] | None, finish: str | None = None) -> dict[str, Any]:
        empty = {"role": None, "content": None, "name": None, "tool_calls": None, "tool_call_id": None}
        return super().chunk(written, empty | (delta or {}), finish) | {"system_fingerprint": None, "usage": None}

    def chunks(self, body: dict[str, Any], written: Written) -> Iterator[dict[str, Any]]:
        for piece in written.reply:
            yield self.chunk(written, {"role": "assistant", "content": piece})
        yield self.chunk(written, {}, "stop") | {"usage": self.usage(written)}

    def usage(self, written: Written) -> dict[str, Any]:
        return {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
