"""What a method is: which data it reads, what of the model it trains, what it minimises, what it leaves behind."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from torch import nn

from engine.data.items import Batch, Data
from engine.data.report import Report
from engine.events import Event
from engine.gpt import hf
from engine.gpt.config import GPTConfig
from engine.gpt.generate import generate, make_sampler
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.runtime.base import Sampling
from engine.training.defaults import DataFacts
from engine.training.machine import Compute
from engine.training.recipe import Recipe
from engine.training.run import Run

_SAMPLE_TOKENS = 100


class Cancelled(Exception):  # noqa: N818 (a normal ending, not an error)
    """The person stopped the preparation; nothing has been written."""


@dataclass(frozen=True)
class Parent:
    """The model that a run starts from."""

    path: Path
    model: GPT
    tokenizer: Tokenizer


@dataclass(frozen=True)
class Preparation:
    """What encoding needs besides the examples. folder: for the tokens. report: counts what was left out.

    evaluation: examples to be held back, behind the share of the others that the recipe says.
    """

    recipe: Recipe
    tokenizer: Tokenizer
    folder: Path
    report: Report
    cancelled: threading.Event
    evaluation: Iterable[Any] = ()

    def look(self) -> None:
        """Raises `Cancelled` once the person wants to stop."""
        if self.cancelled.is_set():
            raise Cancelled


class Objective(Protocol):
    """What a run minimises: a mean over all that counts in a step, be it labelled tokens, rows or pairs."""

    def count(self, batch: Batch) -> int:
        """How much in a batch counts."""

    def backward(self, batch: Batch, count: int) -> dict[str, float]:
        """Add the gradient of the batch's summed loss / count to all parameters that learn.

        Returns sums over what counts in the batch: the `loss`, and other figures worth a curve.
        """

    def evaluate(self, batches: Iterable[Batch]) -> dict[str, Any]:
        """Figures of held-back batches, without gradients: the mean `val_loss`, and others."""


class Method(ABC):
    """One way of training. It holds nothing: whatever it needs is handed to it.

    Examples can be gone through several times; each time they come from the files again, and none is kept.

    kind: of the data it learns from, as `Dataset.kind` has them; `unique`: without the rows that repeat others.
    pipeline: what the finished model is for, in the words of model cards.
    sorts_by_length: whether the items of a batch are about equally long, which saves padding.
    encodes_by: every key of the recipe that `encode` looks at; tokens are kept for runs in which all are equal.
    """

    kind: str
    unique = False
    pipeline = "text-generation"
    sorts_by_length = True
    encodes_by: tuple[str, ...] = ("max_length", "validation_share")

    def opening(self, examples: Iterable[Any]) -> str:
        """What the data begins with, as a prompt for samples; empty where that is no use."""
        return ""

    @abstractmethod
    def tokenizer(
        self, recipe: Recipe, examples: Iterable[Any], parent: Parent | None
    ) -> Generator[Event, None, Tokenizer]:
        """Of the run. Raises EngineError where the parent's does not fit the method."""

    @abstractmethod
    def encode(self, examples: Iterable[Any], preparation: Preparation) -> Generator[Event, None, Data]:
        """The examples as tokens, written into the folder. Raises EngineError where nothing is left, or `Cancelled`."""

    @abstractmethod
    def load(self, folder: Path, about: dict[str, Any], recipe: Recipe) -> Data:
        """What `encode` wrote. about: `data` of run.json."""

    def facts(self, data: Data) -> DataFacts:
        """What defaults depend on."""
        return DataFacts(len(data.training()))

    def about(self, data: Data) -> dict[str, Any]:
        """What run.json says of the data besides its size."""
        return {}

    @abstractmethod
    def counted(self, about: dict[str, Any]) -> str:
        """The size of the data in a sentence, for the model card."""

    def keeps_parent(self, recipe: Recipe) -> bool:
        """Whether weights that are not trained are read from the parent again, so that checkpoints are small."""
        return False

    def more_results(self, info: dict[str, Any]) -> list[str]:
        """Paragraphs of Markdown for the model card, behind the table of evaluations. info: run.json with `scores`."""
        return []

    def build(self, recipe: Recipe, config: GPTConfig, parent: GPT | None, data: Data) -> nn.Module:
        """The model of step 0, with `requires_grad` on what is trained: the parent's weights, or fresh ones.

        A resumed run has its parent only where the method keeps it; a checkpoint holds all else.
        """
        if parent is None:
            return GPT(config, recipe.seed)
        model = GPT.shapes(config)  # no memory for weights that are replaced at once
        model.load_state_dict(parent.state_dict(), assign=True)
        return model.requires_grad_()

    def before(
        self, model: nn.Module, data: Data, recipe: Recipe, compute: Compute, folder: Path, cancelled: threading.Event
    ) -> Generator[Event, None, None]:
        """What is computed once, with the model of step 0, and kept in the folder of the data. Raises `Cancelled`."""
        yield from ()

    @abstractmethod
    def objective(
        self, model: nn.Module, tokenizer: Tokenizer, recipe: Recipe, compute: Compute, data: Data
    ) -> Objective: ...

    @abstractmethod
    def sample(self, model: nn.Module, tokenizer: Tokenizer, recipe: Recipe, seed: int) -> str:
        """What the model says now to `sample_prompt`."""

    def save(self, model: nn.Module, tokenizer: Tokenizer, run: Run, card: str) -> None:
        """Write the trained model as the run's model folder. Raises EngineError as `hf.save` does."""
        assert isinstance(model, GPT)
        hf.save(model, tokenizer, run.model, card)


def write(model: nn.Module, tokenizer: Tokenizer, prompt: list[int], seed: int) -> str:
    """What a model writes after the prompt, of which at most half the context is taken."""
    assert isinstance(model, GPT)
    model.eval()
    ends = frozenset({tokenizer.end_id, tokenizer.turn_end_id})
    sampler = make_sampler(Sampling(seed=seed))
    written = islice(generate(model, prompt[-model.config.context // 2 :], sampler, ends), _SAMPLE_TOKENS)
    return tokenizer.decode(id for id in written if id not in ends)


def byte_counts(tokenizer: Tokenizer, vocabulary: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The bytes of text behind each token; (vocabulary,). Special ones have none."""
    special = tokenizer.special_ids
    return np.array([0 if id in special else len(tokenizer.piece(id)) for id in range(vocabulary)])
