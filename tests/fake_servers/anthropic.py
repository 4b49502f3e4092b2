"""Anthropic's API as it answers: `/v1/models` in pages, and `/v1/messages` as server-sent events.

Source: the types of its SDK (anthropic 2.12: `ModelInfo`, `RawMessageStreamEvent`, `StopReason`), and its documents
"api/versioning" (2026-10-21), "api/errors" and "build-with-claude/streaming". `older`: a server of version 2023-06-01.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from fake_servers.server import Call, FakeServer

SSE = "text/event-stream"
NEWER = "2026-10-21"
SAMPLING = ("temperature", "top_p", "top_k")


class FakeAnthropic(FakeServer):
    """adaptive: ids of models that choose themselves how long they think, and so refuse a reply that was begun."""

    kind: ClassVar[str] = "anthropic"
    default_models: ClassVar[tuple[str, ...]] = ("claude-opus-5", "claude-haiku-4-5")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.adaptive = {"claude-opus-5"}
        self.older = False
        self.bare = False  # knows nothing of its models but their ids
        self.page = 1000
        self.most = 64000
        self.finish = "end_turn"
        self.usage: dict[str, Any] = {"cache_read_input_tokens": 7, "cache_creation_input_tokens": 2}
        self.thinking_tokens: int | None = None

    def answer(self, call: Call) -> None:
        if self.key is not None and self.key not in (call.bearer, call.headers.get("x-api-key")):
            self.refuse(call, 401, "authentication_error", "invalid x-api-key")
        elif "anthropic-version" not in call.headers:
            self.refuse(call, 400, "invalid_request_error", "anthropic-version: header is required")
        elif call.command == "GET" and call.where == "/v1/models" and not self.bare:
            self.list(call)
        elif call.command == "GET" and call.where.startswith("/v1/models/") and not self.bare:
            self.one(call, call.where.removeprefix("/v1/models/"))
        elif call.command == "POST" and call.where == "/v1/messages":
            self.message(call)
        else:
            self.refuse(call, 404, "not_found_error", "Not found")

    def refuse(self, call: Call, status: int, type: str, message: str) -> None:
        call.say_json({"type": "error", "error": {"type": type, "message": message}, "request_id": "req_1"}, status)

    def list(self, call: Call) -> None:
        after = call.note.query.get("after_id", [""])[0]
        start = self.models.index(after) + 1 if after else 0
        ids = self.models[start : start + self.page]
        last = {"has_more": start + len(ids) < len(self.models), "first_id": ids[0], "last_id": ids[-1]} if ids else {}
        call.say_json({"data": [self.info(id) for id in ids], **last})

    def one(self, call: Call, id: str) -> None:
        if id in self.models:
            call.say_json(self.info(id))
        else:
            self.refuse(call, 404, "not_found_error", f"model: {id}")

    def info(self, id: str) -> dict[str, Any]:
        info: dict[str, Any] = {"type": "model", "id": id, "display_name": id, "created_at": "2026-07-24T00:00:00Z"}
        if self.older:
            return info
        adapts = id in self.adaptive
        thinking = {"adaptive": {"supported": adapts}, "enabled": {"supported": not adapts}}
        able = {"thinking": {"supported": True, "types": thinking}, "image_input": {"supported": True}}
        limits = {"max_input_tokens": 200_000, "max_tokens": self.most, "lifecycle": "active"}
        return info | limits | {"capabilities": able}

    def message(self, call: Call) -> None:
        body = call.json
        version = call.headers["anthropic-version"]
        if body["model"] not in self.models:
            self.refuse(call, 404, "not_found_error", f"model: {body['model']}")
        elif wrong := self.wrong(body, version):
            self.refuse(call, 400, "invalid_request_error", wrong)
        elif self.words(body["messages"]) > self.context:
            self.refuse(call, 400, "invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum")
        else:
            self.write(call)

    def wrong(self, body: dict[str, Any], version: str) -> str | None:
        """What Anthropic refuses, in its words."""
        messages = body["messages"]
        if version >= NEWER and (name := next((name for name in SAMPLING if name in body), None)):
            return f"{name}: Extra inputs are not permitted"
        if not 1 <= body.get("max_tokens", 0) <= self.most:
            return f"max_tokens: {body.get('max_tokens')} > {self.most}, which is the maximum allowed number"
        if any(message["role"] not in ("user", "assistant") for message in messages):
            return "messages: Unexpected role"
        if not all(message["content"] for message in messages):
            return "messages: text content blocks must be non-empty"
        if messages[-1]["role"] == "assistant":
            if body["model"] in self.adaptive:
                return "This model does not support assistant message prefill."
            if messages[-1]["content"] != messages[-1]["content"].rstrip():
                return "messages: final assistant content cannot end with trailing whitespace"
        if body.get("thinking", {}).get("type") == "adaptive" and body["model"] not in self.adaptive:
            return "adaptive thinking is not supported on this model"
        return None

    def write(self, call: Call) -> None:
        body = call.json
        shows = body.get("thinking", {}).get("display") == "summarized"
        thinking, reply = self.pieces(self.thinking) if shows else [], self.pieces(self.reply)
        limit, finish = body["max_tokens"], self.finish
        if limit < len(reply):
            reply, finish = reply[:limit], "max_tokens"
        usage = {"input_tokens": self.words(body["messages"]), "output_tokens": 1} | self.usage
        start = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"], "usage": usage}
        with call.stream(SSE) as send:
            send(_event("message_start", message=start | {"content": [], "stop_reason": None}))
            send(_event("ping"))
            index = 0
            if thinking:
                send(_event("content_block_start", index=0, content_block={"type": "thinking", "thinking": ""}))
                for piece in thinking:
                    delta = {"type": "thinking_delta", "thinking": piece}
                    send(_event("content_block_delta", index=0, delta=delta))
                signed = {"type": "signature_delta", "signature": "EqQBCgIYAhIM1gbcDa9GJwZA2b3h"}
                send(_event("content_block_delta", index=0, delta=signed))
                send(_event("content_block_stop", index=0))
                index = 1
            send(_event("content_block_start", index=index, content_block={"type": "text", "text": ""}))
            for piece in reply:
                send(_event("content_block_delta", index=index, delta={"type": "text_delta", "text": piece}))
            send(_event("content_block_stop", index=index))
            counted: dict[str, Any] = {"output_tokens": len(reply) + len(thinking)}
            if self.thinking_tokens is not None:
                counted["output_tokens_details"] = {"thinking_tokens": self.thinking_tokens}
            stop = {"stop_reason": finish, "stop_sequence": None}
            send(_event("message_delta", delta=stop, usage=counted))
            send(_event("message_stop"))


def _event(type: str, **values: Any) -> bytes:
    return f"event: {type}\ndata: {json.dumps({'type': type, **values})}\n\n".encode()
