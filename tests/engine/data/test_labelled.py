"""Texts with classes: the class stands at the last token, and every class has its share of what is held back."""

from __future__ import annotations

import random
import tempfile
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from engine.data.examples import Labelled
from engine.data.items import NO_LOSS
from engine.data.labelled import LabelledData, label_table, stratified
from engine.data.report import Report
from engine.errors import EngineError
from engine.gpt.tokenizer import Tokenizer

TOKENIZER = Tokenizer.train(["call now to win a prize free free, see you at home tonight"] * 3, 300)
TEXTS = [Labelled(f"see you at {n}", "ham") for n in range(30)] + [Labelled(f"win {n} now", "spam") for n in range(10)]
LABELS = ("ham", "spam")


def encoded(texts: list[Labelled], length: int = 50, share: float = 0.2) -> tuple[LabelledData, Report]:
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        split = LabelledData.write(Path(folder), texts, LABELS, TOKENIZER, length, share, report, seed=3)
        mapped = LabelledData.load(Path(folder), split)
        arrays = {f.name: np.array(getattr(mapped, f.name)) for f in fields(mapped)[:-1]}
    return LabelledData(**arrays, split=split), report


def test_the_last_token_carries_the_class() -> None:
    data, report = encoded(TEXTS)
    items = data.training()
    assert report.sentences() == []
    ids, labels = items.batch(np.arange(len(items)))
    assert ids.shape == labels.shape == (len(items), int(items.lengths.max()))
    for row, length in enumerate(items.lengths):
        text = TOKENIZER.decode(ids[row, :length].tolist())
        assert labels[row, length - 1] == items.classes[row] == (1 if text.startswith("win") else 0)
        assert set(labels[row].tolist()) == {NO_LOSS, int(items.classes[row])}
        assert (labels[row] != NO_LOSS).sum() == 1
        assert not ids[row, length:].any()


def test_every_text_is_there_once_in_equal_shares() -> None:
    data, _ = encoded(TEXTS)
    training, back = data.training(), data.held_back()
    assert (len(training), len(back), data.split) == (32, 8, 32)
    assert np.bincount(back.classes).tolist() == [6, 2]
    texts = [TOKENIZER.decode(items.batch([n])[0][0].tolist()) for items in (training, back) for n in range(len(items))]
    assert sorted(texts) == sorted(example.text for example in TEXTS)


@pytest.mark.trial(sample=200, full=5000)
def test_shares_of_any_classes(trials: range) -> None:
    for seed in trials:
        chance = random.Random(seed)
        classes = np.array([chance.randrange(4) for _ in range(chance.randrange(1, 60))])
        share = chance.choice([0.0, 0.05, 0.2, 0.5])
        training, back = stratified(classes, share, seed)
        assert sorted([*training, *back]) == list(range(len(classes)))
        for number in set(classes.tolist()):
            count, held = int((classes == number).sum()), int((classes[back] == number).sum())
            assert held < count
            assert abs(held - count * share) <= 1
            assert bool(held) == (share > 0 and count > 1)
        again = stratified(classes, share, seed)
        assert np.array_equal(training, again[0])
        assert np.array_equal(back, again[1])


def test_what_is_cut_or_left_out_is_counted() -> None:
    odd = [Labelled("", "ham"), Labelled("win", "none of them"), Labelled("see " * 100, "ham"), *TEXTS]
    data, report = encoded(odd, length=10)
    assert (report.cut, sum(report.unwritten.values()), len(data.training()) + len(data.held_back())) == (1, 2, 41)
    assert data.training().lengths.max() == 10
    assert len(report.sentences()) == 3
    with pytest.raises(EngineError) as caught:
        encoded(odd[:2])
    assert caught.value.code == "data_no_conversation"


def test_a_label_that_occurs_once_is_said() -> None:
    data, report = encoded([*TEXTS[:5], TEXTS[-1]])
    assert report.sentences() == ["Labels that occur once are only trained on, never evaluated: spam."]
    assert 1 in data.training().classes
    assert 1 not in data.held_back().classes


def test_what_begins_a_text_stands_before_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TOKENIZER, "begin_id", TOKENIZER.end_id)
    monkeypatch.setattr(TOKENIZER, "adds_begin", True)
    data, _ = encoded(TEXTS, length=3)
    ids, labels = data.training().batch([0, 1])
    assert ids[:, 0].tolist() == [TOKENIZER.end_id] * 2
    assert ids.shape == (2, 3)
    assert (labels[:, 2] != NO_LOSS).all()


def test_saved_and_mapped(tmp_path: Path) -> None:
    data, _ = encoded(TEXTS)
    data.save(tmp_path)
    again = LabelledData.load(tmp_path, data.split)
    for before, after in ((data.training(), again.training()), (data.held_back(), again.held_back())):
        assert all(np.array_equal(a, b) for a, b in zip(before.batch([2, 0]), after.batch([2, 0]), strict=True))


def test_the_table_of_labels() -> None:
    assert label_table(["spam", "ham", "spam"]) == ("ham", "spam")
    assert label_table(["10", "2", "-1"]) == ("-1", "2", "10")
    for labels in ([], ["ham"], ["ham"] * 3):
        with pytest.raises(EngineError) as caught:
            label_table(labels)
        assert caught.value.code == "data_one_label"
