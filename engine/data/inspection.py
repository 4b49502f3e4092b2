"""The `inspect` job: what a dataset holds, and what became of every row of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from engine.data.dataset import Dataset, open_dataset
from engine.data.encode import Encode, encoder
from engine.data.examples import Conversation, Document, Example, Labelled, MultipleChoice, Preference
from engine.data.report import KEPT, Report
from engine.data.samples import SAMPLED, drawn, lengths, samples
from engine.events import Event, Finished, Progress, Sample, Started, TokenSample
from engine.gpt.tokenizer import Tokenizer
from engine.jobs import JobContext
from engine.library.models import base_of, resolve

_SAMPLES = 3
_SHOWN = 400  # characters of each text in a sample


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
    files = [str(part.path) for part in dataset.parts]
    yield Started("inspect", {"files": files, "kind": dataset.kind, "detected": asdict(dataset.detected)})
    if dataset.kind is None:
        yield Finished("asked", {"detected": asdict(dataset.detected)})
        return
    with _model(params.get("model")) as model:
        yield from _inspect(dataset, model, params, context)


def _inspect(dataset: Dataset, model: Model | None, params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    train_on = params.get("train_on") or "replies"
    for number, (_, example) in enumerate(islice(dataset.examples(Report()), _SAMPLES), 1):
        if model is None:
            yield Sample(number, as_text(example))
            continue
        for shown in samples(example, *model, train_on):
            yield TokenSample(number, **asdict(shown) | {"segments": [asdict(part) for part in shown.segments]})
    evaluation = None
    if params.get("evaluation"):
        evaluation = open_dataset(params["evaluation"], params.get("columns"), dataset.kind).seen(Report())
    report = Report()
    for rows in dataset.survey(report, evaluation, params.get("held_back") or 0.0):
        if context.cancelled.is_set():
            yield Finished("cancelled")
            return
        yield Progress(rows, 0, "rows")
    stats = {"kind": dataset.kind, "report": as_data(report), "sentences": report.sentences()}
    if model is not None:
        yield Progress(0, 0, "", "Counting tokens")
        examples = (example for _, example in dataset.examples(Report()))
        chosen = examples if params.get("all") else drawn(examples, SAMPLED)[0]
        found = lengths(chosen, report.read, *model, train_on, params.get("max_length"))
        stats |= {"lengths": {**asdict(found), "exact": found.exact}}
        stats["sentences"] = [*report.sentences(), *model[1].notes()]
    yield Finished("done", stats)


Model = tuple[Tokenizer, Encode]


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
