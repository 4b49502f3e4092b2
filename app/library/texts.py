"""What kinds, origins and abilities of models are called, and their figures as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from app.figures import number, short_count, size_text
from app.providers import texts as servers
from engine.events import Model

OPENED = ("gguf", "folder", "adapter")  # kinds that write replies here
REMOTE = "remote"  # the kind of a server's model


def kind_name(kind: str) -> str:
    translate = QCoreApplication.translate
    return {
        "gguf": translate("library", "GGUF file"),
        "folder": translate("library", "Model folder"),
        "adapter": translate("library", "Adapter"),
        "adapter-gguf": translate("library", "Adapter as GGUF"),
        "classifier": translate("library", "Classifier"),
        REMOTE: translate("library", "Of a server"),
    }.get(kind, kind)


def origin_name(origin: str) -> str:
    """Where a model comes from; empty where the person added it, which goes without saying."""
    translate = QCoreApplication.translate
    return {
        "bundled": translate("library", "Comes with Seedling"),
        "added": "",
        "copied": translate("library", "Copied into the library"),
        "downloaded": translate("library", "Downloaded"),
        "trained": translate("library", "Trained here"),
        "ollama": translate("library", "Ollama"),
        "lmstudio": translate("library", "LM Studio"),
        "jan": translate("library", "Jan"),
        "gpt4all": translate("library", "GPT4All"),
        "hub": translate("library", "Hugging Face cache"),
        "llama.cpp": translate("library", "llama.cpp"),
        "llamafile": translate("library", "llamafile"),
        "folder": translate("library", "A folder"),
    }.get(origin, origin)


def group_name(origin: str) -> str:
    """Under which heading models of this origin stand."""
    ours = ("bundled", "added", "copied", "downloaded")
    return QCoreApplication.translate("library", "Yours") if origin in ours else origin_name(origin)


def writes(kind: str, details: Mapping[str, Any]) -> bool:
    """Whether a model writes replies. details: of `Model`, perhaps not known yet."""
    return kind in (*OPENED, REMOTE) and "embedding" not in (details.get("badges") or ())


def badge_name(badge: str) -> str:
    translate = QCoreApplication.translate
    return {
        "chat": translate("library", "Chat"),
        "thinking": translate("library", "Thinking"),
        "tools": translate("library", "Tools"),
        "vision": translate("library", "Vision"),
        "embedding": translate("library", "Embedding"),
        "classifier": translate("library", "Classifier"),
        "adapter": translate("library", "Adapter"),
        "base": translate("library", "Base"),
    }.get(badge, badge)


def figures(model: Model) -> tuple[str, str, str]:
    """Parameters, quantization and size, each perhaps empty: what rows are compared by."""
    parameters, size = model.details.get("parameters"), model.details.get("size_bytes")
    return (
        short_count(parameters) if parameters else "",
        str(model.details.get("quantization") or "").upper(),
        size_text(size) if size else "",
    )


def known(model: Model) -> Iterator[str]:
    """What else is worth a word in a row."""
    translate = QCoreApplication.translate
    if model.kind == REMOTE:
        yield servers.kind_name(str(model.details.get("provider_kind") or ""))
    else:
        yield kind_name(model.kind)
    if context := model.details.get("context"):
        yield translate("library", "context {count}").format(count=number(context))
    if licence := model.details.get("licence"):
        yield str(licence)
    if model.kind != REMOTE and (origin := origin_name(origin_of(model))):
        yield origin


def origin_of(model: Model) -> str:
    """By its id; of one that is not on the list, the program that has it."""
    details = model.details
    return str(details.get("origin") or details.get("store") or ("bundled" if model.bundled else "added"))


def badges(model: Model) -> list[str]:
    reach = [servers.reach_name(servers.reach_of(model.details))] if model.kind == REMOTE else []
    return [*reach, *(badge_name(badge) for badge in model.details.get("badges") or ())]


def joined(parts: Any) -> str:
    return "  ·  ".join(part for part in parts if part)
