"""Write whole files or none: beside the final name, flushed, then renamed.

Every file of ours that a person would miss goes through here, so that a kill or a full disk at any
instant leaves either the old file or the new one. `lock` says that somebody works here, and ends with them.

While it is written, `name` is `.name.<process>-<thread>.partial`, hidden and beside its final place. What a
killed process left of that, or called so with more behind it, is removed by the next one that writes the same name.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import itertools
import json
import os
import re
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# os.replace meets virus scanners and indexers on Windows; they let go within a second or two.
_RETRY_DELAYS_S = (0.05, 0.1, 0.2, 0.4, 0.8, 1.0) if sys.platform == "win32" else ()

_WRITER = re.compile(r"\.(\d+)-\d+\.")  # the process in a name of `_beside`


def write_bytes(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, whole or not at all. Raises OSError; the old file then still stands."""
    with whole_file(path) as partial:
        with open(partial, "wb") as file:
            file.write(data)


def write_json(path: Path, data: Any) -> None:
    """Replace `path` by `data` as indented JSON, whole or not at all."""
    write_bytes(path, (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode())


def set_aside(path: Path) -> Path:
    """Give what cannot be read a name of its own, whatever it is, so that nothing of it is lost; that name.

    Raises OSError.
    """
    stem = f"{path.stem}.broken-{time.strftime('%Y%m%d-%H%M%S')}"
    stems = itertools.chain((stem,), (f"{stem}-{n}" for n in itertools.count(2)))
    names = (path.with_name(f"{each}{path.suffix}") for each in stems)
    aside = next(name for name in names if not os.path.lexists(name))
    rename(path, aside)
    return aside


def sha256_of(path: Path) -> str:
    """In hex. Raises OSError."""
    import hashlib  # not worth loading for a window that hashes nothing

    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it is flushed and takes the final name."""
    make_folder(path.parent)
    settle(path)
    partial = _beside(path, "partial")
    try:
        yield partial
        _flush(partial)
        _replace(partial, path)
        flush_folder(path.parent)
    finally:
        for left in partial.parent.glob(f"{glob.escape(partial.name)}*"):  # such as SQLite's journal of it
            _remove(left)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder beside `path`; on success its files are flushed and it takes the final name.

    An existing folder changes places with the new one in one step where the system can do that (Linux, macOS).
    Elsewhere it moves aside first; a kill in that instant leaves it hidden, until `settle` puts it back.
    """
    make_folder(path.parent)
    settle(path)
    partial = _beside(path, "partial")
    _remove(partial)
    partial.mkdir()
    try:
        yield partial
        for folder, _, names in os.walk(partial):
            for name in names:
                _flush(Path(folder, name))
            flush_folder(Path(folder))
        if not path.exists():
            _replace(partial, path)
        elif not _exchange(partial, path):
            _replace_in_two_steps(partial, path)
        flush_folder(path.parent)
    finally:
        _remove(partial)


@contextmanager
def scratch(path: Path) -> Iterator[Path]:
    """Yield an empty folder beside `path` for what is needed until that is written. It goes, as a partial file does."""
    make_folder(path.parent)
    settle(path)
    folder = _beside(path, "scratch.partial")
    _remove(folder)
    folder.mkdir()
    try:
        yield folder
    finally:
        _remove(folder)


def make_folder(path: Path) -> None:
    """Make a folder with those above it, so that no power cut takes their names again. Raises OSError."""
    if not path.is_dir():
        if path.parent == path:  # a drive that is not plugged in
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        make_folder(path.parent)
        path.mkdir(exist_ok=True)
        flush_folder(path.parent)


def remove(path: Path) -> None:
    """Delete a file or folder. It leaves its name at once; what a kill leaves of it is swept. Raises OSError."""
    partial = _beside(path, "partial")
    _replace(path, partial)
    flush_folder(path.parent)  # before anything in it goes: it must not come back as a half
    _remove(partial)


def sweep(folder: Path) -> None:
    """Clear away what killed processes left in a folder of ours, whatever they were writing."""
    for partial in folder.glob(".*.*-*.partial*"):
        if not _is_being_written(partial):
            _remove(partial)


def settle(path: Path) -> None:
    """Clear away what killed processes left beside `path`, and put back a folder they had moved aside.

    Writing does this by itself. Readers of a folder that `whole_folder` writes call it where it seems to be absent.
    """
    pattern = glob.escape(_hidden(path)) + "*-*."
    for old in path.parent.glob(pattern + "old"):
        if not _is_being_written(old):
            if path.exists():
                _remove(old)
            else:
                _replace(old, path)
    for partial in path.parent.glob(pattern + "partial*"):
        if not _is_being_written(partial):
            _remove(partial)


def rename(source: Path, target: Path) -> None:
    """Give a file that has been flushed its final name, in the place of whatever has it. Raises OSError."""
    _replace(source, target)
    flush_folder(target.parent)


def lock(path: Path) -> int | None:
    """A descriptor that holds the lock of this file until it is closed or the process ends, however it ends.

    None if somebody else holds it. Raises OSError where the file cannot be made or its disk knows no locks.
    """
    make_folder(path.parent)
    return _locked(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), exclusive=True)


