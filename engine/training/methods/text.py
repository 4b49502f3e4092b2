"""Learning from running text: `pretrain` from nothing, `continue` from a parent."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

from torch import nn

from engine.data import text as texts
from engine.data.conversations import Report
from engine.data.files import Source
from engine.data.items import Data, Tokens
from engine.data.text import TextData
from engine.events import Event, Progress
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.training.machine import Compute
from engine.training.methods.base import Method, Objective, Parent, Preparation, write
from engine.training.methods.language import LanguageModelling
from engine.training.recipe import Recipe


class Pretrain(Method):
    """All weights, and the tokenizer, learn from text alone."""

    suffixes = texts.SUFFIXES

    def examples(self, sources: list[Source], report: Report) -> list[str]:
        return [text for source in sources for text in texts.documents(source)]

    def opening(self, examples: list[str]) -> str:
        return " ".join(examples[0].split()[:4])

    def tokenizer(
        self, recipe: Recipe, examples: list[str], parent: Parent | None
    ) -> Generator[Event, None, Tokenizer]:
        yield Progress(0, 0, "", "Learning the tokens")
        return Tokenizer.train(examples, recipe.vocabulary)

    def encode(self, examples: list[str], preparation: Preparation) -> Generator[Event, None, Data]:
        recipe, parts = preparation.recipe, list[Tokens]()
        for number, document in enumerate(examples):
            preparation.look()
            if number % max(1, len(examples) // 100) == 0:
                yield Progress(number, len(examples), "documents", "Turning text into tokens")
            parts.append(texts.encode(document, preparation.tokenizer))
        data = TextData.join(parts, recipe.validation_share, recipe.max_length, recipe.stride)
        data.save(preparation.folder)
        return data

    def load(self, folder: Path, about: dict[str, Any], recipe: Recipe) -> Data:
        return TextData.load(folder, about["split"], recipe.max_length, recipe.stride)

    def counted(self, about: dict[str, Any]) -> str:
        held = about["tokens"] - about["split"]
        return f"{about['tokens']:,} tokens, of which the last {held:,} were held back for evaluation."

    def objective(self, model: nn.Module, tokenizer: Tokenizer, recipe: Recipe, compute: Compute) -> Objective:
        assert isinstance(model, GPT)
        return LanguageModelling(model, tokenizer, compute)

    def sample(self, model: nn.Module, tokenizer: Tokenizer, recipe: Recipe, seed: int) -> str:
        prompt = [tokenizer.end_id, *tokenizer.encode(recipe.sample_prompt)]
        return recipe.sample_prompt + write(model, tokenizer, prompt, seed)


class Continue(Pretrain):
    """The same, from a parent and with its tokenizer."""

    def tokenizer(
        self, recipe: Recipe, examples: list[str], parent: Parent | None
    ) -> Generator[Event, None, Tokenizer]:
        assert parent is not None
        yield from ()
        return parent.tokenizer
