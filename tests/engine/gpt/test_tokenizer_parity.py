"""The same ids come out of tokenizer.json and, through llama.cpp, out of the exported GGUF: for any text.

Two kinds of vocabulary per split pattern. `trained` is what training makes. `all_pairs` merges every pair of
bytes, so that two splitters which part a text at different places can hardly give the same ids.
"""

from __future__ import annotations

import itertools
import json
import random
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from engine.gpt.config import default_config
from engine.gpt.gguf import write_gguf
from engine.gpt.model import GPT
from engine.gpt.tokenizer import END, TURN_END, TURN_START, Tokenizer
from engine.runtime.llama import LlamaRuntime

PATTERNS = ("qwen2", "gpt-2")
SPECIALS = (END, TURN_START, TURN_END)

# Letters and digits that Unicode 16 added: `tokenizers` knows them, the llama.cpp we pin does not yet.
NEW_IN_UNICODE_16 = "\u1c89\ua7cb\ua7da\U000105c0\U00010d40\U00010d4a\U00013460\U000143fa\U00016100\U0001ccf0\U0001e5f1"

SPACES = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u180e\u2000\u2003\u2007\u200a\u200b\u2028\u2029\u202f\u205f"
    "\u3000\ufeff"
)
CONTRACTIONS = tuple(
    f"{apostrophe}{letters}"
    for apostrophe in ("'", "’", "''", " '")
    for word in ("s", "t", "re", "ve", "m", "ll", "d", "x", "ſ")
    for letters in (word, word.upper(), word.title(), word.swapcase().title().swapcase())
)
EMOJI = (
    "😀",
    "👍🏽",
    "🧑\u200d🚀",
    "👨\u200d👩\u200d👧\u200d👦",
    "🇩🇪",
    "❤\ufe0f",
    "1\ufe0f\u20e3",
    "🏴\U000e0067\U000e007f",
)
NUMBERS = "0123456789٠١٢३४一二Ⅷⅻ½⅓²³①⑳㊿𝟘𝟙𐄇"
SCRIPTS = "Weiß naïve Łódź Ελλάδα Москва שלום עולם مرحبا नमस्ते ไทย 日本語テキスト 漢字 한국어 ÅA\u030a é e\u0301 ʰʷˈ ǅ ꟸ"
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~…—–«»“”„。、！？·€£¥©®™°±×÷¬¶§"


def any_text(seed: int) -> str:
    """A text of up to a few hundred characters from every corner of Unicode; every fortieth has a very long run."""
    draw = random.Random(seed)
    parts = [draw.choice(PARTS)(draw) for _ in range(draw.randint(0, 40))]
    if seed % 40 == 0:
        parts.insert(draw.randint(0, len(parts)), draw.choice(" \n\taA1!é日😀\u0301\u3000") * draw.randint(1000, 5000))
    return "".join(parts)


def code_point(draw: random.Random) -> str:
    """Any code point a text may hold, low ones more often."""
    value = draw.randrange(1 << draw.randint(5, 20)) + draw.choice((0, 0, 0, 0x10000))
    return "\N{SNOWMAN}" if 0xD800 <= value < 0xE000 or value > 0x10FFFF else chr(value)


PARTS: tuple[Callable[[random.Random], str], ...] = (
    code_point,
    lambda draw: draw.choice(SPACES) * draw.choice((1, 1, 2, 3, 17)),
    lambda draw: " " * draw.choice((1, 1, 1, 2, 3, 8)),
    lambda draw: draw.choice(("\n", "\r\n", "\n\n", " \n", "\n ", "\t\n \r")),
    lambda draw: draw.choice(CONTRACTIONS),
    lambda draw: draw.choice(("don't", "I'M", "we'Ll", "they'VE", "o'clock", "'tis", "x's'd")),
    lambda draw: draw.choice(EMOJI) * draw.choice((1, 1, 5)),
    lambda draw: "".join(draw.choices(NUMBERS, k=draw.randint(1, 6))),
    lambda draw: "".join(draw.choices(SCRIPTS, k=draw.randint(1, 12))),
    lambda draw: draw.choice(SCRIPTS.split()),
    lambda draw: "".join(draw.choices(PUNCTUATION, k=draw.randint(1, 5))),
    lambda draw: chr(draw.randrange(0x20)) * draw.choice((1, 1, 3)),
    lambda draw: chr(draw.randrange(0x7F, 0xA0)),
    lambda draw: "a" + "".join(chr(draw.randrange(0x300, 0x370)) for _ in range(draw.randint(1, 9))),
    lambda draw: draw.choice("\u200e\u200f\u202a\u202e\u2066\u2069\u200c\u200d\u2060\ufffe\uffff\U0010ffff\ue000"),
    lambda draw: draw.choice(NEW_IN_UNICODE_16) * draw.choice((1, 2)),
    lambda draw: draw.choice(SPECIALS),
    lambda draw: draw.choice(SPECIALS)[draw.randint(0, 3) : draw.randint(8, 14)],
    lambda draw: draw.choice(
        ("<|", "|>", "<|im_start", "im_end|>", "<||>", "</s>", "<s>", "[INST]", "<unk>", "<0x0A>")
    ),
    lambda draw: draw.choice(("the quick brown fox", "def f(x):\n    return x", "https://a.b/c?d=e&f=1", "3.14e-10")),
)


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
