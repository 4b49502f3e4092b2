"""The bytes of a dropped file: hashed as they lie on disk, unpacked by what they are, refused where they are no text.

Nothing is held but one chunk. What a packed file may unpack to is capped in size and in ratio.
"""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from engine.errors import EngineError, from_os_error
from engine.phrases import phrase

CHUNK = 1 << 20  # bytes read and handed on at once
UNPACKED_LIMIT = 64 << 30  # bytes
RATIO_LIMIT, RATIO_FROM = 250, 64 << 20  # unpacked to packed bytes, asked for from so many unpacked bytes on
SUFFIXES = (".gz", ".xz", ".zst")  # what packed files are usually called; their content decides
PARQUET = b"PAR1"

_UNPACK, _PARQUET = phrase("Unpack it first."), phrase("Save it as parquet.")
_PACKED_TWICE, _PICTURE = phrase("it is packed twice"), phrase("it is a picture")
# What begins like this is no text. (beginning, why, what to do)
_FOREIGN = (
    (
        b"PK\x03\x04",
        phrase("it is a zip archive or an office document"),
        phrase("Unpack it, or save the table as CSV."),
    ),
    (b"PK\x05\x06", phrase("it is an empty zip archive"), ""),
    (b"7z\xbc\xaf\x27\x1c", phrase("it is a 7z archive"), _UNPACK),
    (b"Rar!\x1a\x07", phrase("it is a rar archive"), _UNPACK),
    (b"BZh", phrase("it is packed with bzip2"), phrase("Unpack it first, or pack it as .gz, .xz or .zst.")),
    (b"\x1f\x8b", _PACKED_TWICE, _UNPACK),
    (b"\xfd7zXZ\0", _PACKED_TWICE, _UNPACK),
    (b"\x28\xb5\x2f\xfd", _PACKED_TWICE, _UNPACK),
    (PARQUET, phrase("it is a packed parquet file"), phrase("Unpack it first; parquet is packed inside.")),
    (b"ARROW1", phrase("it is an Arrow file"), _PARQUET),
    (b"ORC", phrase("it is an ORC file"), _PARQUET),
    (b"%PDF-", phrase("it is a PDF"), phrase("Save its text as .txt.")),
    (b"\x89PNG", _PICTURE, ""),
    (b"\xff\xd8\xff", _PICTURE, ""),
    (b"GIF8", _PICTURE, ""),
    (b"GGUF", phrase("it is a model"), ""),
    (b"SQLite format 3\0", phrase("it is a database"), phrase("Export its table as CSV.")),
    (b"\x7fELF", phrase("it is a program"), ""),
    (
        b"\xd0\xcf\x11\xe0",
        phrase("it is an old office document"),
        phrase("Save its table as CSV, or its text as .txt."),
    ),
    (b"{\\rtf", phrase("it is a rich text document"), phrase("Save its text as .txt.")),
)


class Hashed:
    """A file read once from beginning to end.

    sha256: of the file as it lies on disk. size_bytes: of its content, unpacked. Both are true once `chunks` has ended.
    """

    def __init__(self, path: Path) -> None:
        import hashlib

        self.path, self._hash, self.size_bytes = path, hashlib.sha256(), 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def blocks(self) -> Iterator[bytes]:
        """Raises EngineError for what the system refuses."""
        try:
            with open(self.path, "rb", buffering=0) as file:
                while block := file.read(CHUNK):
                    self._hash.update(block)
                    yield block
        except OSError as error:
            raise from_os_error(error) from error

    def chunks(self) -> Iterator[bytes]:
        """The content, unpacked. Raises EngineError: damaged, too large, or nothing that can be text."""
        blocks = self.blocks()
        first = next(blocks, b"")
        kind = next((kind for mark, kind in _PACKED.items() if first.startswith(mark)), None)
        whole = _chain(first, blocks)
        content = self._unpacked(kind, whole) if kind else whole
        first = next(content, b"")
        refuse_foreign(self.path, first)
        for chunk in _chain(first, content):
            self.size_bytes += len(chunk)
            yield chunk

    def _unpacked(self, kind: str, blocks: Iterator[bytes]) -> Iterator[bytes]:
        size = packed = 0

        def counted() -> Iterator[bytes]:
            nonlocal packed
            for block in blocks:
                packed += len(block)
                yield block

        try:
            for chunk in _unpack(counted(), *_unpacker(kind)):
                size += len(chunk)
                if size > UNPACKED_LIMIT or (size > RATIO_FROM and size > RATIO_LIMIT * packed):
                    raise EngineError("data_bomb", place=str(self.path), size=phrase("{size:,} MB", size=size >> 20))
                yield chunk
        except (EOFError, lzma.LZMAError, zlib.error, _PackingError) as error:
            raise EngineError("data_damaged", place=str(self.path), kind=kind, reason=str(error)) from error


def refuse_foreign(path: Path, first: bytes) -> None:
    """Raises EngineError `data_binary` where the first bytes of a file are those of something that is no text."""
    for mark, reason, cure in _FOREIGN:
        if first.startswith(mark):
            raise EngineError("data_binary", place=str(path), reason=reason, cure=cure)
    if first[257:262] == b"ustar":
        raise EngineError("data_binary", place=str(path), reason=phrase("it is a tar archive"), cure=_UNPACK)


_PACKED = {b"\x1f\x8b": "gzip", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd"}

# One step: a decompressor and packed bytes -> unpacked bytes of bounded size, packed bytes left, whether more comes.
_Step = Callable[[Any, bytes], tuple[bytes, bytes, bool]]


class _PackingError(Exception):
    """What zstandard complains about; its own class is only known once it is imported."""


def _unpacker(kind: str) -> tuple[Callable[[], Any], _Step]:
    if kind == "gzip":
        return lambda: zlib.decompressobj(31), _gzip_step
    if kind == "xz":
        return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=512 << 20), _xz_step
    import zstandard

    return lambda: zstandard.ZstdDecompressor(max_window_size=128 << 20).decompressobj(), _zstd_step


def _gzip_step(unpacker: Any, data: bytes) -> tuple[bytes, bytes, bool]:
    return unpacker.decompress(data, CHUNK), unpacker.unconsumed_tail, False


def _xz_step(unpacker: Any, data: bytes) -> tuple[bytes, bytes, bool]:
    out = unpacker.decompress(data, CHUNK)
    return out, b"", not unpacker.eof and not unpacker.needs_input


def _zstd_step(unpacker: Any, data: bytes) -> tuple[bytes, bytes, bool]:
    import zstandard

    try:  # a block unpacks to at most 128 KB and takes at least four bytes
        return unpacker.decompress(data[:1024]), data[1024:], False
    except zstandard.ZstdError as error:
        raise _PackingError(error) from error


def _unpack(blocks: Iterator[bytes], new: Callable[[], Any], step: _Step) -> Iterator[bytes]:
    """All streams that lie one after another in a packed file; zeros between them are padding."""
    unpacker, fresh = new(), True
    for data in blocks:
        more = True
        while data or more:
            if fresh:
                data = data.lstrip(b"\0")
                if not data:
                    break
            out, data, more = step(unpacker, data)
            fresh = False
            if out:
                yield out
            if unpacker.eof:
                data = unpacker.unused_data + data
                unpacker, fresh = new(), True
                more = False
    if not fresh:
        if hasattr(unpacker, "flush") and (rest := unpacker.flush()):
            yield rest
        if not unpacker.eof:
            raise EOFError(phrase("it ends too early"))


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
        yield from rest
