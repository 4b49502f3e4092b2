"""The guide: chapters in `resources/guide`, the same files that can be read without the program.

In English they lie in that folder itself, in another language in the one named by its code, pictures included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from app.chat.inline import LINE_BREAK, is_safe
from app.chat.markdown import Line, markdown_lines, words
from engine import paths

# In the order of the list.
CHAPTERS = (
    "first-chat",
    "first-download",
    "first-finetune",
    "first-model",
    "judging-and-exporting",
    "servers-and-apis",
    "what-leaves-this-computer",
    "where-files-are",
    "keyboard",
    "when-something-goes-wrong",
)
PAGE_SCHEME, ACTION_SCHEME = "seedling-page:", "seedling-action:"  # `settings/privacy`; an id of `app.actions`
_CHAPTER = re.compile(r"([a-z-]+)\.md")
_PICTURE = re.compile(r"^!\[([^\]\n]+)\]\(images/([a-z-]+)\.png\)$", re.MULTILINE)


@dataclass(frozen=True)
class Picture:
    """`name` of its file, and what it shows, which is also said below it."""

    name: str
    text: str
    folder: Path

    def file(self, dark: bool) -> str:
        name = f"{self.name}-dark.png" if dark else f"{self.name}.png"
        return str(self.folder / name)


@dataclass(frozen=True)
class Chapter:
    id: str
    text: str  # Markdown
    folder: Path  # of its file

    @cached_property
    def title(self) -> str:
        return self.text.partition("\n")[0].removeprefix("# ")

    @cached_property
    def pieces(self) -> list[str | Picture]:
        """Markdown and pictures in turn."""
        parts, pieces = _PICTURE.split(self.text), list[str | Picture]()
        for text, shown, name in zip(parts[::3], [*parts[1::3], ""], [*parts[2::3], ""], strict=True):
            pieces += [text] if text.strip() else []
            pieces += [Picture(name, shown, self.folder / "images")] if name else []
        return pieces

    @cached_property
    def plain(self) -> str:
        """What is searched, in lower case: folded further, ß would be ss, and not be found where it is marked."""
        return words(list(lines(self.text))).lower()

    def holds(self, wanted: list[str]) -> bool:
        return all(word in self.plain for word in wanted)


def read(language: str) -> list[Chapter]:
    """All chapters in a language, given by its code; in English where there is no guide in it. Raises OSError."""
    english = paths.resource("guide")
    folder = english / language if (english / language).is_dir() else english
    return [Chapter(id, (folder / f"{id}.md").read_text(encoding="utf-8"), folder) for id in CHAPTERS]


def lines(text: str) -> Iterator[Line]:
    """Markdown as it is set: where a line of the file ends is nothing to a paragraph."""
    for line in markdown_lines(text, offers):
        yield line._replace(runs=tuple(run._replace(text=run.text.replace(LINE_BREAK, " ")) for run in line.runs))


def offers(address: str) -> bool:
    """Whether an address in the guide, which is ours, is a link."""
    return is_safe(address) or chapter_of(address) != "" or address.startswith((PAGE_SCHEME, ACTION_SCHEME))


def chapter_of(address: str) -> str:
    """The chapter that a link leads to; empty for any other link."""
    match = _CHAPTER.fullmatch(address)
    return match[1] if match is not None else ""
