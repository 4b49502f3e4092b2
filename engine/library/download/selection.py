"""Which files of a repository a person means: those named, one quantization, or all that a model folder needs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.errors import EngineError
from engine.library.quantization_names import part_of, quantization_of
from engine.phrases import phrase
from engine.runtime.gguf_header import shown

_NO_MODELS = re.compile(r"mmproj|imatrix", re.IGNORECASE)  # beside GGUF models, and none themselves
BESIDE_WEIGHTS = re.compile(
    r"(config|generation_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|chat_template"
    r"|preprocessor_config|adapter_config|model\.safetensors\.index)\.json"
    r"|tokenizer\.model|merges\.txt|chat_template\.jinja|README\.md|LICEN[CS]E(\.\w+)?"
)
WEIGHTS = re.compile(r"(adapter_)?model(-\d{5}-of-\d{5})?\.safetensors")
_DATA = re.compile(r"\.(parquet|jsonl(\.(gz|xz|zst))?)$")
_MOST_SHOWN = 12


def choose(kind: str, repo: str, names: Sequence[str], asked: Sequence[str]) -> list[str]:
    """The files to fetch of those a repository holds.

    asked: names of files, or of a quantization as GGUF files have it in theirs; nothing stands for what is needed.
    Raises EngineError that says what there is.
    """
    if asked:
        return list(dict.fromkeys(name for text in asked for name in _named(repo, names, text)))
    return _data(repo, names) if kind == "dataset" else _model(repo, names)


def _named(repo: str, names: Sequence[str], text: str) -> list[str]:
    if text in names:
        return _with_parts(names, text)
    wanted = quantization_of(text)
    groups = {whole: files for whole, files in _ggufs(names).items() if wanted and quantization_of(whole) == wanted}
    if len(groups) == 1:
        return next(iter(groups.values()))
    if groups:
        raise EngineError("repo_several", repo=repo, files=_some(groups))
    raise EngineError("repo_file_missing", repo=repo, file=shown(text))


def _with_parts(names: Sequence[str], name: str) -> list[str]:
    """The file, and where it is one of several that are a model together, all of them."""
    return sorted(other for other in names if _whole(other) == _whole(name)) if part_of(name) else [name]


def _whole(name: str) -> str:
    """The name that the parts of a model share, without their numbers."""
    part = part_of(name)
    return part[0] if part else name


def _model(repo: str, names: Sequence[str]) -> list[str]:
    weights = [name for name in names if WEIGHTS.fullmatch(name)]
    config = {"config.json", "adapter_config.json"} & set(names)
    if weights and config:
        return sorted([*weights, *(name for name in names if BESIDE_WEIGHTS.fullmatch(name))])
    groups = _ggufs(names)
    if len(groups) == 1:
        return next(iter(groups.values()))
    if groups:
        raise EngineError("repo_several", repo=repo, files=_some(groups))
    raise EngineError("repo_no_weights", repo=repo)


def _data(repo: str, names: Sequence[str]) -> list[str]:
    found = sorted(name for name in names if _DATA.search(name))
    if not found:
        raise EngineError("repo_no_data", repo=repo)
    return found


def _ggufs(names: Sequence[str]) -> dict[str, list[str]]:
    """GGUF models by the name that their parts share."""
    groups: dict[str, list[str]] = {}
    for name in sorted(names):
        if name.lower().endswith(".gguf") and not _NO_MODELS.search(name):
            groups.setdefault(_whole(name), []).append(name)
    return groups


def _some(names: Sequence[str] | dict[str, list[str]]) -> str:
    """Names for a sentence."""
    shown_names = [shown(name) for name in names]
    rest = len(shown_names) - _MOST_SHOWN
    first = ", ".join(shown_names[:_MOST_SHOWN])
    return phrase("{names} and {count} more", names=first, count=rest) if rest > 0 else first
