"""Jan's local API server: a door with a key and a list of hosts before llama.cpp's servers, one for each model.

Source: janhq/jan src-tauri/src/core/server/proxy.rs (errors are plain text; `/` and `/openapi.json` need no key; only
running models are listed), src-tauri/src/core/server/commands.rs; docs "Local API server" (the key is required).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_servers.llama_cpp import TIMINGS
from fake_servers.openai_like import OpenAILike, Written
from fake_servers.server import Call

KEY = "jan-secret"


class FakeJan(OpenAILike):
    kind = "jan"
    port_by_default = 1337
    default_models = ("Jan-v1-4B-Q4_K_M",)
    owned_by = "user"

    def __init__(self, *args: Any, key: str | None = KEY, **how: Any) -> None:
        super().__init__(*args, key=key, **how)

    def answer(self, call: Call) -> None:
        if (call.command, call.where) == ("GET", "/"):
            call.say(200, "<!DOCTYPE html><title>API Docs</title>", {"Content-Type": "text/html"})
        elif call.headers.get("Host", "").partition(":")[0] not in ("127.0.0.1", "localhost"):
            call.say(403, "Invalid host header")
        elif self.key is not None and "Authorization" not in call.headers:
            call.say(401, "Missing authorization header")
        elif self.key is not None and call.bearer != self.key:
            call.say(401, "Invalid or missing authorization token")
        else:
            super().answer(call)

    def card(self, model: str) -> dict[str, Any]:
        return {"id": model, "object": "model", "created": 1, "owned_by": self.owned_by}

    def unknown(self, call: Call) -> None:
        call.say(404, "Not Found")

    def check(self, call: Call) -> bool:
        model = call.json.get("model") if isinstance(call.json, dict) else None
        if not isinstance(model, str):
            call.say(400, "Request body must contain a 'model' field")
        elif not self.models:
            call.say(503, "No models are available")
        elif model not in self.models:
            call.say(404, f"No running session found for model '{model}'")
        else:
            return True
        return False

    def chunks(self, body: dict[str, Any], written: Written) -> Iterator[dict[str, Any]]:
        *chunks, last = super().chunks(body, written)
        yield from chunks
        yield last | {"timings": TIMINGS}
