"""The jobs that look at a dataset: what it holds, what became of every row of it, what a model would learn of it.

`inspect` only says it; `index` also leaves the rows to be scrolled through (`engine.data.index`); `tokens` shows single
rows of an index as a model would get them.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from engine import files
from engine.data import index_folders, languages
from engine.data.conversations import held_back
from engine.data.dataset import Dataset, open_dataset
from engine.data.digests import DigestSet
from engine.data.encode import Encode, encoder
from engine.data.examples import Conversation, Document, Example, Labelled, MultipleChoice, Preference
from engine.data.index import ABOUT, CARD, RowIndex, example, read_json, texts
from engine.data.index_rows import IndexWriter
from engine.data.report import KEPT, Report
from engine.data.samples import SAMPLED, Lengths, drawn, lengths, samples
from engine.errors import EngineError
from engine.events import Event, Finished, Progress, Sample, Started, TokenSample
from engine.gpt.tokenizer import Tokenizer
from engine.jobs import JobContext
from engine.library.models import resolve

_SAMPLES = 3
_SHOWN = 400  # characters of each text in a sample
_GUESSED = 200  # characters of each text by which the language is guessed
Stats = dict[str, Any]


class Cancelled(Exception):  # noqa: N818 (a normal ending, not an error)
    """The person has seen enough."""


def inspect(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `data` (paths), and where given `columns` (role -> column), `kind`, `evaluation` (paths of other data),
    `held_back` (the share of the last rows that is to be evaluated on), and `model`, for what it would learn of the
    rows: with `train_on`, `max_length` and `all` (count the tokens of every row).

    Started names what was found, a few Samples follow, and it ends with Finished("done", {"kind", "report",
    "sentences"}), or with Finished("asked", {"detected"}) where a question must be answered first.
    Raises EngineError for what cannot be read at all.
    """
    yield Progress(0, 0, "rows", "Looking at the data")
    dataset = open_dataset(params["data"], params.get("columns"), params.get("kind"))
    yield Started("inspect", _found(dataset))
    if dataset.kind is None:
        yield Finished("asked", {"detected": asdict(dataset.detected)})
        return
    evaluation = _evaluation(dataset, params)
    try:
        with _model(params.get("model")) as model:
            report = Report()
            yield from _shown(dataset, model, params)
            yield from _surveyed(dataset.survey(report, _seen(evaluation), params.get("held_back") or 0.0), context)
            stats: Stats = {"kind": dataset.kind, "report": as_data(report)}
            sentences = report.sentences()
            if model is not None:
                rows = (row for _, row in dataset.examples(Report()))
                chosen = rows if params.get("all") else drawn(rows, SAMPLED)[0]
                stats |= yield from _measured(chosen, report.read, model, params, context)
                sentences += model[1].notes()
    except Cancelled:
        yield Finished("cancelled")
        return
    yield Finished("done", {**stats, "sentences": sentences})


