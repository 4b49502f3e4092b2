"""LitGPT's server: `litgpt serve MODEL`, with `--stream true` or with `--openai_spec true`.

Sources: Lightning-AI/litgpt litgpt/deploy/serve.py (`prompt`, `output`; of the OpenAI spec `temperature`, `top_p` and
`max_completion_tokens` are heeded; the model's style is laid over the prompt), tutorials/deploy.md;
Lightning-AI/LitServe src/litserve/server.py (`/`, `/health`, `/info`, FastAPI's `/openapi.json`, `X-API-Key`), api.py
(a streamed answer is lines of JSON), specs/openai.py (chunks; the finish reason is always "stop"; usage of zeros);
and the programs themselves (docs/servers.md), beside which it is laid in tests/engine/providers/test_real_servers.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fake_servers.openai_like import SSE, OpenAILike, Written
from fake_servers.server import Call

# What FastAPI says of a body that it cannot read.
_NO_JSON = {"type": "json_invalid", "loc": ["body", 0], "msg": "JSON decode error", "input": {}}
_NO_JSON |= {"ctx": {"error": "Expecting value"}}
_NO_LIST = {"type": "list_type", "loc": ["body", "messages"], "msg": "Input should be a valid list", "input": ""}

_SERVER = {
    "devices": ["cpu"],
    "workers_per_device": 1,
    "timeout": 30,
    "max_payload_size": None,
    "track_requests": False,
}


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
        shown = call.headers.get("X-API-Key")
        if self.key is not None and call.where != "/openapi.json" and shown != self.key:
            wrong = "Invalid API Key. Check that you are passing a correct 'X-API-Key' in your header."
            self._no(call, 401, wrong if shown else "Not authenticated")
            return
        match call.command, call.where:
            case "GET", "/":
                call.say(200, "litserve running")
            case "GET", "/health":
                call.say(503, "not ready") if self.loading else call.say(200, "ok")
            case "GET", "/info":
                call.say_json({"model": None, "server": _SERVER | {"stream": {self.path: self.mode != "plain"}}})
            case "GET", "/openapi.json":
                paths = {path: {"get": {}} for path in ("/", "/health", "/info")} | {self.path: {"post": {}}}
                call.say_json({"openapi": "3.1.0", "info": {"title": "FastAPI", "version": "0.1.0"}, "paths": paths})
            case "POST", self.path:
                self.chat(call) if self.mode == "openai" else self.predict(call)
            case _:
                self.unknown(call)

    def unknown(self, call: Call) -> None:
        self._no(call, 404, "Not Found")

    def _no(self, call: Call, status: int, detail: str | list[dict[str, Any]]) -> None:
        call.say_json({"detail": detail}, status)

    def predict(self, call: Call) -> None:
        """Where the model fails, a stream ends without a line."""
        if not isinstance(call.json, dict):
            self._no(call, 422, [_NO_JSON])
            return
        fails = "prompt" not in call.json or len(str(call.json["prompt"]).split()) > self.context
        pieces = [] if fails else self.pieces(self.reply)
        if self.mode == "stream":
            with call.stream() as send:
                for piece in pieces:
                    send(json.dumps({"output": piece}).encode() + b"\n")
        elif fails:
            self._no(call, 500, "Internal server error")
        else:
            for _ in pieces:
                call.watch(self.pace)
            call.say_json({"output": "".join(pieces)})

    def check(self, call: Call) -> bool:
        """Where the model fails, a stream has one event, without the empty line behind it."""
        if not isinstance(call.json, dict) or not isinstance(call.json.get("messages"), list):
            self._no(call, 422, [_NO_LIST])
            return False
        if self.words(call.json["messages"]) <= self.context:
            return True
        failure = {"message": "Internal Server Error", "type": "internal", "param": None, "code": "internal_error"}
        if call.json.get("stream"):
            with call.stream(SSE) as send:
                send(b"data: " + json.dumps({"error": failure}).encode())
        else:
            self._no(call, 500, "Internal Server Error")
        return False

    def answering(self, body: dict[str, Any]) -> str:
        return str(body.get("model", ""))

    def chunk(self, written: Written, delta: dict[str, Any] | None, finish: str | None = None) -> dict[str, Any]:
        empty = {"role": None, "content": None, "name": None, "tool_calls": None, "tool_call_id": None}
        return super().chunk(written, empty | (delta or {}), finish) | {"system_fingerprint": None, "usage": None}

    def chunks(self, body: dict[str, Any], written: Written) -> Iterator[dict[str, Any]]:
        for piece in written.reply:
            yield self.chunk(written, {"role": "assistant", "content": piece})
        yield self.chunk(written, {}, "stop") | {"usage": self.usage(written)}

    def whole(self, body: dict[str, Any], written: Written) -> dict[str, Any]:
        message = {"role": "assistant", "content": "".join(written.reply), "name": None, "tool_calls": None}
        choice = {"index": 0, "message": message | {"tool_call_id": None}, "finish_reason": "stop"}
        answer = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1735142223, "model": written.model}
        return answer | {"choices": [choice], "usage": self.usage(written)}

    def usage(self, written: Written) -> dict[str, Any]:
        return {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
