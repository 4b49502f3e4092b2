"""Vocabularies of SentencePiece (Llama 2, Mistral, Gemma, Phi-3) as byte-pair encodings of the `tokenizers` library.

SentencePiece merges the two neighbours whose union has the best score; `tokenizers` merges by a list of pairs. The
list that says the same holds every way to make a piece of two others, the best pieces first. Spaces are spelled `▁`,
and a character that is no piece becomes the pieces `<0x00>` to `<0xFF>` of its bytes.
Format: github.com/google/sentencepiece, sentencepiece_model.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import AddedToken, decoders, models, normalizers, processors

from engine.errors import EngineError, from_os_error
from engine.phrases import Phrase, phrase

SPACE = "▁"
_LARGEST_FILE = 100 * 2**20


class Kind(IntEnum):
    """What a piece is. The numbers are SentencePiece's and GGUF's alike."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


@dataclass(frozen=True)
class Piece:
    """One entry of a vocabulary; its place is its id, its text may be empty. Of two possible merges the better wins."""

    text: str
    score: float
    kind: int


def byte_of(text: str) -> int | None:
    """The byte that a piece like `<0x0A>` stands for, None for another piece."""
    if len(text) == 6 and text.startswith("<0x") and text.endswith(">"):
        try:
            return int(text[3:5], 16)
        except ValueError:
            return None
    return None


# --- scores and merges -----------------------------------------------------------------------------------------------


def merges_of(pieces: Sequence[Piece]) -> list[tuple[str, str]]:
    """Every way to make a piece of two others, the best piece first."""
    texts = {piece.text for piece in pieces}
    return [halves for piece in sorted(pieces, key=lambda piece: -piece.score) for halves in _halves(piece.text, texts)]


def scores_of(merges: Iterable[tuple[str, str]], vocabulary: Collection[str], whole: Collection[str]) -> dict[str, int]:
    """A score for each piece that merges make, so that merging by scores is merging by this list.

    vocabulary: all tokens. whole: those that are found in a text before anything is merged.
    Raises ValueError where no scores say the same: when a way to make a token is missing from the list, or when the
    ways to make one do not stand together.
    """
    scores: dict[str, int] = {}
    listed = set()
    last = ""
    for left, right in merges:
        listed.add((left, right))
        if left + right != last:
            last = left + right
            if last in scores:
                raise ValueError(f"merges that make {last!r} stand apart")
            scores[last] = -len(scores) - 1
    texts = set(vocabulary)
    for token in texts.difference(whole):
        if missing := next((halves for halves in _halves(token, texts) if halves not in listed), None):
            raise ValueError(f"the merge {' + '.join(missing)!r} is missing")
    return scores


def _halves(text: str, texts: Collection[str]) -> Iterator[tuple[str, str]]:
    for cut in range(1, len(text)):
        if text[:cut] in texts and text[cut:] in texts:
            yield text[:cut], text[cut:]


# --- into and out of the library's form ------------------------------------------------------------------------------


def build(
    pieces: Sequence[Piece], space_prefix: bool, begin: str | None, strips: Callable[[str], bool] = lambda text: False
) -> tokenizers.Tokenizer:
    """The tokenizer of these pieces. space_prefix: a space is put before a text. begin: a piece put before a text.

    strips: whether a piece that is found in a text as a whole takes the white space behind it.
    """
    unknown = next((piece.text for piece in pieces if piece.kind == Kind.UNKNOWN), None)
    vocabulary = {piece.text: id for id, piece in enumerate(pieces) if piece.text}
    model = models.BPE(vocabulary, merges_of(pieces), unk_token=unknown, fuse_unk=True, byte_fallback=True)
    backend = tokenizers.Tokenizer(model)
    to_marks = normalizers.Replace(" ", SPACE)
    before = [normalizers.Prepend(SPACE)] if space_prefix else []
    backend.normalizer = normalizers.Sequence([*before, to_marks])
    after = [decoders.Strip(" ", 1, 0)] if space_prefix else []
    backend.decoder = decoders.Sequence(
        [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse(), *after]
    )
    add_whole(backend, pieces, strips)
    if begin in vocabulary:
        add_begin(backend, str(begin))
    return backend


def add_whole(backend: tokenizers.Tokenizer, pieces: Iterable[Piece], strips: Callable[[str], bool]) -> None:
    """Have the library find control pieces (where they are asked for) and words of a user in a text as a whole."""
    for piece in pieces:
        if piece.text and piece.kind in (Kind.UNKNOWN, Kind.CONTROL, Kind.USER_DEFINED):
            special = piece.kind != Kind.USER_DEFINED
            token = AddedToken(piece.text, special=special, normalized=False, rstrip=strips(piece.text))
            (backend.add_special_tokens if special else backend.add_tokens)([token])


