"""Learning to tell classes of texts apart: `classify` trains a head on the last token, and the last blocks below it."""

from __future__ import annotations

import json
import math
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.data.examples import Labelled
from engine.data.items import NO_LOSS, Batch, Data, Tokens
from engine.data.labelled import LabelledData, Texts, label_table, text_ids
from engine.errors import EngineError
from engine.evaluation.confusion import confusion, figures
from engine.events import Event, Progress
from engine.gpt.classifier import Classifier
from engine.gpt.config import GPTConfig
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.phrases import phrase
from engine.training import objectives
from engine.training.defaults import DataFacts
from engine.training.machine import Compute
from engine.training.markdown import plain, table
from engine.training.methods.base import Method, Objective, Parent, Preparation
from engine.training.recipe import Recipe
from engine.training.run import Run

_LABELS = "labels.json"


@dataclass(frozen=True)
class ClassData:
    """Texts of a run and the names of their classes, in the order of their numbers."""

    texts: LabelledData
    labels: tuple[str, ...]

    @property
    def ids(self) -> Tokens:
        return self.texts.ids

    @property
    def split(self) -> int:
        return self.texts.split

    def training(self) -> Texts:
        return self.texts.training()

    def held_back(self) -> Texts:
        return self.texts.held_back()

    def counts(self) -> NDArray[np.int64]:
        """How many texts to train on each class has; (classes,)."""
        return np.bincount(self.training().classes, minlength=len(self.labels))


class Classify(Method):
    """A head for classes learns, with the final norm and the last blocks."""

    kind = "labelled"
    unique = True  # a text that is held back must not be among those learnt
    encodes_by: tuple[str, ...] = ("max_length", "validation_share", "seed")
    pipeline = "text-classification"
    sorts_by_length = False  # a length may tell classes apart: a batch of one would then hold one class

    def keeps_parent(self, recipe: Recipe) -> bool:
        return recipe.classify.layers != "all"

    def tokenizer(
        self, recipe: Recipe, examples: Iterable[Any], parent: Parent | None
    ) -> Generator[Event, None, Tokenizer]:
        assert parent is not None
        yield from ()
        return parent.tokenizer

    def encode(self, examples: Iterable[Labelled], preparation: Preparation) -> Generator[Event, None, Data]:
        recipe, folder = preparation.recipe, preparation.folder
        yield Progress(0, 0, "", phrase("Turning texts into tokens"))
        labels = label_table(example.label for example in examples)
        split = LabelledData.write(
            folder, examples, labels, preparation.tokenizer, recipe.max_length, recipe.validation_share,
            preparation.report, recipe.seed, preparation.evaluation,
        )  # fmt: skip
        (folder / _LABELS).write_text(json.dumps(labels, ensure_ascii=False), "utf-8")
        return ClassData(LabelledData.load(folder, split), labels)

    def load(self, folder: Path, about: dict[str, Any], recipe: Recipe) -> Data:
        labels = json.loads((folder / _LABELS).read_text("utf-8"))
        return ClassData(LabelledData.load(folder, about["split"]), tuple(labels))

    def facts(self, data: Data) -> DataFacts:
        assert isinstance(data, ClassData)
        return DataFacts(len(data.training()), tuple(data.counts().tolist()))

    def counted(self, about: dict[str, Any]) -> str:
        return f"{about['items']:,} texts, and {about['held_back']:,} more held back for evaluation."

    def more_results(self, info: dict[str, Any]) -> list[str]:
        scores, labels = info.get("scores"), [plain(label) for label in info["data"]["labels"]]
        if scores is None:
            return []
        rows = ([label, *map(str, row)] for label, row in zip(labels, scores["confusion"], strict=True))
        return [table(["is, taken for", *labels], rows)]

    def about(self, data: Data) -> dict[str, Any]:
        assert isinstance(data, ClassData)
        return {"labels": list(data.labels), "counts": data.counts().tolist()}

    def build(self, recipe: Recipe, config: GPTConfig, parent: GPT | None, data: Data) -> nn.Module:
        assert isinstance(data, ClassData)
        body = super().build(recipe, config, parent, data)
        assert isinstance(body, GPT)
        classifier, layers = Classifier(body, data.labels), recipe.classify.layers
        if isinstance(layers, int):
            if layers > config.layers:
                reason = phrase(
                    "({layers}) is above the model's {blocks} blocks: all trains every one",
                    layers=layers,
                    blocks=config.layers,
                )
                raise EngineError("recipe_conflict", key="classify.layers", reason=reason)
            body = classifier.body.requires_grad_(False)
            learning = [body.norm, *list(body.blocks)[config.layers - layers :]]
            for module in learning:
                module.requires_grad_()
        return classifier

    def objective(
        self, model: nn.Module, tokenizer: Tokenizer, recipe: Recipe, compute: Compute, data: Data
    ) -> Objective:
        assert isinstance(model, Classifier)
        assert isinstance(data, ClassData)
        weights = balanced(data.counts()) if recipe.classify.weights == "balanced" else None
        return Classification(model, compute, weights)

    def sample(self, model: nn.Module, tokenizer: Tokenizer, recipe: Recipe, seed: int) -> str:
        """The class of the text, with its probability."""
        assert isinstance(model, Classifier)
        probabilities = model.probabilities([text_ids(recipe.sample_prompt, tokenizer)[: recipe.max_length]])[0]
        best = int(probabilities.argmax())
        return f"{recipe.sample_prompt}\n{model.labels[best]} ({probabilities[best]:.0%})"

    def save(self, model: nn.Module, tokenizer: Tokenizer, run: Run, card: str) -> None:
        assert isinstance(model, Classifier)
        model.save(tokenizer, run.model, card)


