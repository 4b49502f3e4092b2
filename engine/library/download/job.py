"""The job `download`: files of a repository on the hub, into the hub cache, and a model onto the library's list.

params: "repo"; "files", names of files or of a quantization, none for all that is needed; "revision" ("main");
"kind" ("model" or "dataset"); "token", where it is not the one of the keyring or of huggingface_hub; "again": read what
is here already, and fetch anew what is not what the hub has. The old file stays until the new one is verified.
Yields `Progress` in bytes, `Waiting` where nothing has come for some seconds, and ends with
Finished("done", {"paths", "bytes", "commit", "model"}): `paths` lie in the snapshot of one commit; `model` is the name
on the list, absent where Seedling cannot open what was fetched, with the reason as `problem`. Stopping pauses: the same
job goes on where it stopped, and so does one that was killed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

from engine import files, hardware, settings
from engine.errors import EngineError, from_os_error
from engine.events import Event, Finished, Progress, Waiting
from engine.jobs import JobContext
from engine.library import hub_access, models
from engine.library.download import connection, journal, layout, names, selection
from engine.library.download.connection import ChangedError, Hub, Listing, Patience, StoppedError, TransientError
from engine.library.download.journal import Record, Wanted
from engine.library.download.layout import RepoFolder
from engine.library.download.part import Part, fresh_hash, hashed
from engine.library.download.transfer import Pace, Transfer, Tries
from engine.phrases import phrase

PATIENCE = Patience()
_LISTINGS = 4  # times that the hub may change its mind about what it has
_SHOW_S = 0.1
_QUIET_S = 3.0  # without a byte, until people are told
_PAUSING = ("download_disk_full", "download_no_room")  # what goes on by itself once there is room


def download(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """See above. Raises EngineError."""
    repo, kind = str(params["repo"]), str(params.get("kind", "model"))
    revision, asked = str(params.get("revision") or "main"), [str(name) for name in params.get("files") or ()]
    connection.check_online()
    names.check_repo(repo)
    if kind not in ("model", "dataset"):
        raise EngineError("bad_option", option="kind", expected=phrase("model or dataset"), value=kind)
    with journal.held(kind, repo, revision, asked) as record:
        record.note(state="running")
        try:
            stats = yield from _Job(record, lambda: params.get("token") or hub_access.token(), context.cancelled).run(
                again=bool(params.get("again"))
            )
        except StoppedError:
            record.note(state="paused")
            yield Finished("cancelled", {"bytes": record.done()})
            return
        except (EngineError, OSError) as error:
            failure = _as_ours(error, record)
            with contextlib.suppress(OSError):  # the disk may be full for this, too
                if record.plan:
                    state = "paused" if failure.code in _PAUSING else "failed"
                    record.note(state=state, error={"code": failure.code, "data": failure.data})
                else:
                    journal.withdraw(record)
            raise failure from error
        record.note(state="done")
    yield Finished("done", stats)


class _Job:
    """One run of a download whose record is held."""

    def __init__(self, record: Record, find_token: Callable[[], str | None], cancelled: threading.Event) -> None:
        self._record, self._cancelled = record, cancelled
        self._hub = Hub(find_token, PATIENCE.stall_s)
        self._folder = RepoFolder(layout.cache(), record.kind, record.repo)
        self._done, self._total = 0, 0
        self._news = News()

    def run(self, again: bool) -> Generator[Event, None, dict[str, Any]]:
        """Everything; the stats of the end are what it returns."""
        with contextlib.closing(self._hub):
            for _ in range(_LISTINGS):
                listing = self._list()
                plan = self._plan(listing)
                try:
                    if again:
                        yield from self._read_again(plan)
                        self._check_room()
                    yield from self._fetch_all(listing.commit, plan)
                except ChangedError:
                    continue
                return self._finish(listing.commit, plan)
        raise EngineError("download_changing", repo=self._record.repo)

    def _list(self) -> Listing:
        """What the hub has now, however often it must be asked."""
        record = self._record
        tries = Tries(PATIENCE, self._hub.host)
        while True:
            try:
                ask = lambda: self._hub.listing(record.kind, record.repo, record.revision)  # noqa: E731
                return connection.patiently(ask, self._cancelled)
            except TransientError as trouble:
                if self._cancelled.wait(tries.wait_s(trouble)):
                    raise StoppedError from trouble

    def _plan(self, listing: Listing) -> tuple[Wanted, ...]:
        """The files to fetch, noted; with every name and the room on the disk checked before anything is made."""
        record, folder = self._record, self._folder
        there = {wanted.name: wanted for wanted in listing.files}
        chosen = selection.choose(record.kind, record.repo, list(there), record.files)
        snapshot = folder.snapshot(listing.commit)
        old = [path.relative_to(snapshot).as_posix() for path in snapshot.rglob("*") if not path.is_dir()]
        names.check_files([*chosen, *(name for name in old if name not in chosen)])
        plan = tuple(there[name] for name in chosen)
        if (listing.commit, plan, folder) != (record.commit, record.plan, record.folder):
            journal.drop_parts(record, {old.blob for old in record.plan} - {new.blob for new in plan})
            rows = [[wanted.name, wanted.blob, wanted.size] for wanted in plan]
            record.note(commit=listing.commit, cache=str(folder.cache), plan=rows)
        self._total = record.total()
        self._check_room()
        return plan

    def _read_again(self, plan: tuple[Wanted, ...]) -> Iterator[Event]:
        """Note which contents have wrong bytes, so that also a run after a kill fetches them."""
        for wanted in plan:
            blob = self._folder.blob(wanted.blob)
            if not blob.exists() or blob.stat().st_size != wanted.size or wanted.blob in self._record.broken:
                continue
            digest = fresh_hash(wanted.blob, wanted.size)
            for at in hashed(blob, digest):
                if self._cancelled.is_set():
                    raise StoppedError
                yield from self._news.at(Progress(at, wanted.size, "bytes", wanted.name))
            if digest.hexdigest() != wanted.blob:
                self._record.note(broken=wanted.blob)

    def _check_room(self) -> None:
        record, cache = self._record, self._folder.cache
        needed = self._total - record.done()
        free = hardware.disk_free(cache) - journal.remaining(cache, record.id)
        if needed > free:
            sizes = {"needed": hardware.size_text(needed), "free": hardware.size_text(max(free, 0))}
            raise EngineError("download_no_room", repo=record.repo, place=str(cache), **sizes)

    def _fetch_all(self, commit: str, plan: tuple[Wanted, ...]) -> Iterator[Event]:
        record = self._record
        pace = Pace(_limit)
        transfer = Transfer(self._hub, record.kind, record.repo, commit, pace, PATIENCE, self._cancelled)
        self._done = 0
        blobs: set[str] = set()
        for wanted in plan:
            for at in self._fetch(transfer, commit, wanted):
                if wanted.blob not in blobs:
                    yield from self._news.at(Progress(self._done + at, self._total, "bytes", wanted.name))
            if wanted.blob not in blobs:
                blobs.add(wanted.blob)
                self._done += wanted.size
        yield Progress(self._done, self._total, "bytes")

    def _fetch(self, transfer: Transfer, commit: str, wanted: Wanted) -> Iterator[int]:
        """A file in its snapshot, whoever fetches its content; yields how many bytes of that are here."""
        folder = self._folder
        blob, file = folder.blob(wanted.blob), folder.file(commit, wanted.name)
        folder.check_way(blob)
        folder.check_way(file)
        while (lock := folder.lock(wanted.blob)) is None:  # another program fetches it
            if self._cancelled.wait(_SHOW_S):
                raise StoppedError
            yield 0
        try:
            filled = not self._is_here(blob, wanted)
            if filled:
                yield from self._fill(transfer, blob, wanted)
            for left in (folder.part(wanted.blob), folder.state(wanted.blob)):  # where another was first, or a kill
                left.unlink(missing_ok=True)
            if not layout.is_shown(file, blob) or (filled and not file.is_symlink()):
                with journal.placing(self._record, file, wanted.blob):
                    layout.show(file, blob)
        finally:
            os.close(lock)

    def _is_here(self, blob: Path, wanted: Wanted) -> bool:
        return wanted.blob not in self._record.broken and blob.exists() and blob.stat().st_size == wanted.size

    def _fill(self, transfer: Transfer, blob: Path, wanted: Wanted) -> Iterator[int]:
        part = Part(self._folder.part(wanted.blob), self._folder.state(wanted.blob), wanted.blob, wanted.size)
        try:
            yield from transfer.fill(part, wanted)
            with journal.placing(self._record, blob):
                part.place(blob)
        except (StoppedError, ChangedError):
            part.pause()
            raise
        finally:
            part.close()

    def _finish(self, commit: str, plan: tuple[Wanted, ...]) -> dict[str, Any]:
        """Note where the branch stands, now that all of it is here, and put a model on the list."""
        record, folder = self._record, self._folder
        ref = folder.ref(record.revision)
        if record.revision != commit and layout.read_ref(ref) != commit:
            folder.check_way(ref)
            with journal.placing(record, ref):
                files.write_bytes(ref, commit.encode())
        here = [folder.file(commit, wanted.name) for wanted in plan]
        stats = {"paths": [str(path) for path in here], "bytes": self._total, "commit": commit}
        return stats | (_listed(record.repo, here, folder.snapshot(commit)) if record.kind == "model" else {})


class News:
    """What is worth saying: progress ten times a second at most, and once that nothing comes."""

    def __init__(self) -> None:
        self._shown = 0.0
        self._last: Progress | None = None  # that was said
        self._at, self._since = -1, 0.0  # the bytes that were here, and from when on
        self._quiet = False

    def at(self, progress: Progress) -> Iterator[Event]:
        now = time.monotonic()
        if progress.done != self._at:
            self._at, self._since, self._quiet = progress.done, now, False
        if progress != self._last and now - self._shown > _SHOW_S:
            self._shown, self._last = now, progress
            yield progress
        if not self._quiet and now - self._since > _QUIET_S:
            self._quiet = True
            yield Waiting()


def _listed(repo: str, here: list[Path], snapshot: Path) -> dict[str, Any]:
    """The name on the library's list, or why it cannot be there."""
    ggufs = [path for path in here if path.suffix.lower() == ".gguf"]
    configs = [path for path in here if path.name in ("config.json", "adapter_config.json")]
    if not ggufs and not configs:
        return {}
    try:
        if ggufs:
            return {"model": models.add(ggufs[0], origin="downloaded").name}
        return {"model": models.add_as(snapshot, repo.rpartition("/")[2], origin="downloaded").name}
    except EngineError as error:
        return {"problem": str(error)}


def _limit() -> float:
    """Bytes a second that this download may take now: its share of the setting.

    Raises EngineError `provider_stays` where nothing may leave this computer since it began.
    """
    connection.check_reach(connection.endpoint())
    limit = settings.stored("download_limit")
    assert isinstance(limit, int)
    return limit * 1000 / max(journal.running(), 1) if limit else 0.0


def _as_ours(error: EngineError | OSError, record: Record) -> EngineError:
    if isinstance(error, EngineError):
        return error
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        needed = hardware.size_text(record.total() - record.done())
        return EngineError("download_disk_full", detail=str(error), repo=record.repo, needed=needed)
    return from_os_error(error)
