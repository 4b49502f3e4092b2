"""A repository's files as the choices a person has: a quantization, a model folder, an adapter, a dataset's split."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.errors import EngineError
from engine.library.download import names, selection
from engine.library.quantization_names import part_of, quantization_of

MOST_FILES = 5_000  # of one repository that are looked at

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PICKLED = re.compile(r"\.(?:bin|pt|pth|ckpt|pkl|pickle)$")
_SHARD = re.compile(r"-(\d{5})-of-(\d{5})(?=\.)")
_ADAPTER = ("adapter_config.json", "adapter_model.safetensors")


@dataclass(frozen=True)
class File:
    """A file of a repository. sha256: only of large ones, which the hub keeps apart."""

    name: str
    size: int
    sha256: str | None = None


@dataclass(frozen=True)
class Choice:
    """What is downloaded together.

    kind: "gguf", "projector" (the part of a model that sees or hears), "folder", "adapter" or "data".
    name: of the first file; of a folder, empty. sha256: where it is one file. parts: files that make one model.
    problem: why it would be of no use, as an error's code and data; else None.
    """

    kind: str
    name: str
    files: tuple[str, ...]
    size: int
    quantization: str | None = None
    sha256: str | None = None
    parts: int = 1
    problem: EngineError | None = field(default=None, compare=False)

    def to_json(self) -> dict[str, Any]:
        problem = self.problem and {"code": self.problem.code, "data": self.problem.data}
        plain = ("kind", "name", "files", "size", "quantization", "sha256", "parts")
        return {name: getattr(self, name) for name in plain} | {"problem": problem}


def checked(rows: Iterable[Any]) -> tuple[list[File], int]:
    """Files of a listing of huggingface_hub's, and how many were left out because no computer should have them."""
    found: list[File] = []
    left_out = 0
    for row in rows:
        name, size, lfs = getattr(row, "path", None), getattr(row, "size", None), getattr(row, "lfs", None)
        if size is None:  # a folder
            continue
        if len(found) == MOST_FILES or not isinstance(name, str) or not _is_count(size) or not _is_good(name):
            left_out += 1
            continue
        sha256 = getattr(lfs, "sha256", None)
        known = isinstance(sha256, str) and _SHA256.fullmatch(sha256) is not None
        found.append(File(name, size, sha256 if known else None))
    return found, left_out


def choices_of_model(repo: str, files: Sequence[File]) -> list[Choice]:
    """Quantizations first, the smallest before; then what belongs to them, a model folder and an adapter."""
    ggufs = [file for file in files if file.name.lower().endswith(".gguf") and "imatrix" not in file.name.lower()]
    projectors = [file for file in ggufs if "mmproj" in file.name.lower()]
    models = _in_parts(file for file in ggufs if file not in projectors)
    seeing = [Choice("projector", f.name, (f.name,), f.size, quantization_of(f.name), f.sha256) for f in projectors]
    folders = [choice for choice in (_folder(repo, files), _adapter(files)) if choice is not None]
    return [*sorted(models, key=lambda c: (c.size, c.name)), *sorted(seeing, key=lambda c: c.size), *folders]


def choices_of_dataset(files: Sequence[File], formats: Mapping[str, str], packed: Sequence[str]) -> list[Choice]:
    """Files that can be read as data; the shards of one table are one choice."""
    grouped: dict[str, list[File]] = {}
    for file in files:
        plain = file.name.lower()
        for suffix in packed:
            plain = plain.removesuffix(suffix)
        base = plain.rpartition("/")[2]
        if any(base.endswith(suffix) for suffix in formats) and base != "readme.md":
            grouped.setdefault(_SHARD.sub("", file.name), []).append(file)
    return [_together("data", group) for _, group in sorted(grouped.items())]


def of_no_use(repo: str, files: Sequence[File]) -> EngineError | None:
    """Why there is nothing to choose."""
    pickled = next((file.name for file in files if _PICKLED.search(file.name.lower())), None)
    if pickled is not None:
        return EngineError("pickled_weights", place=f"{repo}/{pickled}")
    return EngineError("repo_no_weights", repo=repo)


def _in_parts(files: Iterable[File]) -> list[Choice]:
    """GGUF files; those of a split model are one choice, which lacks something when a part is not there."""
    found: list[Choice] = []
    split: dict[tuple[str, int], dict[int, File]] = {}
    for file in files:
        part = part_of(file.name)
        if part is None:
            found.append(_together("gguf", [file]))
        else:
            whole, number, count = part
            split.setdefault((whole, count), {})[number] = file
    for (whole, count), parts in split.items():
        missing = next((number for number in range(1, count + 1) if number not in parts), None)
        lacks = f"{whole.removesuffix('.gguf')}-{missing:05}-of-{count:05}.gguf" if missing else ""
        problem = EngineError("missing_file", place=whole, file=lacks) if missing else None
        found.append(_together("gguf", [parts[number] for number in sorted(parts)], problem))
    return found


def _folder(repo: str, files: Sequence[File]) -> Choice | None:
    """The files at the top of a repository that make a model folder; None where there are no weights of that kind."""
    top = {file.name: file for file in files if "/" not in file.name}
    weights = [file for name, file in top.items() if selection.WEIGHTS.fullmatch(name) and name not in _ADAPTER]
    if not weights:
        return None
    needed = ("config.json", "tokenizer.json" if "tokenizer.json" in top else "tokenizer.model")
    lacks = next((name for name in needed if name not in top), None)
    problem = EngineError("missing_file", place=repo, file=lacks) if lacks else None
    beside = [file for name, file in top.items() if selection.BESIDE_WEIGHTS.fullmatch(name)]
    together = _together("folder", [*beside, *weights], problem)
    return Choice("folder", "", together.files, together.size, parts=len(weights), problem=problem)


def _adapter(files: Sequence[File]) -> Choice | None:
    top = {file.name: file for file in files if "/" not in file.name}
    if any(name not in top for name in _ADAPTER):
        return None
    beside = [name for name in top if selection.BESIDE_WEIGHTS.fullmatch(name) or name in _ADAPTER]
    together = _together("adapter", [top[name] for name in beside])
    return Choice("adapter", "", together.files, together.size)


def _together(kind: str, files: Sequence[File], problem: EngineError | None = None) -> Choice:
    first = files[0]
    sha256 = first.sha256 if len(files) == 1 else None
    size = sum(file.size for file in files)
    quantization = quantization_of(first.name) if kind == "gguf" else None
    return Choice(kind, first.name, tuple(f.name for f in files), size, quantization, sha256, len(files), problem)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 60


def _is_good(name: str) -> bool:
    try:
        names.check_file(name)
    except EngineError:
        return False
    return True
