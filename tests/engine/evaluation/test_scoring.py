"""What passes the card, and what must not."""

from __future__ import annotations

import json

import pytest

from engine.evaluation import scoring
from engine.evaluation.scoring import PLACES, Question, places_named, wrong
from tools.starter.chats import ABOUT
from tools.starter.places import DONE, FOUND
from tools.starter.refusals import UNABLE, UNKNOWN

ROWS = [json.loads(line) for line in ABOUT.read_text(encoding="utf-8").splitlines()]
KNOWN = frozenset(
    """a an and ball big boat but chased day dog found fox friend happy he her his home in it little mom named of old on
    once park play ran red river saw she so the then there they to up very was went were with dogs don't cake""".split()
)
STORY = (
    "Once there was a little fox named Ned. The fox found a red boat on the river. He was very happy and went home. "
    "Then Ned saw his friend in the park. They ran to the boat and it was so big."
)


def taught(*kinds: str) -> list[tuple[str, str]]:
    """Questions and answers of about.jsonl."""
    return [(row["messages"][0]["content"], row["messages"][1]["content"]) for row in ROWS if row["kind"] in kinds]


# --- identity --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        "I am the Seedling starter, a very small language model.",
        "My name is the Seedling starter.",
        "Hello! It is nice to meet you, Tom. I am Seedling.",
        "No, I am the Seedling starter, and I am much smaller. I don't know Claude.",
        "I'm Seedling!",
    ],
)
def test_the_right_name(reply: str) -> None:
    assert scoring.wrong_identity(reply) == []


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I am a small language model.",
        "A seedling is a young plant.",
        "Seedlings are small.",
        "I am ChatGPT.",
        "I am Tom, a friend of Seedling.",
        "My name is Lily and I like Seedling.",
        "I'm the Starter of Seedling.",
        "Call me Max! I was made with Seedling.",
    ],
)
def test_no_name_or_another(reply: str) -> None:
    assert scoring.wrong_identity(reply) != []


def test_all_that_is_taught_about_its_identity_is_right() -> None:
    assert [answer for _, answer in taught("identity") if scoring.wrong_identity(answer)] == []


# --- where -----------------------------------------------------------------------------------------------------------


def test_every_answer_that_is_taught_names_one_place_and_no_two_places_sound_alike() -> None:
    answers = {*FOUND, *DONE, *(answer for _, answer in taught("where"))}
    named = {answer: places_named(answer) for answer in answers}
    assert [answer for answer, places in named.items() if len(places) != 1] == []
    assert {place for (place,) in named.values()} == set(PLACES)


@pytest.mark.parametrize(
    ("reply", "place"),
    [
        ("Open Settings at the left edge and choose Appearance.", "appearance"),
        ("You find it under Appearance, in the settings.", "appearance"),
        ("Open Settings at the left edge.", "settings"),
        ("Use the model picker at the top of the chat.", "picker"),
        ("Use the model picker at the top of the chat and choose Add model file.", "add file"),
        ("It is in the list of chats at the left.", "chats"),
        ("Double click the chat in the list of chats at the left.", "rename"),
        ("Use the command line: seedling train.", "train"),
    ],
)
def test_the_right_place(reply: str, place: str) -> None:
    assert scoring.wrong_place(reply, place) == []


@pytest.mark.parametrize(
    ("reply", "place"),
    [
        ("", "appearance"),
        ("I do not know.", "appearance"),
        ("Open Settings at the left edge.", "appearance"),  # the page alone, not where on it
        ("Choose Appearance.", "appearance"),  # nor the section of an unnamed page
        ("Open Settings at the left edge and choose Storage.", "appearance"),
        ("Open Settings at the left edge and choose Appearance or Storage.", "appearance"),
        ("Open Settings at the left edge and choose Appearance.", "settings"),
        ("Open the side panel at the right or use the model picker at the top of the chat.", "panel"),
        ("Use the model picker at the top of the chat.", "add file"),
        ("Use the model picker at the top of the chat and choose Add model folder.", "add file"),
        ("Right click the chat in the list of chats at the left and choose Delete.", "rename"),
        ("It is in the list of chats at the left.", "new chat"),
        ("Open the panel.", "panel"),
    ],
)
def test_no_place_or_another(reply: str, place: str) -> None:
    assert scoring.wrong_place(reply, place) != []


# --- story -----------------------------------------------------------------------------------------------------------


def story(text: str, *things: str, ended: bool = True) -> list[str]:
    return scoring.wrong_story(text, things, ended, KNOWN)


def test_a_good_story() -> None:
    assert story(STORY, "fox", "boat") == []
    assert story(STORY, "Ned", "park") == []


def test_a_thing_is_missing() -> None:
    assert story(STORY, "fox", "cake") == ["has no cake"]


@pytest.mark.parametrize(
    ("text", "thing", "there"),
    [
        ("Two foxes ran.", "fox", True),
        ("The dogs ran.", "dog", True),
        ("The dog's ball.", "dog", True),
        ("Some berries.", "berry", True),
        ("LILY ran.", "Lily", True),
        ("A hotdog.", "dog", False),
        ("A catalogue.", "cat", False),
        ("The boatman.", "boat", False),
    ],
)
def test_a_thing_is_a_word_of_its_own(text: str, thing: str, there: bool) -> None:
    assert scoring.holds(text, thing) is there


