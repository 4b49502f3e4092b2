"""vLLM's server.

Sources: vllm-project/vllm vllm/entrypoints/openai/engine/protocol.py (`ModelCard.max_model_len`, `ErrorResponse`, a
delta says what the model thinks as `reasoning` and once more as `reasoning_content`), chat_completion/protocol.py
(parameters in the body, `check_generation_prompt`), issue 20409 (words of the error for a long conversation);
api_server.py (`/version`, `/health` with nothing in it).
"""

from __future__ import annotations

from typing import Any

from fake_servers.openai_like import OpenAILike, Written
from fake_servers.server import Call


class FakeVLLM(OpenAILike):
    kind = "vllm"
    port_by_default = 8000
    default_models = ("Qwen/Qwen3-0.6B",)
    owned_by = "vllm"
    thinks_in = ("reasoning", "reasoning_content")

    def answer(self, call: Call) -> None:
        if (call.command, call.where) == ("GET", "/health"):
            call.say(200)
        elif (call.command, call.where) == ("GET", "/version"):
            call.say_json({"version": "0.15.0"})
        elif self.key is not None and call.where.startswith("/v1") and call.bearer != self.key:
            call.say_json({"error": "Unauthorized"}, 401)
        else:
            super().answer(call)

    def card(self, model: str) -> dict[str, Any]:
        return super().card(model) | {"root": model, "parent": None, "max_model_len": self.context, "permission": []}

    def unknown(self, call: Call) -> None:
        call.say_json({"detail": "Not Found"}, 404)

    def check(self, call: Call) -> bool:
        body = call.json
        if body.get("continue_final_message") and body.get("add_generation_prompt", True):
            text = "Cannot set both `continue_final_message` and `add_generation_prompt` to True."
            return self._bad(call, 400, text, "BadRequestError")
        if body.get("stream_options") and not body.get("stream"):
            return self._bad(call, 400, "Stream options can only be defined when `stream=True`.", "BadRequestError")
        if body.get("top_k") is not None and body["top_k"] < -1:
            return self._bad(call, 400, "top_k must be 0 (disable), or at least 1.", "BadRequestError")
        if body.get("model") not in self.models:
            return self._bad(call, 404, f"The model `{body.get('model')}` does not exist.", "NotFoundError")
        if (asked := self.words(body["messages"])) > self.context:
            text = f"This model's maximum context length is {self.context} tokens. However, your request has {asked}."
            return self._bad(call, 400, text, "BadRequestError")
        return True

    def _bad(self, call: Call, status: int, message: str, type: str) -> bool:
        self.refuse(call, status, message, type, status)
        return False

    def usage(self, written: Written) -> dict[str, Any]:
        return super().usage(written) | {"prompt_tokens_details": None}
