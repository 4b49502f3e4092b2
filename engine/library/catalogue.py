"""The catalogue: openly licensed models that are worth trying, from 100 million to 30 billion parameters.

Kept in `resources/catalogue.json`. What stands there was looked up once and the hub's own word comes before it: sizes
are estimates until the repository is asked, and its list of files says how a quantization's file is really called.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from engine import paths

# Licences of the catalogue, as the hub writes them: what may be used for anything, with the name of each.
LICENCES = {"apache-2.0": "Apache 2.0", "mit": "MIT"}
TIERS = (8, 16, 32)  # GiB of memory that `recommended` speaks of

_SHARE = 0.65  # of the memory that weights may take: the rest is for the conversation, the system and other programs
_TIER_SHARE = 0.85  # a machine sold with 16 GiB shows a little less
_QUICK_BYTES = 4_600_000_000  # read for each token: about ten tokens a second from a laptop's memory


@dataclass(frozen=True)
class CatalogueModel:
    """One model of the catalogue.

    file: its name in the repository, with the quantization as `{quant}` or, in capitals, `{QUANT}`.
    active_parameters: those that a token passes through, in a mixture of experts; else all of them.
    languages: ISO 639 codes, `mul` for more than a hundred. uses: one sentence.
    about_bytes: an estimate of the file's size for each quantization, the smallest first.
    recommended: a quantization for machines of 8, 16 and 32 GiB; None where the model does not fit.
    base: the repository whose weights Seedling can finetune, where it knows the family.
    """

    id: str
    title: str
    repo: str
    file: str
    parameters: int
    active_parameters: int
    licence: str
    context: int
    languages: tuple[str, ...]
    capabilities: tuple[str, ...]
    uses: str
    about_bytes: Mapping[str, int]
    recommended: Mapping[str, str | None]
    base: str | None

    def file_of(self, quantization: str) -> str:
        """The file of a quantization, as it was called when the catalogue was made."""
        return self.file.format(quant=quantization, QUANT=quantization.upper())


@dataclass(frozen=True)
class Suggestion:
    """A model for this machine. about_bytes: an estimate. quick: fast enough to read along without a graphics card."""

    model: CatalogueModel
    quantization: str
    about_bytes: int
    quick: bool


@cache
def models() -> tuple[CatalogueModel, ...]:
    """The catalogue, the smallest model first."""
    rows = json.loads(paths.resource("catalogue.json").read_bytes())["models"]
    return tuple(_model(row) for row in rows)


def find(repo: str) -> CatalogueModel | None:
    """The entry of a repository, or whose weights come from it."""
    return next((model for model in models() if repo in (model.repo, model.base)), None)


def suggested(memory_bytes: int) -> list[Suggestion]:
    """What fits a machine with so much memory in all: first what is quick on it, then the rest; the largest first."""
    tier = max((tier for tier in TIERS if tier * 2**30 * _TIER_SHARE <= memory_bytes), default=None)
    found = []
    for model in models():
        quantization = model.recommended[str(tier)] if tier else next(iter(model.about_bytes))
        if quantization is None or model.about_bytes[quantization] > memory_bytes * _SHARE:
            continue
        size = model.about_bytes[quantization]
        quick = size * model.active_parameters / model.parameters <= _QUICK_BYTES
        found.append(Suggestion(model, quantization, size, quick))
    return sorted(found, key=lambda choice: (not choice.quick, -choice.model.parameters))


def _model(row: dict[str, Any]) -> CatalogueModel:
    """A row as it is; a key too many or too few is an error of ours, which the tests find."""
    values: dict[str, Any] = {"active_parameters": row["parameters"], **row}
    for name in ("languages", "capabilities"):
        values[name] = tuple(values[name])
    return CatalogueModel(**values)
