"""The same ids come out of tokenizer.json and, through llama.cpp, out of the exported GGUF: for any text.

Two kinds of vocabulary per split pattern. `trained` is what training makes. `all_pairs` merges every pair of
bytes, so that two splitters which part a text at different places can hardly give the same ids.
"""

from __future__ import annotations

import itertools
import json
import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from any_text import CONTRACTIONS, NEW_IN_UNICODE_16, SPECIALS, any_text

from engine.gpt.config import default_config
from engine.gpt.gguf import write_gguf
from engine.gpt.model import GPT
from engine.gpt.tokenizer import END, TURN_END, TURN_START, Tokenizer
from engine.runtime.llama import LlamaRuntime

PATTERNS = ("qwen2", "gpt-2")


def all_pairs(tokenizer: Tokenizer, folder: Path) -> Tokenizer:
    """The same tokenizer with a vocabulary in which every two bytes merge."""
    tokenizer.save(folder)
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    bytes_ = sorted(token for token in content["model"]["vocab"] if len(token) == 1)
    assert len(bytes_) == 256
    merges = list(itertools.product(bytes_, bytes_))
    random.Random(0).shuffle(merges)
    tokens = [*SPECIALS, *bytes_, *("".join(pair) for pair in itertools.product(bytes_, bytes_))]
    content["model"]["vocab"] = {token: id for id, token in enumerate(tokens)}
    content["model"]["merges"] = [list(pair) for pair in merges]
    for added in content["added_tokens"]:
        added["id"] = tokens.index(added["content"])
    path.write_text(json.dumps(content), encoding="utf-8")
    return Tokenizer.load(folder)


@pytest.fixture(scope="module", params=[(p, v) for p in PATTERNS for v in ("trained", "all_pairs")], ids="-".join)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Tokenizer, LlamaRuntime]]:
    """A tokenizer of ours, and the runtime of the GGUF it was exported into."""
    pattern, vocabulary = request.param
    folder = tmp_path_factory.mktemp("parity")
    tokenizer = Tokenizer.train((any_text(seed) for seed in range(1_000_000, 1_000_600)), 1500, pattern)
    if vocabulary == "all_pairs":
        tokenizer = all_pairs(tokenizer, folder)
    torch.set_num_threads(1)
    model = GPT(default_config("qwen3", tokenizer.vocabulary, context=32, layers=1, width=32, heads=1), seed=0)
    write_gguf(model, tokenizer, folder / "model.gguf", "f16")
    runtime = LlamaRuntime(folder / "model.gguf", threads=1)
    yield tokenizer, runtime
    runtime.close()


def same(pair: tuple[Tokenizer, LlamaRuntime], text: str, special: bool) -> bool:
    tokenizer, runtime = pair
    return tokenizer.encode(text, special) == runtime.tokenize(text, special)


@pytest.mark.trial(sample=500, full=10_000)
def test_any_text_gives_the_same_ids(pair: tuple[Tokenizer, LlamaRuntime], trials: range) -> None:
    for seed in trials:
        text = any_text(seed)
        for special in (False, True):
            assert same(pair, text, special), (seed, special)


@pytest.mark.trial(sample=60, full=0x110000 // 256)
def test_every_code_point_splits_the_same(pair: tuple[Tokenizer, LlamaRuntime], trials: range) -> None:
    blocks = list(range(0x110000 // 256))
    random.Random(0).shuffle(blocks)
    for seed in trials:
        characters = [chr(c) for c in range(blocks[seed] * 256, blocks[seed] * 256 + 256) if not 0xD800 <= c < 0xE000]
        text = "".join(f"a{c}b1{c}2 {c}{c}  {c}\n{c}!{c}?'{c}'s{c}" for c in characters)
        assert same(pair, text, special=False), [c for c in characters if not same(pair, f"a{c}b1{c}2 {c}", False)]


def test_letters_of_unicode_16_split_as_in_llama_cpp(pair: tuple[Tokenizer, LlamaRuntime]) -> None:
    for character in NEW_IN_UNICODE_16:
        assert same(pair, f"a{character}b 1{character}{character}2 {character}!", special=False)


def test_contractions_ignore_case_only_as_ascii_has_it(pair: tuple[Tokenizer, LlamaRuntime]) -> None:
    """The long s is an s to a regular expression that ignores case; llama.cpp has only s and S."""
    for text in CONTRACTIONS:
        assert same(pair, f"a{text}b {text} {text}", special=False)


def test_half_a_surrogate_pair_becomes_the_same_sign_on_both_sides(pair: tuple[Tokenizer, LlamaRuntime]) -> None:
    for text in ("\ud800", "a\udfffb", "x\udc00\ud83d"):
        assert same(pair, text, special=False)


@pytest.mark.parametrize(
    "run", ["x", " ", "\n", "1", "!", "日", "\r\n", " \n", "\u3000", "🧑\u200d🚀", "e\u0301", "\x00", "'s"]
)
def test_a_long_run_of_one_thing(pair: tuple[Tokenizer, LlamaRuntime], run: str) -> None:
    for text in (run * 5000, "a" + run * 5000 + "b", run * 4999 + " "):
        assert same(pair, text, special=True)


def test_nul_bytes_are_text_like_any_other(pair: tuple[Tokenizer, LlamaRuntime]) -> None:
    text = "before\x00after \x00\x00 end\x00"
    assert same(pair, text, special=False)
    assert b"".join(pair[1].piece(id) for id in pair[1].tokenize(text, False)) == text.encode()


def test_special_spellings_are_tokens_only_when_asked(pair: tuple[Tokenizer, LlamaRuntime]) -> None:
    tokenizer, _ = pair
    text = f"{TURN_START}user\nwhat is {END}?{TURN_END}\n{TURN_START}{TURN_START} {TURN_END}x"
    specials = {tokenizer.end_id, tokenizer.turn_start_id, tokenizer.turn_end_id}
    assert specials <= set(tokenizer.encode(text, special=True))
    assert not specials & set(tokenizer.encode(text, special=False))
    assert same(pair, text, special=True)
    assert same(pair, text, special=False)


def test_generated_texts_cover_what_they_promise() -> None:
    texts = [any_text(seed) for seed in range(500)]
    together = set("".join(texts))
    categories = {unicodedata.category(c) for c in together}
    assert {
        "No",
        "Nl",
        "Nd",
        "Lm",
        "Lo",
        "Lt",
        "Mn",
        "Me",
        "Cf",
        "Cc",
        "Cn",
        "Co",
        "Zs",
        "Zl",
        "Zp",
        "Sk",
    } <= categories
    assert "\x00" in together
    assert max(map(len, texts)) > 4000
    assert any(special in text for text in texts for special in SPECIALS)
