"""Which of the files that were dropped are models, told by their content; reads from the disk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.library import models
from engine.runtime.gguf_header import MAGIC

_ENDINGS = (".gguf", ".safetensors", ".llamafile")  # of files that are meant for models, whatever is in them
_CONFIGS = ("config.json", models.ADAPTER_CONFIG)


def sort_out(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """(those that are models, the others). What cannot be read is none; a folder of texts is none either."""
    found: tuple[list[Path], list[Path]] = [], []
    for path in paths:
        found[not is_model(path)].append(path)
    return found


def is_model(path: Path) -> bool:
    try:
        if path.is_dir():
            return any((path / name).is_file() for name in _CONFIGS) or any(path.glob("*.gguf"))
        if path.suffix.lower() in _ENDINGS:
            return True
        with open(path, "rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False
