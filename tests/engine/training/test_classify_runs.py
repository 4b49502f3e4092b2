"""Runs of the method classify: what learns, what is counted, what is left behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_run
import torch
from random_gpt import random_gpt

from engine import jobs
from engine.data.items import NO_LOSS
from engine.events import Event, Failed, Finished, Metric
from engine.gpt.classifier import Classifier
from engine.gpt.tokenizer import Tokenizer
from engine.jobs import JobContext
from engine.training import checkpoint
from engine.training.jobs import train
from engine.training.machine import Compute
from engine.training.methods.classes import Classification, balanced
from engine.training.run import Run


def run(params: dict[str, Any]) -> list[Event]:
    torch.set_num_threads(1)
    return list(jobs.run(train, params, JobContext()))


def last(events: list[Event]) -> Any:
    assert isinstance(events[-1], Finished | Failed)
    return events[-1]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Event]]:
    folder = tmp_path_factory.mktemp("classify")
    keys = {"steps": 80, "batch_size": 6, "evaluate_every": 20, "learning_rate": 0.01, "validation_share": 0.25}
    params = small_run.of_method("classify", folder, **keys, sample_every=0, out=str(folder / "run"))
    return folder, run(params)


def test_it_learns_the_classes(trained: tuple[Path, list[Event]]) -> None:
    events = trained[1]
    end = last(events)
    assert end.reason == "done", events[-1]
    scored = [event.values for event in events if isinstance(event, Metric) and "val_loss" in event.values]
    assert len(scored) == 4
    for values in scored:
        matrix = np.array(values["confusion"])
        assert matrix.sum(1).tolist() == [5, 10], "a quarter of each class is held back"
        assert values["accuracy"] == pytest.approx(matrix.trace() / matrix.sum())
    assert end.stats["scores"]["balanced_accuracy"] >= 0.8
    assert end.stats["scores"]["confusion"] == scored[end.stats["model_step"] // 20 - 1]["confusion"]


def test_what_it_leaves_behind(trained: tuple[Path, list[Event]]) -> None:
    folder = trained[0]
    model, tokenizer = Classifier.load(folder / "run" / "model"), Tokenizer.load(folder / "run" / "model")
    assert model.labels == ("cat", "dog")
    probabilities = model.probabilities([tokenizer.encode("big dog ran"), tokenizer.encode("a cat")])
    assert probabilities.argmax(1).tolist() == [1, 0]
    card = (folder / "run" / "model" / "README.md").read_text("utf-8")
    assert 'pipeline_tag: "text-classification"' in card
    assert "| is, taken for | cat | dog |" in card
    assert "balanced accuracy" in card


def test_the_last_block_learns_and_the_rest_is_the_parents(trained: tuple[Path, list[Event]]) -> None:
    folder, _ = trained
    point = checkpoint.newest(folder / "run" / "checkpoints")
    assert {name.split(".")[1] for name in point.model} == {"norm", "blocks", "weight"}
    assert {name.split(".")[2] for name in point.model if "blocks" in name} == {"1"}
    model, parent = Classifier.load(folder / "run" / "model"), random_gpt("qwen3", width=32, heads=2)
    kept = parent.state_dict()
    for name, tensor in model.body.state_dict().items():
        learnt = name.startswith(("norm", "blocks.1"))
        assert torch.equal(tensor, kept[name]) != learnt, name


def test_weights_follow_the_labels(trained: tuple[Path, list[Event]]) -> None:
    opened = Run.open(trained[0] / "run")
    assert opened.recipe.classify.weights == "balanced"
    assert opened.info["reasons"]["classify.weights"] == "the most frequent class has 30 texts and the rarest 15"
    assert balanced(np.array([30, 15, 0])) == pytest.approx([0.75, 1.5, 22.5])


@pytest.mark.parametrize(("layers", "code"), [("all", None), (0, None), (3, "recipe_conflict")])
def test_as_many_blocks_as_are_asked_for(layers: Any, code: str | None, tmp_path: Path) -> None:
    params = small_run.of_method("classify", tmp_path, steps=1, out=str(tmp_path / "run"))
    end = last(run({**params, "classify.layers": layers}))
    if code is not None:
        assert (end.code, end.data["key"]) == (code, "classify.layers")
        return
    names = checkpoint.newest(tmp_path / "run" / "checkpoints").model.keys()
    assert any("embedding" in name for name in names) == (layers == "all")
    assert any("blocks" in name for name in names) == (layers == "all")


def test_columns_are_named_by_hand(tmp_path: Path) -> None:
    params = small_run.of_method("classify", tmp_path, steps=1, out=str(tmp_path / "run"))
    rows = map(json.loads, (tmp_path / "data.jsonl").read_text().splitlines())
    odd = [{"one": row["text"], "two": row["label"], "text": "the same"} for row in rows]
    (tmp_path / "data.jsonl").write_text("\n".join(map(json.dumps, odd)))
    assert last(run({**params, "columns": ["text=one", "label=two"]})).reason == "done"
    assert Run.open(tmp_path / "run").info["data"]["labels"] == ["cat", "dog"]


def test_one_label_alone_is_refused(tmp_path: Path) -> None:
    params = small_run.of_method("classify", tmp_path, out=str(tmp_path / "run"))
    rows = [{"text": f"text {number}", "label": "same"} for number in range(9)]
    (tmp_path / "data.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert last(run(params)).code == "data_one_label"


@pytest.mark.parametrize("weights", [None, np.array([0.5, 2.0, 1.0], np.float32)])
def test_the_objective_is_cross_entropy_at_the_last_token(weights: Any) -> None:
    model = Classifier(random_gpt("qwen3"), ("a", "b", "c"))
    with torch.no_grad():
        model.score.weight.normal_(0, 0.3, generator=torch.Generator().manual_seed(1))
    ids = torch.arange(15).view(3, 5)
    last_places, classes = torch.tensor([4, 2, 3]), torch.tensor([0, 1, 1])
    labels = torch.full_like(ids, NO_LOSS)
    labels[torch.arange(3), last_places] = classes
    counts = None if weights is None else torch.from_numpy(weights)
    plain = torch.nn.functional.cross_entropy(model(ids, last_places), classes, counts, reduction="none")
    (plain.sum() / 7).backward()
    wanted = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()

    objective, batch = (
        Classification(model, Compute(torch.device("cpu"), "float32"), weights),
        (ids.numpy(), labels.numpy()),
    )
    assert objective.count(batch) == 3
    assert objective.backward(batch, 7)["loss"] == pytest.approx(plain.sum().item(), rel=1e-5)
    for name, gradient in wanted.items():
        torch.testing.assert_close(model.get_parameter(name).grad, gradient, rtol=1e-4, atol=1e-6)
    scores = objective.evaluate([batch, batch])
    total = len(classes) if counts is None else float(counts[classes].sum())
    assert scores["val_loss"] == pytest.approx(plain.sum().item() / total, rel=1e-5)
    assert np.array(scores["confusion"]).sum() == 6
