"""Documents, tokens, windows: every token is where it should be, and none is in two halves of a split."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.data.items import NO_LOSS, token_type
from engine.data.text import TextData, Windows, documents, encode, opening
from engine.errors import EngineError
from engine.gpt.tokenizer import Tokenizer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\n", ["one"]),
        ("one\n<|endoftext|>\ntwo\n\nthree", ["one", "two\n\nthree"]),
        ("<|endoftext|>\n<|endoftext|>\none\n<|endoftext|>", ["one"]),
        ("one <|endoftext|> two", ["one <|endoftext|> two"]),
    ],
)
def test_documents_of_a_text(tmp_path: Path, text: str, expected: list[str]) -> None:
    (tmp_path / "a.txt").write_text(text, "utf-8")
    assert documents(tmp_path / "a.txt") == expected


def test_documents_of_json_lines(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "one", "id": 1}\n\n{"text": "two"}\n{"text": " "}\n{"body": "x"}')
    assert documents(tmp_path / "a.jsonl") == ["one", "two"]


@pytest.mark.parametrize("text", ["<|endoftext|>\n<|endoftext|>", "\n<|endoftext|>\n  \n"])
def test_separators_alone_are_no_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    with pytest.raises(EngineError, match="holds no text"):
        documents(tmp_path / "a.txt")


def test_what_a_text_spells_is_never_a_special_token() -> None:
    tokenizer = Tokenizer.train(["some text"], 300)
    ids = encode("a <|endoftext|> b <|im_start|>", tokenizer)
    assert not set(ids[:-1].tolist()) & tokenizer.special_ids
    assert ids[-1] == tokenizer.end_id


def test_small_vocabularies_take_two_bytes() -> None:
    assert (token_type(65_536), token_type(65_537)) == (np.uint16, np.uint32)


@pytest.mark.parametrize(("length", "stride"), [(4, 4), (4, 1), (4, 3), (1, 1), (9, 9)])
def test_windows(length: int, stride: int) -> None:
    tokens = np.arange(10, dtype=np.uint16)
    windows = Windows(tokens, length, stride)
    assert windows.starts.tolist() == list(range(0, 10 - length, stride))
    ids, labels = windows.batch(np.arange(len(windows)))
    assert ids.dtype == labels.dtype == np.int64
    for row, start in enumerate(windows.starts):
        assert ids[row].tolist() == list(range(start, start + length))
        assert labels[row].tolist() == list(range(start + 1, start + length + 1))


@pytest.mark.parametrize("size", range(12))
def test_padded_windows_score_each_token_but_the_first_once(size: int) -> None:
    windows = Windows(np.arange(size, dtype=np.uint16), 4, 4, padded=True)
    _, labels = windows.batch(np.arange(len(windows))) if len(windows) else (None, np.array([]))
    assert sorted(labels[labels != NO_LOSS].tolist()) == list(range(1, size))


def parts(*lengths: int) -> list[np.ndarray]:
    """Documents of these lengths; the last token of each is 0, the others count up."""
    numbers = iter(range(1, 10_000))
    return [np.array([*(next(numbers) for _ in range(n - 1)), 0], np.uint16) for n in lengths]


def test_the_split_falls_between_documents() -> None:
    data = TextData.join(parts(*[10] * 20), 0.1, 4, 4, [0])
    assert len(data.ids) == 201
    assert data.split == 181
    assert data.ids[0] == data.ids[180] == 0


@pytest.mark.parametrize("lengths", [(200,), (100, 100), (190, 1)])
def test_without_a_fitting_end_it_falls_within_one(lengths: tuple[int, ...]) -> None:
    data = TextData.join(parts(*lengths), 0.1, 4, 4, [0])
    assert len(data.ids) - data.split == round(len(data.ids) * 0.1)


@pytest.mark.parametrize("stride", [1, 3, 4])
def test_held_back_tokens_are_in_no_training_window(stride: int) -> None:
    data = TextData.join(parts(*[13] * 10), 0.2, 4, stride, [0])
    training, held = data.training(), data.held_back()
    seen = {int(token) for part in training.batch(np.arange(len(training))) for token in part.flatten()}
    ids, labels = held.batch(np.arange(len(held)))
    kept = {int(token) for token in labels.flatten() if token != NO_LOSS} | {int(ids[0, 0])}
    assert seen & kept <= {0}, "only the token that ends a text is in both"
    assert len(kept) > 20


def test_a_text_begins_as_the_tokenizer_begins_texts(data: Callable[..., Path]) -> None:
    """Llama, Mistral and Gemma have a token of their own before a text; ours begin behind the one that ends a text."""
    llama, ours = Tokenizer.load(data("tokenizer-mistral-7b-v0.2")), Tokenizer.train(["some text"], 300)
    begin, end = llama.begin_id, llama.end_id
    assert llama.adds_begin
    assert begin != end
    for tokenizer, before, lead in ((llama, [begin], []), (ours, [], [ours.end_id])):
        documents = [encode(text, tokenizer) for text in ("some text", "more")]
        words = [tokenizer.encode(text) for text in ("some text", "more")]
        assert [part.tolist() for part in documents] == [[*before, *ids, tokenizer.end_id] for ids in words]
        joined = TextData.join(documents, 0.0, 4, 4, opening(tokenizer))
        assert joined.ids.tolist() == [*lead, *documents[0].tolist(), *documents[1].tolist()]
        assert joined.ids[0] == opening(tokenizer)[0]


def test_a_tokenizer_without_a_token_that_ends_texts() -> None:
    tokenizer = Tokenizer.train(["some text"], 300)
    tokenizer.end_id = -1
    documents = [encode(text, tokenizer) for text in ("some text", "more")]
    assert [part.tolist() for part in documents] == [tokenizer.encode(text) for text in ("some text", "more")]
    assert opening(tokenizer) == []
    assert TextData.join(documents, 0.0, 4, 4, opening(tokenizer)).ids.tolist() == [*documents[0], *documents[1]]


def test_what_is_held_back_begins_where_a_document_does(data: Callable[..., Path]) -> None:
    tokenizer = Tokenizer.load(data("tokenizer-mistral-7b-v0.2"))
    documents = [encode("a little text", tokenizer) for _ in range(20)]
    joined = TextData.join(documents, 0.1, 4, 4, opening(tokenizer))
    assert joined.ids[joined.split - 1 : joined.split + 1].tolist() == [tokenizer.end_id, tokenizer.begin_id]


def test_nothing_held_back() -> None:
    data = TextData.join(parts(50), 0.0, 4, 4, [0])
    assert data.split == 51
    assert len(data.held_back()) == 0


def test_too_short_says_how_many_are_needed() -> None:
    TextData.join(parts(16), 0.0, 16, 16, [0]).training()
    with pytest.raises(EngineError) as caught:
        TextData.join(parts(15), 0.0, 16, 16, [0]).training()
    assert "16 tokens" in str(caught.value)
    assert "17 are needed" in str(caught.value)


def test_saved_and_mapped(tmp_path: Path) -> None:
    data = TextData.join(parts(50), 0.2, 4, 2, [0])
    data.save(tmp_path)
    found = TextData.load(tmp_path, data.split, 4, 2)
    assert isinstance(found.ids, np.memmap)
    assert np.array_equal(found.training().batch([0, 3])[0], data.training().batch([0, 3])[0])
