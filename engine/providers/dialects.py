"""Which dialect each kind of provider speaks."""

from __future__ import annotations

import importlib

from engine.providers.base import KINDS, Dialect, Provider

# Kind -> where its dialect lives, imported when it is first spoken: the SDKs take a second to load.
_DIALECTS = dict.fromkeys(KINDS, "engine.providers.openai_style:OpenAIStyle") | {
    "ollama": "engine.providers.ollama:Ollama",
    "litgpt": "engine.providers.litgpt:LitGPT",
    "anthropic": "engine.providers.anthropic_api:Anthropic",
}


def open_dialect(provider: Provider, key: str | None = None) -> Dialect:
    """Nothing is asked yet. Raises EngineError `provider_stays` or `provider_plain` where it must not be."""
    module, name = _DIALECTS[provider.kind].split(":")
    dialect: Dialect = getattr(importlib.import_module(module), name)(provider, key)
    return dialect
