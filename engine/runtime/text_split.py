"""What a text must not have before llama.cpp may tokenize it: each of these ends the process there.

Lone surrogates, runs of one kind of character so long that they overflow a stack, and characters for which a
SentencePiece vocabulary has neither a token nor the bytes. And what it would take minutes for: long runs of characters
that such a vocabulary writes as bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

# std::regex needs some 330 bytes of stack a character; half a megabyte is safe in every thread we run in.
LONGEST_RUN = 2048

_SURROGATE = re.compile("[\ud800-\udfff]")
_UNBROKEN = re.compile(rf"\S{{{LONGEST_RUN}}}|\s{{{LONGEST_RUN}}}")


def without_surrogates(text: str) -> str:
    """Lone surrogates, which UTF-8 has no bytes for, become U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def split_long_runs(text: str) -> list[str]:
    """The text in parts, cut only where letters, digits, spaces or other characters run on for `LONGEST_RUN`.

    So any text without such a run is one part, and its ids are those of the whole.
    """
    if not _UNBROKEN.search(text):
        return [text]
    parts: list[str] = []
    start = run = 0
    previous = ""
    for position, letter in enumerate(text):
        kind = _kind(letter, previous)
        run = run + 1 if kind == previous else 1
        previous = kind
        if run > LONGEST_RUN:
            parts.append(text[start:position])
            start, run = position, 1
    return [*parts, text[start:]]


def _kind(letter: str, previous: str) -> str:
    """What patterns of tokenizers tell apart; a combining mark continues whatever it stands behind."""
    if letter.isspace():
        return "space"
    category = unicodedata.category(letter)[0]
    if category == "M":
        return previous if previous not in ("", "space") else "letter"
    return {"L": "letter", "N": "digit"}.get(category, "other")


def uncovered_by(tokens: set[bytes]) -> Callable[[str], bool] | None:
    """Which characters a SentencePiece vocabulary cannot write; None when it has all 256 bytes.

    llama.cpp falls back from a character to its bytes and throws through our frames when one is missing.
    """
    present = {byte for byte in range(256) if b"<0x%02X>" % byte in tokens or bytes([byte]) in tokens}
    if len(present) == 256:
        return None

    def uncovered(letter: str) -> bool:
        raw = b"\xe2\x96\x81" if letter == " " else letter.encode()  # SentencePiece writes spaces as U+2581
        return raw not in tokens and not present.issuperset(raw)

    return uncovered


def split_runs_of_bytes(text: str, merged: frozenset[str]) -> list[str]:
    """The text in parts, each beginning within a run of characters that are in no token of a SentencePiece vocabulary.

    Nothing merges there, so the ids of the parts are those of the whole. llama.cpp takes time with the square of such
    a run (each of its bytes copies all ids so far). merged: the characters that are in a token.
    """
    parts: list[str] = []
    start = run = 0
    for position, letter in enumerate(text):
        run = 0 if letter in merged else run + 1
        if run > LONGEST_RUN:
            parts.append(text[start:position])
            start, run = position, 1
    return [*parts, text[start:]]