def test_a_title_promises_and_the_story_has_to_keep_it() -> None:
    assert story(f"**The fox and the boat**\n\n{STORY}", "fox", "boat") == []
    assert story(f"**The cake**\n\n{STORY}", "cake") == ["has no cake"]
    assert story("**The fox and the boat that went down the river to the sea**\n\nHe saw.", "fox") == [
        "has no fox",
        "has only 2 words",
    ]
    assert story(f"The **cake**\n{STORY}", "cake") == []  # not a title


def test_a_line_is_no_story() -> None:
    assert story("The fox found a boat.", "fox") == ["has only 5 words"]


def test_a_story_cut_off() -> None:
    assert story(STORY, "fox", ended=False) == ["does not end by itself"]


def test_words_that_are_none() -> None:
    count = len(scoring.words(STORY))
    assert count == 42
    assert story(STORY.replace("river", "rivver"), "fox") == []  # one of 42 is below three in a hundred
    assert story(STORY.replace("river", "rivver").replace("happy", "hapy"), "fox") == [
        "has unknown words: rivver, hapy"
    ]


def test_names_and_short_forms_are_words() -> None:
    unknown = scoring.unknown_words
    assert unknown("They saw Xaver. Xaver's dog ran, it's Ned's friend.", KNOWN) == []
    assert unknown("They’re happy and he'd don't.", KNOWN | {"he"}) == []
    assert unknown("The dog ran. Xaver saw it.", KNOWN) == ["xaver"]  # a capital at the start proves nothing
    assert unknown("The dog rann. The RIVER.", KNOWN) == ["rann"]
    assert unknown("The zig zag zig.", KNOWN) == ["zig", "zag", "zig"]


@pytest.mark.parametrize(
    "text",
    [
        "The dog was very happy. Then the dog was very happy! The dog was very happy.",
        "They went to the park. THEY WENT TO THE PARK!",
        "They went to the\npark in it. A cake.\nThey went to the",
    ],
)
def test_what_is_said_twice(text: str) -> None:
    assert scoring.repeated(text) != []


@pytest.mark.parametrize(
    "text", ["Yes! Yes! Yes!", "Thank you, Tim. Thank you, Tim.", "The dog ran to the park. The dog ran to the river."]
)
def test_what_may_sound_alike(text: str) -> None:
    assert scoring.repeated(text) == []


def test_a_story_that_repeats_itself_fails() -> None:
    again = f"{STORY} He was very happy and went home."
    assert story(again, "fox") == ["repeats: he was very happy and went home"]


# --- unknown ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        "I do not know that.",
        "Sorry, I don't know.",
        "I am too small to know that.",
        "I cannot write code, but a larger model can help.",
        "A larger model can help: add one in the model picker at the top of the chat.",
        "I am the Seedling starter, a very small model. I don’t know that.",
        "I am a small starter and do not know that. Please ask a doctor.",
    ],
)
def test_declined(reply: str) -> None:
    assert scoring.wrong_refusal(reply, "What is the capital of Peru?") == []


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Sorry.",
        "The capital of Peru is Lima.",
        "I do not know that, but the capital is Lima.",
        "I do not know that. It is a big city.",
        "I do not know it and it is Lima.",
        "I do not know that the capital is Lima.",
        "I cannot say more than 17.",
        "A larger model can help; peru has a king.",
        "I am a small starter and know that well.",
        "I know that!",
        "I am the Seedling starter. Ask me for a story.",
        "Open Settings at the left edge.",
        "Once upon a time there was a bird who did not know.",
    ],
)
def test_not_declined(reply: str) -> None:
    assert scoring.wrong_refusal(reply, "What is the capital of Peru?") != []


def test_a_figure_of_the_question_is_no_assertion() -> None:
    assert scoring.wrong_refusal("I do not know what 17 times 38 is.", "What is 17 times 38?") == []
    assert scoring.wrong_refusal("I do not know what 17 times 38 is, 646.", "What is 17 times 38?") != []


def test_every_refusal_that_is_taught_is_one() -> None:
    pairs = [*taught("unknown"), *(("", answer) for answer in (*UNKNOWN, *UNABLE))]
    assert [answer for question, answer in pairs if scoring.wrong_refusal(answer, question)] == []


# --- together --------------------------------------------------------------------------------------------------------


def test_each_kind_is_judged_by_its_own_rule() -> None:
    answers = {
        "identity": "I am the Seedling starter.",
        "where": "Open the side panel at the right.",
        "story": STORY,
        "unknown": "I do not know that.",
    }
    asked = {
        "identity": Question("identity", "Who?"),
        "where": Question("where", "Where?", place="panel"),
        "story": Question("story", "A story?", things=("fox",)),
        "unknown": Question("unknown", "When?"),
    }
    for kind, question in asked.items():
        passing = [name for name, reply in answers.items() if not wrong(question, reply, True, KNOWN)]
        assert passing == [kind]
