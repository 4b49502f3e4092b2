"""What kinds of servers and APIs are called, how far what is written goes, and when one was looked at."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

if TYPE_CHECKING:
    from engine.providers.prices import Price

# The services that are connected by name: their kind, and where they are.
SERVICES = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}


def kind_name(kind: str) -> str:
    """What a kind of `engine.providers.base.KINDS` is called; all but one are names."""
    return {
        "ollama": "Ollama",
        "lmstudio": "LM Studio",
        "jan": "Jan",
        "gpt4all": "GPT4All",
        "vllm": "vLLM",
        "sglang": "SGLang",
        "litgpt": "LitGPT",
        "compatible": QCoreApplication.translate("providers", "Speaks as OpenAI does"),
        "openai": "OpenAI",
        "anthropic": "Anthropic",
    }.get(kind, kind)


def reach_name(reach: str) -> str:
    """How far what is written goes, in two words; reach: of `engine.providers.base.REACHES`."""
    translate = QCoreApplication.translate
    return {
        "machine": translate("providers", "this machine"),
        "network": translate("providers", "local network"),
        "internet": translate("providers", "leaves this machine"),
    }[reach]


def about_reach(reach: str, host: str) -> str:
    """The same, as a sentence."""
    translate = QCoreApplication.translate
    return {
        "machine": translate("providers", "What you write to its models stays on this machine."),
        "network": translate("providers", "What you write to its models goes to {host} in your network."),
        "internet": translate("providers", "What you write to its models goes to {host}."),
    }[reach].format(host=host)


def host_of(address: str) -> str:
    """The part of an address that says who is asked."""
    return urlsplit(address).netloc or address


def reach_of(details: Mapping[str, Any]) -> str:
    """Of a model of a server, by its `details`; a server of this machine may pass on what it is asked."""
    reach = str(details.get("reach") or "internet")
    return "internet" if reach == "machine" and details.get("leaves") else reach


def looked(seconds: float | None) -> str:
    """When a server was asked last. seconds: since 1970."""
    translate = QCoreApplication.translate
    if not seconds:
        return translate("providers", "not looked at yet")
    ago = max(0.0, time.time() - seconds)
    if ago < 90:
        return translate("providers", "looked at just now")
    if ago < 5400:
        return translate("providers", "looked at {count} min ago").format(count=round(ago / 60))
    when = QLocale().toString(QDateTime.fromSecsSinceEpoch(round(seconds)), QLocale.FormatType.ShortFormat)
    return translate("providers", "looked at {when}").format(when=when)


def model_count(count: int) -> str:
    if count == 1:
        return QCoreApplication.translate("providers", "1 model")
    return QCoreApplication.translate("providers", "{count} models").format(count=QLocale().toString(count))


def price_text(price: Price) -> str:
    """What a million tokens cost."""
    translate, shown = QCoreApplication.translate, QLocale().toString
    parts = [translate("providers", "input {amount}").format(amount=shown(price.input, "g", 6))]
    parts.append(translate("providers", "output {amount}").format(amount=shown(price.output, "g", 6)))
    if price.cached is not None:
        parts.append(translate("providers", "cached {amount}").format(amount=shown(price.cached, "g", 6)))
    return f"{'  ·  '.join(parts)} {price.currency}"


def key_place(place: str) -> str:
    """Where a server's key is; place: as `engine.providers.base.Provider` says it."""
    translate = QCoreApplication.translate
    if place.startswith("env:"):
        return translate("providers", "key in the variable {name}").format(name=place.removeprefix("env:"))
    return {
        "keyring": translate("providers", "key in the keyring"),
        "vault": translate("providers", "key in the encrypted file"),
        "run": translate("providers", "key for this run only"),
    }.get(place, "")
