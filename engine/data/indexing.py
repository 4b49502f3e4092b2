"""The jobs `index`, which is `inspect` that also leaves the rows to be scrolled through, and `tokens`, which shows some
of them as a model would get them.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

from engine import files
from engine.data import index_folders, languages
from engine.data.dataset import Dataset, open_dataset
from engine.data.encode import encoder
from engine.data.examples import Example
from engine.data.index import ABOUT, CARD, RowIndex, example, read_json, texts
from engine.data.index_rows import IndexWriter
from engine.data.inspection import (
    Cancelled,
    Model,
    Stats,
    as_data,
    bounded,
    evaluation_of,
    found,
    measured,
    model_of,
    seen,
    surveyed,
    token_samples,
    tokenizer_of,
)
from engine.data.report import Report
from engine.data.row_data import held_back
from engine.data.samples import SAMPLED
from engine.errors import EngineError
from engine.events import Event, Finished, Progress, Started
from engine.jobs import JobContext
from engine.phrases import packed, phrase

_SAMPLES, _SHOWN = 3, 2000  # rows that are shown at once, and characters of each sequence
_GUESSED = 200  # characters of each text by which the language is guessed


def index(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """As `inspect`, and every row is written into `folder`, by default one under the home that is used again for the
    same data. Started names it; from then on it can be read as `RowIndex`.

    Ends as `inspect` does, with Finished("done", card). card, also `card.json` in the folder:

    - `folder`, `files` (the first ones of `file_count`), `kind`, `detected`; `report` and `sentences`, as of `inspect`,
      but with fewer places: `rejected.jsonl` has them;
    - `rows`, `rejected`: how many can be scrolled through, and how many could not be read; `cut`: how many of the rows
      are longer than what was kept of them; `held_back`: how many of the last rows that share is;
    - `languages`: [[code, share], …], and `languages_measured`: of how many rows, a sample unless these are all;
    - `samples`: the first rows, as `RowIndex` has them;
    - with a model `model`, `notes` on it (sentences), `tokens`: the first rows as TokenSamples, and `lengths`: the
      fields of `Lengths`, `exact`, and `too_long_rows`, how many exceed max_length, of all. Without one None or empty.
    """
    yield Progress(0, 0, "rows", phrase("Looking at the data"))
    dataset = open_dataset(params["data"], params.get("columns"), params.get("kind"))
    if dataset.kind is None:
        yield Started("index", found(dataset))
        yield Finished("asked", {"detected": bounded(asdict(dataset.detected))})
        return
    evaluation = evaluation_of(dataset, params)
    of = index_folders.source(params, dataset.files, evaluation.files if evaluation else ())
    folder, card = index_folders.place(of, params.get("folder"))
    yield Started("index", {**found(dataset), "folder": str(folder)})
    try:
        with model_of(params.get("model")) as model:
            if card is None:
                card = yield from _index(dataset, folder, of, evaluation, params, context)
            files.write_json(folder / ABOUT, of)  # the same file may now lie elsewhere
            card |= {**found(dataset), "folder": str(folder), "model": params.get("model")}
            card |= {"notes": [], "tokens": [], "lengths": None}
            if model is not None:
                first = _examples(folder, range(min(_SAMPLES, card["rows"])), dataset)
                shown = token_samples(first, *model, params, _SHOWN)
                card["tokens"] = [sample.to_json() for sample in shown]
                numbers = _drawn(card["rows"], None if params.get("all") else SAMPLED)
                rows = (row for _, row in _examples(folder, numbers, dataset))
                card |= yield from measured(rows, card["rows"], model, params, context)
                card["notes"] = model[1].notes()
            files.write_json(folder / CARD, packed(card))
    except Cancelled:
        yield Finished("cancelled")
        return
    index_folders.tidy(folder)
    yield Finished("done", card)


def tokens(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `folder` of an index, `rows` (numbers in it), `model`, and where given `train_on`.

    Each of the rows as the model would get it comes as one TokenSample, or two for a preference, in their order.
    Raises EngineError, also `data_moved_on` where a row that is longer than the index is no longer to be read.
    """
    folder = Path(params["folder"])
    with RowIndex.open(folder) as rows:
        count = len(rows)
    numbers = sorted({number for number in params["rows"] if 0 <= number < count})
    for sample in token_samples(_examples(folder, numbers), *_kept_model(params["model"], context), params):
        if context.cancelled.is_set():
            yield Finished("cancelled")
            return
        yield sample
    yield Finished("done")


