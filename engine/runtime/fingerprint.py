"""Which model is this? A hash that tells models apart without reading gigabytes.

SHA-256 over the size of each file, everything that decides what ids mean (header, configuration, tokenizer,
template) and the first and last MiB of each file with weights.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from engine.errors import from_os_error
from engine.library.facts import weight_files
from engine.runtime import gguf_parts
from engine.runtime.gguf_header import read_header

_EDGE_BYTES = 1 << 20
_FOLDER_FILES = (
    "config.json",
    "model_config.yaml",
    "adapter_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
)


def gguf_fingerprint(path: Path, data_start: int, start: int = 0) -> str:
    """Of a GGUF model, by its first file, where the tensor data begins in it and where the GGUF does (in a llamafile).

    In hex. Raises EngineError.
    """
    return _digest(_of_gguf(path, data_start, start))


def model_fingerprint(*places: Path) -> str:
    """Of a model folder, or of an adapter's and its base, which may be a GGUF file; hex. Raises EngineError."""
    found: list[tuple[Path, int, int]] = []
    for place in places:
        if place.is_file():
            header = read_header(place)
            found += _of_gguf(place, header.data_start, header.start)
            continue
        small = (place / name for name in _FOLDER_FILES)
        found += [(file, 0, file.stat().st_size) for file in small if file.is_file()]
        found += [(file, 0, 0) for file in weight_files(place)]
    return _digest(found)


def _of_gguf(path: Path, data_start: int, start: int) -> list[tuple[Path, int, int]]:
    first, *others = gguf_parts.parts(path)
    return [(first, start, data_start - start), *((other, 0, 0) for other in others)]


def _digest(files: list[tuple[Path, int, int]]) -> str:
    """Each file with where it is read from, and how many bytes from there count wholly before its edges do."""
    digest = hashlib.sha256()
    try:
        for path, start, head_bytes in files:
            with open(path, "rb") as file:
                size = file.seek(0, 2)
                file.seek(start)
                # sizes in front, so that no two lists of files read as the same bytes
                digest.update(f"{size} {head_bytes} ".encode())
                digest.update(file.read(head_bytes))
                digest.update(file.read(_EDGE_BYTES))
                file.seek(max(file.tell(), size - _EDGE_BYTES))
                digest.update(file.read(_EDGE_BYTES))
    except OSError as error:
        raise from_os_error(error) from None
    return digest.hexdigest()
