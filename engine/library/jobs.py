"""The library's jobs: all its models with what is known of them, a copy of one, and whether one is what it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine import files, hardware, paths
from engine.errors import EngineError, from_os_error
from engine.events import Event, Finished, Model, Progress, Started
from engine.jobs import JobContext
from engine.library import checksums, copies, description, forms, model_list, models, owned
from engine.library.download import journal
from engine.library.models import ModelEntry
from engine.providers import remote_models


def library(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """A `Model` for each entry, broken ones too. What killed copies left is swept.

    details: as `description.of` as far as it could be read, or `remote_models.details`; `origin`, and `freed_bytes`,
    what deleting it would free: None where it is not ours and can only leave the list; `source`, what the job
    `download` takes to fetch it anew, None where no download of ours brought it. stats: `models`, `disk_bytes` of
    all files once, `freed_bytes` of all that is ours, and `disk_free` where our folder lies.
    """
    copies.sweep()
    yield Started("library")
    seen: dict[Path, int] = {}
    ours: dict[Path, int] = {}
    entries = models.entries()
    for entry in entries:
        if context.cancelled.is_set():
            yield Finished("cancelled")
            return
        row = described(entry)
        found = [] if entry.remote else forms.files_of(entry.path, entry.kind)
        seen.update((path, path.stat().st_size) for path in found if path.is_file())
        if (freed := row.details["freed_bytes"]) is not None:
            ours[entry.path] = freed
        yield row
    free = hardware.disk_free(paths.models())
    totals = {"disk_bytes": sum(seen.values()), "freed_bytes": sum(ours.values()), "disk_free": free}
    yield Finished("done", {"models": len(entries), **totals})


def described(entry: ModelEntry) -> Model:
    """An entry with its details. Never raises: what is wrong with it is its `problem`, in parts `details["error"]`."""
    if entry.remote:
        return _described_remote(entry)
    details: dict[str, Any] = {}
    error: EngineError | None = None
    try:
        if entry.problem is None:
            details = models.describe(entry)
    except EngineError as found:
        error = found
    except OSError as found:  # it went away meanwhile
        error = from_os_error(found)
    if not details:
        error = error or models.trouble(entry)
        details = {"problem": None if error is None else str(error), "error": description.told(error)}
    problem = details.pop("problem")
    details |= {"origin": entry.origin, "freed_bytes": owned.freed_by_deleting(entry)}
    details["source"] = journal.source_of(entry.path) if entry.origin == "downloaded" else None
    return Model(entry.name, str(entry.path), entry.kind, entry.backend, entry.bundled, problem, details)


def _described_remote(entry: ModelEntry) -> Model:
    provider, model = remote_models.meant(entry.name)
    error = remote_models.trouble(provider, model)
    details = remote_models.details(provider, model) | {"error": description.told(error), "freed_bytes": None}
    details["origin"] = entry.origin
    return Model(entry.name, str(entry.path), entry.kind, entry.backend, entry.bundled, entry.problem, details)


def copy_model(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `path`, and `name` or nothing. A copy in our folder, whole or not at all, which is then on the list.

    stats: `name`, `path`, `bytes`. Raises EngineError as `models.add` does, `folder_no_room`,
    `folder_missing`, and `copy_running` where another copy is being made.
    """
    found = models.find_here(Path(params["path"]))
    if (error := models.trouble(found)) is not None and error.code not in models.LISTED_ALTHOUGH:
        raise error
    name = params.get("name") or found.name
    copies.sweep()
    with copies.alone(), closing(copies.copy(found.path, found.kind, name)) as copying:
        yield Started("copy_model", {"path": str(found.path), "name": name})
        place, size = found.path, 0
        for done, size, place in copying:  # noqa: B007 (the last ones count)
            if context.cancelled.is_set():
                yield Finished("cancelled")
                return
            yield Progress(done, size, "bytes")
        try:
            entry = models.add_as(place, name, "copied")
        except BaseException:
            if not copies.is_on_the_list(place):  # it is, where only the last flush of the list has failed
                files.remove(place if place.is_dir() else place.parent)
            raise
        copies.listed(place)
    yield Finished("done", {"name": entry.name, "path": str(entry.path), "bytes": size})


def verify(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `model`, a name or a path. Reads every byte of it.

    stats: `verdict`: "good" (as it should be), "changed", or "unknown": nothing was known to hold it against, and of a
    model on the list its hashes are kept now, so that the next time it can be told. `sha256`: of its only file, else of
    the lines that `sha256sum` writes. `files`: `name`, `sha256` and `verdict` of each.
    """
    entry = models.find_here(params["model"])
    if not forms.exists(entry.path):
        raise EngineError("model_gone", place=str(entry.path))
    row = model_list.read().get(entry.name)
    listed = row is not None and row.path == str(entry.path)
    verification = checksums.Verification(entry.path, entry.kind, row.recorded if row and listed else {})
    yield Started("verify", {"model": entry.name, "files": len(verification.files)})
    for done, total, name in verification.read():
        if context.cancelled.is_set():
            yield Finished("cancelled")
            return
        yield Progress(done, total, "bytes", name)
    if verification.verdict == "unknown" and listed:
        with model_list.changing() as rows:
            if (now := rows.get(entry.name)) is not None and now.path == str(entry.path):
                rows[entry.name] = replace(now, recorded=now.recorded | {"sha256": verification.hashes()})
    yield Finished("done", verification.told())
