"""The generator of simple exchanges: its answers are right, and it writes the same again."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict

import pytest

from tools.starter import exchanges as generator
from tools.starter import facts
from tools.starter.exchanges import Exchange, a, exchanges, pairs, passage

ALL = exchanges(random.Random(1))
SPOKEN = {word: number for number, word in enumerate(facts.NUMBERS)}


def numbers(text: str) -> list[int]:
    return [
        SPOKEN.get(word, -1) if word.isalpha() else int(word)
        for word in re.findall(r"\w+", text.lower())
        if word in SPOKEN or word.isdigit()
    ]


def plain(question: str) -> str:
    return " ".join(re.findall(r"[\w+-]+", question.lower()))


def test_the_same_state_of_chance_writes_the_same() -> None:
    assert exchanges(random.Random(1)) == ALL
    assert exchanges(random.Random(2)) != ALL


def test_there_are_a_few_thousand_and_none_twice() -> None:
    assert 4000 <= sum(map(len, ALL.values())) <= 9000
    for found in ALL.values():
        assert len(found) == len(set(found))


def test_every_answer_is_a_sentence() -> None:
    for question, answer in (exchange for found in ALL.values() for exchange in found):
        assert question.strip() == question != ""
        assert answer.endswith((".", "!", "?"))
        assert answer[0].isupper() or answer[0].isdigit() or re.match(r"^\w(-\w)*\.$", answer), answer


def test_every_sum_is_right() -> None:
    for question, answer in ALL["sums"]:
        first, second, result = numbers(answer)
        assert numbers(question) == [first, second]
        if "times" in answer:
            assert "times" in question or " x " in question
            assert result == first * second
        else:
            minus = "minus" in question or "-" in question
            assert minus == ("minus" in answer or "-" in answer)
            assert result == (first - second if minus else first + second)
        assert 0 <= result <= 20


def test_every_sum_within_twenty_is_there() -> None:
    products = sum(20 // first for first in range(1, 21))
    assert len(ALL["sums"]) == 231 + 231 + products


def test_counting_is_right() -> None:
    for question, answer in ALL["counting"]:
        asked, said = numbers(question), numbers(answer)
        if "ount down" in question:
            assert said == list(range(asked[0], 0, -1))
        elif "ount" in question:
            assert said == list(range(1, asked[0] + 1))
        elif "after" in question:
            assert said == [asked[0], asked[0] + 1]
        elif "before" in question:
            assert said == [asked[0], asked[0] - 1]
        else:
            assert said == sorted(asked, reverse=True)


def test_days_and_months_follow_each_other() -> None:
    names = [*facts.DAYS, *facts.MONTHS, *facts.SEASONS]
    following = {
        name: row[(n + 1) % len(row)] for row in (facts.DAYS, facts.MONTHS, facts.SEASONS) for n, name in enumerate(row)
    }
    assert len(following) == 7 + 12 + 4
    for _, answer in ALL["order"]:
        if match := re.match(r"(After|Before) (\w+) comes (\w+)\.$", answer):
            way, first, second = match.groups()
            assert {first, second} <= set(names)
            assert following[first if way == "After" else second] == (second if way == "After" else first)


def test_the_calendar() -> None:
    assert ("Which day comes after Sunday?", "After Sunday comes Monday.") in ALL["order"]
    assert ("Which month comes before January?", "Before January comes December.") in ALL["order"]


@pytest.mark.parametrize("table", ["OPPOSITES", "SOUNDS", "YOUNG", "HOMES", "PLURALS", "PASTS"])
def test_every_word_of_a_table_stands_there_once(table: str) -> None:
    found = pairs(getattr(facts, table))
    assert all(one and other for one, other in found)
    assert [word for word, count in Counter(one for one, _ in found).items() if count > 1] == []


def test_opposites_are_symmetric_and_one_each() -> None:
    told: dict[str, set[str]] = defaultdict(set)
    for question, answer in ALL["words"]:
        if "opposite" in question:
            word, other = re.findall(r"(?:The opposite of (\w+) is (\w+)|(\w+) is the opposite of (\w+))", answer)[0][
                :2
            ] or ("", "")
            if not word:
                other, word = re.findall(r"(\w+) is the opposite of (\w+)", answer)[0]
            assert word.lower() in plain(question).split()
            told[word.lower()].add(other.lower())
    assert len(told) == 2 * len(pairs(facts.OPPOSITES))
    for word, others in told.items():
        assert len(others) == 1
        assert told[next(iter(others))] == {word}


def test_plurals_follow_the_rules_or_are_known_exceptions() -> None:
    irregular = {
        "child": "children", "man": "men", "woman": "women", "foot": "feet", "tooth": "teeth", "mouse": "mice",
        "goose": "geese", "ox": "oxen", "sheep": "sheep", "fish": "fish", "deer": "deer", "leaf": "leaves",
        "wolf": "wolves", "knife": "knives", "shelf": "shelves", "loaf": "loaves", "elf": "elves", "potato": "potatoes",
        "tomato": "tomatoes",
    }  # fmt: skip
    for word, many in pairs(facts.PLURALS):
        if word.endswith(("s", "x", "ch", "sh")):
            regular = f"{word}es"
        elif word.endswith("y") and word[-2] not in "aeiou":
            regular = f"{word[:-1]}ies"
        else:
            regular = f"{word}s"
        assert many == irregular.get(word, regular)


def test_words_are_spelled_as_they_are() -> None:
    for question, answer in ALL["words"]:
        if "pell" in question:
            assert answer.rstrip(".").replace("-", "") in plain(question).split()


def test_bigger_is_bigger() -> None:
    order = {thing: n for row in (facts.ANIMALS_BY_SIZE, facts.THINGS_BY_SIZE) for n, thing in enumerate(row)}
    for _, answer in ALL["sizes"]:
        big, how, small = re.fullmatch(
            r"(?:Yes, |No, )?(.+) is (bigger|smaller) than (.+)\.", answer, re.IGNORECASE
        ).groups()  # type: ignore[union-attr]
        assert (order[big.lower()] > order[small]) == (how == "bigger")


def test_yes_and_no_agree_with_what_is_said() -> None:
    for question, answer in ALL["sizes"]:
        if question.startswith("Is "):
            first = re.match(r"Is (.+) bigger than", question)
            assert first
            assert answer.startswith("Yes") == answer.lower().startswith(f"yes, {first[1]} is bigger")


def test_lists_have_the_number_asked_for_and_only_members() -> None:
    for question, answer in ALL["lists"]:
        wanted = numbers(question)
        named = re.split(r", | and ", answer.rstrip(".").lower())
        if wanted:
            assert len(named) == len(set(named)) == wanted[0], (question, answer)
            what = next(kind for kind in sorted(facts.MEMBERS, key=len, reverse=True) if kind in question)
            assert {name.split()[-1] for name in named} <= set(facts.MEMBERS[what].split())


def test_rhymes_end_alike_and_never_repeat_the_word() -> None:
    rows = [set(row.split()) for row in facts.RHYMES]
    for _, answer in ALL["rhymes"]:
        one, other = re.fullmatch(r"(\w+) rhymes with (\w+)\.", answer).groups()  # type: ignore[union-attr]
        assert one.lower() != other
        assert any({one.lower(), other} <= row for row in rows)


def test_what_is_asked_about_a_text_stands_in_it() -> None:
    for seed in range(200):
        text, asked = passage(random.Random(seed))
        for question, answer in asked:
            told = re.findall(r"[A-Z]\w+|\d+", answer)[1:] + [word for word in facts.NUMBERS if word in answer.split()]
            assert all(word in text for word in told)
            new = set(re.findall(r"\w+", answer.lower())) - set(re.findall(r"\w+", (text + question).lower()))
            assert new <= {"the", "was", "were", "had", "a", "played", "got", "went", "for", "walk", "they", "named"}


def test_an_a_before_a_vowel_is_an() -> None:
    assert [a("ant"), a("cow"), a("owl")] == ["an ant", "a cow", "an owl"]
    for question, answer in (exchange for kind in ("animals", "lists", "reading") for exchange in ALL[kind]):
        assert not re.search(r"\b(?:a [aeio]|an [^aeiou\W])", f"{question} {answer}".lower()), (question, answer)


@pytest.mark.parametrize("kind", ["sums", "order", "animals", "sizes", "sense", "places"])
def test_a_question_has_one_answer(kind: str) -> None:
    said: dict[str, set[str]] = defaultdict(set)
    for question, answer in ALL[kind]:
        said[plain(question)].add(answer)
    assert {question: answers for question, answers in said.items() if len(answers) > 1} == {}


def test_nothing_is_both_answered_and_declined() -> None:
    declined = {plain(question) for question, _ in ALL["refusals"]}
    answered = {plain(question) for kind, found in ALL.items() if kind != "refusals" for question, _ in found}
    assert declined & answered == set()


def test_refusals_are_broad() -> None:
    questions = {question for question, _ in ALL["refusals"]}
    assert len(questions) >= 900
    assert not any(re.search(r"[{}|]", question) for question in questions)


def test_every_kind_is_written_from_its_own_function() -> None:
    for kind in ALL:
        written: list[Exchange] = getattr(generator, kind)(random.Random(3))
        assert written
