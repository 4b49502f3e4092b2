"""A message as the transcript holds it: its text, what is to be said of it, and what of it is laid out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from PySide6.QtGui import QTextBlock

from app.chat.footer import CUT, ending
from app.chat.markdown import Line, MarkdownStream, markdown_lines, plain_lines
from app.chat.phase import Phase, phase_words
from app.chat.thought import Thought


class Version(NamedTuple):
    """The `number`-th of so many messages that can stand at one place."""

    number: int = 1
    of: int = 1


ONLY = Version()


@dataclass(eq=False)
class ShownMessage:
    number: int  # counts up
    key: int
    role: str
    parts: list[str]
    figures: str = ""
    state: str = "done"  # or streaming, or one of footer.CUT
    version: Version = ONLY
    phase: Phase = Phase.WRITING  # while it is streaming
    percent: int = 0
    thought: Thought | None = None
    following: ShownMessage | None = None
    # What is laid out. Counts are positions in the document from the start of `label`.
    label: QTextBlock | None = None
    top: int = 0  # the end of what stands above its lines: its role, and its thought
    body: int = 0  # the end of the lines that are final
    last: Line | None = None  # the last of them
    waiting: Iterator[Line] | None = None  # lines still to be laid out
    stream: MarkdownStream | None = None  # while it is being written
    open: list[Line] = field(default_factory=list)  # lines that may still change
    ends: list[int] = field(default_factory=list)  # where each of them ends

    @property
    def text(self) -> str:
        if len(self.parts) > 1:
            self.parts = ["".join(self.parts)]
        return self.parts[0] if self.parts else ""

    @property
    def said_by_person(self) -> bool:
        return self.role == "user"

    def end(self) -> int:
        return self.ends[-1] if self.ends else self.body

    def lines(self) -> Iterator[Line]:
        return plain_lines(self.text) if self.said_by_person else markdown_lines(self.text)

    def forget_layout(self) -> None:
        self.label = self.last = self.waiting = None
        self.open, self.ends = [], []
        self.top = self.body = 0

    def shift(self, positions: int) -> None:
        """What stands above its lines has become longer by so much."""
        self.top += positions
        self.body += positions
        self.ends = [end + positions for end in self.ends]

    def foot(self, with_figures: bool) -> tuple[str, str]:
        """Icon and words of the line under it."""
        if self.state == "streaming":
            if self.phase is Phase.THINKING and self.thought is not None:
                return "", ""  # its line says so
            return "", phase_words(self.phase, self.percent)
        icon, words = ending(self.state)
        return icon, " · ".join(part for part in (words, self.figures if with_figures else "") if part)

    def actions(self, busy: bool, continues: bool = True) -> tuple[str, ...]:
        """What a person can do with it, in the order it is offered; `busy`: a reply is being written; `continues`: the
        model goes on with a reply that was cut.
        """
        copy = ("copy",) if self.thought is None else ("copy", "copy_thought")
        if busy:
            return copy
        versions = ("previous", "next") if self.version.of > 1 else ()
        if self.said_by_person:
            return (*copy, "edit", "delete", *versions)
        cut = continues and self.state in CUT and self.following is None
        return (*copy, "regenerate", *(("continue",) if cut else ()), "delete", *versions)
