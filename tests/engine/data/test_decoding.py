"""Any encoding a person has becomes the same text; what is none names its byte, its line or its encoding."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.data.decoding import Text
from engine.errors import EngineError


def pieces(raw: bytes, size: int) -> Iterator[bytes]:
    return (raw[at : at + size] for at in range(0, len(raw), size))


def read(raw: bytes, size: int = 3, **how: bool) -> tuple[str, Text]:
    text = Text(pieces(raw, size), "a.txt", **how)
    return "".join(text), text


TEXT = "Grüße 🌱\nzwei\n\ndrei"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(b"", "utf-8"), (b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")],
)
def test_encodings_line_ends_and_cuts(mark: bytes, encoding: str, ends: str, size: int) -> None:
    first = max(size, 4)  # what a file begins with is never cut
    raw = mark + TEXT.replace("\n", ends).encode(encoding)
    text = Text(iter([raw[:first], *pieces(raw[first:], size)]), "a.txt")
    assert "".join(text) == TEXT
    assert text.notes == []


def test_windows_1252_is_read_with_a_note() -> None:
    for raw in ("Menü für zwei, 3 £ – „gut“".encode("cp1252"), b"label,text\n" * 50 + b"ham,caf\xe9", b"caf\xe9"):
        found, text = read(raw, 1000, legacy=True)
        assert found == raw.decode("cp1252")
        assert text.notes == ["is not UTF-8 and was read as Windows-1252"]


@pytest.mark.parametrize(
    ("raw", "byte"),
    [
        (b"abc\xff\x81 text", 3),  # a byte that Windows-1252 does not have
        ("Grüße".encode() + b" and \xe9 later", 12),  # UTF-8 before it
        (b"\xef\xbb\xbfab\xff\x81", 5),
        ("日本語のテキスト".encode("shift-jis"), 0),  # too much beyond ASCII to be Latin letters
        (b"cut \xe2\x82", 4),
    ],
)
def test_what_is_no_text_names_the_byte(raw: bytes, byte: int) -> None:
    with pytest.raises(EngineError) as caught:
        read(raw, 1000, legacy=raw[:3] != b"cut")
    assert (caught.value.code, caught.value.data["byte"]) == ("data_binary", byte)


def test_nul_names_the_line() -> None:
    with pytest.raises(EngineError, match="line 3 holds a NUL"):
        read(b"one\ntwo\nth\0ree", 4)
    assert read(b"a\0b", nul=True)[0] == "a\0b"


def test_tolerant_marks_single_bytes() -> None:
    found, text = read(b"one\nt\xffwo\n\xc3\xa9", tolerant=True)
    assert found == "one\nt\udcffwo\né"
    assert text.damaged
    assert not read("é".encode(), tolerant=True)[1].damaged


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ('{"text": "abc"}'.encode("utf-16-be"), "UTF-16 (big-endian)"),
        ('{"text": "abc"}'.encode("utf-16-le"), "UTF-16 (little-endian)"),
        ("abcdef".encode("utf-32-le"), "UTF-32"),
        ("abcdef".encode("utf-32"), "UTF-32"),
    ],
)
def test_encodings_that_are_named_and_refused(raw: bytes, name: str) -> None:
    with pytest.raises(EngineError) as caught:
        read(raw, 1000, nul=True)
    assert caught.value.code == "data_encoding"
    assert name in str(caught.value)


def test_broken_utf_16() -> None:
    for raw in (b"\xff\xfea", b"\xff\xfe\x00\xd8a\0"):
        with pytest.raises(EngineError) as caught:
            read(raw, 1000)
        assert caught.value.code == "data_binary"
