"""What the starter is taught to say about itself: resources/starter/about.jsonl against the window as it is."""

from __future__ import annotations

import json
import random
import re
from collections import Counter

import pytest

from tools.starter.chats import ABOUT, ABOUT_PASSES
from tools.starter.introductions import introductions
from tools.starter.places import places
from tools.starter.refusals import UNABLE, UNKNOWN

ROWS = [json.loads(line) for line in ABOUT.read_text(encoding="utf-8").splitlines()]
PLACES = (  # all that may be named, the longest first; what is left over must name no place
    "the New chat button at the top of the list of chats at the left",
    "the search in the list of chats at the left",
    "the list of chats at the left",
    "Settings at the left edge",
    "Chat at the left edge",
    "the model picker at the top of the chat",
    "the side panel at the right",
    "under the message",
    "under the reply",
    "the command line: seedling train",
    "the command line: seedling export",
    "the command line: seedling models",
    "the command line: seedling doctor",
    "the command line: seedling chat",
    "Stop, the button where Send was",
    "Ctrl+F to find text in this chat",
    "Ctrl+K to open the command palette",
    "the command seedling train",
)
CHOICES = {  # the sections of the settings, and what menus offer
    *"Appearance Storage Performance Privacy Shortcuts Logs Backups Chat Delete".split(),
    "Add model file",
    "Add model folder",
}
PLACE_WORDS = re.compile(
    r"\b(?:page|menu|rail|tab|sidebar|toolbar|dialog|panel|picker|Settings|Ctrl|edge|left|right|top|bottom|button|"
    r"command|palette|list of|window|corner|seedling)\b"
)


def answers(kind: str) -> list[str]:
    return [row["messages"][1]["content"] for row in ROWS if row["kind"] == kind]


def questions(*kinds: str) -> list[str]:
    return [row["messages"][0]["content"] for row in ROWS if row["kind"] in kinds]


def test_every_row_is_one_question_and_its_answer() -> None:
    for row in ROWS:
        assert set(row) == {"kind", "messages"}
        assert [message["role"] for message in row["messages"]] == ["user", "assistant"]
        assert all(set(message) == {"role", "content"} for message in row["messages"])
        assert all(message["content"] == message["content"].strip() != "" for message in row["messages"])


def test_there_are_enough_of_every_kind() -> None:
    counts = Counter(row["kind"] for row in ROWS)
    assert set(counts) == set(ABOUT_PASSES)
    assert counts.total() >= 700
    wanted = {"greeting": 100, "identity": 120, "ability": 80, "where": 180, "thanks": 50, "unknown": 200}
    assert {kind for kind, least in wanted.items() if counts[kind] < least} == set()


def test_no_question_is_asked_twice() -> None:
    asked = Counter(" ".join(re.findall(r"\w+", question.lower())) for question in questions(*ABOUT_PASSES))
    assert [question for question, count in asked.items() if count > 1] == []


def test_it_is_plain_text_in_straight_quotes() -> None:
    assert ABOUT.read_text(encoding="utf-8").isascii()
    for row in ROWS:
        assert not re.search(r"[*_#`{}\\]|  ", row["messages"][1]["content"])


def test_answers_are_whole_sentences() -> None:
    for row in ROWS:
        answer = row["messages"][1]["content"]
        assert answer[0].isupper()
        assert answer.endswith((".", "!", "?")), answer


@pytest.mark.parametrize("answer", sorted(set(answers("identity"))))
def test_it_says_its_name_when_asked_who_it_is(answer: str) -> None:
    assert "the Seedling starter" in answer


@pytest.mark.parametrize("answer", sorted({*answers("unknown"), *UNKNOWN, *UNABLE}))
def test_what_it_cannot_know_it_declines_and_says_where_help_is(answer: str) -> None:
    assert "small" in answer
    assert "know" in answer
    assert "larger model" in answer
    assert answer.endswith("the model picker at the top of the chat.")


@pytest.mark.parametrize("answer", sorted({row["messages"][1]["content"] for row in ROWS}))
def test_it_names_only_places_that_exist(answer: str) -> None:
    rest = answer
    for place in PLACES:
        rest = rest.replace(place, "")
    assert PLACE_WORDS.findall(rest.replace("Double click", "").replace("Right click", "")) == []
    assert set(re.findall(r"[Cc]hoose (Add model \w+|\w+)", answer)) <= CHOICES


@pytest.mark.parametrize(
    "wrong",
    [
        "Use the Train page.",
        "Open the Models page at the left.",
        "Use the menu at the top.",
        "Open Settings at the left edge and choose Sound.",
    ],
)
def test_a_place_that_does_not_exist_would_be_seen(wrong: str) -> None:
    with pytest.raises(AssertionError):
        test_it_names_only_places_that_exist(wrong)


def test_where_answers_name_one_place() -> None:
    for answer in answers("where"):
        assert answer.count(".") == 1
        assert any(place in answer for place in PLACES) or answer.startswith(("Press ", "Double click", "Right click"))


def test_every_place_asked_for_by_the_generator_is_answered_in_these_words() -> None:
    assert {answer for _, answer in places(random.Random(1))} <= set(answers("where"))


def test_every_introduction_is_one_of_these_answers_too() -> None:
    made = introductions(random.Random(1))
    assert len({question for question, _ in made}) == len(made) > 500
    assert {answer for _, answer in made} <= {*answers("identity"), *answers("greeting")}
    assert not any(re.search(r"[{}|]|Seedling|  ", question) for question, _ in made)


def test_what_it_declines_is_broad() -> None:
    asked = [question.lower() for question in questions("unknown")]
    for start in "who what when where why how which is write translate tell".split():
        assert sum(question.startswith(start) for question in asked) >= 2, start
    words = {word for question in asked for word in re.findall(r"[a-z]{4,}", question)}
    assert len(words) >= 350
