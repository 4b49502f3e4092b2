"""Dropped files as text and records: unpacked, decoded, and refused by one sentence that names the place.

Text is UTF-8 (a byte-order mark is fine) or UTF-16 with its mark; line ends become `\\n`. `.xz` and `.gz` are unpacked.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import EngineError, from_os_error

_UNPACK: dict[str, Callable[[bytes], bytes]] = {".xz": lzma.decompress, ".gz": gzip.decompress}
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True)
class Source:
    """A file that was read: its text, and what proves later that it was this one."""

    path: Path
    text: str
    sha256: str  # of the file as it lies on disk
    suffix: str  # the kind of the unpacked file: ".txt", ".jsonl", ...


def read_source(path: Path, suffixes: tuple[str, ...], sha256: str | None = None) -> Source:
    """Read a file whole. Raises EngineError: not there, another kind, another content, damaged, or not text."""
    kinds = [suffix.lower() for suffix in path.suffixes]
    packed = kinds.pop() if kinds and kinds[-1] in _UNPACK else ""
    suffix = kinds[-1] if kinds else ""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise from_os_error(error) from error
    if suffix not in suffixes:
        raise EngineError("data_kind", place=str(path), known=", ".join(suffixes))
    found = hashlib.sha256(raw).hexdigest()
    if sha256 is not None and found != sha256.lower():
        raise EngineError("data_changed", place=str(path), found=found, wanted=sha256.lower())
    if packed:
        try:
            raw = _UNPACK[packed](raw)
        except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
            raise EngineError("data_damaged", place=str(path), kind=packed, reason=str(error)) from error
    return Source(path, decode(raw, str(path)), found, suffix)


def decode(raw: bytes, place: str) -> str:
    """Bytes as text with `\\n` line ends. Raises EngineError `data_empty` or `data_binary`, naming the byte."""
    mark, encoding = next(((mark, name) for mark, name in _MARKS if raw.startswith(mark)), (b"", "utf-8"))
    nul = raw.find(b"\0") if encoding == "utf-8" else -1
    try:
        text = raw[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        at = len(mark) + error.start
        if nul < 0 or at < nul:
            raise EngineError(
                "data_binary", place=place, byte=at, reason=f"byte {at} is no valid {encoding.upper()}"
            ) from error
    if nul >= 0:
        raise EngineError("data_binary", place=place, byte=nul, reason=f"byte {nul} is a NUL byte")
    if not text.strip():
        raise EngineError("data_empty", place=place)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def json_rows(source: Source) -> Iterator[tuple[int, Any]]:
    """(line, value) for each line of JSON lines, or (row, value) for each item of a JSON array.

    A line that is not JSON comes as an EngineError `data_line` in place of its value: the caller rejects or raises.
    """
    if source.text.lstrip().startswith("["):
        try:
            yield from enumerate(json.loads(source.text), 1)
        except (ValueError, RecursionError) as error:
            line = getattr(error, "lineno", 1)
            raise EngineError("data_line", place=str(source.path), line=line, reason=_reason(error)) from error
        return
    for number, line in enumerate(source.text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, EngineError("data_line", place=str(source.path), line=number, reason=_reason(error))


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not valid JSON ({error.msg[0].lower()}{error.msg[1:]} at character {error.colno})"
    return "nested too deeply" if isinstance(error, RecursionError) else "a number too long to read"
