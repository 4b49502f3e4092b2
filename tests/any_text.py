"""Texts from every corner of Unicode, by their number: what two tokenizers must agree on."""

from __future__ import annotations

import random
from collections.abc import Callable

from engine.gpt.tokenizer import END, TURN_END, TURN_START

SPECIALS = (END, TURN_START, TURN_END)

# Letters and digits that Unicode 16 added: `tokenizers` knows them, the llama.cpp we pin does not yet.
NEW_IN_UNICODE_16 = "\u1c89\ua7cb\ua7da\U000105c0\U00010d40\U00010d4a\U00013460\U000143fa\U00016100\U0001ccf0\U0001e5f1"
# The blocks and gaps they stand in (https://www.unicode.org/versions/Unicode16.0.0, "New Characters").
_GAPS_OF_UNICODE_16 = (
    (0x1C89, 0x1C8A), (0xA7CB, 0xA7CD), (0xA7DA, 0xA7DC), (0x105C0, 0x105FF), (0x10D40, 0x10D8F), (0x10EC2, 0x10EC4),
    (0x11380, 0x113FF), (0x116D0, 0x116FF), (0x11BC0, 0x11BFF), (0x13460, 0x143FF), (0x16100, 0x1613F),
    (0x16D40, 0x16D7F), (0x1CC00, 0x1CEBF), (0x1E5D0, 0x1E5FF),
)  # fmt: skip

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


def has_unicode_16(text: str) -> bool:
    """Whether a text has letters or digits that llama.cpp does not know as such."""
    return any(first <= ord(character) <= last for character in text for first, last in _GAPS_OF_UNICODE_16)


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
