"""The `inspect` job: what a dataset holds, what became of every row of it, and what a model would learn of it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from engine.data.dataset import Dataset, open_dataset
from engine.data.digests import DigestSet
from engine.data.encode import Encode, encoder
from engine.data.examples import Conversation, Document, Example, Labelled, MultipleChoice, Preference
from engine.data.report import KEPT, Report
from engine.data.samples import SAMPLED, SHOWN, Lengths, drawn, lengths, samples
from engine.events import Event, Finished, Progress, Sample, Started, TokenSample
from engine.gpt.tokenizer import Tokenizer
from engine.jobs import JobContext
from engine.library.forms import base_of
from engine.library.models import resolve
from engine.phrases import Phrase, phrase

_SAMPLES = 3
_SHOWN = 400  # characters of each text in a sample
_TEXT, _ITEMS = 300, 100  # characters and entries of what is sent as a whole
_PHRASE = 10 * _TEXT  # characters of a phrase whose values were cut
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
    yield Progress(0, 0, "rows", phrase("Looking at the data"))
    dataset = open_dataset(params["data"], params.get("columns"), params.get("kind"))
    yield Started("inspect", found(dataset))
    if dataset.kind is None:
        yield Finished("asked", {"detected": bounded(asdict(dataset.detected))})
        return
    evaluation = evaluation_of(dataset, params)
    try:
        with model_of(params.get("model")) as model:
            report = Report()
            yield from _shown(dataset, model, params)
            yield from surveyed(dataset.survey(report, seen(evaluation), params.get("held_back") or 0.0), context)
            stats: Stats = {"kind": dataset.kind, "report": as_data(report)}
            sentences = report.sentences()
            if model is not None:
                rows = (row for _, row in dataset.examples(Report()))
                chosen = rows if params.get("all") else drawn(rows, SAMPLED)[0]
                stats |= yield from measured(chosen, report.read, model, params, context)
                sentences += model[1].notes()
    except Cancelled:
        yield Finished("cancelled")
        return
    yield Finished("done", {**stats, "sentences": sentences})


def evaluation_of(dataset: Dataset, params: dict[str, Any]) -> Dataset | None:
    given = params.get("evaluation")
    return open_dataset(given, params.get("columns"), dataset.kind) if given else None


def seen(evaluation: Dataset | None) -> DigestSet | None:
    return None if evaluation is None else evaluation.seen(Report())


def found(dataset: Dataset) -> Stats:
    """What is known before a row is looked at. files: the first ones, of `file_count`."""
    files = list(map(str, dataset.files))
    detected = bounded(asdict(dataset.detected))
    return {"files": files[:_ITEMS], "file_count": len(files), "kind": dataset.kind, "detected": detected}


def bounded(value: Any) -> Any:
    """The same with long texts, lists and mappings cut: a worker's line has limits, and a file may call a column or a
    label whatever it likes.
    """
    match value:
        case Phrase() if len(value) > _TEXT and len(shorter := _shorter(value)) <= _PHRASE:
            return shorter
        case str():
            return value if len(value) <= _TEXT else f"{value[:_TEXT]}…"
        case dict():
            return {bounded(key): bounded(item) for key, item in islice(value.items(), _ITEMS)}
        case list() | tuple():
            return [bounded(item) for item in value[:_ITEMS]]
        case _:
            return value


def _shorter(value: Phrase) -> Phrase:
    """Its values cut, so that it can still be said in another language."""
    values = {name: bounded(item) for name, item in value.values.items()}
    return Phrase(value.template.format_map(values), value.template, values)


def _shown(dataset: Dataset, model: Model | None, params: dict[str, Any]) -> Iterator[Event]:
    first = enumerate((row for _, row in islice(dataset.examples(Report()), _SAMPLES)), 1)
    if model is None:
        yield from (Sample(number, as_text(row)) for number, row in first)
    else:
        yield from token_samples(first, *model, params)


def token_samples(
    rows: Iterable[tuple[int, Example]], tokenizer: Tokenizer, encode: Encode, params: dict[str, Any], most: int = SHOWN
) -> Iterator[TokenSample]:
    for number, row in rows:
        for shown in samples(row, tokenizer, encode, params.get("train_on") or "replies", most):
            yield TokenSample(number, **asdict(shown) | {"segments": [asdict(part) for part in shown.segments]})


def surveyed(rows: Iterator[int], context: JobContext) -> Iterator[Event]:
    """Raises Cancelled."""
    for done in rows:
        if context.cancelled.is_set():
            raise Cancelled
        yield Progress(done, 0, "rows")


def measured(
    examples: Iterable[Example], rows: int, model: Model, params: dict[str, Any], context: JobContext
) -> Generator[Event, None, Stats]:
    """`lengths`, as data. Raises Cancelled."""
    yield Progress(0, 0, "", phrase("Counting tokens"))
    measuring = lengths(examples, rows, *model, params.get("train_on") or "replies", params.get("max_length"))
    while True:
        try:
            done = next(measuring)
        except StopIteration as end:
            found: Lengths = end.value
            break
        if context.cancelled.is_set():
            raise Cancelled
        yield Progress(done, 0, "rows", phrase("Counting tokens"))
    over = None if found.too_long is None else round(found.too_long * rows)
    return {"lengths": {**asdict(found), "exact": found.exact, "too_long_rows": over}}


Model = tuple[Tokenizer, Encode]


@contextmanager
def model_of(name: str | None) -> Iterator[Model | None]:
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
    place = base_of(entry.path) if entry.kind == "adapter" else entry.path
    if place.is_dir():
        return Tokenizer.load(place)
    from engine.gpt.gguf_tokenizer import read_tokenizer
    from engine.runtime.gguf_header import read_header

    return read_tokenizer(read_header(place))


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
