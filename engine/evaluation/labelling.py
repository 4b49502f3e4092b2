"""The job `classify`: a classifier labels one text, or all texts of a file, whose labels nobody knows yet."""

from __future__ import annotations

import csv
import itertools
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import torch

from engine import files, hardware
from engine.data.dataset import Dataset, open_dataset
from engine.data.examples import Document, Example, Labelled
from engine.data.report import Place, Report
from engine.errors import EngineError
from engine.evaluation.classes import classifier_folder, classify
from engine.events import Event, Finished, Log, Progress, Started
from engine.gpt.classifier import Classifier
from engine.gpt.tokenizer import Tokenizer
from engine.jobs import JobContext

AT_ONCE = 256  # texts, after which what was found is flushed
_KEPT = "classifier"  # in the worker's state, so that a text typed after another finds it loaded
Opened = tuple[Classifier, Tokenizer]


def label(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `model` (a classifier's folder or its run), and `text`, or `data` (any file of texts; with `columns`,
    {"text": its column}, where that cannot be told) with `csv`, the file to write.

    Ends with Finished("done", {"labels", "probabilities"}) for a text, `probabilities` of each label; for a file with
    {"labels", "texts", "counts", "csv", "sentences"}, `counts` of the labels found. The file is written beside and
    takes its name when it is whole: a line for each text with its line in the data, the label found, its probability
    and those of all labels. Cancelled, it leaves none. Raises EngineError.
    """
    folder = classifier_folder(str(params["model"]))
    if (text := params.get("text")) is not None:
        opened = _open(folder, context)
        row = classify(*opened, [str(text)])[0]
        found = dict(zip(opened[0].labels, map(float, row), strict=True))
        yield Finished("done", {"labels": list(found), "probabilities": found})
        return
    if not params.get("data") or not params.get("csv"):
        raise EngineError("usage", reason="Name the texts and the file to write: --data FILE --csv FILE.csv")
    dataset = texts_of(params["data"], params.get("columns"))
    dataset.known_kind()
    report, out = Report(), Path(params["csv"]).expanduser()
    _refuse_the_data(out, Path(params["data"]))
    yield Started(
        "classify", {"model": str(folder), "data": str(params["data"]), "columns": dict(dataset.detected.columns)}
    )
    opened = _open(folder, context)
    counts = dict.fromkeys(opened[0].labels, 0)
    with files.whole_file(out) as partial:
        with open(partial, "w", encoding="utf-8-sig", newline="") as file:  # the mark, so that spreadsheets see UTF-8
            yield from _write(file, dataset.examples(report), opened, counts, report, context.cancelled)
        if context.cancelled.is_set():
            partial.unlink()
            yield Finished("cancelled")
            return
    sentences = report.sentences()
    for sentence in sentences:
        yield Log("warning", sentence)
    stats = {"labels": list(counts), "texts": sum(counts.values()), "counts": counts, "csv": str(out)}
    yield Finished("done", stats | {"sentences": sentences})


def _write(
    file: IO[str],
    examples: Iterable[tuple[Place, Example]],
    opened: Opened,
    counts: dict[str, int],
    report: Report,
    cancelled: threading.Event,
) -> Iterator[Event]:
    """A header and a line for each text; `counts` gets the labels found."""
    labels, writer = opened[0].labels, csv.writer(file)
    writer.writerow(["line", "text", "label", "probability", *(f"p({name})" for name in labels)])
    texts = ((place, example.text) for place, example in examples if isinstance(example, Document | Labelled))
    while part := list(itertools.islice(texts, AT_ONCE)):
        if cancelled.is_set():
            return
        for (place, text), row in zip(part, classify(*opened, [text for _, text in part]), strict=True):
            name = labels[row.argmax()]
            counts[name] += 1
            writer.writerow([place.line, text, name, f"{row.max():.6f}", *(f"{p:.6f}" for p in row)])
        file.flush()
        yield Progress(sum(counts.values()), 0, "texts")


def _open(folder: Path, context: JobContext) -> Opened:
    torch.set_num_threads(hardware.threads_for("background"))
    kept = context.state.get(_KEPT)
    if kept is None or kept[0] != folder:
        kept = context.state[_KEPT] = (folder, (Classifier.load(folder), Tokenizer.load(folder)))
    opened: Opened = kept[1]
    return opened


def texts_of(data: str | Path, columns: Mapping[str, str] | None = None) -> Dataset:
    """The data as texts, whatever else stands beside them. columns: {"text": the column}, where that is known.

    Without it the column that names or looks say, that of labelled data, or the only one there is. Raises EngineError
    as `open_dataset` does; where it cannot be told, the dataset's `kind` is None.
    """
    if columns:
        return open_dataset(data, columns, kind="text")
    dataset = open_dataset(data, kind="text")
    if dataset.kind is not None:
        return dataset
    found = open_dataset(data).detected
    column = found.columns.get("text") or (found.unused[0] if len(found.unused) == 1 and not found.columns else None)
    return open_dataset(data, {"text": str(column)}, kind="text") if column is not None else dataset


def _refuse_the_data(out: Path, data: Path) -> None:
    """Raises EngineError `usage` where the texts themselves would be replaced."""
    if out.resolve() == data.resolve():
        raise EngineError("usage", reason=f"{out} holds the texts themselves; choose another file to write")
