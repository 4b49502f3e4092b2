"""How an open line of a reply continues the one that is laid out, so that only what is new is written."""

from __future__ import annotations

from os.path import commonprefix
from typing import NamedTuple

from app.chat.markdown import Line
from app.chat.reading import utf16_length


class Growth(NamedTuple):
    """A line that goes on: how many positions of it stay, and the run and its character where the new text begins."""

    kept: int
    run: int
    offset: int


def growth(old: Line, new: Line) -> Growth | None:
    """How the new line continues the old one; None when they have no beginning in common."""
    if old.kind not in ("text", "heading", "code") or old._replace(runs=()) != new._replace(runs=()):
        return None
    pairs = enumerate(zip(old.runs, new.runs, strict=False))
    run = next((i for i, (a, b) in pairs if a != b), min(len(old.runs), len(new.runs)))
    offset = 0
    if run < min(len(old.runs), len(new.runs)) and old.runs[run][1:] == new.runs[run][1:]:
        offset = len(commonprefix([old.runs[run].text, new.runs[run].text]))  # noqa: RUF071  (text, not paths)
    kept = sum(utf16_length(part.text) for part in new.runs[:run])
    kept += utf16_length(new.runs[run].text[:offset]) if offset else 0
    return Growth(kept + (len(new.marker) + 1 if new.marker else 0), run, offset) if kept else None
