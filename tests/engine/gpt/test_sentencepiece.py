"""tokenizer.model: read without its library, and refused with a sentence when it is something else."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.gpt import sentencepiece
from engine.gpt.sentencepiece import Kind, Piece, byte_of, merges_of, scores_of
from engine.gpt.tokenizer import Tokenizer


def field(number: int, value: bytes | int | float) -> bytes:
    """One field of a protobuf message."""
    if isinstance(value, float):
        return bytes([number << 3 | 5]) + struct.pack("<f", value)
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value)


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


PIECES = [
    Piece("<unk>", 0.0, Kind.UNKNOWN),
    Piece("<s>", 0.0, Kind.CONTROL),
    Piece("</s>", 0.0, Kind.CONTROL),
    *(Piece(f"<0x{byte:02X}>", 0.0, Kind.BYTE) for byte in range(256)),
    Piece("ab", -1.0, Kind.NORMAL),
    Piece("▁a", -2.0, Kind.NORMAL),
    Piece("abc", -3.0, Kind.NORMAL),
    *(Piece(letter, -10.0, Kind.NORMAL) for letter in "▁abc"),
    Piece("<think>", 0.0, Kind.USER_DEFINED),
]


def model(pieces: list[Piece] = PIECES, kind: int = 2, rules: bytes = field(3, 1) + field(4, 0)) -> bytes:
    parts = [field(1, field(1, piece.text.encode()) + field(2, piece.score) + field(3, piece.kind)) for piece in pieces]
    return b"".join(parts) + field(2, field(3, kind) + field(41, 1) + field(42, 2)) + field(3, rules)


def opened(content: bytes, folder: Path) -> Tokenizer:
    (folder / "tokenizer.model").write_bytes(content)
    return Tokenizer.load(folder)


def test_the_best_merge_wins_and_the_rest_is_bytes(tmp_path: Path) -> None:
    tokenizer = opened(model(), tmp_path)
    assert [tokenizer.token(id) for id in tokenizer.encode("abc é")] == [
        "▁", "abc", "▁", "<0xC3>", "<0xA9>",
    ]  # fmt: skip
    assert tokenizer.decode(tokenizer.encode("abc é<think>")) == "abc é<think>"
    assert tokenizer.piece(3 + 0xC3) == b"\xc3"
    assert (tokenizer.begin_id, tokenizer.end_id, tokenizer.unknown_id, tokenizer.adds_begin) == (1, 2, 0, True)
    assert tokenizer.added_ids - tokenizer.special_ids == {len(PIECES) - 1}


def test_without_a_dummy_prefix_nothing_is_put_before_a_text(tmp_path: Path) -> None:
    tokenizer = opened(model(rules=field(3, 0) + field(4, 0)), tmp_path)
    assert [tokenizer.token(id) for id in tokenizer.encode("abc")] == ["abc"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not a SentencePiece model"),
        (b"hello, this is a text", "not a SentencePiece model"),
        (model()[:-3], "not a SentencePiece model"),
        (b"\xff" * 40, "not a SentencePiece model"),
        (field(1, field(1, b"\xff\xfe")), "not a SentencePiece model"),
        (field(1, b""), "not a SentencePiece model"),
        (b"\x0b", "not a SentencePiece model"),
        (model([*PIECES, PIECES[-1]]), "pieces of its own"),
        (model(kind=1), "call save_pretrained"),
        (model(rules=field(3, 1) + field(2, b"charsmap") + field(4, 0)), "rewrites texts"),
        (model(rules=field(3, 1)), "rewrites texts"),
    ],
)
def test_what_cannot_be_converted_is_refused_by_name(content: bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=says) as caught:
        opened(content, tmp_path)
    assert caught.value.code == "bad_tokenizer"
    assert "tokenizer.model" in str(caught.value)


def test_a_file_too_large_to_be_one_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentencepiece, "_LARGEST_FILE", 10)
    with pytest.raises(EngineError, match="not a SentencePiece model"):
        opened(model(), tmp_path)


def test_tokenizer_json_comes_first(tmp_path: Path, data: Callable[..., Path]) -> None:
    (tmp_path / "tokenizer.json").write_bytes(data("tokenizer-tiny-bpe-2000/tokenizer.json").read_bytes())
    assert opened(b"nonsense", tmp_path).byte_level


def test_a_byte_is_spelled_in_one_way() -> None:
    assert [byte_of(text) for text in ("<0x0A>", "<0xFF>", "<0x0A", "<0xGG>", "0x0A", "<0x00A>")] == [
        10, 255, None, None, None, None,
    ]  # fmt: skip


def test_scores_say_what_merges_say() -> None:
    merges = merges_of(PIECES)
    assert merges == [("a", "b"), ("▁", "a"), ("ab", "c")]
    vocabulary = {piece.text for piece in PIECES}
    whole = {"<think>"}
    assert scores_of(merges, vocabulary, whole) == {"ab": -1, "▁a": -2, "abc": -3}
    with pytest.raises(ValueError, match="missing"):
        scores_of(merges[:2], vocabulary, whole)
    with pytest.raises(ValueError, match="stand apart"):
        scores_of([*merges, ("a", "b")], vocabulary, whole)
