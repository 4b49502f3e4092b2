"""Learning from running text: `pretrain` from nothing, `continue` from a parent."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from torch import nn

from engine import arrays
from engine.data import text as texts
from engine.data.dataset import open_dataset
from engine.data.examples import Document
from engine.data.items import Batch, Data, Items, Tokens
from engine.data.report import Report
from engine.data.text import TextData, Windows
from engine.events import Event, Progress
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.phrases import phrase
from engine.training.machine import Compute
from engine.training.methods.base import Method, Objective, Parent, Preparation, write
from engine.training.methods.language import LanguageModelling
from engine.training.recipe import Recipe

_REPLAY = "replay.npy"


class Pretrain(Method):
    """All weights, and the tokenizer, learn from text alone."""

    kind = "text"
    encodes_by: tuple[str, ...] = ("max_length", "validation_share", "stride")

    def opening(self, examples: Iterable[Document]) -> str:
        return " ".join(next(iter(examples)).text.split()[:4])

    def tokenizer(
        self, recipe: Recipe, examples: Iterable[Document], parent: Parent | None
    ) -> Generator[Event, None, Tokenizer]:
        yield Progress(0, 0, "", phrase("Learning the tokens"))
        return Tokenizer.train((example.text for example in examples), recipe.vocabulary)

    def encode(self, examples: Iterable[Document], preparation: Preparation) -> Generator[Event, None, Data]:
        recipe = preparation.recipe
        parts = yield from _tokens(examples, preparation, preparation.report.read)
        held = yield from _tokens(preparation.evaluation, preparation, 0)
        opening = texts.opening(preparation.tokenizer)
        data = TextData.join(parts, recipe.validation_share, recipe.max_length, recipe.stride, opening, held)
        data.save(preparation.folder)
        return data

    def load(self, folder: Path, about: dict[str, Any], recipe: Recipe) -> Data:
        return TextData.load(folder, about["split"], recipe.max_length, recipe.stride)

    def counted(self, about: dict[str, Any]) -> str:
        held = about["tokens"] - about["split"]
        return f"{about['tokens']:,} tokens, of which the last {held:,} were held back for evaluation."

    def objective(
        self, model: nn.Module, tokenizer: Tokenizer, recipe: Recipe, compute: Compute, data: Data
    ) -> Objective:
        assert isinstance(model, GPT)
        return LanguageModelling(model, tokenizer, compute)

    def sample(self, model: nn.Module, tokenizer: Tokenizer, recipe: Recipe, seed: int) -> str:
        prompt = [*texts.opening(tokenizer), *tokenizer.encode(recipe.sample_prompt)]
        return recipe.sample_prompt + write(model, tokenizer, prompt, seed)


def _tokens(examples: Iterable[Document], preparation: Preparation, total: int) -> Generator[Event, None, list[Tokens]]:
    """Each document in tokens. total: how many there are, 0 where that is not known."""
    parts = list[Tokens]()
    for number, document in enumerate(examples):
        preparation.look()
        if number % max(1, total // 100) == 0:
            yield Progress(number, total, "documents", phrase("Turning text into tokens"))
        parts.append(texts.encode(document.text, preparation.tokenizer))
    return parts


@dataclass(frozen=True)
class ReplayedData:
    """Text of a run with general text mixed in, which is trained on and never evaluated.

    replay: (tokens,). share: of the windows that come from it.
    """

    text: TextData
    replay: Tokens
    share: float

    @property
    def ids(self) -> Tokens:
        return self.text.ids

    @property
    def split(self) -> int:
        return self.text.split

    def training(self) -> Items:
        """Raises EngineError `data_too_short` where either text has not one window."""
        whole = TextData(self.replay, len(self.replay), self.text.max_length, self.text.stride)
        return Mixed(self.text.training(), whole.training(), self.share)

    def held_back(self) -> Windows:
        return self.text.held_back()


class Mixed:
    """All windows of a text, and so many of another, evenly spread over it, that they are `share` of the whole."""

    lengths: NDArray[np.int64] | None = None

    def __init__(self, text: Windows, replay: Windows, share: float) -> None:
        self.text, self.replay = text, replay
        more = round(len(text) * share / (1 - share))
        # A replay with fewer windows than that comes several times.
        self.numbers = (np.arange(more) * max(1.0, len(replay) / max(1, more))).astype(np.int64) % len(replay)

    def __len__(self) -> int:
        return len(self.text) + len(self.numbers)

    def batch(self, items: Sequence[int] | NDArray[np.int64]) -> Batch:
        """ids and labels of these windows, both (len(items), max_length)."""
        chosen, own = np.asarray(items), len(self.text)
        first = self.text.batch(chosen[chosen < own])
        second = self.replay.batch(self.numbers[chosen[chosen >= own] - own])
        return tuple(np.concatenate(pair) for pair in zip(first, second, strict=True))


class Continue(Pretrain):
    """The same, from a parent and with its tokenizer, and with general text mixed in where there is any."""

    encodes_by: tuple[str, ...] = (*Pretrain.encodes_by, "replay", "replay_share")

    def encode(self, examples: Iterable[Document], preparation: Preparation) -> Generator[Event, None, Data]:
        recipe, data = preparation.recipe, (yield from super().encode(examples, preparation))
        if recipe.replay is None:
            return data
        replay = open_dataset(recipe.replay, kind=self.kind).examples(report := Report())
        parts = yield from _tokens((cast(Document, found) for _, found in replay), preparation, 0)
        preparation.report.notes += report.sentences()
        preparation.report.sha256.update(report.sha256)
        arrays.save(preparation.folder / _REPLAY, np.concatenate(parts))
        return self.load(preparation.folder, {"split": data.split}, recipe)

    def load(self, folder: Path, about: dict[str, Any], recipe: Recipe) -> Data:
        text = TextData.load(folder, about["split"], recipe.max_length, recipe.stride)
        if recipe.replay is None:
            return text
        return ReplayedData(text, np.load(folder / _REPLAY, mmap_mode="r", allow_pickle=False), recipe.replay_share)

    def tokenizer(
        self, recipe: Recipe, examples: Iterable[Document], parent: Parent | None
    ) -> Generator[Event, None, Tokenizer]:
        assert parent is not None
        yield from ()
        return parent.tokenizer
