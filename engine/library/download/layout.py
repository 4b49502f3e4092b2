"""Where a download lies: the hub cache's own layout, as huggingface_hub reads it.

models--org--name/blobs/<hash>                      content, by the hash that the hub names it by
models--org--name/blobs/<hash>.seedling-part        the beginning of it, and beside it
models--org--name/blobs/<hash>.seedling-state       what is known about that; see `part`
models--org--name/snapshots/<commit>/<file>         a relative link to the blob
models--org--name/refs/main                         the commit that a branch stood at
.locks/models--org--name/<hash>.lock                held by whoever fetches the blob, huggingface_hub included
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from engine import files, paths
from engine.errors import EngineError

PART, STATE = ".seedling-part", ".seedling-state"
_FOLDERS = {"model": "models", "dataset": "datasets"}


def cache() -> Path:
    """The hub cache: under the home where all is kept together there, else the one huggingface_hub resolves."""
    if paths.is_kept_together():
        return Path(os.path.abspath(paths.home() / "hub"))
    from huggingface_hub import constants

    return Path(os.path.abspath(constants.HF_HUB_CACHE))


@dataclass(frozen=True)
class RepoFolder:
    """A repository's folder in the hub cache; asking makes nothing."""

    cache: Path
    kind: str
    repo: str

    @property
    def path(self) -> Path:
        return self.cache / self._name

    def blob(self, hash: str) -> Path:
        return self.path / "blobs" / hash

    def part(self, hash: str) -> Path:
        return self.path / "blobs" / f"{hash}{PART}"

    def state(self, hash: str) -> Path:
        return self.path / "blobs" / f"{hash}{STATE}"

    def snapshot(self, commit: str) -> Path:
        return self.path / "snapshots" / commit

    def file(self, commit: str, name: str) -> Path:
        return self.snapshot(commit).joinpath(*name.split("/"))

    def ref(self, revision: str) -> Path:
        return (self.path / "refs").joinpath(*revision.split("/"))

    def lock(self, hash: str) -> int | None:
        """The descriptor of a blob's lock, or None where another process fetches it. Raises OSError, and EngineError
        as `check_way` does."""
        path = self.cache / ".locks" / self._name / f"{hash}.lock"
        self.check_way(path)
        return files.lock(path)

    def check_way(self, path: Path) -> None:
        """Raises EngineError `link_in_the_way` where a folder between the cache and `path` is a link elsewhere."""
        for folder in reversed(path.relative_to(self.cache).parents[:-1]):
            place = self.cache / folder
            if place.is_symlink() or _is_junction(place):
                raise EngineError("link_in_the_way", place=str(place))

    @property
    def _name(self) -> str:
        return "--".join([_FOLDERS[self.kind], *self.repo.split("/")])


def is_shown(file: Path, blob: Path) -> bool:
    """Whether `file` shows the content of `blob` already: by a link, or as a copy where links cannot be made."""
    if not file.exists():
        return False
    return file.samefile(blob) or (not file.is_symlink() and file.stat().st_size == blob.stat().st_size)


def show(file: Path, blob: Path) -> None:
    """Make `file` show the content of `blob`: a relative link, else the same file twice, else a copy.

    Another content under that name goes: a commit names one content.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    try:
        file.symlink_to(os.path.relpath(blob, file.parent))
        return
    except OSError:  # Windows without the right to make links
        pass
    try:
        os.link(blob, file)
    except OSError:
        with files.whole_file(file) as partial:
            shutil.copyfile(blob, partial)


def read_ref(ref: Path) -> str:
    """The commit that a branch or tag was noted to stand at; empty where none was."""
    try:
        return ref.read_text()
    except OSError:
        return ""


def _is_junction(path: Path) -> bool:
    """What Windows has beside links; Python knows them from 3.12 on."""
    return bool(getattr(os.path, "isjunction", lambda _: False)(path))
