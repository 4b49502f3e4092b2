"""A row as a reader hands it on: where it begins, how long it is, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.phrases import Phrase, phrase

LIMIT = 10_000_000  # characters of one row; a longer one is rejected without being held


@dataclass(frozen=True)
class Broken:
    """Stands in place of a row that cannot be read, with the reason as the rest of a sentence about it."""

    reason: Phrase


TOO_LONG = Broken(phrase("it is longer than {size} MB", size=LIMIT // 1_000_000))
NOT_UTF8 = Broken(phrase("it is not valid UTF-8"))

Row = tuple[int, int, Any]  # line, characters, value: a mapping of columns, a text, or Broken
