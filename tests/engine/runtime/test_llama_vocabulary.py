"""The vocabulary of GGUF files: llama.cpp's own ids, and no text that ends the process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gguf_files import GGUF

from engine.runtime.gguf_header import read_header
from engine.runtime.llama_vocabulary import Vocabulary, tokenize_only
from engine.runtime.text_split import split_long_runs

Data = Callable[[str], Path]


@pytest.fixture
def llama_2(data: Data) -> Iterator[Vocabulary]:
    """32,000 tokens."""
    opened = tokenize_only(data("gguf-tiny-random/llama-2-tiny-random.gguf"))
    yield opened
    opened.close()


@pytest.fixture
def mini(data: Data) -> Iterator[Vocabulary]:
    """64 tokens."""
    opened = tokenize_only(data("malformed-models/gguf/valid-mini.gguf"))
    yield opened
    opened.close()


@pytest.mark.parametrize("name", ["gpt-2", "llama-spm", "phi-3", "starcoder", "bert-bge"])
def test_real_vocabularies_give_llama_cpps_ids(data: Data, name: str) -> None:
    path = data(f"gguf-vocab/ggml-vocab-{name}.gguf")
    texts = path.with_suffix(".gguf.inp").read_bytes().decode().split("\n__ggml_vocab_test__\n")
    expected = [[int(id) for id in line.split()] for line in path.with_suffix(".gguf.out").read_text().splitlines()]
    vocabulary = tokenize_only(path)
    found = [vocabulary.tokenize(text) for text in texts]
    vocabulary.close()
    vocabulary.close()
    assert found[: len(expected)] == expected
    assert len(expected) > 40


def test_every_byte_of_a_text_comes_back(data: Data) -> None:
    vocabulary = tokenize_only(data("gguf-vocab/ggml-vocab-gpt-2.gguf"))
    text = "Grüße, 世界! 👩‍👩‍👧‍👦 \x00\x01\t\r\n" + " " * 64 + "ﷺ\u202e\U0010ffff"
    assert b"".join(map(vocabulary.piece, vocabulary.tokenize(text))) == text.encode()
    vocabulary.close()


def test_tokens_of_any_length_keep_their_bytes(data: Data, tmp_path: Path) -> None:
    """The buffer of llama-cpp-python has 32 bytes, and it loses what is longer."""
    model = GGUF.read(data("gguf-vocab/ggml-vocab-gpt-2.gguf"))
    tokens = read_header(data("gguf-vocab/ggml-vocab-gpt-2.gguf")).metadata["tokenizer.ggml.tokens"].values()
    tokens[1000:1003] = ["x" * 33, "y" * 64, "z" * 5000]
    model.set("tokenizer.ggml.tokens", "texts", tokens)
    vocabulary = tokenize_only(model.write(tmp_path / "long.gguf"))
    assert [vocabulary.piece(id) for id in (1000, 1001, 1002)] == [b"x" * 33, b"y" * 64, b"z" * 5000]
    vocabulary.close()


def test_ids_outside_the_vocabulary(llama_2: Vocabulary) -> None:
    assert llama_2.piece(-1) == llama_2.piece(32_000) == b""
    assert not llama_2.is_end(10**9)


def test_no_text_no_ids(llama_2: Vocabulary) -> None:
    assert llama_2.tokenize("", special=True) == []


def test_lone_surrogates_become_replacement_characters(llama_2: Vocabulary) -> None:
    assert llama_2.tokenize("a\ud800b", False) == llama_2.tokenize("a\ufffdb", False)


def test_characters_without_token_or_bytes_become_the_unknown_token(mini: Vocabulary) -> None:
    """llama.cpp would throw through our frames and end the process."""
    assert mini.tokenize("the ant", False) == [37, 38, 12, 8]
    assert mini.tokenize("ÄB", False) == [0, 0]
    assert mini.tokenize("theé", False)[-1] == 0


def test_long_runs_do_not_overflow_the_stack(data: Data, tmp_path: Path) -> None:
    """In a process of its own: without the split this is a segmentation fault (llama.cpp #27783)."""
    model = GGUF.read(data("gguf-vocab/ggml-vocab-gpt-2.gguf")).set("tokenizer.ggml.pre", "text", "gpt-4o")
    script = (
        "import sys; from engine.runtime.llama_vocabulary import tokenize_only\n"
        "vocabulary = tokenize_only(sys.argv[1])\n"
        "for text in ('a' * 60_000, ' ' * 60_000, '!' * 60_000, '中' * 60_000, 'e\\u0301' * 30_000, '1' * 60_000):\n"
        "    assert b''.join(map(vocabulary.piece, vocabulary.tokenize(text))) == text.encode()\n"
    )
    path = model.write(tmp_path / "model.gguf")
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", script, path], cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_hand_written_pre_tokenizers_take_any_text_whole(data: Data) -> None:
    """Their ids must be those of tokenizer.json, also in the longest run."""
    vocabulary = tokenize_only(data("gguf-vocab/ggml-vocab-gpt-2.gguf"))
    for text in (" " * 50_001, "the" * 20_000, "12345" * 10_000):
        assert vocabulary.tokenize(text) == vocabulary._ids(text, False)
    assert vocabulary.tokenize("the" * 20_000) != [
        id for part in split_long_runs("the" * 20_000) for id in vocabulary.tokenize(part)
    ]
    vocabulary.close()


@pytest.mark.parametrize("prefix", [True, False])
def test_runs_that_are_written_in_bytes_are_given_in_parts_and_have_the_ids_of_the_whole(
    data: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefix: bool
) -> None:
    """llama.cpp needs 33 s for a megabyte of newlines: the time grows with the square of such a run."""
    model = GGUF.read(data("gguf-vocab/ggml-vocab-llama-spm.gguf"))
    model.set("tokenizer.ggml.add_space_prefix", "bool", prefix)
    vocabulary = tokenize_only(model.write(tmp_path / "model.gguf"))
    whole, asked = vocabulary._ids, list[int]()

    def ids(text: str, special: bool) -> list[int]:
        asked.append(len(text))
        return whole(text, special)

    monkeypatch.setattr(vocabulary, "_ids", ids)
    for text in ("\n" * 9_000, "\0" * 9_000, "a cat " + "\U0001f680" * 5_000 + " the" + "\n" * 3_000, "\n the" * 3_000):
        asked.clear()
        assert vocabulary.tokenize(text) == whole(text, False)
        assert len(asked) > 1 or "\n the" in text
        assert max(asked) < 5_000 or "\n the" in text
    vocabulary.close()
