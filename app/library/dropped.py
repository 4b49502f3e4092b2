"""Which of the files that were dropped are models, told by their content; reads from the disk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.errors import EngineError
from engine.library import forms

# With these a file or folder is no model at all; with any other error it is one that cannot be opened, which is said.
_NO_MODEL = ("not_a_model", "folder_without_config", "empty_file", "not_found", "no_permission", "os_error")
_WEIGHTS = (".gguf", ".safetensors", ".pt", ".pth", ".ckpt", ".llamafile")


def sort_out(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """(those that are models, the others). What cannot be read is none; a folder of texts is none either."""
    found: tuple[list[Path], list[Path]] = [], []
    for path in paths:
        found[not is_model(path)].append(path)
    return found


def is_model(path: Path) -> bool:
    if path.suffix.lower() in _WEIGHTS and path.is_file():
        return True
    try:
        forms.form_at(path)
    except EngineError as error:
        return error.code not in _NO_MODEL and path.is_dir()  # a packed dataset begins as an archive of weights does
    except OSError:
        return False
    return True
