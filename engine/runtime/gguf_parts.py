"""GGUF models in several files, as llama.cpp's gguf-split writes them: `NAME-00001-of-00003.gguf` and its siblings.

llama.cpp opens the first one and finds the others by their names. Here all headers are read and held against each
other before, and become one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from engine.errors import EngineError
from engine.phrases import phrase
from engine.runtime.gguf_header import GGUFHeader, GGUFTensor, broken, read_header, shown

_PART = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")
_MOST_PARTS = 1000  # the largest models on the Hub have below 200


def first(path: Path) -> Path:
    """The first file of the model that this file is a part of; the file itself where it is no part."""
    return parts(path)[0]


def parts(path: Path) -> list[Path]:
    """All files of the model that this one belongs to by its name, whether they are there or not."""
    found = _PART.fullmatch(path.name)
    count = int(found["count"]) if found else 1
    if not found or not 1 <= int(found["number"]) <= count <= _MOST_PARTS:
        return [path]
    return [path.with_name(f"{found['stem']}-{number:05}-of-{count:05}.gguf") for number in range(1, count + 1)]


def stem(path: Path) -> str:
    """The name without its ending, and without the number of the part."""
    found = _PART.fullmatch(path.name)
    return found["stem"] if found and len(parts(path)) > 1 else path.stem


def check_there(path: Path) -> None:
    """Raises EngineError `gguf_part_missing` unless all files of the model are there."""
    files = parts(path)
    missing = next((file for file in files if len(files) > 1 and not file.is_file()), None)
    if missing is not None:
        raise EngineError("gguf_part_missing", place=path.name, count=len(files), missing=missing.name)


def read_model(path: Path) -> GGUFHeader:
    """The header of a model in one file or several: the first one's, with the tensors and the size of all.

    Raises EngineError as `read_header` does, `gguf_part_missing` and `gguf_part_name`.
    """
    header = read_header(path)
    count = header.metadata.get("split.count", 1)
    if count in (0, 1):
        return header
    files = parts(path)
    if len(files) != count or header.metadata.get("split.no") != files.index(path):
        raise EngineError("gguf_part_name", place=path.name, count=count)
    check_there(path)
    headers = [header if file == path else read_header(file) for file in files]
    return _joined(headers)


def _joined(headers: list[GGUFHeader]) -> GGUFHeader:
    first = headers[0]
    tensors: dict[str, GGUFTensor] = {}
    for number, header in enumerate(headers):
        if (header.metadata.get("split.no"), header.metadata.get("split.count")) != (number, len(headers)):
            counts = {"number": number + 1, "count": len(headers)}
            raise broken(header.path, phrase("it is not part {number} of {count}, as its name says", **counts))
        twice = next((name for name in header.tensors if name in tensors), None)
        if twice is not None:
            raise broken(header.path, phrase("it holds the tensor {tensor}, as a file before it does", tensor=twice))
        tensors |= header.tensors
    wanted = first.metadata.get("split.tensors.count", len(tensors))
    if wanted != len(tensors):
        found = len(tensors)
        reason = phrase("its files hold {count} tensors, and it says {wanted}", count=found, wanted=shown(wanted))
        raise broken(first.path, reason)
    size = sum(header.file_size for header in headers)
    return replace(first, tensors=tensors, file_size=size, parts=tuple(headers))
