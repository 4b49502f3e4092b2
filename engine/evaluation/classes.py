"""The task `classify` of `seedling evaluate`: how well a classifier tells the classes of a labelled dataset apart."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from engine import files
from engine.data.dataset import open_dataset
from engine.data.examples import Labelled
from engine.data.labelled import text_ids
from engine.data.report import Report
from engine.errors import EngineError
from engine.evaluation.confusion import confusion, f1, figures
from engine.events import Event, Finished, Log, Progress, Started
from engine.gpt.classifier import Classifier
from engine.gpt.tokenizer import Tokenizer
from engine.jobs import JobContext
from engine.phrases import one_or_many

_TOGETHER = 512  # texts that are sorted by length, so that a batch of them wastes little
_BATCH = 32


def evaluate_classes(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `model` (a classifier's folder or its run), `data` (a labelled dataset), `csv` (where to write, for each
    text, its label, the class it was taken for and the probabilities, or None).

    Ends with Finished("done", {"model", "data", "labels", "texts", "accuracy", "balanced_accuracy", "macro_f1", "f1",
    "confusion"}): `f1` of each class, `confusion` as in `confusion.confusion`.
    """
    folder, path = classifier_folder(str(params["model"])), params.get("data")
    if not path:
        raise EngineError("usage", reason="Name the texts and their labels: --data FILE")
    classifier, tokenizer = Classifier.load(folder), Tokenizer.load(folder)
    report = Report()
    examples = [cast(Labelled, found) for _, found in open_dataset(path, kind="labelled").examples(report)]
    known = [example for example in examples if example.label in classifier.labels]
    if not known:
        raise EngineError("data_no_known_label", place=str(path), labels=", ".join(classifier.labels[:10]))
    yield Started("evaluate", {"task": "classify", "model": str(folder), "labels": list(classifier.labels)})
    for sentence in report.sentences():
        yield Log("warning", sentence)
    if left := len(examples) - len(known):
        sentence = one_or_many(
            left,
            "{count} text was left out: its label is none of the classifier's.",
            "{count} texts were left out: their label is none of the classifier's.",
        )
        yield Log("warning", sentence)
    parts = list[NDArray[np.float32]]()
    for start in range(0, len(known), _TOGETHER):
        if context.cancelled.is_set():
            yield Finished("cancelled")
            return
        yield Progress(start, len(known), "texts")
        texts = [example.text for example in known[start : start + _TOGETHER]]
        parts.append(classify(classifier, tokenizer, texts))
    probabilities = np.concatenate(parts)
    wanted = [classifier.labels.index(example.label) for example in known]
    matrix = confusion(wanted, probabilities.argmax(1), len(classifier.labels))
    if params.get("csv"):
        _write_csv(Path(params["csv"]), known, probabilities, classifier.labels)
    yield Finished(
        "done",
        {
            "model": str(folder),
            "data": str(path),
            "labels": list(classifier.labels),
            "texts": len(known),
            **figures(matrix),
            "f1": f1(matrix).tolist(),
            "confusion": matrix.tolist(),
        },
    )


def classify(classifier: Classifier, tokenizer: Tokenizer, texts: list[str]) -> NDArray[np.float32]:
    """The probabilities of the classes, (texts, classes). Texts are cut at the context; an empty one is one token."""
    context = classifier.body.config.context
    rows = [text_ids(text, tokenizer)[:context] or [max(0, tokenizer.end_id)] for text in texts]
    order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
    found = np.empty((len(rows), len(classifier.labels)), np.float32)
    for start in range(0, len(order), _BATCH):
        numbers = order[start : start + _BATCH]
        found[numbers] = classifier.probabilities([rows[number] for number in numbers]).cpu().numpy()
    return found


def classifier_folder(model: str) -> Path:
    """A model folder, a run's, or one of the library. Raises EngineError as `resolve` does."""
    from engine.library.models import resolve

    path = Path(model)
    return path / "model" if (path / "run.json").exists() else resolve(model, "gpt").path


def _write_csv(
    path: Path, examples: Sequence[Labelled], probabilities: NDArray[np.float32], labels: Sequence[str]
) -> None:
    with files.whole_file(path) as partial, open(partial, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label", "found", *(f"p({label})" for label in labels)])
        for example, row in zip(examples, probabilities, strict=True):
            writer.writerow([example.text, example.label, labels[row.argmax()], *(f"{p:.6f}" for p in row)])
