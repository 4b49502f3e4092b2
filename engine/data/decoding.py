"""Bytes as text in pieces, with `\\n` line ends, whatever encoding a person has."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from engine.errors import EngineError
from engine.phrases import Phrase, phrase

ESCAPED = re.compile("[\udc80-\udcff]")  # bytes that are no UTF-8, in a tolerant text
MARK = b"\xef\xbb\xbf"  # of UTF-8
_SAVE = phrase("If it is text, save it as UTF-8.")
_MARKS = (
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (MARK, "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


class Text:
    """The pieces of a text, cut anywhere between two characters.

    UTF-8, or UTF-16 with its mark. `legacy`: what is not UTF-8 and plausible as Windows-1252 is read as that.
    `tolerant`: single bytes that are no UTF-8 come as the surrogates of `surrogateescape`, and `damaged` is set;
    whoever takes rows apart rejects those that hold one. Without it they are refused. `nul`: a NUL is passed on.
    """

    def __init__(
        self, chunks: Iterator[bytes], place: str, legacy: bool = False, tolerant: bool = False, nul: bool = False
    ) -> None:
        self.place, self.legacy, self.tolerant, self.nul = place, legacy, tolerant, nul
        self.damaged = False
        self.notes: list[Phrase] = []
        self._chunks, self._plain, self._bytes, self._lines = chunks, True, 0, 1

    def __iter__(self) -> Iterator[str]:
        """Raises EngineError `data_binary` or `data_encoding`, naming the byte or the line."""
        newlines = io.IncrementalNewlineDecoder(None, translate=True)
        for piece in self._decoded():
            self._plain = self._plain and piece.isascii()
            if not self.nul and (at := piece.find("\0")) >= 0:
                line = self._lines + piece.count("\n", 0, at)
                self._refuse(phrase("line {line} holds a NUL byte", line=line), line=line)
            piece = newlines.decode(piece)
            self._lines += piece.count("\n")
            yield piece
        if rest := newlines.decode("", final=True):
            yield rest

    def _decoded(self) -> Iterator[str]:
        first = next(self._chunks, b"")
        mark, name = next(((mark, name) for mark, name in _MARKS if first.startswith(mark)), (b"", "utf-8"))
        if not mark:
            name = _without_mark(first[:4096]) or "utf-8"
        if name.startswith("UTF"):
            self._refuse_encoding(name)
        self._bytes = len(mark)
        decoder = codecs.getincrementaldecoder(name)("strict")
        data = first[len(mark) :]
        while True:
            piece, decoder = self._decode(decoder, data, final=not data)
            if piece:
                yield piece
            if not data:
                return
            self._bytes += len(data)
            data = next(self._chunks, b"")

    def _decode(
        self, decoder: codecs.IncrementalDecoder, data: bytes, final: bool
    ) -> tuple[str, codecs.IncrementalDecoder]:
        """The next piece, and the decoder to go on with."""
        try:
            return decoder.decode(data, final), decoder
        except UnicodeDecodeError as error:
            held = decoder.getstate()[0]
            at, whole = self._bytes - len(held) + error.start, held + data
            if not error.encoding.startswith("utf-8"):
                name = "Windows-1252" if error.encoding == "charmap" else error.encoding.upper()
                self._refuse(phrase("byte {byte} is no valid {encoding}", byte=at, encoding=name), byte=at)
            if self.legacy and self._plain and _plausible(whole):
                self.notes.append(phrase("is not UTF-8 and was read as Windows-1252"))
                decoder = codecs.getincrementaldecoder("cp1252")("strict")
                self.legacy = False
                return self._decode(decoder, whole, final)
            if not self.tolerant:
                self._refuse(phrase("byte {byte} is no valid {encoding}", byte=at, encoding="UTF-8"), byte=at)
            self.damaged = True
            decoder.errors = "surrogateescape"
            return decoder.decode(data, final), decoder

    def _refuse(self, reason: Phrase, **data: Any) -> NoReturn:
        raise EngineError("data_binary", place=self.place, reason=reason, cure=_SAVE, **data)

    def _refuse_encoding(self, name: str) -> NoReturn:
        raise EngineError("data_encoding", place=self.place, encoding=name)


def _without_mark(head: bytes) -> Phrase | None:
    """UTF-16 or UTF-32 without its mark, by where its zeros lie: Latin letters have one in two, or three in four."""
    pairs = len(head) // 2
    if pairs < 2:
        return None
    even, odd = head[0 : 2 * pairs : 2].count(0) / pairs, head[1 : 2 * pairs : 2].count(0) / pairs
    if min(even, odd) > 0.4 and even + odd > 1.3:
        return phrase("UTF-32 without its byte-order mark")
    if max(even, odd) > 0.4 and min(even, odd) < 0.1:
        if even > odd:
            return phrase("UTF-16 (big-endian) without its byte-order mark")
        return phrase("UTF-16 (little-endian) without its byte-order mark")
    return None


def _plausible(data: bytes) -> bool:
    """Whether bytes that are no UTF-8 look like Windows-1252: rare beyond ASCII, none undefined, no stray UTF-8."""
    high = [byte for byte in data if byte >= 0x80]
    if any(byte in b"\x81\x8d\x8f\x90\x9d" for byte in high) or len(high) > max(4, 0.3 * len(data)):
        return False
    if any(byte < 0x20 and byte not in b"\t\n\r\f" for byte in data):
        return False
    return not re.search(rb"[\xc3-\xf4][\x80-\xbf]", data)
