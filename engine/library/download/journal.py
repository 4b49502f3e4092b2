"""The download journal: every download asked for, and every file that one put into the hub cache.

One file of JSON lines a download, under the home; lines are only added. Whoever works on a download holds its lock, so
one that nobody holds and that did not end was interrupted. How far it is is read from the disk and never noted.

A file is announced before it gets its name (`placing`) and confirmed after (`placed`, with its time and size). So
what is ours can be told after a kill at any instant, and a file that another program put there is never taken for ours.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import files, paths
from engine.errors import EngineError
from engine.events import Failed
from engine.library.download.layout import RepoFolder
from engine.phrases import packed, unpacked

_ENDED = ("failed", "done", "forgotten")
_SETTLED = ("done", "forgotten")
_LOCK_TRIES, _LOCK_WAIT_S = 10, 0.02  # who asks whether a lock is held holds it for an instant


@dataclass(frozen=True)
class Wanted:
    """A file of a repository at one commit: its name, its bytes, and the hash the hub names its content by."""

    name: str
    blob: str
    size: int


@dataclass(frozen=True)
class Download:
    """One download for people: `done` of `total` bytes are here. `state`: "running", "paused", "failed" or "done".

    `files` are those asked for: the job `download` goes on when it is given them again, with repo, revision and kind.
    `names` are the files that it comes to.
    """

    id: str
    repo: str
    files: tuple[str, ...]
    revision: str
    kind: str
    done: int
    total: int
    state: str
    error: Failed | None = None
    commit: str = ""
    asked: float = 0.0  # seconds since 1970
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Placed:
    """What a download put somewhere, as it left it; a link and a copy name the content. Not confirmed: `time` is 0."""

    blob: str = ""
    size: int = 0
    time: int = 0  # of the last change, in ns


@dataclass
class Record:
    """What one journal file says."""

    path: Path
    repo: str = ""
    files: tuple[str, ...] = ()
    revision: str = "main"
    kind: str = "model"
    asked: float = 0.0
    folder: RepoFolder | None = None
    commit: str = ""
    plan: tuple[Wanted, ...] = ()
    placed: dict[Path, Placed] = field(default_factory=dict)
    state: str = "paused"
    error: Failed | None = None
    broken: set[str] = field(default_factory=set)  # contents that lie here with wrong bytes, to be fetched anew
    cut_off: bool = False  # the last line was being written when the process was killed

    @property
    def id(self) -> str:
        return self.path.stem

    def note(self, **line: Any) -> None:
        """Add a line, flushed to the disk. Raises OSError."""
        is_new = not self.path.exists()
        with open(self.path, "ab") as file:
            file.write(b"\n" * self.cut_off + json.dumps(packed(line)).encode() + b"\n")
            file.flush()
            files.sync(file.fileno())
        if is_new:
            files.flush_folder(self.path.parent)
        self.cut_off = False
        self.take(line)

    def note_placed(self, path: Path, blob: str) -> None:
        status = path.lstat()
        self.note(placed=str(path), blob=blob, size=status.st_size, time=status.st_mtime_ns)

    def done(self) -> int:
        """Bytes of the plan that are on the disk."""
        if self.folder is None:
            return 0
        return sum(
            _bytes_here(self.folder, wanted, whole=blob not in self.broken) for blob, wanted in self._blobs().items()
        )

    def total(self) -> int:
        return sum(wanted.size for wanted in self._blobs().values())

    def _blobs(self) -> dict[str, Wanted]:
        return {wanted.blob: wanted for wanted in self.plan}

    def take(self, line: dict[str, Any]) -> None:
        match line:
            case {"repo": str(repo), "files": list(names), "revision": str(revision), "kind": str(kind)}:
                self.repo, self.files, self.revision, self.kind = repo, tuple(map(str, names)), revision, kind
                self.asked = float(line.get("asked", 0.0))
            case {"commit": str(commit), "cache": str(cache), "plan": list(plan)}:
                self.commit, self.folder = commit, RepoFolder(Path(cache), self.kind, self.repo)
                self.plan = tuple(Wanted(str(name), str(blob), int(size)) for name, blob, size in plan)
            case {"placed": str(path), "blob": str(blob), "size": int(size), "time": int(moment)}:
                self.placed[Path(path)] = Placed(blob, size, moment)
                self.broken.discard(Path(path).name)
            case {"broken": str(blob)}:
                self.broken.add(blob)
            case {"placing": str(path), "blob": str(blob)}:
                self.placed[Path(path)] = Placed(blob)
            case {"released": str(path)}:
                self.placed.pop(Path(path), None)
            case {"state": str(state)}:
                self.state, error = state, line.get("error")
                self.error = Failed(str(error["code"]), dict(unpacked(error["data"]))) if error else None


# --- who works on a download -----------------------------------------------------------------------------------------


def id_of(kind: str, repo: str, revision: str, names: list[str]) -> str:
    """The same for the same request, so that asking again goes on with it."""
    return hashlib.sha256(json.dumps([kind, repo, revision, sorted(names)]).encode()).hexdigest()[:16]


@contextmanager
def held(kind: str, repo: str, revision: str, names: list[str]) -> Iterator[Record]:
    """The record of this request, begun where there is none, with its lock. Raises EngineError `download_running`."""
    path = _folder() / f"{id_of(kind, repo, revision, names)}.jsonl"
    with _locked(path, repo):
        record = _read(path)
        if record is None:
            record = Record(path, cut_off=path.exists())  # its first line may be the one that was cut off
            record.note(repo=repo, files=names, revision=revision, kind=kind, asked=time.time())
        _confirm(record)
        yield record


def withdraw(record: Record) -> None:
    """Let a held record be gone that never came to a plan: there was nothing to download."""
    record.path.unlink(missing_ok=True)


def running() -> int:
    """How many downloads are worked on now, in any process."""
    return sum(_is_running(path) for path in _folder().glob("*.jsonl"))


@contextmanager
def placing(record: Record, path: Path, blob: str = "") -> Iterator[None]:
    """Around what gives `path` its name: it is ours from then on, whatever happens in between.

    blob: the content that a link or a copy shows.
    """
    record.note(placing=str(path), blob=blob)
    yield
    record.note_placed(path, blob)


# --- what there is ---------------------------------------------------------------------------------------------------


def downloads() -> list[Download]:
    """All downloads that were not forgotten, the newest first."""
    found = [_download(record) for record in _records() if record.state != "forgotten"]
    return sorted(found, key=lambda download: -download.asked)


def remaining(cache: Path, apart_from: str) -> int:
    """Bytes that other running downloads will still write into this cache."""
    return sum(
        record.total() - record.done()
        for record in _records()
        if record.id != apart_from and record.folder and record.folder.cache == cache and _is_running(record.path)
    )


def forget(id: str) -> None:
    """Take a download off the list, with the parts of what is not whole; whole files stay, and stay ours.

    Raises EngineError `unknown_download`, or `download_running`.
    """
    path = _folder() / f"{id}.jsonl"
    record = _read(path) if id.isalnum() else None
    if record is None:
        raise EngineError("unknown_download", id=id)
    with _locked(path, record.repo):
        _confirm(record)
        drop_parts(record, {wanted.blob for wanted in record.plan})
        record.note(state="forgotten")
        _settle(record)


def owned_paths() -> set[Path]:
    """Every file and link that downloads put on this computer and that is still there as they left it."""
    return {path for record in _records() for path in record.placed if _is_ours(record, path)}


def source_of(path: Path) -> dict[str, Any] | None:
    """What the job `download` takes to fetch a file of a snapshot, or all of a folder, anew; None where no download of
    ours brought it. The file may be missing or broken by now. The job adds the parts of a split one.
    """
    path = Path(os.path.abspath(path))
    for record in sorted(_records(), key=lambda record: -record.asked):
        if record.folder is None:
            continue
        places = {record.folder.file(record.commit, wanted.name): wanted.name for wanted in record.plan}
        names = [name for place, name in places.items() if place.is_relative_to(path) and place in record.placed]
        if names:
            return {"repo": record.repo, "files": names, "revision": record.commit, "kind": record.kind}
    return None


def release(path: Path) -> int:
    """Delete what downloads put there, a file of a snapshot or all of a folder; how many bytes that freed.

    The content goes with the last link to it, and folders that are empty then. What another program put there stays.
    Raises EngineError `download_running` while one of these files is on its way.
    """
    path = Path(os.path.abspath(path))
    freed = 0
    for record in _records():
        shown = [place for place, placed in record.placed.items() if placed.blob and _is_meant(record, place, path)]
        if shown:
            with _locked(record.path, record.repo):
                freed += _release(record, shown)
    return freed


def _is_meant(record: Record, place: Path, path: Path) -> bool:
    """Whether a link of ours is, or lies in, or shows what is to be released."""
    assert record.folder is not None
    return place.is_relative_to(path) or record.folder.blob(record.placed[place].blob) == path


def _release(record: Record, shown: list[Path]) -> int:
    """Delete these links and copies, then each content that nothing shows any more; bytes freed."""
    folder = record.folder
    assert folder is not None
    freed = 0
    for place in shown:
        blob = record.placed[place].blob
        if _is_ours(record, place):
            if place.is_file() and not place.is_symlink() and place.stat().st_nlink == 1:  # a copy
                freed += place.stat().st_size
            place.unlink()
        record.note(released=str(place))
        freed += _release_blob(folder, blob)
    for other in [other for other in _records() if other.folder == folder]:
        for ref in [path for path in other.placed if path.is_relative_to(folder.path / "refs")]:
            if _is_ours(other, ref) and not _has_files(folder.snapshot(ref.read_text())):
                ref.unlink()
                other.note(released=str(ref))
        _settle(other)
    _remove_empty_folders(folder.path)
    return freed


def _release_blob(folder: RepoFolder, blob: str) -> int:
    """Delete a content that nothing shows any more, whichever download brought it; bytes freed, 0 where none did."""
    path = folder.blob(blob)
    lock = folder.lock(blob)
    if lock is None:
        return 0  # somebody fetches it again
    try:
        owner = next((record for record in _records() if _is_ours(record, path)), None)
        if owner is None or _is_shown(folder, path):
            return 0
        size = path.stat().st_size
        path.unlink()
        owner.note(released=str(path))
        return size
    finally:
        os.close(lock)


def _is_shown(folder: RepoFolder, blob: Path) -> bool:
    """Whether a snapshot of any program shows this content by a link."""
    return any(
        os.path.samefile(Path(place, name), blob)
        for place, _, names in os.walk(folder.path / "snapshots")
        for name in names
        if os.path.exists(Path(place, name))
    )


def _is_ours(record: Record, path: Path) -> bool:
    """Whether what lies there is what this download put there."""
    placed, folder = record.placed.get(path), record.folder
    if placed is None or folder is None or not os.path.lexists(path):
        return False
    if placed.time:
        status = path.lstat()
        return (status.st_size, status.st_mtime_ns) == (placed.size, placed.time)
    # Killed in between: a blob had its name when its part was gone, and a link is ours where it shows the content.
    if path.parent == folder.path / "blobs":
        return not folder.part(path.name).exists()
    return not placed.blob or (path.exists() and path.samefile(folder.blob(placed.blob)))


# --- the files of the journal ----------------------------------------------------------------------------------------


def drop_parts(record: Record, blobs: Iterable[str]) -> None:
    """Delete the beginnings of these contents, unless another download wants them or somebody fetches them now."""
    folder = record.folder
    if folder is None:
        return
    others = [other for other in _records() if other.id != record.id and other.folder == folder]
    needed = {wanted.blob for other in others if other.state not in _SETTLED for wanted in other.plan}
    for blob in set(blobs) - needed:
        left = [path for path in (folder.part(blob), folder.state(blob)) if path.exists()]
        if left and (lock := folder.lock(blob)) is not None:
            for path in left:
                path.unlink(missing_ok=True)
            os.close(lock)
    _remove_empty_folders(folder.path)


def _confirm(record: Record) -> None:
    """Put down what became of names that were about to be given when a process ended, while that can be told."""
    for path, placed in [(path, placed) for path, placed in record.placed.items() if not placed.time]:
        if _is_ours(record, path):
            record.note_placed(path, placed.blob)
        else:
            record.note(released=str(path))


def _download(record: Record) -> Download:
    state, done, total = record.state, record.done(), record.total()
    if _is_running(record.path):
        state = "running"
    elif state not in _ENDED:
        state = "paused"
    return Download(
        id=record.id,
        repo=record.repo,
        files=record.files,
        revision=record.revision,
        kind=record.kind,
        done=done,
        total=total,
        state=state,
        error=record.error if state in ("failed", "paused") else None,
        commit=record.commit,
        asked=record.asked,
        names=tuple(wanted.name for wanted in record.plan),
    )


def _settle(record: Record) -> None:
    """Remove the record itself once it is off the list and nothing is left of what it put somewhere."""
    if record.state in _SETTLED and not any(_is_ours(record, path) for path in record.placed):
        record.path.unlink(missing_ok=True)


def _folder() -> Path:
    return paths.home() / "downloads"


def _records() -> list[Record]:
    return [record for path in sorted(_folder().glob("*.jsonl")) if (record := _read(path)) is not None]


def _read(path: Path) -> Record | None:
    """What a journal file says; None where there is none. A line that was cut off by a kill says nothing."""
    record = Record(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    record.cut_off = not data.endswith(b"\n")
    for line in data.splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
            record.take(json.loads(line))
    return record if record.repo else None


@contextmanager
def _locked(path: Path, repo: str) -> Iterator[None]:
    """Hold a record's lock. Raises EngineError `download_running` where somebody else does."""
    for _ in range(_LOCK_TRIES):
        if (lock := files.lock(_lock_path(path))) is not None:
            break
        time.sleep(_LOCK_WAIT_S)
    else:
        raise EngineError("download_running", repo=repo)
    try:
        yield
    finally:
        os.close(lock)


def _is_running(path: Path) -> bool:
    try:
        return files.is_locked(_lock_path(path))
    except OSError:
        return False


def _lock_path(path: Path) -> Path:
    return path.with_suffix(".lock")


def _bytes_here(folder: RepoFolder, wanted: Wanted, whole: bool) -> int:
    """whole: the content under its final name counts."""
    for path in (*([folder.blob(wanted.blob)] if whole else []), folder.part(wanted.blob)):
        with contextlib.suppress(OSError):
            return min(path.stat().st_size, wanted.size)
    return 0


def _has_files(folder: Path) -> bool:
    return any(names for _, _, names in os.walk(folder))


def _remove_empty_folders(folder: Path) -> None:
    """`folder` and what it holds, as far as there are only folders in it."""
    for place, _, _ in os.walk(folder, topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(place)
