"""From a recipe to a run folder: read the data, train or load the tokenizer, resolve every default, begin.

The folder appears whole, with a checkpoint of step 0 in it, or not at all; a fresh run is a run resumed from there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from engine import files, hardware
from engine.data.conversations import Report
from engine.data.files import Source, read_source
from engine.errors import EngineError
from engine.events import Event, Log, Progress
from engine.gpt import hf
from engine.gpt.config import GPTConfig, default_config
from engine.gpt.lora import trained
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.training import checkpoint, defaults, fit, machine, run
from engine.training import recipe as recipes
from engine.training.checkpoint import Checkpoint, State, sha256_of
from engine.training.defaults import DataFacts, Facts
from engine.training.methods import method_of
from engine.training.methods.base import Cancelled, Method, Parent, Preparation
from engine.training.recipe import Recipe


def prepare(asked: Recipe, folder: Path, cancelled: threading.Event) -> Iterator[Event]:
    """Make the run folder. Raises EngineError, or `Cancelled`; nothing is left on disk then."""
    method, report = method_of(asked), Report()
    with files.whole_folder(folder) as partial:
        sources = yield from _read(asked, method, cancelled)
        parent = open_parent(asked.model) if asked.model else None
        examples = method.examples(sources, report)
        recipe = defaults.resolve(asked, _facts(asked, sources, method.opening(examples), parent))
        tokenizer = yield from method.tokenizer(recipe, examples, parent)
        for name in ("data", "tokenizer", "checkpoints"):
            (partial / name).mkdir()
        data = yield from method.encode(examples, Preparation(recipe, tokenizer, partial / "data", report, cancelled))
        for sentence in report.sentences():
            yield Log("warning", sentence)
        training = data.training()
        recipe = defaults.resolve_data(recipe, DataFacts(len(training)))
        config = _config(recipe, tokenizer, parent)
        examples.clear()
        size, limit = _size_of(partial / "data"), fit.available(recipe.device)
        held = sum(p.nbytes for p in parent.model.parameters()) if parent else 0
        recipe, prediction = fit.choose(recipe, config, tokenizer, training, size, held, limit)
        model = method.build(recipe, config, parent.model if parent else None)

        tokenizer.save(partial / "tokenizer")
        learnt = {name: parameter.detach() for name, parameter in trained(model).items()}
        checkpoint.save(partial / "checkpoints", Checkpoint(learnt, {}, State()))
        (partial / "recipe.toml").write_text(recipes.to_toml(recipe), "utf-8")
        info = {
            "state": "running",
            "asked": asked.given(),
            "reasons": recipe.reasons,
            "config": asdict(config),
            "parameters": sum(p.numel() for p in model.parameters()),
            "trained": sum(p.numel() for p in learnt.values()),
            "parent": str(parent.path) if parent else None,
            "parent_sha256": weights_sha256(parent.path) if parent and method.keeps_parent(recipe) else None,
            "data": {
                "files": [{"name": source.path.name, "sha256": source.sha256} for source in sources],
                "sha256": {file.name: sha256_of(file) for file in sorted((partial / "data").iterdir())},
                "tokens": len(data.ids),
                "split": data.split,
                "items": len(training),
                "held_back": len(data.held_back()),
            },
            "started": time.strftime("%Y-%m-%d %H:%M:%S"),
            "fit": {
                "memory": prediction.total,
                "parts": prediction.parts(),
                "available": limit,
                "disk": fit.disk_needed(prediction.step, size),
                "chosen": {key: (recipe.value(key), recipe.reasons.get(key, "")) for key in fit.CHOSEN},
            },
            **machine.describe(),
        }
        files.write_json(partial / "run.json", info)


def _size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def open_parent(name: str) -> Parent:
    """A model folder, a run folder, or a model of the library. Raises EngineError."""
    path = Path(name)
    if run.exists(path):
        path = path / "model"
    if not (path / "config.json").exists():
        from engine.library.models import resolve

        path = resolve(name, "gpt").path
    fit.check_parent(path.name, hf.read_config(path / "config.json"))
    return Parent(path.resolve(), GPT.load(path), Tokenizer.load(path))


def parent_again(info: dict[str, Any]) -> Parent | None:
    """The parent of a run whose checkpoints lack its weights. Raises EngineError `parent_changed`, or as it opens."""
    wanted = info.get("parent_sha256")
    if wanted is None:
        return None
    path = Path(info["parent"])
    if path.is_dir() and weights_sha256(path) != wanted:
        raise EngineError("parent_changed", place=str(path))
    return open_parent(str(path))


def weights_sha256(folder: Path) -> dict[str, str]:
    return {path.name: sha256_of(path) for path in hf.weight_files(folder)}


def _read(asked: Recipe, method: Method, cancelled: threading.Event) -> Generator[Event, None, list[Source]]:
    sources: list[Source] = []
    for name, sha256 in zip(asked.data, asked.data_sha256 or [None] * len(asked.data), strict=True):
        if cancelled.is_set():
            raise Cancelled
        yield Progress(len(sources), len(asked.data), "files", f"Reading {Path(name).name}")
        sources.append(read_source(Path(name), method.suffixes, sha256))
    return sources


def _facts(asked: Recipe, sources: list[Source], opening: str, parent: Parent | None) -> Facts:
    device = machine.device() if asked.device in (None, "auto") else str(asked.device)
    return Facts(
        size_bytes=sum(len(source.text.encode("utf-8", "replace")) for source in sources),
        parent=parent.model.config if parent else None,
        opening=opening,
        threads=hardware.threads_for("training"),
        bf16=machine.has_bf16(device),
        device=device,
    )


def _config(recipe: Recipe, tokenizer: Tokenizer, parent: Parent | None) -> GPTConfig:
    """Of the model: the parent's but for dropout, or by the recipe's sizes. Raises EngineError `bad_config`."""
    if parent is not None:
        return replace(parent.model.config, dropout=recipe.dropout)
    names = ("shape", "context", "layers", "width", "heads")
    sizes = default_config(vocabulary=tokenizer.vocabulary, **{name: getattr(recipe, name) for name in names})
    more = ("kv_heads", "feed_forward", "dropout", "qkv_bias", "tied")
    return replace(sizes, **{name: value for name in more if (value := getattr(recipe, name)) is not None})