def add_begin(backend: tokenizers.Tokenizer, token: str) -> None:
    """Have the library put `token` before a text, where special tokens are asked for."""
    backend.post_processor = processors.TemplateProcessing(
        single=f"{token} $A", pair=f"{token} $A {token}:1 $B:1", special_tokens=[(token, backend.token_to_id(token))]
    )


def puts_space(data: Mapping[str, Any]) -> bool | None:
    """Whether the tokenizer of a tokenizer.json puts a space before a text; None if it is not one of this kind."""
    to_marks = {"type": "Replace", "pattern": {"String": " "}, "content": SPACE}
    normalizer, split = data.get("normalizer"), data.get("pre_tokenizer")
    steps = normalizer["normalizers"] if normalizer and normalizer["type"] == "Sequence" else [normalizer]
    # Gemma parts a text at spaces when there are none left.
    idle = {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False}
    if split in (None, idle) and steps[-1] == to_marks:
        return {1: False, 2: True}.get(len(steps)) if steps[:-1] in ([], [_PREPEND]) else None
    if normalizer is None and split and split["type"] == "Metaspace" and split["replacement"] == SPACE:
        return split["prepend_scheme"] != "never" if not split["split"] else None
    return None


_PREPEND = {"type": "Prepend", "prepend": SPACE}


# --- tokenizer.model -------------------------------------------------------------------------------------------------


def load(path: Path) -> tuple[tokenizers.Tokenizer, str | None, str | None]:
    """The tokenizer in a tokenizer.model, and the pieces that stand before and behind a text.

    Raises EngineError `bad_tokenizer`, or the system's complaint.
    """
    try:
        raw = path.read_bytes() if path.stat().st_size <= _LARGEST_FILE else b""
    except OSError as error:
        raise from_os_error(error) from error
    try:
        model = _fields(raw)
        trainer = _fields(model[2][0]) if 2 in model else {}
        rules = _fields(model[3][0]) if 3 in model else {}
        pieces = [_piece(_fields(piece)) for piece in model.get(1, ())]
    except (ValueError, LookupError, TypeError, AttributeError, struct.error) as error:
        raise _refusal(path, phrase("it is not a SentencePiece model"), str(error)) from error
    if not pieces or len({piece.text for piece in pieces}) != len(pieces):
        raise _refusal(path, phrase("it is not a SentencePiece model with pieces of its own"))
    if trainer.get(3, [1])[0] != 2:
        raise _refusal(path, phrase("it is not a byte-pair encoding; {cure}", cure=_CONVERT))
    if any(rules.get(2, [b""])) or rules.get(4, [1])[0]:
        raise _refusal(path, phrase("it rewrites texts before it splits them; {cure}", cure=_CONVERT))
    begin, end = (_control(pieces, trainer.get(field, [default])[0]) for field, default in ((41, 1), (42, 2)))
    return build(pieces, bool(rules.get(3, [1])[0]), begin), begin, end


def _control(pieces: Sequence[Piece], id: int) -> str | None:
    return pieces[id].text if id < len(pieces) and pieces[id].kind == Kind.CONTROL else None


_CONVERT = phrase(
    "load it with transformers (AutoTokenizer) and call save_pretrained, which writes the tokenizer.json that is needed"
)


def _refusal(path: Path, reason: Phrase, detail: str = "") -> EngineError:
    return EngineError("bad_tokenizer", detail=detail, place=str(path), reason=reason)


def _piece(fields: Mapping[int, list[Any]]) -> Piece:
    (score,) = struct.unpack("<f", fields[2][0]) if 2 in fields else (0.0,)
    return Piece(fields[1][0].decode(), score, fields.get(3, [Kind.NORMAL])[0])


def _fields(raw: bytes) -> dict[int, list[Any]]:
    """The fields of a protobuf message by number: whole numbers, or bytes. Raises ValueError for anything else."""
    found: dict[int, list[Any]] = {}
    position = 0
    while position < len(raw):
        key, position = _varint(raw, position)
        value: int | bytes
        match key & 7:
            case 0:
                value, position = _varint(raw, position)
            case 1 | 5 as width:
                end = position + (8 if width == 1 else 4)
                value, position = raw[position:end], end
            case 2:
                length, position = _varint(raw, position)
                value, position = raw[position : position + length], position + length
            case other:
                raise ValueError(f"wire type {other}")
        if position > len(raw):
            raise ValueError("a field runs past the end")
        found.setdefault(key >> 3, []).append(value)
    return found


def _varint(raw: bytes, position: int) -> tuple[int, int]:
    """A number of up to ten bytes, seven bits in each, and the position behind it."""
    number = 0
    for index in range(10):
        byte = raw[position + index]
        number |= (byte & 127) << 7 * index
        if byte < 128:
            return number, position + index + 1
    raise ValueError("a number without an end")