def index(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """As `inspect`, and every row is written into `folder`, by default one under the home that is used again for the
    same data. Started names it; from then on it can be read as `RowIndex`.

    Ends as `inspect` does, with Finished("done", card). card, also `card.json` in the folder:

    - `folder`, `files`, `kind`, `detected`; `report` and `sentences`, as of `inspect`;
    - `rows`, `rejected`: how many can be scrolled through, and how many could not be read; `cut`: how many of the rows
      are longer than what was kept of them; `held_back`: how many of the last rows that share is;
    - `languages`: [[code, share], …], and `languages_measured`: of how many rows, a sample unless these are all;
    - `samples`: the first rows, as `RowIndex` has them;
    - with a model `model`, `notes` on it (sentences), `tokens`: the first rows as TokenSamples, and `lengths`: the
      fields of `Lengths`, `exact`, and `too_long_rows`, how many exceed max_length, of all. Without one None or empty.
    """
    yield Progress(0, 0, "rows", "Looking at the data")
    dataset = open_dataset(params["data"], params.get("columns"), params.get("kind"))
    if dataset.kind is None:
        yield Started("index", _found(dataset))
        yield Finished("asked", {"detected": asdict(dataset.detected)})
        return
    evaluation = _evaluation(dataset, params)
    of = index_folders.source(params, dataset.files, evaluation.files if evaluation else ())
    folder, card = index_folders.place(of, params.get("folder"))
    yield Started("index", {**_found(dataset), "folder": str(folder)})
    try:
        with _model(params.get("model")) as model:
            if card is None:
                card = yield from _index(dataset, folder, of, evaluation, params, context)
            card |= {"model": params.get("model"), "notes": [], "tokens": [], "lengths": None}
            if model is not None:
                shown = _token_samples(_examples(folder, range(min(_SAMPLES, card["rows"])), dataset), *model, params)
                card["tokens"] = [sample.to_json() for sample in shown]
                numbers = _drawn(card["rows"], None if params.get("all") else SAMPLED)
                rows = (row for _, row in _examples(folder, numbers, dataset))
                card |= yield from _measured(rows, card["rows"], model, params, context)
                card["notes"] = model[1].notes()
            files.write_json(folder / CARD, card)
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
    count = len(rows := RowIndex.open(folder))
    rows.close()
    numbers = sorted({number for number in params["rows"] if 0 <= number < count})
    for sample in _token_samples(_examples(folder, numbers), *_kept_model(params["model"], context), params):
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
            yield from _surveyed(dataset.survey(report, _seen(evaluation), share, writer.add), context)
        rows = RowIndex.open(folder)
        guessed = _drawn(len(rows), languages.SAMPLED)
        card = {
            **_found(dataset),
            "folder": str(folder),
            "key": of["key"],
            "report": as_data(report),
            "sentences": report.sentences(),
            "rows": len(rows),
            "rejected": report.rejected,
            "cut": writer.cut,
            "held_back": held_back(len(rows), share),
            "languages": languages.shares(_said(rows.row(number)) for number in guessed),
            "languages_measured": len(guessed),
            "samples": rows.rows(0, _SAMPLES),
        }
        rows.close()
        files.write_json(folder / CARD, card)
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
    rows = RowIndex.open(folder)
    with closing(rows):
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


def _evaluation(dataset: Dataset, params: dict[str, Any]) -> Dataset | None:
    given = params.get("evaluation")
    return open_dataset(given, params.get("columns"), dataset.kind) if given else None


def _seen(evaluation: Dataset | None) -> DigestSet | None:
    return None if evaluation is None else evaluation.seen(Report())


def _found(dataset: Dataset) -> Stats:
    """What is known before a row is looked at."""
    return {"files": list(map(str, dataset.files)), "kind": dataset.kind, "detected": asdict(dataset.detected)}


def _shown(dataset: Dataset, model: Model | None, params: dict[str, Any]) -> Iterator[Event]:
    first = enumerate((row for _, row in islice(dataset.examples(Report()), _SAMPLES)), 1)
    if model is None:
        yield from (Sample(number, as_text(row)) for number, row in first)
    else:
        yield from _token_samples(first, *model, params)


def _token_samples(
    rows: Iterable[tuple[int, Example]], tokenizer: Tokenizer, encode: Encode, params: dict[str, Any]
) -> Iterator[TokenSample]:
    for number, row in rows:
        for shown in samples(row, tokenizer, encode, params.get("train_on") or "replies"):
            yield TokenSample(number, **asdict(shown) | {"segments": [asdict(part) for part in shown.segments]})


def _surveyed(rows: Iterator[int], context: JobContext) -> Iterator[Event]:
    """Raises Cancelled."""
    for done in rows:
        if context.cancelled.is_set():
            raise Cancelled
        yield Progress(done, 0, "rows")


def _measured(
    examples: Iterable[Example], rows: int, model: Model, params: dict[str, Any], context: JobContext
) -> Generator[Event, None, Stats]:
    """`lengths`, as data. Raises Cancelled."""
    yield Progress(0, 0, "", "Counting tokens")
    measuring = lengths(examples, rows, *model, params.get("train_on") or "replies", params.get("max_length"))
    while True:
        try:
            done = next(measuring)
        except StopIteration as end:
            found: Lengths = end.value
            break
        if context.cancelled.is_set():
            raise Cancelled
        yield Progress(done, 0, "rows", "Counting tokens")
    over = None if found.too_long is None else round(found.too_long * rows)
    return {"lengths": {**asdict(found), "exact": found.exact, "too_long_rows": over}}


Model = tuple[Tokenizer, Encode]


def _kept_model(name: str, context: JobContext) -> Model:
    """The same for as long as the worker lives, or another one is asked for. Raises EngineError."""
    kept: tuple[str, Model] | None = context.state.get("tokens")
    if kept is None or kept[0] != name:
        if kept is not None:
            kept[1][1].close()
        tokenizer = tokenizer_of(name)
        context.state["tokens"] = kept = (name, (tokenizer, encoder(tokenizer)))
    return kept[1]


@contextmanager
def _model(name: str | None) -> Iterator[Model | None]:
    """The tokenizer of a model and how it encodes conversations; None without a name. Raises EngineError."""
    if name is None:
        yield None
        return
    tokenizer = tokenizer_of(name)
    with closing(encoder(tokenizer)) as encode:
        yield tokenizer, encode


def tokenizer_of(name: str) -> Tokenizer:
    """The tokenizer of a model folder, a run folder, a GGUF file or a model of the library. Raises EngineError."""
    path = Path(name)
    for folder in (path, path / "model"):
        if (folder / "tokenizer.json").exists():
            return Tokenizer.load(folder)
    entry = resolve(name)
    if entry.kind == "folder":
        return Tokenizer.load(entry.path)
    from engine.gpt.gguf_tokenizer import read_tokenizer
    from engine.runtime.gguf_header import read_header

    return read_tokenizer(read_header(entry.path))


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain values: places as file and line."""
    return {
        **asdict(report),
        "rejections": [{"file": place.file, "line": place.line, "reason": why} for place, why in report.rejections],
        "reasons": dict(report.reasons.most_common(KEPT)),
        "labels": dict(report.labels.most_common(KEPT)),
    }


def as_text(example: Example) -> str:
    """An example as a person reads it."""
    match example:
        case Document(text):
            return _short(text)
        case Labelled(text, label):
            return f"[{label}] {_short(text)}"
        case MultipleChoice(question, choices, answer):
            marks = ("*" if number == answer else " " for number in range(len(choices)))
            return "\n".join([_short(question), *(f"{m} {_short(c)}" for m, c in zip(marks, choices, strict=True))])
        case Conversation(messages):
            return _spoken(messages)
        case Preference(prompt, chosen, rejected):
            return f"{_spoken(prompt)}\nchosen: {_spoken(chosen)}\nrejected: {_spoken(rejected)}"


def _spoken(messages: tuple[Any, ...]) -> str:
    return "\n".join(f"{message.role}: {_short(message.content)}" for message in messages)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} … ({len(text):,} characters)"
