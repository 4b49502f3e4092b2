"""The task classify: the same classes as one text at a time, figures of known labels, a table of probabilities."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from random_gpt import english_tokenizer, random_gpt

from engine import jobs
from engine.evaluation.classes import classify
from engine.evaluation.jobs import TASKS
from engine.events import Event, Log
from engine.gpt.classifier import Classifier
from engine.jobs import JobContext

TEXTS = ("Once upon a time", "A", "The seeds grow and grow until they are trees.", "Hello there", "12 cats", "Rain")
LABELS = ("ham", "spam")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.set_num_threads(1)
    classifier = Classifier(random_gpt("qwen3"), LABELS)
    with torch.no_grad():
        classifier.score.weight.normal_(0, 0.5, generator=torch.Generator().manual_seed(3))
    classifier.save(english_tokenizer(), tmp_path / "model", "card")
    return tmp_path / "model"


def write(path: Path, labels: Any) -> Path:
    rows = [{"text": text, "label": label} for text, label in zip(TEXTS, labels, strict=True)]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def evaluate(model: Path, data: Path, **more: Any) -> list[Event]:
    return list(jobs.run(TASKS["classify"], {"model": str(model), "data": str(data), **more}, JobContext()))


def test_texts_together_and_alone(model: Path) -> None:
    classifier, tokenizer = Classifier.load(model), english_tokenizer()
    together = classify(classifier, tokenizer, list(TEXTS))
    assert together.sum(1) == pytest.approx(1)
    for text, row in zip(TEXTS, together, strict=True):
        ids = torch.tensor([tokenizer.encode(text)])
        alone = classifier(ids, torch.tensor([ids.size(1) - 1])).softmax(-1)[0]
        assert row == pytest.approx(alone.detach().numpy(), abs=1e-5)
    long = classify(classifier, tokenizer, ["word " * 500, ""])
    assert long.shape == (2, 2)


def test_figures_and_table(model: Path, tmp_path: Path) -> None:
    found = classify(Classifier.load(model), english_tokenizer(), list(TEXTS)).argmax(1)
    labels = [LABELS[number] for number in found]
    labels[0] = LABELS[1 - found[0]]  # one is wrong
    end = evaluate(model, write(tmp_path / "data.jsonl", labels), csv=str(tmp_path / "out.csv"))[-1]
    stats = end.stats  # type: ignore[attr-defined]
    assert stats["texts"] == 6
    assert stats["accuracy"] == pytest.approx(5 / 6)
    assert sum(map(sum, stats["confusion"])) == 6
    with open(tmp_path / "out.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == list(TEXTS)
    assert [row["label"] == row["found"] for row in rows] == [False] + [True] * 5
    for row in rows:
        assert float(row[f"p({row['found']})"]) >= 0.5


def test_labels_the_classifier_does_not_know(model: Path, tmp_path: Path) -> None:
    events = evaluate(model, write(tmp_path / "some.jsonl", ["ham", "spam", "eggs", "ham", "eggs", "spam"]))
    assert events[-1].stats["texts"] == 4  # type: ignore[attr-defined]
    said = [event.text for event in events if isinstance(event, Log)]
    assert "2 texts were left out: their label is none of the classifier's." in said
    end = evaluate(model, write(tmp_path / "none.jsonl", ["a", "b", "a", "b", "a", "b"]))[-1]
    assert end.code == "data_no_known_label"  # type: ignore[attr-defined]


def test_a_model_that_writes_is_no_classifier(tmp_path: Path) -> None:
    data = write(tmp_path / "data.jsonl", ["ham", "spam"] * 3)
    assert evaluate(Path("starter"), data)[-1].code == "not_a_classifier"  # type: ignore[attr-defined]
