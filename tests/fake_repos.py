"""What a hub holds: repositories with their commits, and how the API says what is in them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LFS_NAMES = re.compile(r"\.(gguf|safetensors|bin|pt|pth|ckpt|parquet|onnx|gz|zst|xz|zip|model|arrow)$")
POINTER_SIZE = 135
PIECE = 1 << 18


class Stored:
    """One version of a file: its bytes, or a file that holds them, and the hashes that the hub names it by."""

    def __init__(self, name: str, content: bytes | Path) -> None:
        self.content = content
        self.size = len(content) if isinstance(content, bytes) else content.stat().st_size
        self.lfs = LFS_NAMES.search(name) is not None
        sha256, sha1 = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % self.size)
        for piece in self.pieces(0, self.size):
            sha256.update(piece)
            sha1.update(piece)
        self.sha256, self.oid = sha256.hexdigest(), sha1.hexdigest()
        self.etag = self.sha256 if self.lfs else self.oid

    def pieces(self, start: int, end: int) -> Iterator[bytes | memoryview]:
        if isinstance(self.content, bytes):
            view = memoryview(self.content)
            for at in range(start, end, PIECE):
                yield view[at : min(at + PIECE, end)]
            return
        with open(self.content, "rb") as file:
            file.seek(start)
            while start < end and (piece := file.read(min(PIECE, end - start))):
                start += len(piece)
                yield piece


@dataclass
class Repo:
    """A repository: what the hub says of it, and its files at each commit. `readers`: tokens that may read it."""

    id: str
    kind: str  # "model" or "dataset"
    gated: str | bool = False
    private: bool = False
    readers: set[str] = field(default_factory=set)
    about: dict[str, Any] = field(default_factory=dict)
    commits: dict[str, dict[str, Stored]] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)

    def commit(self, files: Mapping[str, bytes | Path], ref: str = "main") -> str:
        """A new commit with these files alone; the ref moves to it. Its hash."""
        return self._commit({name: Stored(name, content) for name, content in files.items()}, ref)

    def change(self, files: Mapping[str, bytes | Path], ref: str = "main") -> str:
        """A new commit in which these files are other ones, or new."""
        return self._commit(self.files(ref) | {name: Stored(name, content) for name, content in files.items()}, ref)

    def swap(self, name: str, content: bytes | Path, ref: str = "main") -> None:
        """Other bytes under the very commit, which no honest hub does."""
        self.files(ref)[name] = Stored(name, content)

    def sha(self, revision: str) -> str | None:
        revision = self.refs.get(revision, revision)
        return revision if revision in self.commits else None

    def files(self, revision: str = "main") -> dict[str, Stored]:
        sha = self.sha(revision)
        return self.commits[sha] if sha else {}

    def _commit(self, files: dict[str, Stored], ref: str) -> str:
        text = f"{self.id} {len(self.commits)} " + " ".join(f"{name}={file.oid}" for name, file in files.items())
        sha = hashlib.sha1(text.encode("utf-8", "surrogatepass")).hexdigest()
        self.commits[sha] = files
        self.refs[ref] = sha
        return sha


def tags(repo: Repo) -> list[str]:
    """Those given, and what the hub makes of library, task, licence, languages and region by itself."""
    card = repo.about.get("cardData") or {}
    made = [repo.about.get("library_name"), repo.about.get("pipeline_tag")]
    if any(name.endswith(".gguf") for name in repo.files()):
        made.append("gguf")
    if any(name.endswith(".safetensors") for name in repo.files()):
        made.append("safetensors")
    if card.get("license"):
        made.append(f"license:{card['license']}")
    languages = card.get("language") or []
    made += [languages] if isinstance(languages, str) else languages
    return list(dict.fromkeys([*repo.about.get("tags", []), *(tag for tag in made if tag), "region:us"]))


def blob_of(file: Stored) -> dict[str, Any]:
    """A sibling's `blobs=true`."""
    lfs = {"sha256": file.sha256, "size": file.size, "pointerSize": POINTER_SIZE}
    return {"size": file.size, "blobId": file.oid} | ({"lfs": lfs} if file.lfs else {})


def row_of(name: str, file: Stored) -> dict[str, Any]:
    """A row of `tree`, where the same is called otherwise."""
    lfs = {"oid": file.sha256, "size": file.size, "pointerSize": POINTER_SIZE}
    return {"type": "file", "oid": file.oid, "size": file.size, "path": name} | ({"lfs": lfs} if file.lfs else {})


def parameters(repo: Repo) -> float:
    counted = repo.about.get("safetensors") or repo.about.get("gguf") or {}
    return float(counted.get("total", -1))
