"""Which kind of server answers at an address: told by how it greets, never by a status alone.

The order is from the most to the least particular greeting, since programs share ports. LM Studio says 200 to every
path, so bodies are looked at. Only the hosts of OpenAI and Anthropic are known without asking. Sources of
the greetings are named in `quirks` and in the dialects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

from engine.errors import EngineError
from engine.providers import connection, reach, streams
from engine.providers.base import KINDS, Provider, plain

AUTO = "auto"
_HOSTS = {"api.openai.com": "openai", "api.anthropic.com": "anthropic"}
_OWNERS = {
    "llamacpp": "llama.cpp",
    "llamafile": "llamafile",
    "vllm": "vllm",
    "sglang": "sglang",
    "humanity": "gpt4all",
}
_JAN_REFUSALS = ("missing authorization header", "invalid or missing authorization token")
_WEBSITES = ("text/html", "application/xhtml")


@dataclass(frozen=True)
class Greeting:
    """Who answers at an address, which is checked and as a provider keeps it; version: "" where it is not said."""

    kind: str
    address: str
    version: str = ""
    needs_key: bool = False


@dataclass(frozen=True)
class _Answer:
    """body: parsed, None for what is no JSON."""

    status: int
    text: str
    body: Any

    @property
    def fields(self) -> dict[str, Any]:
        return self.body if isinstance(self.body, dict) else {}


def recognise(address: str, key: str | None = None, kind: str = AUTO, first_byte_s: float | None = None) -> Greeting:
    """kind: one of `KINDS` is believed. first_byte_s: as of `connection.client`.

    Raises EngineError `provider_bad_address`, `provider_bad_kind`, `provider_not_found`, and as asking does.
    """
    address = reach.checked(address)
    if kind not in (AUTO, *KINDS):
        raise EngineError("provider_bad_kind", kind=plain(kind, 40), known=", ".join(KINDS))
    host = urlsplit(address).hostname or ""
    if kind != AUTO or host in _HOSTS:
        kind = _HOSTS[host] if kind == AUTO else kind
        return Greeting(kind, address, needs_key=kind in _HOSTS.values())
    talk = _Talk(address, key, first_byte_s)
    try:
        found = (None if reach.reach(address) == "internet" else _by_greeting(talk)) or _by_models(talk)
    finally:
        talk.close()
    if found is None:
        raise EngineError("provider_not_found", address=address)
    return found


class _Talk:
    """Questions to one address. The key goes only where a list of models is asked for, which is what wants one."""

    def __init__(self, address: str, key: str | None, first_byte_s: float | None) -> None:
        self.address = address
        self.root = address.removesuffix("/v1").removesuffix("/api")
        self._provider = Provider("", "compatible", address)
        self._open = connection.client(self._provider, first_byte_s=first_byte_s)
        self._known = connection.client(self._provider, key, first_byte_s=first_byte_s) if key else self._open

    def ask(self, address: str, with_key: bool = False) -> _Answer:
        """An answer of any status. Raises EngineError; `provider_not_found` where no HTTP is spoken."""
        client = self._known if with_key else self._open
        try:
            with connection.failing(self._provider):
                response = client.get(address)
        except EngineError as error:
            if error.detail == httpx2.RemoteProtocolError.__name__:
                raise EngineError("provider_not_found", address=self.address) from None
            if error.code not in ("provider_too_much", "provider_strange"):
                raise
            return _Answer(0, "", None)
        text = response.text
        try:
            body = None if response.headers.get("Content-Type", "").startswith(_WEBSITES) else streams.parsed(text)
        except ValueError:
            body = None
        return _Answer(response.status_code, text, body)

    def close(self) -> None:
        self._open.close()
        self._known.close()


def _by_greeting(talk: _Talk) -> Greeting | None:
    """By what only one program says."""
    if talk.ask(f"{talk.root}/lmstudio-greeting").fields.get("lmstudio") is True:
        return Greeting("lmstudio", talk.root)
    version = talk.ask(f"{talk.root}/api/version").fields.get("version")
    if isinstance(version, str) and talk.ask(f"{talk.root}/").text.strip() == "Ollama is running":
        return Greeting("ollama", talk.root, plain(version, 40))
    props = talk.ask(f"{talk.root}/props", with_key=True).fields
    if "default_generation_settings" in props or props.get("role") == "router":
        build = props.get("build_info")
        kind = "llamafile" if _is_llamafile(talk) else "llama.cpp"
        return Greeting(kind, talk.root, plain(build, 40) if isinstance(build, str) else "")
    if _is_loading(props):
        return Greeting("llama.cpp", talk.root)
    if _is_key_refusal(props):
        return Greeting("llama.cpp", talk.root, needs_key=True)
    return None


def _is_llamafile(talk: _Talk) -> bool:
    return _owner(talk.ask(f"{talk.root}/v1/models", with_key=True)) == "llamafile" or (
        "<title>llamafile" in talk.ask(f"{talk.root}/").text.casefold()
    )


def _is_loading(said: dict[str, Any]) -> bool:
    error = said.get("error")
    return isinstance(error, dict) and error.get("message") == "Loading model"


def _is_key_refusal(said: dict[str, Any]) -> bool:
    """As llama.cpp's server refuses everything but `/health`."""
    error = said.get("error")
    told = (error.get("type"), error.get("message")) if isinstance(error, dict) else ()
    return told == ("authentication_error", "Invalid API Key")


def _by_models(talk: _Talk) -> Greeting | None:
    """By its list of models, and by how it refuses to show it."""
    base = talk.address if urlsplit(talk.address).path else f"{talk.address}/v1"
    listed = talk.ask(f"{base}/models", with_key=True)
    data = listed.fields.get("data")
    if isinstance(data, list) and all(isinstance(model, dict) and "id" in model for model in data):
        kind = _OWNERS.get(_owner(listed), "compatible")
        return Greeting(
            "jan" if _is_jan(talk, listed) else kind, talk.root if kind in _OWNERS.values() else talk.address
        )
    if listed.text.strip().casefold() in _JAN_REFUSALS:
        return Greeting("jan", talk.root, needs_key=True)
    said = listed.fields
    error = said.get("error")
    if isinstance(error, dict):
        message = str(error.get("message", ""))
        if said.get("type") == "error" and ("anthropic-version" in message or "x-api-key" in message):
            return Greeting("anthropic", talk.root, needs_key=True)
        if listed.status in (401, 403):
            return Greeting("compatible", talk.address, needs_key=True)
    return _by_routes(talk)


def _by_routes(talk: _Talk) -> Greeting | None:
    """LitServe's, which LitGPT is served by: it lists its routes, and says that it is well."""
    routes = talk.ask(f"{talk.root}/openapi.json").fields.get("paths")
    if not isinstance(routes, dict) or not {"/health", "/info"} <= routes.keys():
        return None
    return Greeting("litgpt", talk.root) if {"/predict", "/v1/chat/completions"} & routes.keys() else None


def _owner(listed: _Answer) -> str:
    data = listed.fields.get("data")
    first = data[0] if isinstance(data, list) and data else None
    return str(first.get("owned_by", "")) if isinstance(first, dict) else ""


def _is_jan(talk: _Talk, listed: _Answer) -> bool:
    """Its list is like any other; without a key it is not shown."""
    if _owner(listed) != "user":
        return False
    return talk.ask(f"{talk.root}/v1/models").text.strip().casefold() in _JAN_REFUSALS
