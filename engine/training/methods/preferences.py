"""Learning from preferences: `dpo` makes the reply that was chosen likelier than the one that was rejected."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine import arrays
from engine.data.encode import encoder
from engine.data.items import NO_LOSS, Batch, Data, Items, Tokens
from engine.data.preferences import PreferenceData
from engine.data.row_data import held_back
from engine.events import Event, Progress
from engine.gpt.config import GPTConfig
from engine.gpt.lora import detached
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.phrases import phrase
from engine.training import objectives
from engine.training.machine import Compute
from engine.training.methods import adapters
from engine.training.methods.base import Cancelled, Objective, Preparation
from engine.training.methods.conversations import Full
from engine.training.recipe import Recipe
from engine.training.run import Run

_REFERENCE = "reference.npy"
_PER_TOKEN = ("ipo", "normalised")  # losses of means over a reply's tokens instead of sums


@dataclass(frozen=True)
class PairData:
    """Pairs of a run and, where no adapter can be taken off for it, what the parent thinks of them.

    reference: (pairs, 2), the log-probabilities of the chosen and the rejected reply under the parent.
    """

    pairs: PreferenceData
    reference: NDArray[np.float32] | None = None

    @property
    def ids(self) -> Tokens:
        return self.pairs.ids

    @property
    def split(self) -> int:
        return self.pairs.split

    def training(self) -> Items:
        return self._with_reference(self.pairs.training(), 0)

    def held_back(self) -> Items:
        return self._with_reference(self.pairs.held_back(), self.split)

    def _with_reference(self, items: Items, first: int) -> Items:
        return items if self.reference is None else _Referenced(items, self.reference[first:])


class _Referenced:
    """Pairs in batches of ids, labels, both (2 B, T), and the reference's log-probabilities (B, 2)."""

    def __init__(self, items: Items, reference: NDArray[np.float32]) -> None:
        self.items, self.reference = items, reference

    @property
    def lengths(self) -> NDArray[np.int64] | None:
        return self.items.lengths

    def __len__(self) -> int:
        return len(self.items)

    def batch(self, items: Sequence[int] | NDArray[np.int64]) -> Batch:
        return *self.items.batch(items), np.array(self.reference[items])


class Dpo(Full):
    """All weights, or an adapter, learn from pairs of replies."""

    kind = "preference"
    unique = True  # a pair that is held back must not be among those learnt
    encodes_by: tuple[str, ...] = ("max_length", "validation_share")

    def keeps_parent(self, recipe: Recipe) -> bool:
        return recipe.dpo.train == "lora"

    def encode(self, examples: Iterable[Any], preparation: Preparation) -> Generator[Event, None, Data]:
        recipe, folder = preparation.recipe, preparation.folder
        yield Progress(0, 0, "", phrase("Turning pairs of replies into tokens"))
        with closing(encoder(preparation.tokenizer)) as encode:
            pairs = PreferenceData.write(
                folder, examples, encode, recipe.max_length, preparation.report, preparation.evaluation
            )
        return PairData(PreferenceData.load(folder, pairs - held_back(pairs, recipe.validation_share)))

    def load(self, folder: Path, about: dict[str, Any], recipe: Recipe) -> Data:
        path = folder / _REFERENCE
        reference = np.load(path, mmap_mode="r", allow_pickle=False) if path.exists() else None
        return PairData(PreferenceData.load(folder, about["split"]), reference)

    def counted(self, about: dict[str, Any]) -> str:
        return f"{about['items']:,} pairs of replies, and {about['held_back']:,} more held back for evaluation."

    def build(self, recipe: Recipe, config: GPTConfig, parent: GPT | None, data: Data) -> nn.Module:
        model = super().build(recipe, config, parent, data)
        assert isinstance(model, GPT)
        if recipe.dpo.train == "lora":
            adapters.attach(model, recipe)
        return model

    def before(
        self, model: nn.Module, data: Data, recipe: Recipe, compute: Compute, folder: Path, cancelled: threading.Event
    ) -> Generator[Event, None, None]:
        """What the parent thinks of every pair, so that it need not stay in memory beside what becomes of it."""
        if recipe.dpo.train == "lora":
            return
        assert isinstance(data, PairData)
        assert isinstance(model, GPT)
        objective = Preferences(model.eval(), compute, recipe.dpo.loss, recipe.dpo.beta)
        parts = list[NDArray[np.float32]]()
        for items in (data.training(), data.held_back()):
            for start in range(0, len(items), recipe.batch_size):
                if cancelled.is_set():
                    raise Cancelled
                done, total = sum(map(len, parts)), len(data.pairs.rows) // 2
                yield Progress(done, total, "pairs", phrase("Asking the parent about pairs"))
                numbers = np.arange(start, min(start + recipe.batch_size, len(items)))
                with torch.no_grad():
                    found = objective.log_p(*compute.tensors(items.batch(numbers)[:2]))
                parts.append(torch.stack(found, 1).cpu().numpy())
        arrays.save(folder / _REFERENCE, np.concatenate(parts))

    def objective(
        self, model: nn.Module, tokenizer: Tokenizer, recipe: Recipe, compute: Compute, data: Data
    ) -> Objective:
        assert isinstance(model, GPT)
        return Preferences(model, compute, recipe.dpo.loss, recipe.dpo.beta)

    def save(self, model: nn.Module, tokenizer: Tokenizer, run: Run, card: str) -> None:
        if run.recipe.dpo.train == "lora":
            adapters.save(model, tokenizer, run, card)
        else:
            super().save(model, tokenizer, run, card)


