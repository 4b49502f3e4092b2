"""Running text in documents, however it is cut, each with the line it begins on."""

from __future__ import annotations

import pytest

from engine.data import rows
from engine.data.decoding import Text
from engine.data.documents import DocumentRows


def opened(text: str, size: int) -> DocumentRows:
    raw = text.encode()
    return DocumentRows(Text((raw[at : at + size] for at in range(0, len(raw), size)), "a.txt"))


@pytest.mark.parametrize("size", [1, 2, 5, 13, 1000])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one", [(1, "one")]),
        ("\n\none\ntwo\n", [(3, "one\ntwo")]),
        (
            "one\n<|endoftext|>\n\ntwo\n<|endoftext|>  <|endoftext|>\n<|endoftext|>\nthree",
            [(1, "one"), (4, "two"), (7, "three")],
        ),
        ("one <|endoftext|> two", [(1, "one <|endoftext|> two")]),
        ("<|endoftext|>\n \n<|endoftext|>", []),
        ("one\r\n<|endoftext|>\r\ntwo", [(1, "one"), (3, "two")]),
        ("one\n<|endoftext|>", [(1, "one")]),
    ],
)
def test_documents(text: str, expected: list[tuple[int, str]], size: int) -> None:
    assert [(line, document) for line, _, document in opened(text, max(size, 4))] == expected


def test_a_long_text_comes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "LIMIT", 100)
    text = "\n\n".join(f"paragraph number {n}" for n in range(50))
    reading = opened(text, 64)
    parts = list(reading)
    assert all(len(document) <= 100 for _, _, document in parts)
    assert "\n\n".join(document for _, _, document in parts) == text
    assert parts[1][0] == 1 + 2 * parts[0][2].count("\n\n") + 2
    assert "read in parts" in reading.notes[0]
    assert "".join(document for _, _, document in opened("x" * 1000, 64)) == "x" * 1000
