"""GPT4All's server (3.5 and later), which answers whole replies only.

Source: nomic-ai/gpt4all gpt4all-chat/src/server.cpp: `BaseCompletionRequest::parseImpl` and `ChatRequest::parseImpl`
(what is refused, by these words), `handleChatRequest` (a model it does not have is answered by its default model),
401 with nothing in it where the server is switched off.
"""

from __future__ import annotations

from typing import Any

from fake_servers.openai_like import OpenAILike
from fake_servers.server import Call

_REFUSED = ("seed", "stop", "stream_options", "response_format", "tools", "tool_choice", "logit_bias", "functions")
_NUMBERS = {"temperature": (0, 2), "top_p": (0, 1), "min_p": (0, 1)}
_KNOWN = {"model", "messages", "n", "max_tokens", "stream", "user", "frequency_penalty", "presence_penalty", *_NUMBERS}


class FakeGPT4All(OpenAILike):
    kind = "gpt4all"
    port_by_default = 4891
    default_models = ("Llama 3 8B Instruct", "Phi-3 Mini Instruct")
    owned_by = "humanity"
    limit_fields = ("max_tokens",)

    def __init__(self, *args: Any, off: bool = False, **how: Any) -> None:
        super().__init__(*args, **how)
        self.off = off

    def answer(self, call: Call) -> None:
        if self.off:
            call.say(401)
        elif call.command == "GET" and call.where.startswith("/v1/models/"):
            model = call.where.removeprefix("/v1/models/")
            call.say_json(self.card(model) if model in self.models else {})
        elif (call.command, call.where) == ("POST", "/v1/models"):
            self.refuse(call, 405, "Not allowed to POST on /v1/models.", "invalid_request_error")
        else:
            super().answer(call)

    def card(self, model: str) -> dict[str, Any]:
        return super().card(model) | {"created": 0, "root": model, "parent": None, "permissions": []}

    def unknown(self, call: Call) -> None:
        call.say(404)

    def check(self, call: Call) -> bool:
        problem = self._problem(call.json)
        if problem:
            self.refuse(call, 400, problem, "invalid_request_error")
        return not problem

    def _problem(self, body: Any) -> str:
        if not isinstance(body, dict):
            return "error parsing request JSON: not an object"
        given = {name: value for name, value in body.items() if value is not None}
        for name in ("frequency_penalty", "presence_penalty"):
            if isinstance(given.get(name), float) or given.get(name, 0) != 0:
                return f"'{name}' is not supported"
        if given.get("stream") is True:
            return "'stream' is not supported"
        for name in _REFUSED:
            if name in given:
                return f"'{name}' is not supported"
        if "max_tokens" in given and (type(given["max_tokens"]) is not int or given["max_tokens"] < 1):
            return f"{given['max_tokens']} is less than the minimum of 1 - 'max_tokens'"
        for name, (least, most) in _NUMBERS.items():
            if name in given and not least <= given[name] <= most:
                return f"{given[name]} is greater than the maximum of {most} - '{name}'"
        if not isinstance(given.get("messages"), list) or not given["messages"]:
            return "Invalid type for 'messages': expected a non-empty array of objects"
        for at, message in enumerate(given["messages"]):
            if message.get("role") not in ("system", "user", "assistant"):
                return f"Invalid 'messages[{at}].role': expected one of 'system', 'assistant', or 'user'"
            if extra := set(message) - {"role", "content"}:
                return f"Invalid 'messages[{at}]': unrecognized key: '{min(extra)}'"
        if extra := set(body) - _KNOWN - set(_REFUSED):
            return f"Unrecognized request argument supplied: {min(extra)}"
        return ""

    def write(self, body: dict[str, Any]) -> Any:
        return super().write({"max_tokens": 16} | body)  # its default

    def answering(self, body: dict[str, Any]) -> str:
        return body["model"] if body["model"] in self.models else self.models[0]
