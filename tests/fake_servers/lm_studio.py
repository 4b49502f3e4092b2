"""LM Studio 0.4, or older with `native="v0"` or `native=""`.

Sources: lmstudio-ai/docs 1_developer/2_rest/list.md (`/api/v1/models`), 2_rest/endpoints.md (`/api/v0/models`),
3_openai-compat/chat-completions.md (parameters), api-changelog.md (`reasoning`, `reasoning_content`, `stream_options`);
lmstudio-ai/lmstudio-bug-tracker issues 618 and 1323 (unknown paths get 200); gitbutlerapp/gitbutler
issue 8706 (unknown model), agustif/opencode-lmstudio issue 41 (no token).
"""

from __future__ import annotations

from typing import Any

from fake_servers.openai_like import OpenAILike
from fake_servers.server import Call

_NO_TOKEN = (
    "An LM Studio API token is required to make requests to this server, but none was provided using the Authorization "
    "header using the 'Bearer' scheme."
)


class FakeLMStudio(OpenAILike):
    kind = "lmstudio"
    port_by_default = 1234
    default_models = ("qwen/qwen3-4b", "text-embedding-nomic-embed-text-v1.5")
    owned_by = "organization_owner"

    def __init__(self, *args: Any, native: str = "v1", thinks_in: str = "reasoning_content", **how: Any) -> None:
        super().__init__(*args, **how)
        self.native = native
        self.thinks_in = (thinks_in,)

    def answer(self, call: Call) -> None:
        if (call.command, call.where) == ("GET", "/lmstudio-greeting"):
            call.say_json({"lmstudio": True})
        elif self.key is not None and call.bearer != self.key:
            error = {"type": "invalid_request", "code": "invalid_api_key", "message": _NO_TOKEN}
            call.say_json({"error": error}, 401)
        elif (call.command, call.where) == ("GET", f"/api/{self.native}/models"):
            call.say_json(self.listed_v1() if self.native == "v1" else self.listed_v0())
        else:
            super().answer(call)

    def listed_v1(self) -> dict[str, Any]:
        return {"models": [self._model_v1(model) for model in self.models]}

    def _model_v1(self, model: str) -> dict[str, Any]:
        embeds = "embed" in model
        loaded = [{"id": model, "config": {"context_length": self.context}}] if model == self.models[0] else []
        shared = {
            "publisher": "lmstudio-community",
            "key": model,
            "display_name": model,
            "quantization": {"name": "Q4_K_M", "bits_per_weight": 4},
            "size_bytes": 2497281120,
            "loaded_instances": loaded,
            "max_context_length": 32768,
            "format": "gguf",
        }
        if embeds:
            return shared | {"type": "embedding", "params_string": None}
        return shared | {
            "type": "llm",
            "architecture": "qwen3",
            "params_string": "4B",
            "capabilities": {"vision": False, "trained_for_tool_use": True},
            "description": None,
        }

    def listed_v0(self) -> dict[str, Any]:
        rows = [
            {
                "id": model,
                "object": "model",
                "type": "embeddings" if "embed" in model else "llm",
                "publisher": "lmstudio-community",
                "arch": "qwen3",
                "compatibility_type": "gguf",
                "quantization": "Q4_K_M",
                "state": "loaded" if model == self.models[0] else "not-loaded",
                "max_context_length": 32768,
            }
            for model in self.models
        ]
        return {"object": "list", "data": rows}

    def unknown(self, call: Call) -> None:
        call.say_json({"error": f"Unexpected endpoint or method. ({call.command} {call.path})"})

    def check(self, call: Call) -> bool:
        if call.json.get("model") in self.models:
            return True
        names = "\n".join(self.models)
        text = f'Model "{call.json.get("model")}" not found. Please specify a valid model.\n\nYour models:\n\n{names}'
        self.refuse(call, 404, text, "invalid_request_error", "model_not_found", "model")
        return False
