"""By what the things that preparing a run makes are known again: all that they depend on, as keys of the cache.

The report of a survey depends on the data; a tokenizer learnt from it, on its size as well; tokens, on the data, the
tokenizer, and the keys of the recipe by which the method encodes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import paths
from engine.data.cache import Cache
from engine.data.dataset import Dataset, open_dataset
from engine.files import sha256_of
from engine.gpt.tokenizer import Tokenizer
from engine.training.recipe import Recipe


@dataclass(frozen=True)
class Source:
    """Data as it lies on the disk now. key: all that reading it depends on. sha256: of each file, by its path.
    evaluation: the same of the files that are only evaluated on.
    """

    key: Mapping[str, Any]
    sha256: Mapping[str, str]
    evaluation: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, dataset: Dataset, columns: Mapping[str, str] | None = None, evaluation: Dataset | None = None
    ) -> Source:
        """columns: which one holds what, by hand. Raises EngineError `data_ask`, OSError."""
        named, sha256 = _hashes(dataset)
        held, held_sha256 = _hashes(evaluation) if evaluation is not None else ([], {})
        key = {
            "files": named,
            "columns": dict(columns or {}),
            "kind": dataset.known_kind(),
            "left_out": dataset.left_out.texts() if dataset.left_out else (),
            "evaluation": held,
        }
        return cls(key, sha256, held_sha256)

    @classmethod
    def of_replay(cls, recipe: Recipe, kind: str) -> Source | None:
        """The general text that is mixed in, where there is any. Raises as `open_dataset` does."""
        return None if recipe.replay is None else cls.of(open_dataset(recipe.replay, kind=kind))


def _hashes(dataset: Dataset) -> tuple[list[list[str]], dict[str, str]]:
    """sha256 of its files, by their names and by their paths."""
    sha256 = {str(path): sha256_of(path) for path in dataset.files}
    return [[part.name, sha256[str(part.path)]] for part in dataset.parts], sha256


def cache() -> Cache:
    return Cache(paths.cache() / "tokens")


def survey_key(source: Source, held_back: float) -> dict[str, Any]:
    """held_back: the share of the last rows that the others are compared with."""
    return {"made": "survey", "data": source.key, "held_back": held_back}


def tokenizer_key(source: Source, vocabulary: int) -> dict[str, Any]:
    return {"made": "tokenizer", "data": source.key, "vocabulary": vocabulary}


def tokens_key(
    source: Source,
    replay: Source | None,
    unique: bool,
    tokenizer: Mapping[str, Any],
    encoder: str,
    recipe: Recipe,
    keys: Collection[str],
) -> dict[str, Any]:
    """unique: without rows that repeat others. tokenizer: a `fingerprint`. encoder: the name of what encodes, by `keys`
    of the recipe; those that name files count by what is in them.
    """
    return {
        "made": "tokens",
        "data": source.key,
        "replay": replay.key if replay else None,
        "unique": unique,
        "tokenizer": tokenizer,
        "encoder": encoder,
        "recipe": {name: recipe.value(name) for name in keys if name != "replay"},
    }


def fingerprint(tokenizer: Tokenizer, folder: Path) -> dict[str, Any]:
    """All that the tokens of a text or a chat depend on. folder: where the tokenizer is saved."""
    ids = (tokenizer.begin_id, tokenizer.end_id, tokenizer.turn_start_id, tokenizer.turn_end_id, tokenizer.unknown_id)
    return {
        "files": {path.name: sha256_of(path) for path in sorted(folder.iterdir())},
        "template": tokenizer.template,
        "marks": [*ids, tokenizer.adds_begin, sorted(tokenizer.end_ids)],
    }
