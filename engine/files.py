"""Write whole files or none: beside the final name, flushed, then renamed.

Every file of ours that a person would miss goes through here, so that a kill or a full disk at any
instant leaves either the old file or the new one.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# os.replace meets virus scanners and indexers on Windows; they let go within a second or two.
_RETRY_DELAYS_S = (0.05, 0.1, 0.2, 0.4, 0.8, 1.0) if sys.platform == "win32" else ()


def write_bytes(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, whole or not at all. Raises OSError; the old file then still stands."""
    with whole_file(path) as partial:
        with open(partial, "wb") as file:
            file.write(data)


def write_json(path: Path, data: Any) -> None:
    """Replace `path` by `data` as indented JSON, whole or not at all."""
    write_bytes(path, (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode())


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it is flushed and takes the final name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        _flush(partial)
        _replace(partial, path)
        _flush_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder beside `path`; on success its files are flushed and it takes the final name.

    An existing folder is moved aside first and removed after, so one of the two always stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        yield partial
        for file in sorted(p for p in partial.rglob("*") if p.is_file()):
            _flush(file)
        _flush_folder(partial)
        old = path.with_name(f".{path.name}.{os.getpid()}.old")
        if path.exists():
            _replace(path, old)
        _replace(partial, path)
        _flush_folder(path.parent)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _replace(source: Path, target: Path) -> None:
    for delay_s in _RETRY_DELAYS_S:
        try:
            os.replace(source, target)
            return
        except PermissionError:
            time.sleep(delay_s)
    os.replace(source, target)


def _flush(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(path: Path) -> None:
    if sys.platform == "win32":  # Windows has no flush for folders
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
