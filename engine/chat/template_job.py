"""What a chat template makes of a conversation, to look at while it is being written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.chat.messages import Message
from engine.chat.templates import TemplateRenderer
from engine.errors import EngineError
from engine.events import Event, Finished
from engine.jobs import JobContext
from engine.library import models
from engine.library.forms import base_of
from engine.runtime.gguf_header import GGUFArray, read_header

_SHOWN = 50_000  # characters: an event is a line of at most 1 MB


def render_template(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """Write `messages` by `template`, or by the own one of `model`, whose special tokens it may name.

    Ends with `text`, and whether it was `cut`. The model is not loaded. Raises EngineError as `TemplateRenderer.render`
    does, with the `line` of the template where that is known, and `no_template` where the model has none.
    """
    entry = models.resolve(params["model"], params.get("backend"))
    place = entry.path
    if entry.kind == "adapter" and not (place / "tokenizer.json").is_file():
        place = base_of(place)
    own, bos, eos = _of_folder(place) if place.is_dir() else _of_gguf(place)
    template = params.get("template") or own
    if not template:
        raise EngineError("no_template", name=entry.name)
    try:
        messages = [Message.from_json(message) for message in params["messages"]]
    except (ValueError, TypeError) as error:
        raise EngineError("usage", reason=str(error)) from error
    renderer: TemplateRenderer = context.state.setdefault("renderer", TemplateRenderer())
    text = renderer.render(template, messages, bos_token=bos, eos_token=eos)
    yield Finished("done", {"text": text[:_SHOWN], "cut": len(text) > _SHOWN})


def _of_gguf(path: Path) -> tuple[str | None, str, str]:
    """The template of a file, and the tokens that begin and end a text."""
    header = read_header(path)
    tokens = header.metadata.get("tokenizer.ggml.tokens")
    texts = [*tokens.raw_strings()] if isinstance(tokens, GGUFArray) else []
    ids = (header.metadata.get(f"tokenizer.ggml.{kind}_token_id") for kind in ("bos", "eos"))
    bos, eos = (texts[id] if isinstance(id, int) and 0 <= id < len(texts) else b"" for id in ids)
    template = header.text("tokenizer.chat_template") or None
    return template, bos.decode("utf-8", "replace"), eos.decode("utf-8", "replace")


def _of_folder(folder: Path) -> tuple[str | None, str, str]:
    from engine.gpt.tokenizer import Tokenizer

    tokenizer = Tokenizer.load(folder)
    begin, end = (tokenizer.piece(id).decode("utf-8", "replace") for id in (tokenizer.begin_id, tokenizer.end_id))
    return tokenizer.template, begin, end
