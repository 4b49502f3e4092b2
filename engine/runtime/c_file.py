"""A `FILE *` of C's own library, for functions of llama.cpp that read from an open file."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.errors import from_os_error


@contextmanager
def opened(path: Path, start: int) -> Iterator[int]:
    """The address of a file opened for reading that stands at byte `start`. Raises EngineError."""
    library = _library()
    file = _open(library, path)
    if not file:
        number = ctypes.get_errno()
        raise from_os_error(OSError(number, os.strerror(number), str(path)))
    try:
        _seek(library, file, start)
        yield file
    finally:
        library.fclose(ctypes.c_void_p(file))


def _library() -> Any:
    """The one that llama.cpp is linked with: on Windows Microsoft's universal C runtime."""
    return ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None, use_errno=True)


def _open(library: Any, path: Path) -> int | None:
    wide = sys.platform == "win32"
    function, name, mode = (library._wfopen, str(path), "rb") if wide else (library.fopen, os.fsencode(path), b"rb")
    function.restype = ctypes.c_void_p
    file: int | None = function(name, mode)
    return file


def _seek(library: Any, file: int, start: int) -> None:
    seek = library._fseeki64 if sys.platform == "win32" else library.fseeko
    if seek(ctypes.c_void_p(file), ctypes.c_int64(start), os.SEEK_SET):
        number = ctypes.get_errno()
        raise from_os_error(OSError(number, os.strerror(number)))
