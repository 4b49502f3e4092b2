"""The corpora the starter may learn from, as plain documents; found by SEEDLING_DATA, credited in the card."""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = Path(os.environ.get("SEEDLING_DATA", ROOT.parent / "shared" / "data"))
HELD_OUT_ONE_IN = 50
PIECE_CHARACTERS = 4000

_PLAIN = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "´": "'", "–": "-", "—": " - ", "―": " - ", "\u2029": "\n", "\u2003": " "}
)
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ufffd*_#{}|]")


def held_out(text: str) -> bool:
    """Whether the starter must never see this document; decided by its content alone, so by every recipe alike."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % HELD_OUT_ONE_IN == 0


def tinystories() -> list[str]:
    text = _read("tinystories/tinystories-truecased.txt.xz")
    return [plain(part) for part in text.split("<|endoftext|>") if len(part.strip()) > 100]


def storybooks() -> list[str]:
    """The lines of a storybook break where its pages are narrow: only blank lines part paragraphs."""
    texts = (row["text"] for row in _rows("storybooks/storybooks.jsonl.xz"))
    return [re.sub(r"(?<!\n)\n(?!\n)", " ", plain(text)) for text in texts]


def fairytales() -> list[str]:
    return [plain(row["text"]) for row in _rows("fairytales/stories.jsonl.xz")]


def childrens_books() -> list[str]:
    """Pieces of some pages each, of the books without slurs."""
    rows = _rows("childrens-books/childrens-books.jsonl.xz")
    return [piece for row in rows if int(row["slur_count"]) == 0 for piece in pieces(plain(row["text"]))]


def persona_chat() -> list[list[dict[str, str]]]:
    """Conversations, two speakers in turn, the user first."""
    conversations = (row["messages"] for row in _rows("persona-chat/persona-chat.jsonl.xz"))
    return [[{"role": m["role"], "content": plain(m["content"])} for m in messages] for messages in conversations]


def fairytale_questions() -> list[dict[str, Any]]:
    """`context`, `question` and `answers` about the fairy tales that are not held out."""
    held = {row["id"] for row in _rows("fairytales/stories.jsonl.xz") if held_out(plain(row["text"]))}
    return [row for row in _rows("fairytales/qa.jsonl.xz") if row["story"] not in held]


def identities() -> list[dict[str, str]]:
    """`instruction` and `output`, the output with the marks {{name}} and {{author}} to fill in."""
    return list(json.loads((DATA / "identity" / "identity.json").read_text(encoding="utf-8")))


def instructions() -> list[dict[str, str]]:
    """`instruction`, `input` (may be empty) and `output`."""
    return list(json.loads((DATA / "instruct-basic" / "instruction-data.json").read_text(encoding="utf-8")))


def plain(text: str) -> str:
    """Straight quotes, no marks left over from typesetting: a small vocabulary has no room for them."""
    text = _UNPRINTABLE.sub("", text.translate(_PLAIN))
    return re.sub(r" {2,}", " ", re.sub(r"\n{3,}", "\n\n", text)).strip()


def pieces(text: str) -> Iterator[str]:
    """The text cut between paragraphs into pieces of about PIECE_CHARACTERS."""
    piece: list[str] = []
    for paragraph in text.split("\n\n"):
        piece.append(paragraph)
        if sum(map(len, piece)) >= PIECE_CHARACTERS:
            yield "\n\n".join(piece)
            piece = []
    if piece:
        yield "\n\n".join(piece)


def _rows(name: str) -> Iterator[Any]:
    return (json.loads(line) for line in _read(name).split("\n") if line)  # splitlines would also cut at U+2029


def _read(name: str) -> str:
    with lzma.open(DATA / name, "rt", encoding="utf-8") as file:
        return file.read()
