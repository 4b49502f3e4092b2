"""Move one of our folders to another place: checked first, copied file by file, and safe to kill at any instant.

    begin   the settings say where the folder goes; it is used where it is            begin()
    copy    every file is written beside, flushed, read back and renamed; a manifest
            in the new place says which are done, so that a second try goes on        copy()
    switch  one write of the settings: from now on the new place is used              switch()
    clear   what the manifest names, and has not changed since, leaves the old place  clear()

So either the old place is whole and in use, or the new one. On one volume files are linked instead of copied,
which takes no room and no time. Of the chats, which usually lie in the home itself, only the database moves,
and only before it is opened, when Seedling starts.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import files, hardware, paths
from engine.errors import EngineError
from engine.events import Event, Finished, Progress, Started
from engine.jobs import JobContext
from engine.phrases import phrase
from engine.settings import Settings

AT_START = "chats_folder"  # the folder that moves before it is opened

MANIFEST = ".seedling-move.jsonl"
FLUSH_BYTES = 16 << 20  # so that progress is what the disk has, and no flush is long
_READ_BYTES = 1 << 20
_PASSES = 5  # over a folder in which something is still being written
_DATABASE = ("seedling.db", "seedling.db-wal")


@dataclass(frozen=True)
class Plan:
    """A move that has been checked. `links`: both places are on one volume, so nothing has to be copied."""

    source: Path
    target: Path
    files: int
    size: int  # bytes
    links: bool


@dataclass(frozen=True)
class _Item:
    """A file, or a link to one, below the source; folders are made as they are needed."""

    path: str  # relative, with /
    size: int
    changed: int  # st_mtime_ns

    @classmethod
    def at(cls, root: Path, path: Path) -> _Item:
        status = path.lstat()
        return cls(path.relative_to(root).as_posix(), status.st_size, status.st_mtime_ns)


# --- what the settings say ----------------------------------------------------------------------------------------


def place(settings: Settings, option: str) -> Path:
    """Where the folder of this option is in use."""
    chosen = settings.text(option)
    return Path(chosen) if chosen else paths.usual(option)


def missing(settings: Settings, option: str) -> bool:
    """Whether a folder that was chosen is not there: its disk may be unplugged."""
    return bool(settings.text(option)) and not place(settings, option).is_dir()


def begin(settings: Settings, option: str, target: Path) -> None:
    """Note that the folder goes to `target`. The caller saves the settings."""
    settings.set("moves", settings.mapping("moves") | {option: str(target)})


def forget(settings: Settings, option: str) -> None:
    """The folder stays where it is after all. The caller saves the settings."""
    settings.set("moves", {name: target for name, target in settings.mapping("moves").items() if name != option})


def switch(settings: Settings, option: str) -> None:
    """Use the new place from now on, and note that the old one is to be cleared. The caller saves the settings."""
    source, target = place(settings, option), settings.mapping("moves")[option]
    forget(settings, option)
    settings.set(option, "" if Path(target) == paths.usual(option) else target)
    settings.set("moved", settings.mapping("moved") | {option: str(source)})


def settled(settings: Settings, option: str) -> None:
    """The old place is cleared. The caller saves the settings."""
    settings.set("moved", {name: source for name, source in settings.mapping("moved").items() if name != option})


# --- checking -----------------------------------------------------------------------------------------------------


def target_in(option: str, chosen: Path) -> Path:
    """The chosen folder itself where it is empty, absent, ours already or the usual place; else a folder in it."""
    name = f"seedling-{option.removesuffix('_folder')}"
    if chosen.name == name or chosen == paths.usual(option) or not chosen.is_dir():
        return chosen
    return chosen if (chosen / MANIFEST).exists() or _is_empty(chosen) else chosen / name


def usable(option: str, chosen: Path) -> bool:
    """Whether the folder holds something already that could be used as it is, without moving anything."""
    if option == "chats_folder":
        return (chosen / _DATABASE[0]).is_file()
    return chosen.is_dir() and not _is_empty(chosen)


def check(option: str, source: Path, target: Path) -> Plan:
    """Whether this move can be done, without changing anything.

    Raises EngineError `folder_same`, `folder_inside`, `folder_missing`, `folder_not_empty`, `folder_unwritable`
    or `folder_no_room`.
    """
    paths.writable(source)
    _check_apart(option, source.resolve(), target.resolve())
    manifest = _Manifest(target)
    if not manifest.belongs_to(source):
        _check_free_of_others(option, target)
    ground = _existing(target)
    try:
        with tempfile.TemporaryFile(dir=ground) as file:
            file.write(b"seedling")
            file.flush()
    except OSError as error:
        raise EngineError("folder_unwritable", place=str(target), reason=error.strerror or str(error)) from error
    items = _items(option, source)
    links = all(_can_link(source / item.path, ground) for item in items[:1])
    missing = sum(item.size for item in items if not manifest.has(item, source, target))
    free = hardware.disk_free(ground)
    if not links and missing > free:
        needed = hardware.size_text(missing)
        raise EngineError("folder_no_room", place=str(target), free=hardware.size_text(free), needed=needed)
    return Plan(source, target, len(items), sum(item.size for item in items), links)


def _check_apart(option: str, source: Path, target: Path) -> None:
    if source == target:
        raise EngineError("folder_same", place=str(target))
    others = [paths.folder(name).resolve() for name in paths.MOVABLE if name not in (option, "chats_folder")]
    if option != "chats_folder":  # of the chats only the file moves: it may go below the home, and back
        others.append(source)
        if source.is_relative_to(target):
            raise EngineError("folder_inside", inner=str(source), outer=str(target))
    for other in others:
        if target.is_relative_to(other):
            raise EngineError("folder_inside", inner=str(target), outer=str(other))


def _check_free_of_others(option: str, target: Path) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise EngineError("folder_unwritable", place=str(target), reason=phrase("it is a file"))
    if option == "chats_folder":
        found = next((name for name in _DATABASE if (target / name).exists()), None)
    else:
        found = next((entry.name for entry in target.iterdir() if not _is_scrap(entry)), None)
    if found is not None:
        raise EngineError("folder_not_empty", place=str(target), file=found)


def _existing(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _is_empty(folder: Path) -> bool:
    return all(map(_is_scrap, folder.iterdir()))


def _is_scrap(path: Path) -> bool:
    """A manifest whose writer was killed before it took its name."""
    return path.name.startswith(f"{MANIFEST}.") and path.name.endswith(".partial")


def _can_link(file: Path, folder: Path) -> bool:
    try:
        with files.scratch(folder / "seedling-link") as probe:
            os.link(file, probe / "link", follow_symlinks=False)
    except (OSError, NotImplementedError):
        return False
    return True


# --- copying ------------------------------------------------------------------------------------------------------


def copy(option: str, source: Path, target: Path, cancelled: threading.Event) -> Iterator[Event]:
    """Bring everything to `target`; nothing at `source` changes. Yields `Progress` in bytes.

    Ends with `Finished("copied")`, after which the caller may switch, or `Finished("cancelled")`.
    Raises EngineError as `check` does, `move_not_same`, `move_changed`, or the system's complaint.
    """
    plan = check(option, source, target)
    files.make_folder(target)
    with _Manifest(target) as manifest:
        manifest.begin(source)
        for _ in range(_PASSES):
            items = _items(option, paths.writable(source))  # an unplugged source is not an empty one
            todo = [item for item in items if not manifest.has(item, source, target)]
            done, total = sum(item.size for item in items) - sum(item.size for item in todo), plan.size
            yield Progress(done, max(done, total), "bytes")
            for path in manifest.names() - {item.path for item in items}:  # deleted at the source meanwhile
                (target / path).unlink(missing_ok=True)
                manifest.drop(path)
            if not todo:
                _make_folders(option, source, target)
                manifest.flush()
                _flush_folders(option, target)
                yield Finished("copied", {"files": len(items), "bytes": done, "linked": plan.links})
                return
            for item in todo:
                try:
                    for count in _bring(source / item.path, target / item.path):
                        if cancelled.is_set():
                            yield Finished("cancelled")
                            return
                        yield Progress(min(done + count, total), total, "bytes")
                except FileNotFoundError:
                    if os.path.lexists(source / item.path) or not target.is_dir():
                        raise
                    continue  # deleted since it was listed; the next pass knows
                manifest.add(item)
                done += item.size
    raise EngineError("move_changed", place=str(source / todo[0].path))


def _items(option: str, source: Path) -> list[_Item]:
    if option == "chats_folder":
        return [_Item.at(source, source / name) for name in _DATABASE if (source / name).exists()]
    found = []
    for folder, folders, names in os.walk(source, onerror=_refuse):
        linked = [name for name in folders if Path(folder, name).is_symlink()]  # not walked into: kept as links
        found += [_Item.at(source, Path(folder, name)) for name in [*names, *linked]]
    return sorted((item for item in found if item.path != MANIFEST), key=lambda item: item.path)


def _refuse(error: OSError) -> None:
    """A folder that cannot be read cannot be moved; one that is not there is empty."""
    if not isinstance(error, FileNotFoundError):
        raise error


def _make_folders(option: str, source: Path, target: Path) -> None:
    """Those without a file in them."""
    if option != "chats_folder":
        for folder, _, _ in os.walk(source):
            (target / Path(folder).relative_to(source)).mkdir(parents=True, exist_ok=True)


def _flush_folders(option: str, target: Path) -> None:
    """Every name in the new place is on the disk before the old place may go."""
    folders = [str(target)] if option == "chats_folder" else [folder for folder, _, _ in os.walk(target)]
    for folder in folders:
        files.flush_folder(Path(folder))


def _bring(source: Path, target: Path) -> Iterator[int]:
    """One file, whole or not at all: linked, or copied and read back. Yields the bytes done so far."""
    target.parent.mkdir(parents=True, exist_ok=True)
    yield 0
    if source.is_symlink():
        target.unlink(missing_ok=True)
        os.symlink(os.readlink(source), target)
        return
    with suppress(OSError, NotImplementedError):
        target.unlink(missing_ok=True)
        os.link(source, target)
        return
    with files.whole_file(target) as partial:
        written, done = hashlib.sha256(), 0
        with open(source, "rb") as reader, open(partial, "wb") as writer:
            while chunk := reader.read(_READ_BYTES):
                writer.write(chunk)
                written.update(chunk)
                done += len(chunk)
                if done % FLUSH_BYTES < len(chunk):
                    writer.flush()
                    files.sync(writer.fileno())
                    yield done
            writer.flush()
            files.sync(writer.fileno())
            _forget_cached(writer.fileno())
        found = hashlib.sha256()
        with open(partial, "rb") as reader:
            while chunk := reader.read(FLUSH_BYTES):
                found.update(chunk)
                yield done
        if found.digest() != written.digest():
            raise EngineError("move_not_same", place=str(target))
        status = source.stat()
        os.utime(partial, ns=(status.st_atime_ns, status.st_mtime_ns))


def _forget_cached(descriptor: int) -> None:
    """Where the system can: what is read back comes from the disk, not from memory."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


