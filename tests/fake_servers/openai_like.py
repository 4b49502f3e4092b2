"""Servers that speak as OpenAI's does: chat completions, whole or as server-sent events, from one description.

Source: OpenAI's API reference, "Chat Completions: create, streaming" (platform.openai.com/docs/api-reference/chat), and
the types of its SDK, `openai.types.chat.ChatCompletionChunk`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from fake_servers.server import Call, FakeServer

SSE = "text/event-stream"


@dataclass
class Written:
    """What the model writes for a request, and why it ended."""

    model: str
    thinking: list[str]
    reply: list[str]
    finish: str
    prompt_tokens: int

    @property
    def tokens(self) -> int:
        return len(self.thinking) + len(self.reply)


class OpenAILike(FakeServer):
    """A server with /v1/models and /v1/chat/completions."""

    owned_by: ClassVar[str] = "organization"
    thinks_in: tuple[str, ...] = ("reasoning_content",)  # fields of a delta that hold the thinking
    limit_fields: ClassVar[tuple[str, ...]] = ("max_completion_tokens", "max_tokens")

    def answer(self, call: Call) -> None:
        match call.command, call.where:
            case "GET", "/v1/models":
                call.say_json({"object": "list", "data": [self.card(model) for model in self.models]})
            case "POST", "/v1/chat/completions":
                self.chat(call)
            case _:
                self.unknown(call)

    def card(self, model: str) -> dict[str, Any]:
        return {"id": model, "object": "model", "created": 1735142223, "owned_by": self.owned_by}

    def unknown(self, call: Call) -> None:
        self.refuse(call, 404, "Not Found", "not_found_error")

    def refuse(
        self, call: Call, status: int, message: str, type: str, code: Any = None, param: str | None = None
    ) -> None:
        """An error as OpenAI words it."""
        call.say_json({"error": {"message": message, "type": type, "param": param, "code": code}}, status)

    def check(self, call: Call) -> bool:
        """Whether the request is accepted; else the refusal is sent."""
        return True

    def chat(self, call: Call) -> None:
        if not self.check(call):
            return
        written = self.write(call.json)
        if call.json.get("stream"):
            with call.stream(SSE) as send:
                for chunk in self.chunks(call.json, written):
                    send(b"data: %b\n\n" % json.dumps(chunk).encode())
                send(b"data: [DONE]\n\n")
        else:
            for _ in range(written.tokens):
                call.watch(self.pace)
            call.say_json(self.whole(call.json, written))

    def write(self, body: dict[str, Any]) -> Written:
        limit = next((body[name] for name in self.limit_fields if body.get(name) is not None), None)
        return self.limited(self.answering(body), body["messages"], limit)

    def limited(self, model: str, messages: Any, limit: int | None) -> Written:
        thinking, reply = self.pieces(self.thinking), self.pieces(self.reply)
        finish = self.finish
        if limit is not None and limit < len(thinking) + len(reply):
            thinking, reply, finish = thinking[:limit], reply[: max(limit - len(thinking), 0)], "length"
        return Written(model, thinking, reply, finish, self.words(messages))

    def answering(self, body: dict[str, Any]) -> str:
        """The model that answers, as the answer calls it."""
        return str(body.get("model"))

    def chunk(self, written: Written, delta: dict[str, Any] | None, finish: str | None = None) -> dict[str, Any]:
        choices = [] if delta is None else [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1735142223,
            "model": written.model,
            "choices": choices,
        }

    def chunks(self, body: dict[str, Any], written: Written) -> Iterator[dict[str, Any]]:
        yield self.chunk(written, {"role": "assistant", "content": ""})
        for piece in written.thinking:
            yield self.chunk(written, dict.fromkeys(self.thinks_in, piece))
        for piece in written.reply:
            yield self.chunk(written, {"content": piece})
        yield self.chunk(written, {}, written.finish)
        if (body.get("stream_options") or {}).get("include_usage"):
            yield self.chunk(written, None) | {"usage": self.usage(written)}

    def whole(self, body: dict[str, Any], written: Written) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": "".join(written.reply)}
        if written.thinking:
            message |= dict.fromkeys(self.thinks_in, "".join(written.thinking))
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": written.finish}
        return self.chunk(written, None) | {
            "object": "chat.completion",
            "choices": [choice],
            "usage": self.usage(written),
        }

    def usage(self, written: Written) -> dict[str, Any]:
        total = written.prompt_tokens + written.tokens
        return {
            "prompt_tokens": written.prompt_tokens,
            "completion_tokens": written.tokens,
            "total_tokens": total,
        }
