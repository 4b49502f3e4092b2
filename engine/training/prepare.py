"""From a recipe to a run folder: read the data, train or load the tokenizer, resolve every default, begin.

The folder appears whole, with a checkpoint of step 0 in it, or not at all; a fresh run is a run resumed from there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from engine import files, hardware
from engine.data import conversations
from engine.data import text as texts
from engine.data.conversations import ConversationData, Report
from engine.data.encode import encoder, talk, template_of
from engine.data.files import Source, read_source
from engine.data.items import Data, Tokens
from engine.data.text import TextData
from engine.events import Event, Log, Progress
from engine.gpt.config import default_config
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.training import checkpoint, machine, run
from engine.training import recipe as recipes
from engine.training.checkpoint import Checkpoint, State, sha256_of
from engine.training.recipe import Facts, Recipe


class Cancelled(Exception):  # noqa: N818 (a normal ending, not an error)
    """The person stopped the preparation; nothing has been written."""


@dataclass(frozen=True)
class Parent:
    """The model that continue and full start from."""

    path: Path
    model: GPT
    tokenizer: Tokenizer


def prepare(asked: Recipe, folder: Path, cancelled: threading.Event) -> Iterator[Event]:
    """Make the run folder. Raises EngineError, or `Cancelled`; nothing is left on disk then."""
    with files.whole_folder(folder) as partial:
        sources = yield from _read(asked, cancelled)
        parent = _open_parent(asked.model) if asked.model else None
        documents = [] if asked.method == "full" else [text for source in sources for text in texts.documents(source)]
        recipe = recipes.resolve(asked, _facts(asked, sources, documents, parent))
        data: Data
        if parent is not None and recipe.method == "full":
            tokenizer = parent.tokenizer
            data = yield from _encode_conversations(recipe, sources, tokenizer)
        else:
            tokenizer = parent.tokenizer if parent else (yield from _train_tokenizer(recipe, documents))
            data = yield from _encode_text(recipe, documents, tokenizer, cancelled)
        training = data.training()
        recipe = recipes.resolve_steps(recipe, len(training))
        model = _first_model(recipe, tokenizer, parent)

        for name in ("data", "tokenizer", "checkpoints"):
            (partial / name).mkdir()
        data.save(partial / "data")
        tokenizer.save(partial / "tokenizer")
        checkpoint.save(partial / "checkpoints", Checkpoint(model.state_dict(), {}, State()))
        (partial / "recipe.toml").write_text(recipes.to_toml(recipe), "utf-8")
        info = {
            "state": "running",
            "asked": asked.given(),
            "config": asdict(model.config),
            "parameters": sum(p.numel() for p in model.parameters()),
            "parent": str(parent.path) if parent else None,
            "data": {
                "files": [{"name": source.path.name, "sha256": source.sha256} for source in sources],
                "sha256": {file.name: sha256_of(file) for file in sorted((partial / "data").iterdir())},
                "tokens": len(data.ids),
                "split": data.split,
                "items": len(training),
                "held_back": len(data.held_back()),
            },
            "started": time.strftime("%Y-%m-%d %H:%M:%S"),
            **machine.describe(),
        }
        files.write_json(partial / "run.json", info)


def _read(asked: Recipe, cancelled: threading.Event) -> Generator[Event, None, list[Source]]:
    suffixes = conversations.SUFFIXES if asked.method == "full" else texts.SUFFIXES
    sources: list[Source] = []
    for name, sha256 in zip(asked.data, asked.data_sha256 or [None] * len(asked.data), strict=True):
        _look(cancelled)
        yield Progress(len(sources), len(asked.data), "files", f"Reading {Path(name).name}")
        sources.append(read_source(Path(name), suffixes, sha256))
    return sources


def _facts(asked: Recipe, sources: list[Source], documents: list[str], parent: Parent | None) -> Facts:
    device = machine.device() if asked.device in (None, "auto") else str(asked.device)
    return Facts(
        size_bytes=sum(len(source.text.encode("utf-8", "replace")) for source in sources),
        parent=parent.model.config if parent else None,
        opening=" ".join(documents[0].split()[:4]) if documents else "",
        threads=hardware.threads_for("training"),
        bf16=machine.has_bf16(device),
        device=device,
    )


def _open_parent(name: str) -> Parent:
    """A model folder, a run folder, or a model of the library. Raises EngineError."""
    path = Path(name)
    if run.exists(path):
        path = path / "model"
    if not (path / "config.json").exists():
        from engine.library.models import resolve

        path = resolve(name, "gpt").path
    return Parent(path.resolve(), GPT.load(path), Tokenizer.load(path))


def _train_tokenizer(recipe: Recipe, documents: list[str]) -> Generator[Event, None, Tokenizer]:
    yield Progress(0, 0, "", "Learning the tokens")
    return Tokenizer.train(documents, recipe.vocabulary)


def _encode_text(
    recipe: Recipe, documents: list[str], tokenizer: Tokenizer, cancelled: threading.Event
) -> Generator[Event, None, TextData]:
    parts: list[Tokens] = []
    for number, document in enumerate(documents):
        _look(cancelled)
        if number % max(1, len(documents) // 100) == 0:
            yield Progress(number, len(documents), "documents", "Turning text into tokens")
        parts.append(texts.encode(document, tokenizer))
    return TextData.join(parts, recipe.validation_share, recipe.max_length, recipe.stride)


def _encode_conversations(
    recipe: Recipe, sources: list[Source], tokenizer: Tokenizer
) -> Generator[Event, None, ConversationData]:
    if tokenizer.template is None:
        tokenizer.template = template_of(tokenizer)
        yield Log("info", "The model has no chat template, so it gets one.")
    yield Progress(0, 0, "", "Turning conversations into tokens")
    report = Report()
    found = (messages for source in sources for messages in conversations.conversations(source, report))
    talks = (talk(messages, "replies") for messages in found)
    with closing(encoder(tokenizer)) as encode:
        data = ConversationData.encode(talks, encode, recipe.max_length, recipe.validation_share, report)
    for sentence in report.sentences():
        yield Log("warning", sentence)
    return data


def _first_model(recipe: Recipe, tokenizer: Tokenizer, parent: Parent | None) -> GPT:
    """The weights of step 0: the parent's, or fresh ones from the seed. Raises EngineError `bad_config`."""
    if parent is not None:
        model = GPT(replace(parent.model.config, dropout=recipe.dropout))
        model.load_state_dict(parent.model.state_dict())
        return model
    names = ("shape", "context", "layers", "width", "heads")
    sizes = default_config(vocabulary=tokenizer.vocabulary, **{name: getattr(recipe, name) for name in names})
    more = ("kv_heads", "feed_forward", "dropout", "qkv_bias", "tied")
    given = {name: value for name in more if (value := getattr(recipe, name)) is not None}
    return GPT(replace(sizes, **given), recipe.seed)


def _look(cancelled: threading.Event) -> None:
    if cancelled.is_set():
        raise Cancelled