class _Manifest:
    """Which files have arrived: JSON lines in the new place, the first of which names the old one."""

    def __init__(self, target: Path) -> None:
        self._path = target / MANIFEST
        self._lines: Any = None  # the open file
        self._source, self._items = _read_manifest(self._path)

    def __enter__(self) -> _Manifest:
        return self

    def __exit__(self, *_: object) -> None:
        if self._lines is not None:
            self._lines.close()

    @property
    def source(self) -> str:
        return self._source

    def belongs_to(self, source: Path) -> bool:
        return self._source == str(source)

    def names(self) -> set[str]:
        return set(self._items)

    def items(self) -> list[_Item]:
        return list(self._items.values())

    def has(self, item: _Item, source: Path, target: Path) -> bool:
        """Whether this file, as the source has it now, has arrived and is still there."""
        if self._items.get(item.path) != item:
            return False
        old, new = source / item.path, target / item.path
        try:
            if old.is_symlink() or new.is_symlink():
                return old.is_symlink() and new.is_symlink() and os.readlink(old) == os.readlink(new)
            return new.stat().st_size == item.size
        except OSError:
            return False

    def begin(self, source: Path) -> None:
        """Go on, or begin; a last line that was cut off is left out."""
        self._source = str(source)
        lines = [{"source": self._source}, *(vars(item) for item in self._items.values())]
        files.write_bytes(self._path, "".join(json.dumps(line) + "\n" for line in lines).encode())
        self._lines = open(self._path, "a", encoding="ascii")  # noqa: SIM115

    def add(self, item: _Item) -> None:
        self._items[item.path] = item
        self._write(vars(item))

    def drop(self, path: str) -> None:
        del self._items[path]
        self._write({"gone": path})

    def flush(self) -> None:
        files.sync(self._lines.fileno())

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)

    def _write(self, line: dict[str, Any]) -> None:
        self._lines.write(json.dumps(line) + "\n")
        self._lines.flush()


