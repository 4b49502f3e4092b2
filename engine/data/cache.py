"""What was made of data, kept across runs: in folders named by the hash of everything their content depends on.

A key says what that is; equal keys mean equal content. Files come to a run as hard links, or as copies where the file
system has none, so that a run needs the cache never again, and an entry costs nothing as long as a run has its files.
An entry is written beside and renamed, and every byte of it is checked by its hash before it is used: what is damaged,
half removed or just being replaced counts as absent and is made again. Whatever goes wrong here costs a run only time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from engine import files
from engine.files import sha256_of
from engine.phrases import packed, unpacked

log = logging.getLogger(__name__)

FORMAT = 2  # of what is kept: another number once equal keys no longer mean equal content
_LIBRARIES = ("seedling", "tokenizers", "jinja2")  # whose versions may change the content as well
_MOST = 4 * 10**9  # bytes of all entries together
_MANIFEST, _ABOUT = "manifest.json", "about.json"


class Cache:
    """Entries in a folder. most: bytes that they may take together; those that were used last stay."""

    def __init__(self, folder: Path, most: int = _MOST) -> None:
        self.folder, self.most = folder, most

    def take(self, key: Mapping[str, Any], into: Path | None = None) -> Any | None:
        """Put the files of this key (JSON) into a folder that has none of their names, and return what `put` was told
        about them; None where there is nothing.
        """
        entry, taken = self._entry(key), list[Path]()
        try:
            manifest = json.loads((entry / _MANIFEST).read_bytes())
            about: Any = None
            for name, sha256 in manifest.items():
                if name == _ABOUT:
                    content = (entry / name).read_bytes()
                    found = hashlib.sha256(content).hexdigest()
                    about = unpacked(json.loads(content))
                elif into is not None:
                    taken.append(into / name)
                    _link(entry / name, into / name)
                    found = sha256_of(into / name)  # here, where nobody replaces it any more
                if found != sha256:
                    raise ValueError(f"{name} is damaged")
            if about is None:
                raise ValueError(f"{_MANIFEST} is damaged")
            os.utime(entry)
            return about
        except FileNotFoundError:
            pass
        except OSError as error:
            log.warning("an entry of the cache was not taken: %s", error)
        except (ValueError, AttributeError) as error:
            log.warning("an entry of the cache is made again: %s", error)
            shutil.rmtree(entry, ignore_errors=True)
        for path in taken:
            path.unlink(missing_ok=True)
        return None

    def put(self, key: Mapping[str, Any], about: Any, folder: Path | None = None) -> None:
        """Keep what there is to say (JSON, not None) and the files in this folder under a key."""
        made = sorted(folder.iterdir()) if folder else []
        if sum(path.stat().st_size for path in made) > self.most:
            return
        try:
            with files.whole_folder(self._entry(key)) as partial:
                for path in made:
                    _link(path, partial / path.name)
                (partial / _ABOUT).write_text(json.dumps(packed(about)), "utf-8")
                manifest = {path.name: sha256_of(path) for path in sorted(partial.iterdir())}
                (partial / _MANIFEST).write_text(json.dumps(manifest), "utf-8")
            self._make_room()
        except OSError as error:  # a full disk, or another process that was quicker
            log.warning("an entry of the cache was not kept: %s", error)

    def _entry(self, key: Mapping[str, Any]) -> Path:
        text = json.dumps({"format": FORMAT, "versions": versions(), **key}, sort_keys=True)
        return self.folder / hashlib.sha256(text.encode()).hexdigest()

    def _make_room(self) -> None:
        """Remove what killed processes left, and what was not used for longest."""
        found: list[tuple[float, int, Path]] = []
        for path in self.folder.iterdir():
            if path.name.startswith("."):
                files.settle(self.folder / path.name.split(".")[1])
                continue
            try:
                found.append((path.stat().st_mtime, sum(file.stat().st_size for file in path.iterdir()), path))
            except FileNotFoundError:
                continue  # another process is removing it
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= self.most:
                break
            shutil.rmtree(path, ignore_errors=True)
            total -= size


def versions() -> dict[str, str]:
    """Of the programs that make what is kept."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "source"
    return found


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # no hard links here, or another disk
        shutil.copyfile(source, target)
