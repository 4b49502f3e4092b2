"""What a program's store names as a model, before anybody has looked at the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import EngineError
from engine.library.stores import looking
from engine.library.stores.looking import Folder
from engine.runtime import gguf_parts

GGUF, LLAMAFILE = ".gguf", ".llamafile"


@dataclass(frozen=True)
class Candidate:
    """A model as the program calls it, or a thing that is broken (`error`) and stands for itself."""

    name: str
    path: Path
    error: EngineError | None = None


def model_files(folder: Folder, endings: tuple[str, ...] = (GGUF,)) -> list[Path]:
    """The model files in a folder: split ones by their first file, image parts left out."""
    named = (name for name in folder.files if name.lower().endswith(endings) and not is_left_out(name))
    return sorted({gguf_parts.first(folder.path / name) for name in named})


def is_left_out(name: str) -> bool:
    """Files that are no models of their own: image parts, matrices for quantizing, downloads that have not ended."""
    name = name.lower()
    return "mmproj" in name or "imatrix" in name or name.startswith(("incomplete-", "."))


def broken(folder: Folder) -> Candidate:
    return Candidate(folder.path.name, folder.path, folder.error)


def relative_name(root: Path, file: Path) -> str:
    """How a file below a folder is called: its path there, without its ending and the number of its part."""
    return (file.parent.relative_to(root) / gguf_parts.stem(file)).as_posix()


def by_folder(root: Path) -> Iterator[Candidate]:
    """The GGUF files below a folder. One that lies alone in `PUBLISHER/REPOSITORY` is called so."""
    for folder in looking.folders(root):
        if folder.error is not None:
            yield broken(folder)
        files = model_files(folder)
        within = folder.path.relative_to(root)
        for file in files:
            alone = len(files) == 1 and len(within.parts) == 2
            yield Candidate(within.as_posix() if alone else relative_name(root, file), file)
