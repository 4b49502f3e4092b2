"""Runs: text within a line, in one style each; and the characters that may be shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from markdown_it import MarkdownIt

SAFE_SCHEMES = ("http://", "https://", "mailto:")
LINE_BREAK = "\u2028"  # a new line within a paragraph
LONGEST_SOURCE = 4000  # characters parsed together: nested brackets cost more than their length

EMPHASIS, STRONG, CODE, STRIKE = 1, 2, 4, 8  # styles of a run, added up

_INLINE = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
_STYLES = {"em": EMPHASIS, "strong": STRONG, "s": STRIKE}
_RESERVED = re.compile("[\u2029\ufdd0\ufdd1\ufffc\ud800-\udfff]")  # QTextDocument gives these a meaning of its own
_ADDRESS = re.compile(r"https?://[^\s<>\"'`]*[^\s<>\"'`.,:;!?()\[\]{}*_~]")


class Run(NamedTuple):
    """Text in one style. `link` is an address that is safe to offer; `role` the part a piece of code plays."""

    text: str
    style: int = 0
    link: str = ""
    role: str = ""


Runs = tuple[Run, ...]


Offers = Callable[[str], bool]  # whether an address may be a link


def is_safe(address: str) -> bool:
    """Whether a link that somebody else wrote may be offered."""
    return address.lower().startswith(SAFE_SCHEMES)


def showable(text: str) -> str:
    """The text without the characters that a QTextDocument keeps for itself."""
    return _RESERVED.sub(lambda found: LINE_BREAK if found[0] == "\u2029" else "\ufffd", text)


def normalized(text: str) -> str:
    """Showable text with one kind of line end, as CommonMark reads it."""
    return showable(text).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def inline_runs(source: str, references: Mapping[str, Any], offers: Offers = is_safe) -> Runs:
    """The runs of a paragraph's source; `references` are the links defined in its document."""
    runs: list[Run] = []
    while source:
        end = cut_at(source, LONGEST_SOURCE) if len(source) > LONGEST_SOURCE else len(source)
        runs += _runs(source[:end], references, offers)
        source = source[end:]
    return merged(runs)


def _runs(source: str, references: Mapping[str, Any], offers: Offers) -> Iterator[Run]:
    styles: list[int] = []
    link = inert = ""
    for token in _INLINE.parseInline(source, {"references": dict(references)})[0].children or []:
        kind, style = token.type, sum(set(styles))
        name, _, end = kind.rpartition("_")
        if kind == "text":
            yield from _with_addresses(token.content, style) if not link else [Run(token.content, style, link)]
        elif kind == "code_inline":
            yield Run(token.content, style | CODE, link)
        elif kind in ("softbreak", "hardbreak"):
            yield Run(LINE_BREAK, style, link)
        elif kind == "image":
            yield Run(f"{token.content} ({token.attrGet('src') or ''})".lstrip(), style, link)
        elif kind == "link_open":
            address = str(token.attrGet("href") or "")
            link, inert = (address, "") if offers(address) else ("", address)
        elif kind == "link_close":
            if inert:
                yield Run(f" ({inert})", style)
            link = inert = ""
        elif end == "open":
            styles.append(_STYLES[name])
        elif end == "close":
            styles.remove(_STYLES[name])
        else:
            yield Run(token.content, style, link)


def _with_addresses(text: str, style: int) -> Iterator[Run]:
    """Text in which addresses that stand by themselves are links."""
    at = 0
    for found in _ADDRESS.finditer(text):
        yield Run(text[at : found.start()], style)
        yield Run(found[0], style, found[0])
        at = found.end()
    yield Run(text[at:], style)


def merged(runs: Iterable[Run]) -> Runs:
    """Neighbours of one style as one run, and no empty ones."""
    merged: list[Run] = []
    for run in runs:
        if merged and merged[-1][1:] == run[1:]:
            merged[-1] = run._replace(text=merged[-1].text + run.text)
        elif run.text:
            merged.append(run)
    return tuple(merged)


def cut_at(text: str, limit: int) -> int:
    """A place in the text, at most `limit`, that separates words or at least characters. The text is longer."""
    space = text.rfind(" ", max(0, limit - 200), limit) + 1
    if space > 0:
        return space
    for end in range(limit, max(0, limit - 64), -1):
        if not _belongs_together(text[end - 1], text[end]):
            return end
    return limit


def _belongs_together(before: str, after: str) -> bool:
    """Whether the two characters are parts of one that people see (an accent, an emoji built of several)."""
    return (
        unicodedata.category(after) in ("Mn", "Me", "Mc", "Cf")
        or before == "\u200d"
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or ("\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= after <= "\U0001f1ff")
    )
