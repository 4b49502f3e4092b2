"""What a model card (README.md) says of where the model comes from. Nothing in it is trusted, only shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from engine.library import facts

_LARGEST_CARD = 1 << 20
# Lines of the cards that `training/card.py` writes, and of front matter as Hugging Face has it.
_MADE = re.compile(r"^Made with Seedling \((?P<method>\w+)(?: from (?P<parent>.{1,300}))?\)\.$", re.MULTILINE)
_FILE = re.compile(r"^\| (?P<name>.{1,300}) \| `(?P<sha256>[0-9a-f]{64})` \|$", re.MULTILINE)
_SCORE = re.compile(r"held-back loss of (?P<loss>\d+\.\d+)")
_BASE = re.compile(
    r"""^base_model:[ \t]*\n?[ \t]*(?:-[ \t]*)?["']?(?P<name>[\w./~ -]{1,300}?)["']?[ \t]*$""", re.MULTILINE
)
_DATASETS = re.compile(r"^datasets:[ \t]*\n(?P<items>(?:[ \t]*-[ \t]*[^\n]{1,300}\n){1,100})", re.MULTILINE)


@dataclass(frozen=True)
class DataFile:
    """A file that a model learned from."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Card:
    """method, files, scores: of a model that Seedling made. parent: a path or a name. datasets: names on the Hub."""

    method: str = ""
    parent: str | None = None
    files: tuple[DataFile, ...] = ()
    datasets: tuple[str, ...] = ()
    scores: dict[str, float] = field(default_factory=dict)


def read(path: Path) -> Card:
    """An empty one where there is none. Raises EngineError when the file cannot be read."""
    if not path.is_file():
        return Card()
    text = facts.first_bytes(path, _LARGEST_CARD).decode("utf-8", "replace")
    front = text.split("\n---", 1)[0] + "\n" if text.startswith("---") else ""
    made, base, datasets = _MADE.search(text), _BASE.search(front), _DATASETS.search(front)
    parent = (made and made["parent"]) or (base and base["name"])
    score = _SCORE.search(text) if made else None
    return Card(
        method=made["method"] if made else "",
        parent=parent.strip() if parent else None,
        files=tuple(DataFile(file["name"], file["sha256"]) for file in _FILE.finditer(text)) if made else (),
        datasets=tuple(line.strip(" \t-\"'") for line in datasets["items"].splitlines()) if datasets else (),
        scores={"val_loss": float(score["loss"])} if score else {},
    )
