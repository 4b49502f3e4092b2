"""The cache that huggingface_hub, transformers and llama.cpp share: `models--ORG--NAME/snapshots/COMMIT/FILE`.

A snapshot's files are links to blobs, or copies where Windows allows no links. The snapshot of `refs/main` comes first;
others add what it does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from engine.errors import EngineError
from engine.library.forms import ADAPTER_CONFIG
from engine.library.stores import looking
from engine.library.stores.candidate import Candidate, broken, model_files, relative_name
from engine.library.stores.system import System
from engine.runtime.gguf_header import shown

NAME = "hub"
_REPO = re.compile(r"models--(.+)")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_WEIGHTS = (".safetensors", ".bin", ".pth")
_DEEPEST = 4


def places(system: System) -> list[Path]:
    """As huggingface_hub resolves it, its older variable, and the folder of llama.cpp's that is laid out the same."""
    home = system.variable("HF_HOME") or (system.variable("XDG_CACHE_HOME") or system.home / ".cache") / "huggingface"
    hub = system.variable("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") or home / "hub"
    return [place for place in (hub, system.variable("LLAMA_CACHE")) if place is not None]


def is_store(folder: Path) -> bool:
    try:
        return any(_REPO.fullmatch(each.name) for each in looking.inside(folder))
    except EngineError:
        return False


def candidates(place: Path) -> Iterator[Candidate]:
    for repo in looking.inside(place):
        if found := _REPO.fullmatch(repo.name):
            name = found[1].replace("--", "/")
            try:
                yield from _of_repo(repo, name)
            except EngineError as error:
                yield Candidate(name, repo, error)


def _of_repo(repo: Path, name: str) -> Iterator[Candidate]:
    snapshots = looking.inside(repo / "snapshots")
    main = _main(repo)
    snapshots.sort(key=lambda snapshot: (snapshot.name != main, snapshot.name))
    found = False
    for snapshot in snapshots:
        called = name if snapshot == snapshots[0] else f"{name}@{snapshot.name[:7]}"
        for candidate in _of_snapshot(snapshot, called):
            found = True
            yield candidate
    if not found:
        raise EngineError("no_weights", name=shown(name))


def _of_snapshot(snapshot: Path, name: str) -> Iterator[Candidate]:
    """The GGUF files of a snapshot, and the snapshot itself where it is a model folder."""
    listed = list(looking.folders(snapshot, _DEEPEST))
    yield from (broken(folder) for folder in listed if folder.error is not None)
    files = [file for folder in listed for file in model_files(folder)]
    for file in files:
        yield Candidate(name if len(files) == 1 else f"{name}/{relative_name(snapshot, file)}", file)
    top = listed[0].files
    if ("config.json" in top or ADAPTER_CONFIG in top) and any(each.endswith(_WEIGHTS) for each in top):
        yield Candidate(name, snapshot)


def _main(repo: Path) -> str:
    """The commit that `refs/main` names, empty where it names none."""
    try:
        text = looking.small_file(repo / "refs" / "main", 1000).decode("ascii", "replace").strip()
    except EngineError:
        return ""
    return text if _COMMIT.fullmatch(text) else ""
