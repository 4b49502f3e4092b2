"""llama.cpp's server, as of the summer of 2026.

Sources: ggml-org/llama.cpp tools/server/README.md (routes, `/props`, `/v1/models`, `timings`), server-http.cpp (which
routes need no key, 503 while loading, 404), server-common.cpp (error shapes; a last message of the assistant is gone on
with, but not while thinking is enabled), pull request 15780 (`exceed_context_size_error`), pull request 23012
(`continue_final_message`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_servers.openai_like import OpenAILike, Written
from fake_servers.server import Call

CHATML = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
THINKING_TEMPLATE = CHATML + "{% if enable_thinking %}<think>{% endif %}"
TIMINGS = {
    "cache_n": 3,
    "prompt_n": 7,
    "prompt_ms": 30.958,
    "prompt_per_token_ms": 4.42,
    "prompt_per_second": 226.1,
    "predicted_n": 4,
    "predicted_ms": 661.064,
    "predicted_per_token_ms": 165.3,
    "predicted_per_second": 6.05,
}
_PUBLIC = ("/health", "/v1/health", "/models", "/v1/models", "/")
_BEFORE_LOADED = ("/models", "/v1/models")


class FakeLlamaCpp(OpenAILike):
    """One model, or with `router` several that are loaded when they are asked for."""

    kind = "llama.cpp"
    port_by_default = 8080
    default_models = ("../models/qwen3-0.6b-q8_0.gguf",)
    owned_by = "llamacpp"

    def __init__(self, *args: Any, template: str = CHATML, router: bool = False, vision: bool = False, **how: Any):
        super().__init__(*args, **how)
        self.template = template
        self.router = router
        self.vision = vision
        self.trained_context = 32768
        self.timings: Any = TIMINGS

    def answer(self, call: Call) -> None:
        if self.loading and call.where not in _BEFORE_LOADED:
            self.refuse(call, 503, "Loading model", "unavailable_error")
        elif self.key is not None and call.where not in _PUBLIC and call.bearer != self.key:
            self.refuse(call, 401, "Invalid API Key", "authentication_error")
        else:
            self.route(call)

    def route(self, call: Call) -> None:
        match call.command, call.where:
            case "GET", "/":
                call.say(200, "<!doctype html><html>llama.cpp</html>", {"Content-Type": "text/html"})
            case "GET", "/health" | "/v1/health":
                call.say_json({"status": "ok"})
            case "GET", "/props":
                call.say_json(self.props())
            case "GET", "/models":
                call.say_json({"object": "list", "data": [self.card(model) for model in self.models]})
            case _:
                super().answer(call)

    def props(self) -> dict[str, Any]:
        if self.router:
            return {"role": "router", "max_instances": 4, "models_autoload": True, "build_info": "b9931-c9c27c27"}
        return {
            "default_generation_settings": {"id": 0, "n_ctx": self.context, "params": {"temperature": 0.8}},
            "total_slots": 1,
            "model_path": self.models[0],
            "chat_template": self.template,
            "chat_template_caps": {},
            "modalities": {"vision": self.vision, "audio": False},
            "build_info": "b9931-c9c27c27",
            "is_sleeping": False,
        }

    def card(self, model: str) -> dict[str, Any]:
        if self.router:
            status = {"value": "loaded" if model == self.models[0] else "unloaded", "args": ["llama-server"]}
            return super().card(model) | {"in_cache": True, "path": f"/models/{model}", "status": status}
        inputs = ["text", "image"] if self.vision else ["text"]
        meta = {
            "vocab_type": 2,
            "n_vocab": 151936,
            "n_ctx_train": self.trained_context,
            "n_embd": 1024,
            "n_params": 751632384,
            "size": 639446688,
        }
        return super().card(model) | {
            "architecture": {"input_modalities": inputs, "output_modalities": ["text"]},
            "meta": None if self.loading else meta,
        }

    def unknown(self, call: Call) -> None:
        self.refuse(call, 404, "File Not Found", "not_found_error")

    def refuse(
        self, call: Call, status: int, message: str, type: str, code: Any = None, param: str | None = None
    ) -> None:
        call.say_json({"error": {"code": status, "message": message, "type": type}}, status, {"Server": "llama.cpp"})

    def check(self, call: Call) -> bool:
        body = call.json
        if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
            self.refuse(call, 400, "'messages' is required", "invalid_request_error")
            return False
        if body.get("continue_final_message") and body.get("add_generation_prompt", True):
            text = "Cannot set both add_generation_prompt and continue_final_message to true."
            self.refuse(call, 400, text, "invalid_request_error")
            return False
        thinking = (body.get("chat_template_kwargs") or {}).get("enable_thinking", "enable_thinking" in self.template)
        if body["messages"][-1]["role"] == "assistant" and thinking:
            text = "Assistant response prefill is incompatible with enable_thinking."
            self.refuse(call, 400, text, "invalid_request_error")
            return False
        if (asked := self.words(body["messages"])) > self.context:
            text = f"request ({asked} tokens) exceeds the available context size ({self.context} tokens)"
            error = {"code": 400, "message": text, "type": "exceed_context_size_error"}
            call.say_json({"error": error | {"n_prompt_tokens": asked, "n_ctx": self.context}}, 400)
            return False
        if self.router and body.get("model") not in self.models:
            self.refuse(call, 400, "model not found", "invalid_request_error")
            return False
        return True

    def answering(self, body: dict[str, Any]) -> str:
        return super().answering(body) if self.router else self.models[0]

    def chunks(self, body: dict[str, Any], written: Written) -> Iterator[dict[str, Any]]:
        *chunks, last = super().chunks(body, written)
        yield from chunks
        yield last | {"timings": self.timings}

    def whole(self, body: dict[str, Any], written: Written) -> dict[str, Any]:
        return super().whole(body, written) | {"timings": self.timings}

    def usage(self, written: Written) -> dict[str, Any]:
        return super().usage(written) | {"prompt_tokens_details": {"cached_tokens": 3}}
