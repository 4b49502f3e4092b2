"""From a recipe to a run folder: read the data, train or load the tokenizer, resolve every default, begin.

The folder appears whole, with a checkpoint of step 0 in it, or not at all; a fresh run is a run resumed from there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine import files, hardware
from engine.data.dataset import Dataset, open_dataset
from engine.data.examples import Example
from engine.data.items import Data
from engine.data.report import Report
from engine.data.row_numbers import RowNumbers
from engine.errors import EngineError
from engine.events import Event, Log, Progress
from engine.files import sha256_of
from engine.gpt import opening
from engine.gpt.config import GPTConfig, default_config
from engine.gpt.lora import trained
from engine.gpt.tokenizer import Tokenizer
from engine.library.forms import is_adapter, is_base
from engine.phrases import phrase
from engine.training import checkpoint, defaults, fit, kept, machine, run
from engine.training import recipe as recipes
from engine.training.checkpoint import Checkpoint, State
from engine.training.defaults import Facts
from engine.training.kept import Source
from engine.training.machine import Compute
from engine.training.methods.base import Cancelled, Method, Parent, Preparation
from engine.training.methods.table import method_of
from engine.training.recipe import Recipe


def prepare(asked: Recipe, folder: Path, cancelled: threading.Event) -> Iterator[Event]:
    """Make the run folder. Raises EngineError, or `Cancelled`; nothing is left on disk then."""
    method = method_of(asked)
    with files.whole_folder(folder) as partial:
        dataset, evaluation, source, report = yield from _survey(asked, method, cancelled)
        examples = Examples(dataset, method.unique, dict(report.sha256))
        parent = open_parent(asked.model) if asked.model else None
        recipe = defaults.resolve(asked, _facts(asked, report.size_bytes, method.opening(examples), parent))
        for name in ("data", "tokenizer", "checkpoints"):
            (partial / name).mkdir()
        tokenizer = yield from _tokenizer(recipe, method, examples, parent, source, partial / "tokenizer")
        known = kept.fingerprint(tokenizer, partial / "tokenizer")
        preparation = Preparation(recipe, tokenizer, partial / "data", report, cancelled, evaluation or ())
        data = yield from _encode(method, examples, preparation, source, known)
        if evaluation is not None and not len(data.held_back()):
            raise EngineError("evaluation_empty", place=", ".join(evaluation.sha256))
        for sentence in report.sentences():
            yield Log("warning", sentence)
        training = data.training()
        recipe = defaults.resolve_data(recipe, method.facts(data))
        config = _config(recipe, tokenizer, parent)
        compute = Compute(torch.device(recipe.device), recipe.precision)
        model = method.build(recipe, config, parent.model if parent else None, data).to(compute.device)
        yield from method.before(model, data, recipe, compute, partial / "data", cancelled)
        data = method.load(partial / "data", {"split": data.split, **method.about(data)}, recipe)
        size, limit = _size_of(partial / "data"), fit.available(recipe.device)
        held = _bytes_of(model, *([parent.model] if parent else []))
        recipe, prediction = fit.choose(recipe, config, tokenizer, data, size, held, limit)

        learnt = {name: parameter.detach().cpu() for name, parameter in trained(model).items()}
        checkpoint.save(partial / "checkpoints", Checkpoint(learnt, {}, State()))
        (partial / "recipe.toml").write_text(recipes.to_toml(recipe), "utf-8")
        info = {
            "state": "running",
            "asked": asked.given(),
            "reasons": recipe.reasons,
            "config": asdict(config),
            "compile": recipe.compile,
            "parameters": sum(p.numel() for p in model.parameters()),
            "trained": sum(p.numel() for p in learnt.values()),
            "parent": str(parent.path) if parent else None,
            "parent_name": parent_name(parent.path) if parent else None,
            "parent_licence": opening.licence_of(parent.path) if parent else None,
            "parent_sha256": weights_sha256(parent.path) if parent and method.keeps_parent(recipe) else None,
            "data": {
                "files": _named(report.sha256),
                **({} if evaluation is None else {"evaluation": _named(evaluation.sha256)}),
                "sha256": {file.name: sha256_of(file) for file in sorted((partial / "data").iterdir())},
                "tokens": len(data.ids),
                "split": data.split,
                "items": len(training),
                "held_back": len(data.held_back()),
                **method.about(data),
            },
            "started": time.strftime("%Y-%m-%d %H:%M:%S"),
            "fit": {
                "memory": prediction.total,
                "parts": prediction.parts(),
                "available": limit,
                "disk": fit.disk_needed(prediction.step, size, fit.parts_of(recipe)),
                "chosen": {key: (recipe.value(key), recipe.reasons.get(key, "")) for key in fit.CHOSEN},
            },
            **machine.describe(),
        }
        files.write_json(partial / "run.json", info)


def _named(sha256: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": Path(place).name, "sha256": found} for place, found in sha256.items()]


def _bytes_of(*models: nn.Module) -> int:
    """Of their weights, those that they share counted once."""
    tensors = (tensor for model in models for tensor in (*model.parameters(), *model.buffers()))
    return sum({t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in tensors}.values())


def _size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def open_parent(name: str) -> Parent:
    """A run, whatever `opening.open_model` opens, or a model of the library. Raises EngineError."""
    path = opening.find(name)
    fit.check_parent(path.name, opening.read_config(path))
    return Parent(path.resolve(), *opening.open_model(path))


def parent_name(path: Path) -> str:
    """How cards call a parent: by its folder, or by the run whose model it is."""
    return path.parent.name if path.name == "model" and run.exists(path.parent) else path.name


def parent_again(info: dict[str, Any]) -> Parent | None:
    """The parent of a run whose checkpoints lack its weights. Raises EngineError `parent_changed`, or as it opens."""
    wanted = info.get("parent_sha256")
    if wanted is None:
        return None
    path = Path(info["parent"])
    if path.exists() and weights_sha256(path) != wanted:
        raise EngineError("parent_changed", place=str(path))
    return open_parent(str(path))


def weights_sha256(model: Path) -> dict[str, str]:
    """Of the files with a model's weights, which a run over them needs to open again.

    Raises EngineError `adapter_on_adapter` for an adapter's, and `parent_no_base` for what none can lie over.
    """
    if is_adapter(model):
        raise EngineError("adapter_on_adapter", place=str(model))
    if not is_base(model):
        raise EngineError("parent_no_base", place=str(model))
    return {path.name: sha256_of(path) for path in opening.weight_files(model)}


@dataclass(frozen=True)
class Examples:
    """The examples of a dataset, each time from its files again, which must not change meanwhile."""

    dataset: Dataset
    unique: bool
    sha256: Mapping[str, str]

    def __iter__(self) -> Iterator[Example]:
        """Raises EngineError `data_changed`."""
        report = Report()
        for _, example in self.dataset.examples(report, self.unique):
            yield example
        _check_same(self.sha256, report)


def _survey(
    asked: Recipe, method: Method, cancelled: threading.Event
) -> Generator[Event, None, tuple[Dataset, Examples | None, Source, Report]]:
    """Look at every row once, before anything is begun; those to evaluate on first, which are to be known again: rows
    of files of their own, or of the last share where the method does not leave out what repeats.

    Raises EngineError, or `Cancelled`.
    """
    yield Progress(0, 0, "rows", phrase("Reading the data"))
    mapping = dict(pair.split("=", 1) for pair in asked.columns or ())
    dataset = open_dataset(asked.data, mapping or None, method.kind)
    for name, wanted in zip(asked.data, asked.data_sha256 or (), strict=False):
        if (found := sha256_of(Path(name))) != wanted.lower():
            raise EngineError("data_changed", place=name, found=found, wanted=wanted.lower())
    if asked.exclude_rows:
        dataset = replace(dataset, left_out=RowNumbers.read(asked.exclude_rows))
    held = open_dataset(asked.evaluation, mapping or None, method.kind) if asked.evaluation else None
    source, cache = Source.of(dataset, mapping, held), kept.cache()
    evaluation = None if held is None else Examples(held, method.unique, source.evaluation)
    share = defaults.VALIDATION_SHARE if asked.validation_share is None else asked.validation_share
    share = 0.0 if method.unique or held is not None else share
    key, report = kept.survey_key(source, share), Report()
    if (about := cache.take(key)) is not None:
        report.take_over(about, source.sha256)
        return dataset, evaluation, source, report
    for rows in dataset.survey(report, None if held is None else held.seen(Report()), share):
        if cancelled.is_set():
            raise Cancelled
        yield Progress(rows, 0, "rows", phrase("Reading the data"))
    _check_same(source.sha256, report)
    cache.put(key, report.to_json())
    return dataset, evaluation, source, report


def _check_same(wanted: Mapping[str, str], report: Report) -> None:
    """Raises EngineError `data_changed` where files that were read are not what they were before."""
    for place, sha256 in wanted.items():
        if (found := report.sha256.get(place)) != sha256:
            raise EngineError("data_changed", place=place, found=found, wanted=sha256)


def _tokenizer(
    recipe: Recipe, method: Method, examples: Examples, parent: Parent | None, source: Source, folder: Path
) -> Generator[Event, None, Tokenizer]:
    """The parent's, or one learnt from the data, in a folder as well."""
    if parent is not None:
        tokenizer = yield from method.tokenizer(recipe, examples, parent)
        tokenizer.save(folder)
        return tokenizer
    key, cache = kept.tokenizer_key(source, recipe.vocabulary), kept.cache()
    if cache.take(key, folder) is None:
        tokenizer = yield from method.tokenizer(recipe, examples, None)
        tokenizer.save(folder)
        cache.put(key, {}, folder)
    return Tokenizer.load(folder)


