"""Held-out text: the model beside its 5-grams, over the same tokens."""

from __future__ import annotations

import threading
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import pytest
from small_run import write_text

from engine.errors import EngineError
from engine.evaluation import held_out, likelihood
from engine.evaluation.ngram import NGram
from engine.events import Event, Log
from engine.gpt.tokenizer import Tokenizer
from engine.runtime.base import open_runtime

Value = TypeVar("Value")
SEPARATOR = "\n<|endoftext|>\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Forty documents, of which the first two come three times, and the last five are held out."""
    documents = write_text(tmp_path / "all.txt").read_text(encoding="utf-8").split(SEPARATOR)
    (tmp_path / "text.txt").write_text(SEPARATOR.join(documents[:2] * 2 + documents), "utf-8")
    (tmp_path / "held-out.txt").write_text(SEPARATOR.join(documents[-5:]), "utf-8")
    return tmp_path


def ended(generator: Generator[Event, None, Value]) -> tuple[list[Event], Value]:
    events = []
    while True:
        try:
            events.append(next(generator))
        except StopIteration as done:
            return events, done.value


def test_what_is_learnt_and_what_is_held_out(folder: Path) -> None:
    learnt, held = held_out.read(folder)
    assert (len(learnt), len(held)) == (39, 5)
    assert not set(learnt) & set(held)


def test_both_figures_are_over_the_same_bytes(folder: Path, tiny_model: Path) -> None:
    _, found = ended(held_out.compare(str(tiny_model), folder, threading.Event()))
    assert found is not None
    learnt, held = held_out.read(folder)
    size = sum(len(text.encode()) for text in held)
    assert (found["documents"], found["bytes"]) == (5, size)

    tokenizer = Tokenizer.load(tiny_model)
    once = list(dict.fromkeys(learnt))
    weights = [learnt.count(text) for text in once]
    assert sorted(weights)[-3:] == [1, 3, 3]
    ids = [tokenizer.encode(text) for text in once]
    ngram = NGram.train(ids, tokenizer.vocabulary, tokenizer.end_id, weights)
    assert found["ngram"] == pytest.approx(ngram.bits(map(tokenizer.encode, held)) / size)

    runtime = open_runtime(tiny_model, threads=1)
    _, measured = ended(likelihood.measure(runtime, held, threading.Event()))
    runtime.close()
    assert measured is not None
    assert found["model"] == pytest.approx(measured.bits_per_byte)
    assert found["ngram"] < found["model"]  # an untrained model knows nothing


def test_without_texts_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny_model: Path) -> None:
    monkeypatch.setattr(held_out, "DEFAULT_FOLDER", tmp_path / "none")
    events, found = ended(held_out.compare(str(tiny_model), None, threading.Event()))
    assert found is None
    (said,) = events
    assert isinstance(said, Log)
    assert (said.level, str(tmp_path / "none") in said.text) == ("warning", True)


def test_a_folder_that_was_named_must_hold_them(tmp_path: Path, tiny_model: Path) -> None:
    with pytest.raises(EngineError) as refused:
        ended(held_out.compare(str(tiny_model), tmp_path, threading.Event()))
    assert (refused.value.code, str(tmp_path) in str(refused.value)) == ("not_found", True)


def test_texts_that_do_not_belong_together_are_refused(folder: Path) -> None:
    (folder / "held-out.txt").write_text("Something else.", "utf-8")
    with pytest.raises(EngineError) as refused:
        held_out.read(folder)
    assert refused.value.code == "not_the_tail"
    assert "held-out.txt" in str(refused.value)


def test_text_without_anything_to_learn_is_refused(folder: Path) -> None:
    (folder / "held-out.txt").write_bytes((folder / "text.txt").read_bytes())
    with pytest.raises(EngineError) as refused:
        held_out.read(folder)
    assert refused.value.code == "not_the_tail"


def test_it_stops_when_asked(folder: Path, tiny_model: Path) -> None:
    cancelled = threading.Event()
    cancelled.set()
    assert ended(held_out.compare(str(tiny_model), folder, cancelled)) == ([], None)
