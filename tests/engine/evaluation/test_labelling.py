"""The job classify: a text typed, a file of texts of any form, the table that comes back, and what is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from random_gpt import english_tokenizer, random_gpt

from engine import jobs
from engine.evaluation import labelling
from engine.evaluation.classes import classify
from engine.events import Event, Failed, Finished, Started
from engine.gpt.classifier import Classifier
from engine.jobs import JobContext

LABELS = ("ham", "spam", "eggs")
TEXTS = ["Once upon a time", "A", "The seeds grow,\nand grow.", "Hello “there”", "12 cats"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.set_num_threads(1)
    classifier = Classifier(random_gpt("qwen3"), LABELS)
    with torch.no_grad():
        classifier.score.weight.normal_(0, 0.5, generator=torch.Generator().manual_seed(3))
    classifier.save(english_tokenizer(), tmp_path / "model", "card")
    return tmp_path / "model"


def run(context: JobContext | None = None, **params: Any) -> list[Event]:
    params = {name: str(value) if isinstance(value, Path) else value for name, value in params.items()}
    return list(jobs.run(jobs.find("classify"), params, context or JobContext()))


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_csv(path: Path, columns: dict[str, list[str]]) -> Path:
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def test_a_text_gets_the_probability_of_each_label(model: Path) -> None:
    (ending,) = run(model=model, text=TEXTS[0])
    assert isinstance(ending, Finished)
    wanted = classify(Classifier.load(model), english_tokenizer(), TEXTS[:1])[0]
    assert list(ending.stats["probabilities"].values()) == pytest.approx(wanted.tolist())
    assert list(ending.stats["probabilities"]) == list(LABELS)


def test_the_classifier_stays_loaded_between_texts(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = JobContext()
    first = run(context, model=model, text="one")
    monkeypatch.setattr(Classifier, "load", None)  # a second loading would fail
    assert run(context, model=model, text="one") == first
    assert isinstance(run(context, model=model.parent, text="one")[-1], Failed)


def test_a_table_comes_back_with_a_line_for_each_text(model: Path, tmp_path: Path) -> None:
    data = write_csv(tmp_path / "in.csv", {"id": list("12345"), "text": TEXTS, "note": [""] * 5})
    events = run(model=model, data=data, csv=tmp_path / "out.csv")
    ending = events[-1]
    assert isinstance(ending, Finished)
    found = rows(tmp_path / "out.csv")
    probabilities = classify(Classifier.load(model), english_tokenizer(), TEXTS)
    assert [row["text"] for row in found] == TEXTS
    assert [row["line"] for row in found] == ["2", "3", "4", "6", "7"]
    for row, wanted in zip(found, probabilities, strict=True):
        assert [float(row[f"p({label})"]) for label in LABELS] == pytest.approx(wanted.tolist(), abs=1e-6)
        assert row["label"] == LABELS[wanted.argmax()]
        assert float(row["probability"]) == pytest.approx(wanted.max(), abs=1e-6)
    counts = {label: sum(row["label"] == label for row in found) for label in LABELS}
    assert (ending.stats["counts"], ending.stats["texts"]) == (counts, 5)


@pytest.mark.parametrize(
    ("name", "contents", "column"),
    [
        ("in.jsonl", "\n".join(json.dumps({"text": text, "label": "ham"}) for text in TEXTS), "text"),
        ("in.csv", "message\n" + "\n".join(TEXTS[:2]), "message"),
        ("in.tsv", "label\ttext\nham\tSome text\nspam\tAnother\n", "text"),
    ],
)
def test_the_column_of_texts_is_found(name: str, contents: str, column: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(contents)
    assert labelling.texts_of(tmp_path / name).detected.columns["text"] == column


def test_a_column_that_cannot_be_told_is_asked_for(model: Path, tmp_path: Path) -> None:
    data = write_csv(tmp_path / "in.csv", {"a": TEXTS, "b": TEXTS[::-1]})
    ending = run(model=model, data=data, csv=tmp_path / "out.csv")[-1]
    assert isinstance(ending, Failed)
    assert ending.code == "data_ask"
    started, *_, ending = run(model=model, data=data, csv=tmp_path / "out.csv", columns={"text": "b"})
    assert isinstance(started, Started)
    assert [row["text"] for row in rows(tmp_path / "out.csv")] == TEXTS[::-1]


def test_rows_that_are_no_text_are_counted(model: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "one"}\n{"text": 5}\n{broken\n{"text": "two"}\n')
    ending = run(model=model, data=tmp_path / "in.jsonl", csv=tmp_path / "out.csv")[-1]
    assert isinstance(ending, Finished)
    assert [row["line"] for row in rows(tmp_path / "out.csv")] == ["1", "4"]
    assert "2" in " ".join(ending.stats["sentences"])


def test_cancelled_it_leaves_no_file(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelling, "AT_ONCE", 2)
    (tmp_path / "in.txt").write_text("\n<|endoftext|>\n".join(TEXTS))
    context, out = JobContext(), tmp_path / "out" / "found.csv"
    events = jobs.run(
        jobs.find("classify"), {"model": str(model), "data": str(tmp_path / "in.txt"), "csv": str(out)}, context
    )
    next(events)
    next(events)
    context.cancelled.set()
    assert [event.reason for event in events if isinstance(event, Finished)] == ["cancelled"]
    assert list(out.parent.iterdir()) == []


def test_a_failure_leaves_what_was_there(model: Path, tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("precious")
    data = write_csv(tmp_path / "in.csv", {"text": ["", ""]})
    assert isinstance(run(model=model, data=data, csv=tmp_path / "out.csv")[-1], Failed)
    assert (tmp_path / "out.csv").read_text() == "precious"


def test_the_texts_themselves_are_not_replaced(model: Path, tmp_path: Path) -> None:
    data = write_csv(tmp_path / "in.csv", {"text": TEXTS})
    before = data.read_bytes()
    assert isinstance(run(model=model, data=data, csv=data)[-1], Failed)
    assert data.read_bytes() == before


@pytest.mark.parametrize("params", [{}, {"data": "in.csv"}, {"csv": "out.csv"}])
def test_half_a_request_is_refused(model: Path, params: dict[str, str]) -> None:
    ending = run(model=model, **params)[-1]
    assert isinstance(ending, Failed)
    assert ending.code == "usage"
