"""Which model came from which: ancestors, children, data, runs and scores of all that this machine knows.

Read from `run.json` of runs, `adapter_config.json` of adapters and the cards of model folders. Nothing in them is
trusted: a parent that is not here is a node that says so, and what cannot be read is a row with its reason.
Needs no torch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import paths
from engine.errors import EngineError
from engine.library import cards, facts
from engine.library.cards import DataFile
from engine.library.forms import ADAPTER_CONFIG, base_of, is_adapter
from engine.library.models import ModelEntry, entries
from engine.phrases import phrase
from engine.training import runs
from engine.training.runs import RunInfo

_MODELS_OF_RUN = ("model", "merged")


@dataclass
class Node:
    """A model: one of the library, a run's, or one that only its children name (`missing`).

    key: what parents and children are called by: the path of the model, or of the run that made it; for a missing one
    the name it is called by. needs_parent: it cannot be opened without (an adapter). scores: of its last evaluation.
    problem: why it, or something of it, cannot be read.
    """

    key: str
    name: str
    kind: str  # "run", "folder", "adapter", "gguf" or "missing"
    path: Path | None
    method: str = ""
    parents: list[str] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
    needs_parent: bool = False
    data: list[DataFile] = field(default_factory=list)
    scores: dict[str, Any] = field(default_factory=dict)
    run: RunInfo | None = None
    problem: str | None = None

    @property
    def missing(self) -> bool:
        return self.kind == "missing"


Family = dict[str, Node]


def family(root: Path | None = None, models: Iterable[ModelEntry] | None = None) -> Family:
    """All nodes by their keys: the runs in a folder (default: the settings') and the library's models here."""
    nodes: Family = {}
    for info in runs.list_runs(paths.runs() if root is None else root):
        node = _of_run(info)
        nodes[node.key] = node
    for entry in entries() if models is None else models:
        if not entry.remote and (key := key_of(entry.path)) not in nodes:
            nodes[key] = _of_entry(key, entry)
    names = {node.name: key for key, node in nodes.items()}
    for node in list(nodes.values()):
        node.parents = [_settled(parent, node, nodes, names) for parent in node.parents]
        for parent in node.parents:
            nodes[parent].children.append(node.key)
    return nodes


def ancestors(nodes: Family, path: str | Path) -> list[Node]:
    """Parents first, then theirs; each once, whatever circles their files claim."""
    return _reached(nodes, path, lambda node: node.parents)


def descendants(path: str | Path, nodes: Family | None = None) -> list[Node]:
    """All that came from the model at this path (or from the run that made it), children first.

    Those that `needs_parent` no longer open once it is gone, and neither do runs of adapters that are not at their end.
    """
    return _reached(family() if nodes is None else nodes, path, lambda node: node.children)


def key_of(path: str | Path) -> str:
    """What a model at this path is called by: the run that made it, else its own path, resolved."""
    place = Path(path)
    try:
        place = place.resolve()
        if place.name in _MODELS_OF_RUN and (place.parent / "run.json").is_file():
            place = place.parent
    except (OSError, ValueError, RuntimeError):  # no name of a file, or links in a circle
        pass
    return str(place)


def _reached(nodes: Family, path: str | Path, following: Any) -> list[Node]:
    start = key_of(path)
    seen, order, waiting = {start}, list[Node](), [start]
    while waiting:
        key = waiting.pop(0)
        if key not in nodes:
            continue
        for further in following(nodes[key]):
            if further not in seen:
                seen.add(further)
                waiting.append(further)
                order.append(nodes[further])
    return order


def _settled(parent: str, node: Node, nodes: Family, names: dict[str, str]) -> str:
    """The key of a parent that a node names by path or name; a node is made for one that is not here."""
    key = key_of(parent)
    if key in nodes:
        return key
    if (known := names.get(parent) or names.get(parent.rstrip("/").rpartition("/")[2])) and known != node.key:
        return known
    there = Path(key)
    if there.is_absolute() and (there / "config.json").is_file():
        nodes[key] = _of_entry(key, ModelEntry(there.name, there, "folder", "gpt", False))
        nodes[key].parents = []
        return key
    problem = str(EngineError("not_found", place=parent))
    nodes.setdefault(parent, Node(parent, Path(parent).name or parent, "missing", None, problem=problem))
    return parent


def _of_run(info: RunInfo) -> Node:
    node = Node(key_of(info.folder), info.name, "run", info.folder, info.method, run=info, problem=info.problem)
    if info.state == "broken":
        return node
    try:
        about = facts.read_json(info.folder / "run.json")
        node.needs_parent = about.get("parent_sha256") is not None or is_adapter(info.folder / "model")
        node.data = [DataFile(str(file["name"]), str(file.get("sha256", ""))) for file in about["data"]["files"]]
    except EngineError as error:
        node.problem = str(error)
    except (AttributeError, KeyError, TypeError) as error:
        node.problem = phrase("Its run.json cannot be read: {reason}.", reason=runs.why(error))
    node.parents = [info.parent] if info.parent else []
    node.scores = _scores(info)
    return node


def _scores(info: RunInfo) -> dict[str, Any]:
    known = {name: value for name, value in (info.scores or {}).items() if isinstance(value, (int, float))}
    known = {name: value for name, value in known.items() if name.startswith("val_") or name in _MEASURED}
    return known or ({} if info.best is None else {"val_loss": info.best})


_MEASURED = ("perplexity", "bits_per_byte", "accuracy", "balanced_accuracy", "macro_f1")


def _of_entry(key: str, entry: ModelEntry) -> Node:
    node = Node(key, entry.name, entry.kind, entry.path, problem=entry.problem)
    if entry.kind == "gguf" or not entry.path.is_dir():
        return node
    try:
        if is_adapter(entry.path):
            node.kind, node.needs_parent, node.parents = "adapter", True, [_base(entry.path)]
        _read_card(node, entry.path / "README.md")
    except (EngineError, OSError) as error:
        node.problem = node.problem or str(error)
    return node


def _base(folder: Path) -> str:
    """Of an adapter: the path of its base, or, where it is not here, the name it gives. Raises EngineError."""
    try:
        return str(base_of(folder))
    except EngineError as error:
        if error.code != "adapter_base":
            raise
        return str(facts.read_json(folder / ADAPTER_CONFIG).get("base_model_name_or_path") or error)[:300]


def _read_card(node: Node, path: Path) -> None:
    """What a model card says of parent, data and scores. Raises EngineError."""
    card = cards.read(path)
    node.method, node.data, node.scores = card.method, list(card.files), dict(card.scores)
    if card.parent and not node.parents:
        node.parents = [card.parent]
