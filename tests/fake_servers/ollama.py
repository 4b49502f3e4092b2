"""Ollama as it answers: `/api/tags`, `/api/ps`, `/api/show` and `/api/chat`, with lines of JSON.

Source: github.com/ollama/ollama docs/api.md, api/types.go, server/routes.go (`truncate`, `remote_host`, the errors).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar

from fake_servers.server import Call, FakeServer

NDJSON = "application/x-ndjson"


@dataclass
class Kept:
    """A model in Ollama's store."""

    capabilities: tuple[str, ...] = ("completion",)
    trained: int | None = 32768
    parameters: str = ""  # of its Modelfile
    remote: str = ""  # the host it is passed on to


class FakeOllama(FakeServer):
    kind: ClassVar[str] = "ollama"
    port_by_default: ClassVar[int] = 11434
    default_models: ClassVar[tuple[str, ...]] = ("qwen3:8b",)

    def __init__(self, *args: Any, kept: dict[str, Kept] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kept = {model: Kept() for model in self.models} if kept is None else kept
        self.in_memory: list[str] = []
        self.truncates = False  # as a server that does not know `truncate` does
        self.signed_in = True

    def answer(self, call: Call) -> None:
        match call.command, call.where:
            case "GET", "/":
                call.say(200, "Ollama is running", {"Content-Type": "text/plain; charset=utf-8"})
            case "GET", "/api/version":
                call.say_json({"version": "0.13.0"})
            case "GET", "/api/tags":
                call.say_json({"models": [self.row(model) for model in self.kept]})
            case "GET", "/api/ps":
                call.say_json({"models": [self.row(model) | {"size_vram": 5137025024} for model in self.in_memory]})
            case "POST", "/api/show":
                self.show(call)
            case "POST", "/api/chat":
                self.chat(call)
            case _:
                call.say(404, "404 page not found", {"Content-Type": "text/plain"})

    def row(self, model: str) -> dict[str, Any]:
        details = {"format": "gguf", "family": "qwen3", "parameter_size": "8.2B", "quantization_level": "Q4_K_M"}
        row = {"name": model, "model": model, "size": 5225388164, "digest": "500a1f067a9f", "details": details}
        return row | self.remote(model)

    def remote(self, model: str) -> dict[str, Any]:
        host = self.kept[model].remote
        return {"remote_model": model.removesuffix("-cloud"), "remote_host": host} if host else {}

    def missing(self, call: Call) -> bool:
        model = call.json.get("model")
        if model in self.kept:
            return False
        call.say_json({"error": f"model '{model}' not found"}, 404)
        return True

    def show(self, call: Call) -> None:
        if self.missing(call):
            return
        model = self.kept[call.json["model"]]
        info: dict[str, Any] = {"general.architecture": "qwen3", "general.parameter_count": 8190735360}
        if model.trained is not None:
            info["qwen3.context_length"] = model.trained
        said = {"parameters": model.parameters, "model_info": info, "capabilities": list(model.capabilities)}
        call.say_json(said | self.remote(call.json["model"]))

    def chat(self, call: Call) -> None:
        if self.missing(call):
            return
        body, model = call.json, self.kept[call.json["model"]]
        context = body.get("options", {}).get("num_ctx", self.context)
        asked = self.words(body["messages"])
        if model.remote and not self.signed_in:
            call.say_json({"error": "unauthorized", "signin_url": "https://ollama.com/connect?name=x"}, 401)
        elif "completion" not in model.capabilities:
            call.say_json({"error": f'"{body["model"]}" does not support chat'}, 400)
        elif body.get("think") and "thinking" not in model.capabilities:
            call.say_json({"error": f'"{body["model"]}" does not support thinking'}, 400)
        elif asked > context and body.get("truncate") is False and not self.truncates:
            call.say_json({"error": "the input length exceeds the context length"}, 400)
        else:
            self.write(call, min(asked, context), context)

    def write(self, call: Call, asked: int, context: int) -> None:
        body = call.json
        limit = min(body.get("options", {}).get("num_predict", context), context - asked)
        thinking, reply = self.pieces(self.thinking), self.pieces(self.reply)
        thinking = thinking if body.get("think") else []
        written = [{"content": "", "thinking": piece} for piece in thinking] + [{"content": piece} for piece in reply]
        finish = "length" if limit < len(written) else self.finish
        line = {"model": body["model"], "created_at": "2026-11-28T11:00:00.000000Z"} | self.remote(body["model"])
        with call.stream(NDJSON) as send:
            for piece in written[:limit]:
                send(_line(line | {"message": {"role": "assistant"} | piece, "done": False}))
            counts = {"prompt_eval_count": asked, "eval_count": len(written[:limit])}
            times = {"total_duration": 4 * 10**9, "prompt_eval_duration": 250_000_000, "eval_duration": 1_500_000_000}
            last = {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": finish}
            send(_line(line | last | counts | times))


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode() + b"\n"