def _encode(
    method: Method, examples: Examples, preparation: Preparation, source: Source, tokenizer: Mapping[str, Any]
) -> Generator[Event, None, Data]:
    """The tokens in the folder of the preparation, and what became of the rows in its report."""
    recipe, folder, report = preparation.recipe, preparation.folder, preparation.report
    replay, cache = Source.of_replay(recipe, method.kind), kept.cache()
    encoder = type(method).encode.__qualname__
    key = kept.tokens_key(source, replay, method.unique, tokenizer, encoder, recipe, method.encodes_by)
    if (about := cache.take(key, folder)) is not None:
        report.take_over(about["report"], {**source.sha256, **(replay.sha256 if replay else {})})
        return method.load(folder, about, recipe)
    data = yield from method.encode(examples, preparation)
    if replay is not None:
        _check_same(replay.sha256, report)
    cache.put(key, {"report": report.to_json(), "split": data.split}, folder)
    return data


def _facts(asked: Recipe, size_bytes: int, opening: str, parent: Parent | None) -> Facts:
    device = machine.device() if asked.device in (None, "auto") else str(asked.device)
    return Facts(
        size_bytes=size_bytes,
        parent=parent.model.config if parent else None,
        opening=opening,
        threads=hardware.threads_for("training"),
        bf16=machine.has_bf16(device),
        device=device,
        compiler=machine.has_compiler(),
    )


def _config(recipe: Recipe, tokenizer: Tokenizer, parent: Parent | None) -> GPTConfig:
    """Of the model: the parent's but for dropout, or by the recipe's sizes. Raises EngineError `bad_config`."""
    if parent is not None:
        return replace(parent.model.config, dropout=recipe.dropout)
    names = ("shape", "context", "layers", "width", "heads")
    sizes = default_config(vocabulary=tokenizer.vocabulary, **{name: getattr(recipe, name) for name in names})
    more = ("kv_heads", "feed_forward", "dropout", "qkv_bias", "tied")
    return replace(sizes, **{name: value for name in more if (value := getattr(recipe, name)) is not None})
