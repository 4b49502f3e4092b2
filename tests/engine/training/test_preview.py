"""How a tokenizer that does not exist yet cuts a sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import small_run

from engine import jobs
from engine.data.text import documents
from engine.events import Failed, Finished
from engine.gpt.tokenizer import Tokenizer
from engine.jobs import JobContext
from engine.training import preview

SENTENCES = ["The little dog sat.", "Grün 🌱 und 漢字!", "", "  two  spaces\n\n<|endoftext|>"]


def ending(context: JobContext, **params: Any) -> Finished | Failed:
    last = list(jobs.run(jobs.find("preview_tokenizer"), params, context))[-1]
    assert isinstance(last, (Finished, Failed))
    return last


def test_pieces_are_those_of_the_run_and_spell_the_sentence(tmp_path: Path) -> None:
    data = small_run.write_text(tmp_path / "text.txt")
    last = ending(JobContext(), data=[str(data)], vocabulary=400, sentences=SENTENCES)
    assert isinstance(last, Finished), last
    whole = Tokenizer.train(documents(data), 400)
    for cut, text in zip(last.stats["sentences"], SENTENCES, strict=True):
        assert bytes.fromhex("".join(piece["bytes"] for piece in cut["pieces"])).decode() == text
        assert [piece["id"] for piece in cut["pieces"]] == whole.encode(text)
        for piece in cut["pieces"]:
            assert bytes.fromhex(piece["bytes"]) in text[piece["start"] : piece["end"]].encode()
    assert not last.stats["sampled"]


def test_the_same_tokenizer_is_not_trained_twice(tmp_path: Path, monkeypatch: Any) -> None:
    data, context = small_run.write_text(tmp_path / "text.txt"), JobContext()
    ending(context, data=[str(data)], vocabulary=400, sentences=[])
    monkeypatch.setattr(preview.Tokenizer, "train", None)
    assert isinstance(ending(context, data=[str(data)], vocabulary=400, sentences=["a"]), Finished)
    assert isinstance(ending(context, data=[str(data)], vocabulary=401, sentences=["a"]), Failed)


def test_of_a_long_text_only_the_beginning_is_read(tmp_path: Path, monkeypatch: Any) -> None:
    data = small_run.write_text(tmp_path / "text.txt")
    monkeypatch.setattr(preview, "_MOST_CHARACTERS", 1000)
    last = ending(JobContext(), data=[str(data)], vocabulary=400, sentences=[])
    assert isinstance(last, Finished)
    assert last.stats["sampled"]


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    data = str(small_run.write_text(tmp_path / "text.txt"))
    for params in (
        {"data": [data], "vocabulary": 5},
        {"data": [data]},
        {"vocabulary": 400},
        {"data": ["no"], "vocabulary": 400},
    ):
        last = ending(JobContext(), **params)
        assert isinstance(last, Failed)
        assert last.code != "bug"


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_model_cuts_by_its_own_tokenizer(tmp_path: Path, sentence: str) -> None:
    parent = small_run.write_parent(tmp_path / "parent")
    last = ending(JobContext(), model=str(parent), sentences=[sentence])
    assert isinstance(last, Finished), last
    (cut,) = last.stats["sentences"]
    assert [piece["id"] for piece in cut["pieces"]] == Tokenizer.load(parent).encode(sentence)


def test_the_space_put_before_a_text_is_part_of_its_first_piece(data: Callable[..., Path]) -> None:
    tokenizer = Tokenizer.load(data("llama2-tokenizer"))
    first, *_ = found = preview.pieces("Hello there", tokenizer)
    assert (first["text"], first["start"], first["end"]) == (" Hello", 0, 5)
    assert found[-1]["end"] == len("Hello there")
