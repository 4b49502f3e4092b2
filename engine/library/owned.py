"""Which models Seedling itself put on this computer, and deleting those. All others are only taken off the list.

Ours are copies in our folder (`copies`), what a run made (its `model` and `merged`), and files that the download
journal names.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from engine import files
from engine.errors import EngineError
from engine.library import copies, facts, forms, models
from engine.library.download import journal
from engine.library.models import ModelEntry
from engine.runtime import gguf_parts
from engine.training import run, runs

_MODELS_OF_RUN = ("model", "merged")


@dataclass(frozen=True)
class _Owned:
    """What goes when a model is deleted. `delete` removes it from the disk and says how many bytes that freed."""

    size_bytes: int
    delete: Callable[[], int]


def freed_by_deleting(entry: ModelEntry) -> int | None:
    """Bytes that deleting a model would free; None where it is not ours, so that it can only leave the list."""
    try:
        owned = _owned(entry)
        return None if owned is None else owned.size_bytes
    except OSError:  # it is being deleted, or its disk is gone
        return None


def delete(entry: ModelEntry) -> int:
    """Delete a model's files and take it off the list, by whatever names it is there. Returns the bytes freed.

    Raises EngineError `model_bundled`, `model_remote`, `model_not_ours`, `run_in_use` while its run is being trained,
    `download_running`, and OSError.
    """
    if entry.bundled:
        raise EngineError("model_bundled", name=entry.name)
    models.check_here(entry)
    owned = _owned(entry)
    if owned is None:
        raise EngineError("model_not_ours", name=entry.name)
    names = [each.name for each in models.entries() if each.path == entry.path]
    freed = owned.delete()
    for name in names:
        models.remove(name)
    return freed


def _owned(entry: ModelEntry) -> _Owned | None:
    if entry.bundled or entry.remote or not forms.exists(entry.path):
        return None
    return _copied(entry.path) or _made_by_a_run(entry.path) or _downloaded(entry)


def _copied(place: Path) -> _Owned | None:
    made = copies.of(place)
    if made is None or made.folder.is_symlink():
        return None
    found = [path for name in (*made.hashes, forms.COPY_NOTE) if (path := made.folder / name).is_file()]
    size = sum(path.stat().st_size for path in found)

    def remove() -> int:
        if set(made.folder.iterdir()) <= set(found):
            files.remove(made.folder)
        else:  # the person keeps something of their own in there
            for path in found:
                path.unlink()
        return size

    return _Owned(size, remove)


def _made_by_a_run(place: Path) -> _Owned | None:
    folder = place.parent
    if place.name not in _MODELS_OF_RUN or place.is_symlink() or not (place.is_dir() and run.exists(folder)):
        return None
    if runs.run_info(folder).state == "broken":
        return None
    size = sum(path.lstat().st_size for path in place.rglob("*") if path.is_file())

    def remove() -> int:
        with run.held(folder):
            files.remove(place)
        return size

    return _Owned(size, remove)


def _downloaded(entry: ModelEntry) -> _Owned | None:
    """A model all of whose weights the journal of downloads names."""
    if not any(part.startswith("models--") for part in entry.path.parts):  # as downloads lie
        return None
    ours = journal.owned_paths()
    weights = facts.weight_files(entry.path) if entry.path.is_dir() else gguf_parts.parts(entry.path)
    if not weights or not ours.issuperset(weights):
        return None
    going = weights
    if entry.path.is_dir():
        going = [path for path in ours if path.is_relative_to(entry.path) and path.suffix != ".gguf"]
    elif forms.ggufs_in(entry.path.parent) == [entry.path]:  # the last model that its image parts belong to
        going = weights + [path for path in forms.image_parts(entry.path) if path in ours]

    def remove() -> int:
        return sum(journal.release(path) for path in going)

    return _Owned(sum(path.stat().st_size for path in going if _is_last(path, ours, going)), remove)


def _is_last(path: Path, ours: Collection[Path], going: Collection[Path]) -> bool:
    """Whether a file's content goes with it: unless another program fetched it, or another snapshot shows it too."""
    if not path.is_symlink():
        return True
    blob = path.resolve()
    folder = blob.parent.parent / "snapshots"
    links = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    return blob in ours and not any(link not in going and link.resolve() == blob for link in links)