def _read_manifest(path: Path) -> tuple[str, dict[str, _Item]]:
    """(source, items); nothing where there is none, and as far as it is whole."""
    source = ""
    items: dict[str, _Item] = {}
    with suppress(OSError, ValueError, KeyError, TypeError):
        for line in path.read_text(encoding="ascii").splitlines():
            row = json.loads(line)
            if "source" in row:
                source = str(row["source"])
            elif "gone" in row:
                items.pop(row["gone"], None)
            elif _stays_below(row["path"]):
                items[row["path"]] = _Item(row["path"], int(row["size"]), int(row["changed"]))
    return source, items


def _stays_below(path: str) -> bool:
    """A manifest lies on a disk that others may write: what it names is deleted only where it is below our folder."""
    parts = Path(path)
    return not parts.is_absolute() and not parts.drive and ".." not in parts.parts


# --- clearing away ------------------------------------------------------------------------------------------------


def clear(option: str, source: Path, target: Path) -> int:
    """Remove from the old place what has arrived; how many files stay, because they changed since or are new.

    Raises EngineError `folder_missing` while the new place is not there.
    """
    if not target.is_dir():
        raise EngineError("folder_missing", place=str(target))
    manifest = _Manifest(target)
    if not manifest.belongs_to(source):
        if _items(option, source) and not _items(option, target):  # a mount point without its disk is an empty folder
            raise EngineError("folder_missing", place=str(target))
        return 0  # cleared already
    for item in manifest.items():
        old, new = source / item.path, target / item.path
        with suppress(FileNotFoundError):  # gone already, or deleted in the new place since
            if os.path.samestat(old.lstat(), new.lstat()) or _Item.at(source, old) == item:
                old.unlink()
    if option == "chats_folder":
        (source / "seedling.db-shm").unlink(missing_ok=True)
    left = len(_items(option, source))
    _remove_empty(option, source)
    if source.is_dir():
        _flush_folders(option, source)
    files.flush_folder(_existing(source.parent))
    manifest.remove()  # only now: without it nobody would clear what came back
    files.flush_folder(target)
    return left


