"""Conversations to token ids of which only what is to be learnt carries loss, by the model's own chat template.

What contents spell is never a special token. What is learnt is tokenized apart from what stands before it, as it is
when the model writes it; all else in one stretch, as the prompt of a chat is (see `engine.chat.prompt`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from engine.chat.messages import Message
from engine.chat.prompt import tokenize_stretch
from engine.data.written import Part, Talk, Writer, Written
from engine.errors import EngineError
from engine.gpt.tokenizer import CHAT_TEMPLATE, TURN_END, Tokenizer
from engine.phrases import Phrase, phrase

TRAIN_ON = ("replies", "last", "all")  # all replies of a conversation, the last one, or what everyone says

# For models that never saw a chat: plain headings (Alpaca's), and the token that ends a text.
PLAIN_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'user' %}{{ '### Instruction:\\n' + message['content'] + '\\n\\n### Response:\\n' }}"
    "{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token + '\\n\\n' }}"
    "{% else %}{{ message['content'] + '\\n\\n' }}{% endif %}"
    "{% endfor %}"
)


@dataclass(frozen=True)
class Encoded:
    """A conversation in tokens, and which of them carry loss; both (tokens,).

    ends: for each message that is learnt its number, and how many tokens there are up to its end.
    """

    ids: list[int]
    loss: list[bool]
    ends: tuple[tuple[int, int], ...]


class Encode(Protocol):
    """How conversations become tokens."""

    @property
    def vocabulary(self) -> int:
        """One more than the largest id."""

    def __call__(self, talks: Sequence[Talk]) -> list[Encoded | str]:
        """Each conversation in tokens, or in a few words why not. Raises EngineError of a hopeless template."""

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """What the model is given to answer a conversation. Raises EngineError as `TemplateRenderer.render` does."""

    def notes(self) -> list[Phrase]:
        """What a person should know of it by now, in whole sentences."""

    def close(self) -> None:
        """End what helps. Closing twice does nothing."""


def talk(messages: Sequence[Message], train_on: str, wanted: Sequence[bool] | None = None, start: int = 0) -> Talk:
    """A conversation with what is to be learnt of it: of the messages from number `start` on, and of those `wanted`
    (by default all), what `train_on` says. What is blank is not learnt. It ends with the last message that is learnt.
    """
    learnt = [
        number >= start
        and (wanted is None or wanted[number])
        and (train_on == "all" or message.role == "assistant")
        and bool(message.content.strip())
        for number, message in enumerate(messages)
    ]
    end = max((number + 1 for number, here in enumerate(learnt) if here), default=0)
    if train_on == "last":
        learnt = [number == end - 1 for number in range(len(messages))]
    return Talk(tuple(messages[:end]), tuple(learnt[:end]))


def template_of(tokenizer: Tokenizer) -> str:
    """The template to train with: the model's own, else ChatML where the tokenizer has its marks, else plain headings.

    Raises EngineError `nothing_ends` where nothing could end a reply.
    """
    if tokenizer.template is not None:
        return tokenizer.template
    if _has_chatml(tokenizer):
        return CHAT_TEMPLATE
    if tokenizer.end_id < 0:
        raise EngineError("nothing_ends")
    return PLAIN_TEMPLATE


def encoder(tokenizer: Tokenizer) -> Encode:
    """How conversations become tokens of this tokenizer, by `template_of(tokenizer)`. It wants to be closed."""
    template = template_of(tokenizer)
    if template == CHAT_TEMPLATE and _has_chatml(tokenizer) and not tokenizer.adds_begin:
        return ChatMLEncode(tokenizer)
    return TemplateEncode(tokenizer, template)


def _has_chatml(tokenizer: Tokenizer) -> bool:
    return tokenizer.turn_start_id >= 0 and _text(tokenizer, tokenizer.turn_end_id) == TURN_END


def prompt_of(tokenizer: Tokenizer, messages: Sequence[Message]) -> list[int]:
    """What the model of this tokenizer is given to answer a conversation. Raises as `Encode.prompt` does."""
    encode = encoder(tokenizer)
    try:
        return encode.prompt(messages)
    finally:
        encode.close()


class ChatMLEncode:
    """`CHAT_TEMPLATE` without rendering it: equal to `TemplateEncode`, which a test shows, and faster."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.vocabulary = tokenizer.vocabulary
        self._tokenizer = tokenizer
        self._special = special_pattern(tokenizer)
        self._newline = tokenizer.encode("\n")

    def __call__(self, talks: Sequence[Talk]) -> list[Encoded | str]:
        return [self._encode(talk) for talk in talks]

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        shown = self._encode(Talk(tuple(messages), (False,) * len(messages)))
        return [*shown.ids, self._tokenizer.turn_start_id, *self._tokenizer.encode("assistant\n")]

    def notes(self) -> list[Phrase]:
        return []

    def close(self) -> None:
        pass

    def _encode(self, talk: Talk) -> Encoded:
        ids: list[int] = []
        loss: list[bool] = []
        ends = []
        for number, (message, learnt) in enumerate(zip(talk.messages, talk.learnt, strict=True)):
            header, content = self._turn(message, apart=learnt)
            ids += [self._tokenizer.turn_start_id, *header, *content, self._tokenizer.turn_end_id, *self._newline]
            loss += [False] * (1 + len(header)) + [learnt] * (len(content) + 1) + [False] * len(self._newline)
            if learnt:
                ends.append((number, len(ids) - len(self._newline)))
        return Encoded(ids, loss, tuple(ends))

    def _turn(self, message: Message, apart: bool) -> tuple[list[int], list[int]]:
        """The tokens of a message between its marks: header and content. Not `apart`, both may be in the first."""
        encode, header = self._tokenizer.encode, f"{message.role}\n"
        if apart or self._special.search(message.content):
            return encode(header), encode(message.content)
        return encode(header + message.content), []


