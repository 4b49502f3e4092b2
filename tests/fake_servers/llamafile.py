"""llamafile 0.9, whose server is its own; llamafile 0.10 and later have llama.cpp's (`FakeLlamaCpp`).

Sources: Mozilla-Ocho/llamafile llamafile/server/client.cpp (routes; everything else is a file of its page, or a bare
404), v1_models.cpp (`owned_by`), doc/v1_chat_completions.md (parameters); mozilla-ai/llamafile README.md on 0.10.
"""

from __future__ import annotations

from typing import Any

from fake_servers.openai_like import OpenAILike
from fake_servers.server import Call


class FakeLlamafile(OpenAILike):
    kind = "llamafile"
    port_by_default = 8080
    default_models = ("Llama-3.2-1B-Instruct.Q6_K",)
    owned_by = "llamafile"

    def answer(self, call: Call) -> None:
        if (call.command, call.where) == ("GET", "/"):
            call.say(200, "<!doctype html><title>llamafile</title>", {"Content-Type": "text/html"})
        else:
            super().answer(call)

    def unknown(self, call: Call) -> None:
        call.say(404, "404 Not Found\r\n", {"Content-Type": "text/html; charset=ISO-8859-1"})

    def check(self, call: Call) -> bool:
        if not isinstance(call.json, dict) or not call.json.get("messages"):
            call.say(400, "400 JSON body must be an object\r\n")
            return False
        return True

    def answering(self, body: dict[str, Any]) -> str:
        return str(body["model"])  # copied along, whatever it is