@contextmanager
def exclusive(path: Path, patience_s: float) -> Iterator[None]:
    """Hold the lock of this file; where its disk knows no locks, go on without one.

    Raises TimeoutError where somebody else still holds it after `patience_s`.
    """
    descriptor, known, end = None, True, time.monotonic() + patience_s
    try:
        while (descriptor := lock(path)) is None and time.monotonic() < end:
            time.sleep(0.02)
    except OSError:
        known = False
    if descriptor is None and known:
        raise TimeoutError(f"{path} is held by another process")
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock of this file now; makes no file. Raises OSError where that cannot be told."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    free = _locked(descriptor, exclusive=False)
    if free is None:
        return True
    os.close(free)
    return False


def _locked(descriptor: int, exclusive: bool) -> int | None:
    """The same descriptor, holding its file's lock; closed and None where another one holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK):  # the last two: how Windows says it
            return None
        raise
    return descriptor


def _beside(path: Path, state: str) -> Path:
    """A name no other thread on this machine uses now; the process in it tells `settle` whether it is in use."""
    return path.with_name(f"{_hidden(path)}{os.getpid()}-{threading.get_native_id()}.{state}")


def _hidden(path: Path) -> str:
    """How the names beside `path` begin. What is hidden gets no second dot: so they are known beside a partial, too."""
    return f".{path.name.removeprefix('.')}."


def _is_being_written(path: Path) -> bool:
    import psutil  # not worth loading as long as nothing lies about

    writers = _WRITER.findall(path.name)
    return bool(writers) and psutil.pid_exists(int(writers[-1]))


def _replace(source: Path, target: Path) -> None:
    for delay_s in _RETRY_DELAYS_S:
        try:
            os.replace(source, target)
            return
        except PermissionError:
            time.sleep(delay_s)
    os.replace(source, target)


def _exchange(first: Path, second: Path) -> bool:
    """Let two names change places in one step; False where the system or the file system cannot."""
    if sys.platform == "linux":
        name, arguments = "renameat2", (-100, os.fsencode(first), -100, os.fsencode(second), 2)  # AT_FDCWD, EXCHANGE
    elif sys.platform == "darwin":
        name, arguments = "renamex_np", (os.fsencode(first), os.fsencode(second), 2)  # RENAME_SWAP
    else:
        return False
    import ctypes  # not worth loading for a window that exchanges nothing

    function = getattr(ctypes.CDLL(None, use_errno=True), name, None)
    if function is None:
        return False
    if function(*arguments) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number), str(second))


def _replace_in_two_steps(partial: Path, path: Path) -> None:
    old = _beside(path, "old")
    _replace(path, old)
    try:
        _replace(partial, path)
    except OSError:
        _replace(old, path)
        raise
    _remove(old)


def _remove(path: Path) -> None:
    """Delete a file or folder of ours that may not exist. What resists is left to the next `settle`."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def sync(descriptor: int) -> None:
    """What an open file holds, down to the disk. Raises OSError.

    macOS leaves it in the drive's own cache unless asked for more (man 2 fsync), which not every drive knows.
    """
    if sys.platform == "darwin":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def _flush(path: Path) -> None:
    with open(path, "rb+") as file:
        sync(file.fileno())


def flush_folder(path: Path) -> None:
    """Down to the disk which names lie in it, where the system can do that."""
    if sys.platform == "win32":  # Windows has no flush for folders
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)
