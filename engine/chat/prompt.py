"""From a conversation to token ids.

What a model wrote goes back to it as the very ids it wrote, so that a second turn evaluates only what is new.
What people typed, or another model wrote, never becomes a special token. The rest is tokenized as it stands.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.chat.messages import Message, valid_unicode
from engine.errors import EngineError
from engine.runtime.base import Runtime

Render = Callable[[Sequence[Message]], str]

# Two characters of the private use area around a message's number: no template has a reason to write them.
_PLACE = re.compile("\ue0f0(\\d+)\ue0f1")


def plain_text(messages: Sequence[Message]) -> str:
    """A conversation without a template, for the model to continue: a reply continues the text before it, as it
    was written; everything else begins after a blank line.
    """
    text = ""
    for message in messages:
        text += "\n\n" if text and message.role != "assistant" else ""
        text += message.content
    return text


def build_prompt(runtime: Runtime, render: Render, messages: Sequence[Message]) -> list[int]:
    """Token ids whose bytes are the rendered conversation; `render` writes it as text.

    Raises what `render` raises, EngineError `empty_prompt`, and EngineError `template_refused` when the template
    rewrites messages that spell special tokens, so that these cannot be told from its own.
    """
    text = valid_unicode(render(messages))
    spans = _spans(text, render, messages)
    if spans is None:
        if any(_spells_special(runtime, message.content) for message in messages):
            raise EngineError("template_refused", reason="it rewrites a message that spells special tokens")
        spans = []
    ids: list[int] = []
    gap = 0  # where the text that is not yet tokenized begins
    for span in spans:
        content = text[span.start : span.end]
        own = _written_ids(runtime, span.message, content)
        if own is None and _spells_special(runtime, content):
            own = _tokenize(runtime, content, special=False, first=span.start == 0)
        if own is not None:
            ids += _tokenize(runtime, text[gap : span.start], special=True, first=gap == 0)
            ids += own
            gap = span.end
    ids += _tokenize(runtime, text[gap:], special=True, first=gap == 0)
    ids = _missing_bos(runtime, ids) + ids
    if not ids:
        raise EngineError("empty_prompt")
    return ids


def open_reply(runtime: Runtime, reply: Message) -> tuple[list[int], bytes]:
    """The ids of a reply that goes on, to stand at the end of a prompt, and the bytes written so far.

    These may be more than the content says: one that was cut within a character ends before it.
    """
    ids = _own_ids(runtime, reply)
    if ids is not None:
        written = b"".join(map(runtime.piece, ids))
        text = codecs.getincrementaldecoder("utf-8")("replace").decode(written)
        if text in (reply.content, reply.content + "\ufffd"):
            return ids, written
    return _tokenize(runtime, reply.content, special=False, first=False), reply.content.encode()


@dataclass(frozen=True)
class _Span:
    """Where in the rendered text a message's content stands, in characters."""

    start: int
    end: int
    message: Message


def _spans(text: str, render: Render, messages: Sequence[Message]) -> list[_Span] | None:
    """Where the contents stand in `text`, in its order; None where that cannot be told.

    Searching would find a message "user" in the template's own words. So the conversation is rendered a second
    time with a numbered place for each content; what then stands between two places is the template's.
    """
    try:
        parts = _PLACE.split(valid_unicode(render([_with_place(i, m) for i, m in enumerate(messages)])))
    except EngineError:  # it looks into the contents and did not like ours
        return None
    literals, numbers = parts[0::2], parts[1::2]
    if not text.startswith(literals[0]):
        return None
    spans: list[_Span] = []
    start = len(literals[0])
    for i, (number, after) in enumerate(zip(numbers, literals[1:], strict=True)):
        message = messages[int(number)]
        end = _content_end(text, start, message.content, after, last=i == len(numbers) - 1)
        if end is None:
            return None
        floor, ceiling = spans[-1].end if spans else 0, end + len(after)
        spans.append(_with_its_spaces(_Span(start, end, message), text, floor, ceiling))
        start = ceiling
    return spans if start == len(text) else None


def _with_place(index: int, message: Message) -> Message:
    # Templates may leave out what is blank, so that has to stay blank.
    return replace(message, content=f"\ue0f0{index}\ue0f1") if message.content.strip() else message


def _content_end(text: str, start: int, content: str, after: str, last: bool) -> int | None:
    """The end of a content that begins at `start` and is followed by `after`, trimmed or rewritten as it may be."""
    for form in (content, content.strip(), content.lstrip(), content.rstrip()):
        end = start + len(form)
        if text.startswith(form, start) and text.startswith(after, end) and (not last or end + len(after) == len(text)):
            return end
    if last:
        return len(text) - len(after) if text.endswith(after) and len(text) - len(after) >= start else None
    if not after or after in content:  # where it ends would be anyone's guess
        return None
    end = text.find(after, start)
    return None if end < 0 else end


def _with_its_spaces(span: _Span, text: str, floor: int, ceiling: int) -> _Span:
    """The span of a trimmed content, widened where the template wrote the same white space again.

    A model that answers " Yes" after "[/INST]" wrote the space as part of its token; the template writes it as its own.
    """
    content = span.message.content
    start = span.start - max(content.find(text[span.start : span.end]), 0)
    end = start + len(content)
    if floor <= start and end <= ceiling and text.startswith(content, start):
        return replace(span, start=start, end=end)
    return span


def _written_ids(runtime: Runtime, message: Message, content: str) -> list[int] | None:
    """The ids this very model wrote, if their bytes are `content`."""
    ids = _own_ids(runtime, message)
    return ids if ids is not None and b"".join(map(runtime.piece, ids)) == content.encode() else None


def _own_ids(runtime: Runtime, message: Message) -> list[int] | None:
    if message.tokens is None or message.model != runtime.info.fingerprint:
        return None
    return list(message.tokens) if all(0 <= id < runtime.info.vocabulary for id in message.tokens) else None


def _spells_special(runtime: Runtime, content: str) -> bool:
    return runtime.tokenize(content, special=True) != runtime.tokenize(content, special=False)


def _tokenize(runtime: Runtime, text: str, special: bool, first: bool) -> list[int]:
    """Ids of a stretch of the prompt; `first` where it begins the prompt."""
    if not text:
        return []
    ids = runtime.tokenize(text, special)
    if first or _leading_spaces(runtime, ids) == len(text) - len(text.lstrip(" ")):
        return ids
    # SentencePiece puts a space before whatever it is given; inside a prompt that space would be ours.
    newline, behind = runtime.tokenize("\n", special), runtime.tokenize("\n" + text, special)
    return behind[len(newline) :] if behind[: len(newline)] == newline else ids


def _leading_spaces(runtime: Runtime, ids: list[int]) -> int:
    count = 0
    for id in ids:
        piece = runtime.piece(id)
        count += len(piece) - len(piece.lstrip(b" "))
        if piece.strip(b" "):
            break
    return count


def _missing_bos(runtime: Runtime, ids: list[int]) -> list[int]:
    if not runtime.info.adds_bos or not runtime.info.bos_token:
        return []
    bos = runtime.tokenize(runtime.info.bos_token, special=True)
    return [] if ids[: len(bos)] == bos else bos
