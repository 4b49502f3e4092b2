"""From a conversation to token ids.

What a model wrote goes back to it as the very ids it wrote, so that a second turn evaluates only what is new.
What people typed, or another model wrote, never becomes a special token. The rest is tokenized as it stands.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from typing import Protocol

from engine.chat import places
from engine.chat.messages import Message, valid_unicode
from engine.chat.thinking import CLOSE, OPEN, ThoughtSplitter
from engine.errors import EngineError
from engine.events import TextDelta
from engine.phrases import phrase
from engine.runtime.base import Runtime

Render = Callable[[Sequence[Message]], str]

_END_OF_PROMPT = 16  # tokens, in which a mark and white space behind it are found


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
            raise EngineError("template_refused", reason=phrase("it rewrites a message that spells special tokens"))
        spans = []
    ids: list[int] = []
    gap = 0  # where the text that is not yet tokenized begins
    for span in spans:
        content = text[span.start : span.end]
        own = _written_ids(runtime, span.message, content)
        if own is None and _spells_special(runtime, content):
            own = tokenize_stretch(runtime, content, special=False, first=span.start == 0)
        if own is not None:
            ids += tokenize_stretch(runtime, text[gap : span.start], special=True, first=gap == 0)
            ids += own
            gap = span.end
    ids += tokenize_stretch(runtime, text[gap:], special=True, first=gap == 0)
    ids = _missing_bos(runtime, ids) + ids
    if not ids:
        raise EngineError("empty_prompt")
    return ids


def _spans(text: str, render: Render, messages: Sequence[Message]) -> list[places.Span] | None:
    try:
        placed = valid_unicode(render(places.with_places(messages)))
    except EngineError:  # it looks into the contents and did not like ours
        return None
    spans = places.find(text, placed, messages)
    return None if spans is None else places.with_spaces(spans, text)


def opens_thought(runtime: Runtime, prompt: Sequence[int], messages: Sequence[Message]) -> bool:
    """Whether the template has begun the reply's thought, so that the model goes on with it."""
    end = b"".join(map(runtime.piece, prompt[-_END_OF_PROMPT:])).rstrip()
    typed = bool(messages) and messages[-1].content.rstrip().endswith(OPEN)
    return end.endswith(OPEN.encode()) and not typed


def open_reply(runtime: Runtime, reply: Message, inside: bool) -> tuple[list[int], bytes, ThoughtSplitter]:
    """The ids of a reply that goes on, to stand at the end of a prompt, the bytes written so far, and what parts these
    into thought and reply. inside: the prompt has opened a thought.

    They may be more than the content says: it lacks the thought, and one that was cut within a character ends before
    it.
    """
    ids = _own_ids(runtime, reply)
    if ids is not None:
        written = b"".join(map(runtime.piece, ids))
        text = codecs.getincrementaldecoder("utf-8")("replace").decode(written)
        said = "".join(event.text for event in ThoughtSplitter(inside).feed(text) if isinstance(event, TextDelta))
        if said in (reply.content, reply.content + "\ufffd"):
            return ids, written, ThoughtSplitter(inside)
        if text in (reply.content, reply.content + "\ufffd"):
            return ids, written, ThoughtSplitter.of_a_reply()
    if not reply.content:
        return [], b"", ThoughtSplitter(inside)
    thought = f"{CLOSE}\n\n" if inside else ""  # a template's that nothing is kept of
    ids = tokenize_stretch(runtime, thought, special=True, first=False)
    ids += tokenize_stretch(runtime, reply.content, special=False, first=False)
    return ids, reply.content.encode(), ThoughtSplitter.of_a_reply()


def _written_ids(runtime: Runtime, message: Message, content: str) -> list[int] | None:
    """The ids this very model wrote, if their bytes are `content`, or a thought and then the content."""
    ids = _own_ids(runtime, message)
    if ids is None:
        return None
    pieces, wanted = [runtime.piece(id) for id in ids], content.encode()
    more, first = sum(map(len, pieces)) - len(wanted), 0
    thought = b""
    while len(thought) < more:
        thought += pieces[first]
        first += 1
    fits = b"".join(pieces[first:]) == wanted and (not thought or thought.rstrip().endswith(CLOSE.encode()))
    return ids[first:] if fits else None


def _own_ids(runtime: Runtime, message: Message) -> list[int] | None:
    if message.tokens is None or message.model != runtime.info.fingerprint:
        return None
    return list(message.tokens) if all(0 <= id < runtime.info.vocabulary for id in message.tokens) else None


def _spells_special(runtime: Runtime, content: str) -> bool:
    return runtime.tokenize(content, special=True) != runtime.tokenize(content, special=False)


class Vocabulary(Protocol):
    """What of a `Runtime` makes tokens."""

    def tokenize(self, text: str, special: bool) -> list[int]: ...

    def piece(self, id: int) -> bytes: ...


def tokenize_stretch(vocabulary: Vocabulary, text: str, special: bool, first: bool) -> list[int]:
    """Ids of a stretch of the prompt; `first` where it begins the prompt."""
    if not text:
        return []
    ids = vocabulary.tokenize(text, special)
    if first or _leading_spaces(vocabulary, ids) == len(text) - len(text.lstrip(" ")):
        return ids
    # SentencePiece puts a space before whatever it is given; inside a prompt that space would be ours.
    newline, behind = vocabulary.tokenize("\n", special), vocabulary.tokenize("\n" + text, special)
    return behind[len(newline) :] if behind[: len(newline)] == newline else ids


def _leading_spaces(vocabulary: Vocabulary, ids: list[int]) -> int:
    count = 0
    for id in ids:
        piece = vocabulary.piece(id)
        count += len(piece) - len(piece.lstrip(b" "))
        if piece.strip(b" "):
            break
    return count


def _missing_bos(runtime: Runtime, ids: list[int]) -> list[int]:
    if not runtime.info.adds_bos or not runtime.info.bos_token:
        return []
    bos = runtime.tokenize(runtime.info.bos_token, special=True)
    return [] if ids[: len(bos)] == bos else bos
