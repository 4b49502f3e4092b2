"""A folder that a person names: GGUF files, llamafiles, model folders and adapters in it; or a store that was moved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.library.forms import ADAPTER_CONFIG
from engine.library.stores import hub, looking, ollama
from engine.library.stores.candidate import GGUF, LLAMAFILE, Candidate, broken, model_files, relative_name
from engine.runtime import gguf_parts

NAME = "folder"


def stores_at(folder: Path) -> Iterator[tuple[str, Path]]:
    """(program, place) of what the folder is: a store of another program's layout, else a folder like any other."""
    for store in (ollama, hub):
        for place in (folder, folder / "models"):
            if store.is_store(place):
                yield store.NAME, place
                return
    yield NAME, folder


def candidates(place: Path) -> Iterator[Candidate]:
    if not looking.is_folder(place):  # a file, or nothing: either way that one thing
        yield Candidate(gguf_parts.stem(place), place)
        return
    for folder in looking.folders(place):
        if folder.error is not None:
            yield broken(folder)
        for file in model_files(folder, (GGUF, LLAMAFILE)):
            yield Candidate(relative_name(place, file), file)
        if _is_model(set(folder.files)):
            yield Candidate(_name(place, folder.path), folder.path)


def _is_model(names: set[str]) -> bool:
    return bool(names & {"config.json", ADAPTER_CONFIG}) and any(name.endswith(".safetensors") for name in names)


def _name(root: Path, folder: Path) -> str:
    return folder.name if folder == root else folder.relative_to(root).as_posix()