class Preferences:
    """A loss of `objectives.preference_loss`. Where batches bring no reference, it is the model without its adapter."""

    def __init__(self, model: GPT, compute: Compute, kind: str, beta: float) -> None:
        self.model, self.compute, self.kind, self.beta = model, compute, kind, beta

    def count(self, batch: Batch) -> int:
        return len(batch[0]) // 2

    def backward(self, batch: Batch, count: int) -> dict[str, float]:
        """Also the figures of `_figures`, summed."""
        ids, labels, *reference = self.compute.tensors(batch)
        references = self._reference(ids, labels, reference)
        chosen, rejected = self.log_p(ids, labels)
        losses = objectives.preference_loss(chosen, rejected, *references, self.beta, self.kind)
        (losses.sum() / count).backward()  # type: ignore[no-untyped-call]
        return {"loss": float(losses.detach().sum()), **self._figures(chosen.detach(), rejected.detach(), *references)}

    @torch.no_grad()
    def evaluate(self, batches: Iterable[Batch]) -> dict[str, Any]:
        """Also the means of `_figures`, named `val_…`."""
        totals, pairs = dict[str, float](), 0
        for batch in batches:
            ids, labels, *reference = self.compute.tensors(batch)
            references = self._reference(ids, labels, reference)
            found = self.log_p(ids, labels)
            losses = objectives.preference_loss(*found, *references, self.beta, self.kind)
            sums = {"loss": float(losses.sum()), **self._figures(*found, *references)}
            totals = {name: totals.get(name, 0.0) + value for name, value in sums.items()}
            pairs += len(losses)
        return {f"val_{name}": total / pairs for name, total in totals.items()}

    def log_p(self, ids: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities of the chosen and the rejected replies, (B,) each: sums, or means as the loss wants."""
        with self.compute.autocast():
            found = objectives.log_probabilities(self.model.head, self.model.hidden(ids), labels)
        if self.kind in _PER_TOKEN:
            found = found / (labels != NO_LOSS).sum(1)
        return found[: len(found) // 2], found[len(found) // 2 :]

    def _reference(self, ids: Tensor, labels: Tensor, given: list[Tensor]) -> tuple[Tensor, Tensor]:
        if given:
            return given[0][:, 0], given[0][:, 1]
        training = self.model.training
        self.model.eval()
        with torch.no_grad(), detached(self.model):
            found = self.log_p(ids, labels)
        self.model.train(training)
        return found

    def _figures(self, chosen: Tensor, rejected: Tensor, *references: Tensor) -> dict[str, float]:
        """Sums over pairs. A reward is beta times how much likelier than under the reference a reply has become."""
        first = self.beta * (chosen - references[0])
        second = self.beta * (rejected - references[1])
        return {
            "chosen_reward": float(first.sum()),
            "rejected_reward": float(second.sum()),
            "reward_margin": float((first - second).sum()),
            "reward_accuracy": float((first > second).sum()),
        }
