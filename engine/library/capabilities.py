"""What a model can do, as far as its files tell: the badges beside its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.library import forms
from engine.runtime.gguf_header import GGUFHeader
from engine.runtime.preflight import is_embedding

BADGES = ("chat", "base", "thinking", "tools", "vision", "embedding", "classifier", "adapter")
UNUSED = ("vision", "tools", "embedding")  # what a model may be able to do and Seedling does not ask of it

# A template speaks of tools where its code does; its texts may do so by chance.
_TOOLS = re.compile(r"\{[%{][^}]*?\btools\b")
_THINKING = re.compile(r"<think>|enable_thinking|reasoning_content|\[THINK\]|<\|channel\|>|START_THINKING|\.thinking\b")
_EMBEDDING_MODELS = re.compile(r"(bert|roberta|xlm-roberta|nomic|e5|gte)", re.IGNORECASE)


def of_gguf(header: GGUFHeader) -> list[str]:
    if header.text("general.type") == "adapter":
        return ["adapter"]
    if is_embedding(header):
        return ["embedding"]
    template = "\n".join(
        text for key in header.metadata if key.startswith("tokenizer.chat_template") and (text := header.text(key))
    )
    return of_template(template) + (["vision"] if forms.image_parts(header.path) else [])


def of_folder(folder: Path, config: Mapping[str, Any], template: str) -> list[str]:
    if forms.is_classifier(folder):
        return ["classifier"]
    if (folder / "modules.json").is_file() or _EMBEDDING_MODELS.match(str(config.get("model_type", ""))):
        return ["embedding"]
    return of_template(template) + (["vision"] if isinstance(config.get("vision_config"), dict) else [])


def of_template(template: str) -> list[str]:
    if not template.strip():
        return ["base"]
    thinking = ["thinking"] if _THINKING.search(template) else []
    return ["chat", *thinking, *(["tools"] if _TOOLS.search(template) else [])]
