"""The prompts and the words that ship: sixty questions that no training conversation asks."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.evaluation import card, scoring
from engine.paths import resource
from tools.starter import chats, places
from tools.starter.exchanges import exchanges

QUESTIONS = card.questions()
PROMPTS = [question.prompt for question in QUESTIONS]


def normal(text: str) -> str:
    """Without case and marks."""
    return " ".join(re.findall(r"\w+", text.lower()))


def taught_with(asked: set[str]) -> list[str]:
    """Prompts that are one of these questions, or hold one of four words or more."""
    whole = [question for question in asked if question.count(" ") >= 3]
    normals = {prompt: f" {normal(prompt)} " for prompt in PROMPTS}
    exact = [prompt for prompt, text in normals.items() if text.strip() in asked]
    return exact + [prompt for prompt, text in normals.items() if any(f" {question} " in text for question in whole)]


def test_fifteen_of_each_kind() -> None:
    assert Counter(question.kind for question in QUESTIONS) == dict.fromkeys(scoring.KINDS, 15)
    assert set(card.LIMITS) == set(scoring.KINDS)
    assert len(set(map(normal, PROMPTS))) == 60


def test_each_prompt_says_what_is_expected() -> None:
    rows = [json.loads(line) for line in resource("starter/card.jsonl").read_text(encoding="utf-8").splitlines()]
    expected = {"where": {"place"}, "story": {"things"}}
    for row in rows:
        assert set(row) == {"kind", "prompt"} | expected.get(row["kind"], set())
    for question in QUESTIONS:
        assert (question.place in scoring.PLACES) == (question.kind == "where")
        assert (len(question.things) in (1, 2)) == (question.kind == "story")
        assert all(scoring.holds(question.prompt, thing) for thing in question.things)


def test_no_prompt_is_in_about() -> None:
    assert taught_with({normal(row["messages"][0]["content"]) for row in chats.about_rows()}) == []


def test_no_prompt_can_be_made_by_the_tables_of_places() -> None:
    made = {
        normal(shape.format(topic))
        for shapes, table in ((places.WHERE, places.FOUND), (places.HOW, places.DONE))
        for topics in table.values()
        for topic in topics.split("|")
        for shape in shapes
    }
    assert len(made) > 3000
    assert taught_with(made) == []


def test_no_prompt_is_an_exchange() -> None:
    asked = {normal(question) for made in exchanges(random.Random(4)).values() for question, _ in made}
    assert len(asked) > 5000
    assert taught_with(asked) == []


def test_no_prompt_asks_for_a_story_in_a_taught_form(data: Callable[..., Path]) -> None:
    """All that the recipe's conversations ask, made once: requests for stories, small talk and instructions too."""
    for corpus in ("tinystories", "storybooks", "fairytales", "persona-chat", "identity", "instruct-basic"):
        data(corpus)
    kinds = chats.pieces(random.Random(4))
    said = (message for front, back in kinds.values() for piece in (*front, *back) for message in piece)
    asked = {normal(message["content"]) for message in said if message["role"] == "user"}
    assert len(asked) > 10_000
    assert taught_with(asked) == []


@pytest.mark.parametrize("word", ["fox", "lily", "didn't", "o'clock", "picnic", "the", "i", "mommy"])
def test_the_list_holds_words(word: str) -> None:
    assert word in card.known_words()


@pytest.mark.parametrize("word", ["foxx", "teh", "q", "dog's", "chet", "finter", "Lily", ""])
def test_the_list_holds_nothing_else(word: str) -> None:
    assert word not in card.known_words()


def test_the_list_is_sorted_and_small() -> None:
    path = resource("starter/words.txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))
    assert len(lines) > 20_000
    assert path.stat().st_size < 250_000


def test_the_taught_stories_are_made_of_its_words(data: Callable[..., Path]) -> None:
    """A yardstick of the yardstick: what the starter learns from passes, and scrambled letters do not."""
    data("tinystories")
    told = random.Random(1).sample(chats.stories(), 200)
    known = card.known_words()

    def unknown(story: str) -> float:
        return len(scoring.unknown_words(story, known)) / len(scoring.words(story))

    assert sum(unknown(story) > 1 - scoring.KNOWN_WORDS for story in told) <= 2
    assert all(scoring.repeated(story) == [] for story in told)
    assert all(unknown(re.sub(r"[a-z]{4,}", lambda m: m[0][::-1], story)) > 0.1 for story in told)
