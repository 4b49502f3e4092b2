"""llama.cpp's older cache of `-hf`: files called ORG_REPOSITORY_FILE.gguf beside `manifest=ORG=REPOSITORY=TAG.json`.

The newer one is the Hugging Face cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.errors import EngineError
from engine.library.stores import looking
from engine.library.stores.candidate import Candidate, broken, model_files, relative_name
from engine.library.stores.looking import Folder
from engine.library.stores.system import System

NAME = "llama.cpp"
_LARGEST_MANIFEST = 1 << 20
_PREFIX, _ENDING = "manifest=", ".json"


def places(system: System) -> list[Path]:
    return [system.variable("LLAMA_CACHE") or system.caches() / "llama.cpp"]


def candidates(place: Path) -> Iterator[Candidate]:
    """As `llama-cli -hf` names them where a manifest tells, else by their files."""
    for folder in looking.folders(place, deepest=0):
        if folder.error is not None:
            yield broken(folder)
        names = _names(folder)
        for file in model_files(folder):
            yield Candidate(names.get(file.name) or relative_name(place, file), file)


def _names(folder: Folder) -> dict[str, str]:
    """Name of a file -> `ORG/REPOSITORY:TAG`. A manifest that cannot be read names nothing."""
    names = {}
    for manifest in folder.files:
        parts = manifest.removeprefix(_PREFIX).removesuffix(_ENDING).split("=")
        if not manifest.startswith(_PREFIX) or not manifest.endswith(_ENDING) or len(parts) != 3:
            continue
        try:
            file = looking.small_json(folder.path / manifest, _LARGEST_MANIFEST).get("ggufFile")
        except EngineError:
            continue
        if isinstance(file, dict) and isinstance(file.get("rfilename"), str):
            org, repo, tag = parts
            names[f"{org}_{repo}_{file['rfilename']}".replace("/", "_")] = f"{org}/{repo}:{tag}"
    return names