def discard(option: str, target: Path) -> None:
    """Remove from the new place what a move that is given up had brought there. The old place is in use."""
    manifest = _Manifest(target)
    if not manifest.source:  # nothing was brought, or its disk is not there: its mount point is an empty folder
        return
    for item in _items(option, Path(manifest.source)):
        files.settle(target / item.path)  # what a killed copy left
    for item in manifest.items():
        if Path(manifest.source, item.path).exists() or Path(manifest.source, item.path).is_symlink():
            (target / item.path).unlink(missing_ok=True)
    manifest.remove()
    _remove_empty(option, target)


def _remove_empty(option: str, folder: Path) -> None:
    """The folders in which nothing is left, and then the folder itself; never the home."""
    if option != "chats_folder":
        for inner, _, _ in os.walk(folder, topdown=False):
            with suppress(OSError):
                os.rmdir(inner)
    elif folder != paths.home():
        with suppress(OSError):
            os.rmdir(folder)


def measure(option: str, folder: Path) -> tuple[int, int]:
    """(files, bytes) of what would move."""
    items = _items(option, folder)
    return len(items), sum(item.size for item in items)


# --- jobs ---------------------------------------------------------------------------------------------------------


def relocate(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `option`, `source`, `target`. Copies; the owner of the settings then switches."""
    yield Started("relocate", {"source": params["source"], "target": params["target"]})
    yield from copy(params["option"], Path(params["source"]), Path(params["target"]), context.cancelled)


def clear_moved(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `option`, `source`, `target` of a move that is switched. stats: `left`, the files that stay behind."""
    yield Started("clear_moved", {"source": params["source"]})
    yield Finished("done", {"left": clear(params["option"], Path(params["source"]), Path(params["target"]))})


def discard_move(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `option`, `target` of a move that is given up."""
    yield Started("discard_move", {"target": params["target"]})
    discard(params["option"], Path(params["target"]))