def _index(
    dataset: Dataset,
    folder: Path,
    of: Stats,
    evaluation: Dataset | None,
    params: dict[str, Any],
    context: JobContext,
) -> Generator[Event, None, Stats]:
    """Write the index, and what is known of it without a model; without its card it is removed again."""
    try:
        files.write_json(folder / ABOUT, of)
        with IndexWriter(folder, dataset.known_kind()) as writer:
            report, share = writer.report, params.get("held_back") or 0.0
            yield from surveyed(dataset.survey(report, seen(evaluation), share, writer.add), context)
        with RowIndex.open(folder) as rows:
            guessed = _drawn(len(rows), languages.SAMPLED)
            card = {
                "key": of["key"],
                "report": bounded(as_data(report)),
                "sentences": bounded(report.sentences()),
                "rows": len(rows),
                "rejected": report.rejected,
                "cut": writer.cut,
                "held_back": held_back(len(rows), share),
                "languages": languages.shares(_said(rows.row(number)) for number in guessed),
                "languages_measured": len(guessed),
                "samples": bounded(rows.rows(0, _SAMPLES)),
            }
        files.write_json(folder / CARD, packed(card))
        return card
    finally:
        if not (folder / CARD).exists():
            index_folders.remove(folder)


def _said(row: dict[str, Any]) -> str:
    """What a language is guessed from: the beginnings of a row's texts, with what a model is to write in front."""
    return "\n".join(text[:_GUESSED] for text in reversed([*texts({**row, "label": ""})]))


def _drawn(rows: int, count: int | None) -> Sequence[int]:
    """The numbers of `count` rows drawn evenly from all, in their order; always the same."""
    return range(rows) if count is None or count >= rows else sorted(Random(0).sample(range(rows), count))


def _examples(folder: Path, numbers: Sequence[int], dataset: Dataset | None = None) -> Iterator[tuple[int, Example]]:
    """These rows of an index, ascending: from there, or from the data where the index has not the whole row."""
    with RowIndex.open(folder) as rows:
        if dataset is not None and len(numbers) == len(rows):
            yield from enumerate(row for _, row in dataset.examples(Report()))
            return
        cut = [number for number in numbers if "cut" in rows.row(number)]
        if cut and dataset is None:
            dataset = _again(folder)
        whole = iter(() if dataset is None else dataset.picked(cut))
        for number in numbers:
            found = example(rows.row(number))
            yield number, next(whole) if found is None else found


def _again(folder: Path) -> Dataset:
    """The data an index is of. Raises EngineError `data_moved_on` where it has changed."""
    of = read_json(folder / ABOUT) or {}
    if not index_folders.is_unchanged(of):
        raise EngineError("data_moved_on", place=", ".join(of.get("files", [str(folder)])[:1]))
    return open_dataset(of["files"], of["columns"], of["kind"])


def _kept_model(name: str, context: JobContext) -> Model:
    """The same for as long as the worker lives, or another one is asked for. Raises EngineError."""
    kept: tuple[str, Model] | None = context.state.get("tokens")
    if kept is None or kept[0] != name:
        if kept is not None:
            kept[1][1].close()
        tokenizer = tokenizer_of(name)
        context.state["tokens"] = kept = (name, (tokenizer, encoder(tokenizer)))
    return kept[1]
