"""What one row of a dataset is, whatever file and columns it came from. Pure values, nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass

from engine.chat.messages import Message


@dataclass(frozen=True)
class Document:
    """Running text."""

    text: str


@dataclass(frozen=True)
class Conversation:
    """Messages with at least one reply that is not empty.

    learnt: for each message whether the data wants it learnt at all; None where it does not say.
    """

    messages: tuple[Message, ...]
    learnt: tuple[bool, ...] | None = None


@dataclass(frozen=True)
class Preference:
    """Two continuations of the same messages, of which the first is to be preferred; both end with a reply."""

    prompt: tuple[Message, ...]
    chosen: tuple[Message, ...]
    rejected: tuple[Message, ...]


@dataclass(frozen=True)
class Labelled:
    """A text and the class it belongs to."""

    text: str
    label: str


@dataclass(frozen=True)
class MultipleChoice:
    """A question and its possible answers. answer: the number of the right one, from 0."""

    question: str
    choices: tuple[str, ...]
    answer: int


Example = Document | Conversation | Preference | Labelled | MultipleChoice
