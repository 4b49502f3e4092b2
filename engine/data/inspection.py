"""The `inspect` job: what a dataset holds, and what became of every row of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any

from engine.data.dataset import open_dataset
from engine.data.examples import Conversation, Document, Example, Labelled, MultipleChoice, Preference
from engine.data.report import KEPT, Report
from engine.events import Event, Finished, Progress, Sample, Started
from engine.jobs import JobContext

_SAMPLES = 3
_SHOWN = 400  # characters of each text in a sample


def inspect(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `data` (paths), and where given `columns` (role -> column), `kind`, `evaluation` (paths of other data).

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
    for number, (_, example) in enumerate(islice(dataset.examples(Report()), _SAMPLES), 1):
        yield Sample(number, as_text(example))
    evaluation = None
    if params.get("evaluation"):
        evaluation = open_dataset(params["evaluation"], params.get("columns"), dataset.kind).seen(Report())
    report = Report()
    for rows in dataset.survey(report, evaluation):
        if context.cancelled.is_set():
            yield Finished("cancelled")
            return
        yield Progress(rows, 0, "rows")
    yield Finished("done", {"kind": dataset.kind, "report": as_data(report), "sentences": report.sentences()})


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
