"""Are a model's files still what they were? Held against what their names, their copy or our list say of them.

Ollama and the Hub's cache name a file by its hash; a copy of ours keeps the hashes of what was copied; of anything else
the list keeps size, time and fingerprint from when it was added, and its hashes from when it was first verified.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.errors import from_os_error
from engine.library import copies, forms
from engine.runtime.fingerprint import model_fingerprint

CHUNK_BYTES = 8 << 20
_SHA256 = re.compile(r"(?:sha256-)?([0-9a-f]{64})")  # a blob of Ollama's or of the Hub's cache
_GIT = re.compile(r"([0-9a-f]{40})")  # a small file in the Hub's cache, by the hash that git gives it

Recorded = dict[str, Any]  # "size_bytes", "mtime_ns", "fingerprint"; once verified "sha256": file name -> hash


def record(place: Path, kind: str, before: Recorded) -> Recorded:
    """What the list keeps of a model that is added. before: what it kept so far, which stays unless size or time of its
    files are others. Raises EngineError where they cannot be read.
    """
    found = forms.files_of(place, kind)
    try:
        newest = max(file.stat().st_mtime_ns for file in found)
    except OSError as error:
        raise from_os_error(error) from None
    now = {"size_bytes": forms.disk_bytes(found), "mtime_ns": newest}
    if all(before.get(name) == value for name, value in now.items()):
        return before
    return now | {"fingerprint": model_fingerprint(place)}


@dataclass(frozen=True)
class Result:
    """Of one file. verdict: "good", "changed", or "unknown" where nothing was known to hold it against."""

    name: str
    sha256: str
    verdict: str


class Verification:
    """Reads every byte of a model; then `verdict` and `results` stand."""

    def __init__(self, place: Path, kind: str, recorded: Recorded) -> None:
        """recorded: what the list keeps of it."""
        self._place, self._kind, self._recorded = place, kind, recorded
        self._copied = copies.of(place)
        self.files = forms.files_of(place, kind)
        self.results: list[Result] = []

    def read(self) -> Iterator[tuple[int, int, str]]:
        """(bytes done, of all, name of the file). Raises EngineError and OSError where a file cannot be read."""
        done, total = 0, forms.disk_bytes(self.files)
        for path in self.files:
            sha256 = hashlib.sha256()
            git = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
            named = _named_by(path, _GIT)
            with open(path, "rb") as file:
                while chunk := file.read(CHUNK_BYTES):
                    sha256.update(chunk)
                    if named:
                        git.update(chunk)
                    done += len(chunk)
                    yield done, max(done, total), path.name
            wanted, found = (named, git.hexdigest()) if named else (self._wanted(path), sha256.hexdigest())
            verdict = "unknown" if wanted is None else "good" if wanted == found else "changed"
            self.results.append(Result(path.name, sha256.hexdigest(), verdict))

    @cached_property
    def verdict(self) -> str:
        """Of the model: "changed" if one file has, "unknown" if one is, else "good"."""
        verdicts = {result.verdict for result in self.results}
        if "changed" in verdicts or ("unknown" in verdicts and self._looks_changed()):
            return "changed"
        return "unknown" if "unknown" in verdicts or not verdicts else "good"

    @property
    def sha256(self) -> str:
        """Of its only file, else of the lines that `sha256sum` writes."""
        if len(self.results) == 1:
            return self.results[0].sha256
        lines = "".join(f"{result.sha256}  {result.name}\n" for result in self.results)
        return hashlib.sha256(lines.encode()).hexdigest()

    def hashes(self) -> dict[str, str]:
        return {result.name: result.sha256 for result in self.results}

    def told(self) -> dict[str, Any]:
        return {"verdict": self.verdict, "sha256": self.sha256, "files": [asdict(result) for result in self.results]}

    def _wanted(self, path: Path) -> str | None:
        """The SHA-256 that a file should have, as far as anybody has noted it."""
        if named := _named_by(path, _SHA256):
            return named
        if self._copied is not None:
            return self._copied.hashes.get(path.name)
        kept = self._recorded.get("sha256")
        return str(kept[path.name]) if isinstance(kept, dict) and path.name in kept else None

    def _looks_changed(self) -> bool:
        """Whether size, header or edges differ from when it was added."""
        before = self._recorded.get("fingerprint")
        return before is not None and before != model_fingerprint(self._place)


def _named_by(path: Path, pattern: re.Pattern[str]) -> str | None:
    """The hash that a store of blobs has given a file as its name."""
    blob = path.resolve()
    found = pattern.fullmatch(blob.name) if blob.parent.name == "blobs" else None
    return found[1] if found else None