def balanced(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """How often a text of each class counts, so that all classes count alike: texts / (classes * texts of the class).

    counts: (classes,), of which some may be zero (King and Zeng 2001, as in scikit-learn's `balanced`).
    """
    occur = np.maximum(counts, 1)
    weights: NDArray[np.float32] = (counts.sum() / ((counts > 0).sum() * occur)).astype(np.float32)
    return weights


class Classification:
    """Cross-entropy of the class at the last token. weights: how often a text of each class counts; (classes,)."""

    def __init__(self, model: Classifier, compute: Compute, weights: NDArray[np.float32] | None) -> None:
        self.model, self.compute = model, compute
        self.weights: Tensor | None = None if weights is None else compute.tensors([weights])[0]

    def count(self, batch: Batch) -> int:
        return len(batch[0])

    def backward(self, batch: Batch, count: int) -> dict[str, float]:
        ids, labels = self.compute.tensors(batch)
        with self.compute.autocast():
            hidden = self.model.body.hidden(ids)
            return {"loss": float(objectives.backward(self.model.score, hidden, labels, count, self.weights))}

    def evaluate(self, batches: Iterable[Batch]) -> dict[str, Any]:
        """Also `accuracy`, `balanced_accuracy`, `macro_f1` and `confusion` (rows: what a text is, columns: as what)."""
        losses, wanted, found = list[NDArray[np.float64]](), list[NDArray[Any]](), list[NDArray[Any]]()
        for batch in batches:
            ids, labels = self.compute.tensors(batch)
            places = labels != NO_LOSS
            with torch.no_grad(), self.compute.autocast():
                logits = self.model.score(self.model.body.hidden(ids)[places]).float()
            each = nn.functional.cross_entropy(logits, labels[places], self.weights, reduction="none")
            losses.append(each.double().cpu().numpy())
            wanted.append(labels[places].cpu().numpy())
            found.append(logits.argmax(-1).cpu().numpy())
        classes = np.concatenate(wanted) if wanted else np.empty(0, np.int64)
        weighed = len(classes) if self.weights is None else float(self.weights.cpu()[classes].sum())
        matrix = confusion(classes, np.concatenate(found) if found else classes, len(self.model.labels))
        loss = math.fsum(part.sum() for part in losses) / weighed if len(classes) else math.nan
        return {"val_loss": loss, **figures(matrix), "confusion": matrix.tolist()}
