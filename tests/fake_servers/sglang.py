"""SGLang's server.

Sources: sgl-project/sglang python/sglang/srt/entrypoints/openai/protocol.py (`ModelCard`, `ErrorResponse`, which is not
inside of an `error`; `continue_final_message`, `reasoning_tokens` of the usage), entrypoints/http_server.py
(`/health`, `/get_model_info`), sampling/sampling_params.py (`top_k` is -1 or at least 1).
"""

from __future__ import annotations

from typing import Any

from fake_servers.openai_like import OpenAILike, Written
from fake_servers.server import Call


class FakeSGLang(OpenAILike):
    kind = "sglang"
    port_by_default = 30000
    default_models = ("Qwen/Qwen3-0.6B",)
    owned_by = "sglang"

    def answer(self, call: Call) -> None:
        if call.where == "/health":
            call.say(503 if self.loading else 200)
        elif self.key is not None and call.bearer != self.key:
            call.say_json({"error": "Unauthorized"}, 401)
        elif call.where == "/get_model_info":
            call.say_json({"model_path": self.models[0], "tokenizer_path": self.models[0], "is_generation": True})
        else:
            super().answer(call)

    def card(self, model: str) -> dict[str, Any]:
        return super().card(model) | {"root": model, "parent": None, "max_model_len": self.context}

    def unknown(self, call: Call) -> None:
        call.say_json({"detail": "Not Found"}, 404)

    def refuse(
        self, call: Call, status: int, message: str, type: str, code: Any = None, param: str | None = None
    ) -> None:
        error = {"object": "error", "message": message, "type": type, "param": param, "code": status}
        call.say_json(error, status)

    def check(self, call: Call) -> bool:
        body = call.json
        if body.get("top_k") is not None and body["top_k"] != -1 and body["top_k"] < 1:
            self.refuse(call, 400, f"top_k must be -1 (disable) or at least 1, got {body['top_k']}.", "BadRequest")
            return False
        if (asked := self.words(body["messages"])) > self.context:
            text = f"The input ({asked} tokens) is longer than the model's context length ({self.context} tokens)."
            self.refuse(call, 400, text, "BadRequestError")
            return False
        return True

    def usage(self, written: Written) -> dict[str, Any]:
        return super().usage(written) | {"reasoning_tokens": len(written.thinking), "prompt_tokens_details": None}