class TemplateEncode:
    """Any chat template, rendered in a process of its own that ends with `close`."""

    def __init__(self, tokenizer: Tokenizer, template: str) -> None:
        self.vocabulary = tokenizer.vocabulary
        self._tokens = _OfTokenizer(tokenizer)
        self._special = special_pattern(tokenizer)
        # Tokens of bytes do not depend on what stands before a mark's end; SentencePiece puts a space behind marks.
        self._cut_behind = tokenizer.byte_level
        self._begin = tokenizer.before_text
        self._end_id = tokenizer.end_id
        bos, eos = (_text(tokenizer, id) for id in (tokenizer.begin_id, tokenizer.end_id))
        ends, marks = (sorted(_text(tokenizer, id) for id in ids) for ids in (tokenizer.end_ids, tokenizer.special_ids))
        self._writer = Writer(template, bos, eos, ends, marks)
        self._opened = 0

    def __call__(self, talks: Sequence[Talk]) -> list[Encoded | str]:
        written = iter(self._writer.write([talk for talk in talks if talk.messages]))
        return [self._encode(talk, next(written)) if talk.messages else Encoded([], [], ()) for talk in talks]

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        asked = self._encode(Talk(tuple(messages), ()), self._writer.ask(messages))
        if isinstance(asked, str):
            raise EngineError("template_refused", reason=asked)
        return asked.ids

    def notes(self) -> list[Phrase]:
        said = self._writer.notes()
        if self._opened:
            said.append(
                phrase(
                    "The chat template writes nothing behind a last reply, so the token that ends a text is put there."
                )
            )
        return said

    def close(self) -> None:
        self._writer.close()

    def _encode(self, talk: Talk, written: Written | str) -> Encoded | str:
        if isinstance(written, str):
            return written
        spelled = {part for part in written.contents if self._special.search(written.text, *part)}
        if not written.contents and any(self._special.search(message.content) for message in talk.messages):
            return phrase("the chat template rewrites a message that spells special tokens")
        stop = written.learnt[-1][1] if written.open and written.learnt else len(written.text)
        borders = written.learnt if self._cut_behind else [(start, stop) for start, _ in written.learnt]
        cuts = sorted({0, stop, *(place for part in (*borders, *spelled) for place in part)})
        ids: list[int] = []
        loss: list[bool] = []
        ends: list[tuple[int, int]] = []
        for start, end in pairwise(cuts):
            special = not _inside(start, spelled)
            part = next((part for part in written.learnt if part[0] <= start < part[1]), None)
            learnt_to = min(part[1], end) if part else start
            learnt, rest = self._stretch(written.text, start, learnt_to, end, special)
            ids += learnt + rest
            loss += [True] * len(learnt) + [False] * len(rest)
            if part and part[1] <= end:
                ends.append((written.messages[len(ends)], len(ids) - len(rest)))
        if ids[: len(self._begin)] != self._begin:
            ids, loss = self._begin + ids, [False, *loss]
            ends = [(number, end + 1) for number, end in ends]
        if written.open and self._end_id >= 0:
            self._opened += 1
            ids, loss = [*ids, self._end_id], [*loss, True]
            ends[-1] = (ends[-1][0], len(ids))
        return Encoded(ids, loss, tuple(ends))

    def _stretch(self, text: str, start: int, middle: int, end: int, special: bool) -> tuple[list[int], list[int]]:
        """The tokens of text[start:end], cut at the middle: as one stretch, unless a token would lie across the cut."""
        front = tokenize_stretch(self._tokens, text[start:middle], special, first=start == 0)
        if middle == end:
            return front, []
        whole = tokenize_stretch(self._tokens, text[start:end], special, first=start == 0)
        if whole[: len(front)] == front:
            return front, whole[len(front) :]
        return front, tokenize_stretch(self._tokens, text[middle:end], special, first=False)


def special_pattern(tokenizer: Tokenizer) -> re.Pattern[str]:
    """What text spells a special token of this tokenizer."""
    texts = (_text(tokenizer, id) for id in tokenizer.special_ids)
    return re.compile("|".join(sorted(map(re.escape, filter(None, texts)), reverse=True)) or "(?!)")


def _text(tokenizer: Tokenizer, id: int) -> str:
    return tokenizer.piece(id).decode("utf-8", "replace")


def _inside(place: int, parts: Collection[Part]) -> bool:
    return any(start <= place < end for start, end in parts)


class _OfTokenizer:
    """A tokenizer as the chat side sees it."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenize, self.piece = tokenizer.encode, tokenizer.piece
