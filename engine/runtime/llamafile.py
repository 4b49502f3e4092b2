"""Llamafiles: a program with a ZIP at its end, and the GGUF in it, not compressed, so that it can be used in place.

As llamafile's zipalign writes them (github.com/Mozilla-Ocho/llamafile, "Creating llamafiles") the GGUF begins at a
multiple of 65,536 bytes. Tools that only pack put it anywhere; llama.cpp cannot map that, so it gets a copy.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from engine import files, paths
from engine.errors import EngineError, from_os_error

ALIGNMENT = 32  # what llama.cpp needs to map a GGUF inside another file
_LARGEST_DIRECTORY = 4 << 20  # bytes; theirs have some hundred names
_LOCAL_HEADER = struct.Struct("<4s22xHH")  # the lengths of the name and of what lies between it and the data
_LOCAL_MAGIC, _ENCRYPTED = b"PK\3\4", 1
_COPY_BYTES = 4 << 20


def extent(file: BinaryIO) -> tuple[int, int] | None:
    """(first byte, bytes) of the GGUF in a llamafile: the largest one, leaving out what sees images; None without one.

    Raises EngineError `llamafile_packed` where it is compressed.
    """
    try:
        with zipfile.ZipFile(_Bounded(file)) as archive:
            info = max(filter(_is_model, archive.infolist()), key=lambda info: info.file_size, default=None)
        if info is None:
            return None
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & _ENCRYPTED:
            raise EngineError("llamafile_packed", place=Path(file.name).name)
        file.seek(info.header_offset)
        magic, name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, OverflowError):
        return None
    start = info.header_offset + _LOCAL_HEADER.size + name + extra
    fits = start + info.file_size <= os.fstat(file.fileno()).st_size
    return (start, info.file_size) if magic == _LOCAL_MAGIC and fits else None


def unpacked(path: Path, start: int, size: int, on_copy: Callable[[], object] = lambda: None) -> Path:
    """A copy of the GGUF in the cache, made whole or not at all, and found again as long as the file is unchanged.

    `on_copy` is called between pieces; what it raises ends the copying. Raises EngineError with the system's complaint.
    """
    try:
        status = path.stat()
        key = f"{os.path.realpath(path)} {status.st_size} {status.st_mtime_ns} {start} {size}"
        copy = paths.cache() / "llamafiles" / f"{path.stem}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.gguf"
        if copy.is_file() and copy.stat().st_size == size:
            return copy
        copy.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(copy.parent).free < size:
            raise EngineError("disk_full", place=str(copy))
        with open(path, "rb") as source, files.whole_file(copy) as partial, open(partial, "wb") as target:
            source.seek(start)
            while piece := source.read(min(_COPY_BYTES, size - target.tell())):
                on_copy()
                target.write(piece)
    except OSError as error:
        raise from_os_error(error) from None
    return copy


def _is_model(info: zipfile.ZipInfo) -> bool:
    name = info.filename.lower()
    return name.endswith(".gguf") and "mmproj" not in name


class _Bounded(io.RawIOBase):
    """A file for zipfile, which would read a directory of any size at once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        if size > _LARGEST_DIRECTORY:
            raise zipfile.BadZipFile("its directory is too large")
        return self._file.read(size)
