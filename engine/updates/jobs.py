"""The jobs `update_check` and `update_download`.

`update_check` asks the address of the settings once and ends with Finished("done", what `told` tells).
`update_download` takes the list that the last check found and kept, which is verified again, and fetches a file of it;
params: "file", a name of the list, or nothing for the one that suits this program; "folder", or nothing for the usual
place. Yields `Progress` in bytes and `Waiting`, and ends with Finished("done", {"path", "bytes", "sha256", "version"}).
A download that was stopped or killed goes on. Nothing is ever opened or installed.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine import about, files, hardware, paths, settings
from engine.errors import EngineError
from engine.events import Event, Finished, Progress, Started
from engine.jobs import JobContext
from engine.library.download import connection
from engine.library.download.connection import ChangedError, Patience, StoppedError
from engine.library.download.job import News
from engine.library.download.journal import Wanted
from engine.library.download.part import Part
from engine.library.download.transfer import Pace, Transfer
from engine.updates import addresses, choice, known, manifest, signature
from engine.updates.fetching import Server
from engine.updates.manifest import Manifest, Package

PATIENCE = Patience()
_MOST_NAMES = 100  # of the same file beside one another


def update_check(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """See above. Raises EngineError."""
    address = addresses.address()
    connection.check_reach(address)
    keys = signature.trusted()
    host = urlsplit(address).hostname or ""
    yield Started("update_check", {"host": host})
    try:
        with closing(Server(address)) as server:
            document = server.document(context.cancelled)
    except StoppedError:
        yield Finished("cancelled")
        return
    except ChangedError:
        raise EngineError("hub_refused", host=host, status=416) from None
    yield Finished("done", told(known.learn(document, keys, host)))


def told(found: Manifest) -> dict[str, Any]:
    """What a person is told of a list: plain values. `packages` are those for this computer, the fitting one first."""
    here = about.version()
    packages = [{"name": package.name, "size": package.size} for package in choice.offered(found)]
    return {
        "here": here,
        "version": found.version,
        "newer": found.is_newer_than(here),
        "date": found.date.isoformat(),
        "changes": found.changes,
        "platform": manifest.platform_here(),
        "packages": packages,
        "folder": str(folder()),
    }


def folder() -> Path:
    """Where a file of a newer version goes: the person's downloads, or the home where all is kept together."""
    if paths.is_kept_together():
        return paths.updates()
    import platformdirs

    return Path(platformdirs.user_downloads_dir())


