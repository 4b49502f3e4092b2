"""Languages of a dataset: told apart, judged together, and nothing claimed of what is none."""

from __future__ import annotations

from engine.data.languages import UNKNOWN, shares

LONG = {
    "en": "It was a bright cold day in April, and the clocks were striking thirteen.",
    "de": "Es war ein klarer, kalter Tag im April, und die Uhren schlugen gerade dreizehn.",
    "fr": "C'était une journée d'avril froide et claire, et les horloges sonnaient treize heures.",
    "es": "Era un día luminoso y frío de abril y los relojes daban las trece.",
    "ru": "Был холодный ясный апрельский день, и часы пробили тринадцать.",
    "ja": "四月の晴れた寒い日だった。時計が十三時を打っていた。",
    "ar": "كان يومًا باردًا ومشرقًا من أيام أبريل، وكانت الساعات تدق الثالثة عشرة.",
}


def test_languages_side_by_side() -> None:
    texts = [text for number, text in enumerate(LONG.values(), 1) for _ in range(10 * number)]
    assert shares(texts) == [(code, 10 * n / len(texts)) for n, code in reversed(list(enumerate(LONG, 1)))]


def test_a_short_row_is_what_the_others_are() -> None:
    short = ["The cake is good.", "What is 3?", "I don't know.", "Sarah baked the cake."]
    assert shares([LONG["en"]] * 6 + short) == [("en", 1.0)]
    assert len(shares(["Je ne sais pas.", "No lo sé."] * 5 + [LONG["fr"], LONG["es"]] * 10)) == 2


def test_what_is_no_language() -> None:
    assert shares(["12 + 5 = 17", "3.14159", "", "\n", "\0" * 40]) == [(UNKNOWN, 1.0)]
    assert shares(["1", LONG["de"], "2", "3"]) == [("de", 0.25), (UNKNOWN, 0.75)], "it comes last"
    assert shares([]) == []
