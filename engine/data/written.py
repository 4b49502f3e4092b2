"""Conversations as a model's chat template writes them, and which of the text is to be learnt.

Stock templates do not mark what a model wrote. So it is measured: the whole conversation is compared with its growing
prefixes, messages[:i] with the request for a reply and messages[:i + 1] without. What lies between the two is what
the model has to write itself: the reply, whatever the template puts before it (a space, an empty thought, the name of
a channel), and the mark that ends it.

All of this is done once for each sequence of roles, with numbered places in the stead of the contents (see
`engine.chat.places`); of each conversation only the whole is rendered. Where a template looks into contents, its
prefixes are rendered with them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from engine.chat import places
from engine.chat.messages import Message, valid_unicode
from engine.chat.templates import Rendering, TemplateRenderer
from engine.errors import EngineError
from engine.phrases import Phrase, one_or_many, phrase

Part = tuple[int, int]  # from one character up to another


@dataclass(frozen=True)
class Talk:
    """A conversation, and which of its messages are to be learnt; both equally long."""

    messages: tuple[Message, ...]
    learnt: tuple[bool, ...]


@dataclass(frozen=True)
class Written:
    """A rendered conversation. All parts are in the order of the text and do not overlap."""

    text: str
    learnt: tuple[Part, ...]
    messages: tuple[int, ...]  # the number of the message that each learnt part is
    contents: tuple[Part, ...]  # what people or models wrote, as far as it is known
    open: bool = False  # the template wrote no mark behind the last reply


@dataclass(frozen=True)
class _Frame:
    """What a template writes around a content: `opening` is learnt with it, and so is `closing`."""

    opening: str
    closing: str


@dataclass(frozen=True)
class _Shape:
    """A sequence of roles as the template writes it. frames: by the number of the message."""

    placed: str
    frames: dict[int, _Frame]


class Writer:
    """A chat template and what it is given. One process renders for as long as this is used.

    ends: texts of the tokens that end a reply. marks: those of all special tokens.
    left_out, rewritten: messages, the former by their roles. changing: replies that are not learnt because what follows
    changes them. openings: what stands before replies that are shown otherwise than they are asked for.
    """

    def __init__(
        self, template: str, bos_token: str, eos_token: str, ends: Sequence[str], marks: Sequence[str]
    ) -> None:
        self.template, self.bos_token, self.eos_token = template, bos_token, eos_token
        self.ends, self.marks = tuple(filter(None, ends)), tuple(filter(None, marks))
        self.left_out: Counter[str] = Counter()
        self.rewritten = self.changing = 0
        self.openings: set[str] = set()
        self._renderer = TemplateRenderer()
        self._shape = lru_cache(4096)(self._measure)

    def close(self) -> None:
        self._renderer.close()

    def notes(self) -> list[Phrase]:
        """What a person should know of it by now, in whole sentences."""
        said = [
            phrase(
                "The chat template shows a reply otherwise than it asks for one, so learning begins with the reply "
                "itself, behind {opening}.",
                opening=opening,
            )
            for opening in sorted(self.openings)
        ]
        if self.rewritten:
            said.append(
                one_or_many(
                    self.rewritten,
                    "{count:,} message is shortened or rewritten by the chat template.",
                    "{count:,} messages are shortened or rewritten by the chat template.",
                )
            )
        for role, count in sorted(self.left_out.items()):
            said.append(
                one_or_many(
                    count,
                    "{count:,} message of the role {role} is left out by the chat template.",
                    "{count:,} messages of the role {role} are left out by the chat template.",
                    role=role,
                )
            )
        if self.changing:
            said.append(
                one_or_many(
                    self.changing,
                    "{count:,} reply is not learnt: the chat template rewrites it when more follows.",
                    "{count:,} replies are not learnt: the chat template rewrites them when more follows.",
                )
            )
        return said

    def write(self, talks: Sequence[Talk]) -> list[Written | str]:
        """Each conversation as it is written, or why the template cannot write it so that it can be learnt.

        Raises EngineError `template_too_slow`, or of a template that makes its process crash.
        """
        texts = self._render([Rendering(talk.messages, False) for talk in talks])
        found = [self._with_places(talk, text) for talk, text in zip(talks, texts, strict=True)]
        left = [n for n, written in enumerate(found) if written is None]
        for n, written in zip(left, self._with_prefixes([(talks[n], str(texts[n])) for n in left]), strict=True):
            found[n] = written
        return [written for written in found if written is not None]

    def ask(self, messages: Sequence[Message]) -> Written:
        """The conversation with the request for a reply. Raises EngineError as `TemplateRenderer.render` does."""
        text, placed = self._render([Rendering(messages), Rendering(places.with_places(messages))])
        if isinstance(text, EngineError):
            raise text
        spans = None if isinstance(placed, EngineError) else places.find(text, placed, messages)
        return Written(text, (), (), tuple((span.start, span.end) for span in spans or ()))

    def _render(self, renderings: Sequence[Rendering]) -> list[str | EngineError]:
        answers = self._renderer.render_all(
            self.template, renderings, bos_token=self.bos_token, eos_token=self.eos_token
        )
        return [valid_unicode(answer) if isinstance(answer, str) else answer for answer in answers]

    # --- by numbered places ---

    def _with_places(self, talk: Talk, text: str | EngineError) -> Written | str | None:
        """None where the contents are not found in the text."""
        if isinstance(text, EngineError):
            return str(text.data.get("reason") or text)
        shape = self._shape(tuple(_blank(message) for message in talk.messages))
        spans = places.find(text, shape.placed, talk.messages) if shape else None
        if shape is None or spans is None:
            return None
        shown = {span.number: text[span.start : span.end].strip() for span in spans}
        for number, message in enumerate(talk.messages):
            if number not in shown and message.content.strip():
                if talk.learnt[number]:
                    return None
                self.left_out[message.role] += 1
            elif number in shown and shown[number] != message.content.strip():
                self.rewritten += 1
        wanted = [(span, shape.frames[span.number]) for span in spans if talk.learnt[span.number]]
        return Written(
            text,
            tuple((span.start - len(frame.opening), span.end + len(frame.closing)) for span, frame in wanted),
            tuple(span.number for span, _ in wanted),
            tuple((span.start, span.end) for span in spans),
            open=bool(wanted) and not wanted[-1][1].closing,
        )

    def _measure(self, messages: tuple[Message, ...]) -> _Shape | None:
        """The frames of a sequence of messages of which only roles, and blank contents, are known."""
        placed = places.with_places(messages)
        whole, *prefixes = self._render(
            [
                Rendering(placed, False),
                *(Rendering(placed[:i], True) for i in range(len(placed))),
                *(Rendering(placed[: i + 1], False) for i in range(len(placed))),
            ]
        )
        if isinstance(whole, EngineError):
            return None
        literals, numbers = places.split(whole)
        frames: dict[int, _Frame] = {}
        for i, number in enumerate(numbers):
            if number in frames or number >= len(messages):  # written twice, or not ours
                return None
            asked, alone = prefixes[number], prefixes[len(placed) + number]
            before = "".join(literals[k] + placed[numbers[k]].content for k in range(i)) + literals[i]
            opening = ""
            if messages[number].role == "assistant":
                opening = self._opening(before, asked, len(literals[i]))
            frames[number] = _Frame(opening, self._closing(literals[i + 1], alone))
        return _Shape(whole, frames)

    def _opening(self, before: str, asked: str | EngineError, room: int) -> str:
        """What the template writes between the request for a reply and the reply itself.

        before: the text that ends where the reply begins. room: how much of it follows the message before.
        """
        if isinstance(asked, str) and before.startswith(asked) and len(before) - len(asked) <= room:
            return before[len(asked) :]
        shown = before[-room:] if room else ""
        self.openings.add(repr(shown[-40:]))
        return ""

    def _closing(self, after: str, alone: str | EngineError) -> str:
        """The mark behind a reply. after: what stands behind it. alone: the text in which it is the last message."""
        tail = "" if isinstance(alone, EngineError) else places.split(alone)[0][-1]
        if not after.startswith(tail):  # it is closed otherwise when more follows: the marks in which both agree
            common = os.path.commonprefix([after, tail])  # noqa: RUF071 (characters are meant)
            tail = common[: max((common.rfind(mark) + len(mark) for mark in self.marks if mark in common), default=0)]
        return tail[: self._stop(tail)]

    def _stop(self, text: str) -> int:
        """Where learning stops: behind the first token that ends a reply, else before white space at the end."""
        return min((text.index(end) + len(end) for end in self.ends if end in text), default=len(text.rstrip()))

    # --- by prefixes ---

    def _with_prefixes(self, talks: Sequence[tuple[Talk, str]]) -> list[Written | str]:
        renderings = [
            rendering
            for talk, _ in talks
            for number, wanted in enumerate(talk.learnt)
            if wanted
            for rendering in (
                Rendering(talk.messages[:number], talk.messages[number].role == "assistant"),
                Rendering(talk.messages[: number + 1], False),
            )
        ]
        answers = iter(self._render(renderings))
        return [
            self._between(talk, text, [(next(answers), next(answers)) for wanted in talk.learnt if wanted])
            for talk, text in talks
        ]

    def _between(
        self, talk: Talk, text: str, prefixes: Sequence[tuple[str | EngineError, str | EngineError]]
    ) -> Written | str:
        """The conversation with what its prefixes leave between them, of those that grow into it."""
        learnt: dict[int, Part] = {}
        numbers = [number for number, wanted in enumerate(talk.learnt) if wanted]
        for number, (asked, alone) in zip(numbers, prefixes, strict=True):
            if not isinstance(asked, str) or not isinstance(alone, str):
                continue
            part = alone[len(asked) :]
            last_words = talk.messages[number].content.strip()[-20:]
            if text.startswith(asked) and text.startswith(alone) and last_words in part:
                learnt[number] = (len(asked), len(asked) + self._stop(part))
        if not learnt:
            return phrase("the chat template rewrites its replies, so that they cannot be told from the rest")
        self.changing += len(numbers) - len(learnt)
        return Written(text, tuple(learnt.values()), tuple(learnt), ())


def _blank(message: Message) -> Message:
    """What a shape knows of a message: its role, and its content only where that is blank."""
    return Message(message.role, "x" if message.content.strip() else message.content)