def update_download(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """See above. Raises EngineError and OSError."""
    found = known.kept(signature.trusted())
    if found is None:
        raise EngineError("update_none")
    if not found.is_newer_than(about.version()):
        raise EngineError("update_not_newer", version=found.version)
    package = choice.chosen(found, str(params.get("file") or ""))
    place = Path(str(params.get("folder") or folder()))
    files.make_folder(place)
    with _held(package):
        known.sweep(package.sha256)
        path = _here(place, package)
        if path is None:
            try:
                whole = yield from _whole(package, found.version, place, context.cancelled)
            except StoppedError:
                yield Finished("cancelled")
                return
            path = _named(whole, place, package)
    stats = {"path": str(path), "bytes": package.size, "sha256": package.sha256, "version": found.version}
    yield Finished("done", stats)


@contextlib.contextmanager
def _held(package: Package) -> Iterator[None]:
    """Raises EngineError `update_running` where another process fetches this file."""
    lock = files.lock(known.place(package.sha256, "lock"))
    if lock is None:
        raise EngineError("update_running", file=package.name)
    try:
        yield
    finally:
        os.close(lock)


def _whole(package: Package, version: str, place: Path, cancelled: threading.Event) -> Generator[Event, None, Path]:
    """The file, whole and verified, under a name of ours; fetched as far as it is not here. Returns its path."""
    whole = known.place(package.sha256, "whole")
    if _is(whole, package):
        return whole
    part = Part(known.place(package.sha256, "part"), known.place(package.sha256, "state"), package.sha256, package.size)
    news, wanted = News(), Wanted(package.name, package.sha256, package.size)
    with closing(part):
        _check_room(package, part, place)
        with closing(Server(package.address)) as server:
            transfer = Transfer(server, "update", f"Seedling {version}", "", Pace(_limit), PATIENCE, cancelled)
            try:
                for at in transfer.fill(part, wanted):
                    yield from news.at(Progress(at, package.size, "bytes", package.name))
            except ChangedError:
                part.pause()
                raise EngineError("update_other_file", host=server.host, file=package.name) from None
            except StoppedError:
                part.pause()
                raise
        part.place(whole)
    yield Progress(package.size, package.size, "bytes", package.name)
    return whole


def _here(place: Path, package: Package) -> Path | None:
    """The file, where it has been fetched before."""
    taken = itertools.takewhile(os.path.lexists, _names(place / package.name))
    return next((path for path in taken if _is(path, package)), None)


def _named(whole: Path, place: Path, package: Package) -> Path:
    """Give the file its name, in the place of no other. Raises EngineError and OSError."""
    for target in _names(place / package.name):
        if not os.path.lexists(target) and _moved(whole, target, package):
            break
    else:
        raise EngineError("update_no_name", file=package.name, place=str(place))
    whole.unlink(missing_ok=True)
    return target


def _names(path: Path) -> Iterator[Path]:
    """A name, and the same with a number."""
    yield path
    suffix = ".tar.gz" if path.name.endswith(".tar.gz") else path.suffix
    for number in range(2, _MOST_NAMES):
        yield path.with_name(f"{path.name.removesuffix(suffix)} ({number}){suffix}")


def _moved(whole: Path, target: Path, package: Package) -> bool:
    """False where somebody has taken the name meanwhile, however late."""
    try:
        if not _linked(whole, target):  # another disk, or one that knows no links
            _copied(whole, target, package)
    except FileExistsError:
        return False
    files.flush_folder(target.parent)
    return True


def _linked(source: Path, target: Path) -> bool:
    """False where there is no such link. Raises FileExistsError: it is the one way that takes nobody's place."""
    try:
        os.link(source, target)
        return True
    except FileExistsError:
        raise
    except OSError:
        return False


def _copied(whole: Path, target: Path, package: Package) -> None:
    """Copied beside its name, it gets that by a link from there. Raises EngineError and OSError.

    A disk that knows no links (a stick with FAT) has the name claimed first, and filled.
    """
    with files.scratch(target) as folder:
        probe, partial = folder / "probe", folder / "partial"
        probe.touch()
        if _linked(probe, folder / "link"):
            _written(whole, partial, package, target.parent)
            os.link(partial, target)
        else:
            _written(whole, target, package, target.parent)


def _written(whole: Path, path: Path, package: Package, place: Path) -> None:
    """Copy it to a name that nobody has, and read it back; else nothing is left. Raises EngineError and OSError."""
    import shutil

    with contextlib.ExitStack() as undo, open(path, "xb") as copy:
        try:
            with open(whole, "rb") as source:
                shutil.copyfileobj(source, copy)
            copy.flush()
            files.sync(copy.fileno())
            if not _is(path, package):
                raise EngineError("update_unlike", place=str(place))
        except BaseException:
            if path.exists() and os.path.samefile(path, copy.fileno()):  # else it is somebody else's by now
                undo.callback(path.unlink)  # after it is closed: Windows deletes no open file
            raise


def _is(path: Path, package: Package) -> bool:
    """Whether this very file is there."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size != package.size:
        return False
    return files.sha256_of(path) == package.sha256


def _check_room(package: Package, part: Part, place: Path) -> None:
    have = part.path.stat().st_size
    for where in (part.path.parent, place):
        if package.size - have > (free := hardware.disk_free(where)):
            sizes = {"needed": hardware.size_text(package.size - have), "free": hardware.size_text(free)}
            raise EngineError("update_no_room", file=package.name, place=str(where), **sizes)


def _limit() -> float:
    limit = settings.stored("download_limit")
    return limit * 1000.0 if isinstance(limit, int) else 0.0
