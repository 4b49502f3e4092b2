"""The conversations the starter is finetuned on: only what may be learnt, asked for as it really is, held back last."""

from __future__ import annotations

import json
import random
import re
import tomllib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest

from engine.data.dataset import open_dataset
from engine.data.examples import Conversation
from engine.data.report import Report
from engine.evaluation.card import questions
from tools.starter import chats, corpora
from tools.starter.requests import THEMES, by_any, requests
from tools.starter.subjects import (
    COMMON,
    MASS,
    ONLY,
    OPENING,
    THINGS,
    characters,
    subjects_of,
    things,
    titled,
    with_article,
)

NEEDED = (
    "tinystories/tinystories-truecased.txt.xz",
    "storybooks/storybooks.jsonl.xz",
    "fairytales/qa.jsonl.xz",
    "fairytales/stories.jsonl.xz",
    "persona-chat/persona-chat.jsonl.xz",
    "identity/identity.json",
    "instruct-basic/instruction-data.json",
)
STORY = (
    'Once upon a time, there was a brave dog named Max. The dog lived by a river. One day he saw a boat. "What a nice '
    'boat!" said Max. He swam in the river to the boat and sat down in it. His friend, an owl, sat in a tree and '
    'laughed. She saw it all. "Come home, Max!" she said. So the dog went home and was happy.'
)


@pytest.fixture(autouse=True)
def corpora_are_there(data: Callable[..., Path]) -> None:
    for name in NEEDED:
        data(name)


@lru_cache
def told() -> list[str]:
    return chats.stories()


@lru_cache
def kinds() -> dict[str, tuple[list[chats.Messages], list[chats.Messages]]]:
    return chats.pieces(random.Random(4))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("chats") / "chats.jsonl"
    chats.main(out)
    return out


def replies(rows: list[chats.Messages]) -> set[str]:
    return {message["content"] for row in rows for message in row if message["role"] == "assistant"}


def stories_in(rows: list[chats.Messages]) -> set[str]:
    """What stands below the titles."""
    return {reply.partition("**\n\n")[2] for reply in replies(rows)} - {""}


# --- stories ---------------------------------------------------------------------------------------------------------


def test_no_story_is_held_out() -> None:
    assert len(set(told())) == len(told()) > 3500
    assert not any(corpora.held_out(story) for story in told())


def test_the_rule_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpora, "held_out", lambda text: True)
    assert chats.stories() == []
    assert chats.tales(random.Random(1)) == []


def test_stories_end_well_and_repeat_nothing() -> None:
    for story in told():
        assert 250 <= len(story) <= 1050
        assert story.rstrip('"')[-1] in ".!?"
        assert story.count('"') % 2 == 0
        sentences = [one.strip().lower() for one in re.split(r"[.!?\n]+", story) if len(one.split()) > 3]
        assert len(sentences) == len(set(sentences))


@pytest.mark.parametrize(
    "spoilt",
    [
        STORY.removesuffix("."),
        STORY + ' "Oh',
        STORY + " The dog lived by a river.",
        STORY + " Then the gun went off.",
        STORY + " “Well”, said he.",
        STORY[:200].rpartition(".")[0] + ".",
        STORY + " And so he went on and on and on" + " and on" * 200 + ".",
    ],
    ids=["cut off", "open quote", "repeated", "violent", "typeset", "short", "long"],
)
def test_a_story_that_does_not_suit(spoilt: str) -> None:
    assert chats.suits(STORY)
    assert not chats.suits(spoilt)


# --- requests --------------------------------------------------------------------------------------------------------


def test_requests_name_what_the_story_tells() -> None:
    choose = random.Random(1)
    themes = {theme for ways in THEMES.values() for theme in ways}
    nouns = THINGS | ONLY | MASS
    asked = 0
    for story in choose.sample(told(), 400):
        words = set(re.findall(r"[a-z]+", story.lower()))
        for request, _ in requests(story, choose, 4):
            bare = request.replace("My child", "")
            if any(theme in bare for theme in themes):
                continue
            named = [word for word in re.findall(r"\b[a-z]+\b", bare) if word in nouns]
            named += re.findall(r"\b(?:named|called) ([A-Z][a-z]+)", bare)
            assert {word.lower() for word in named} <= words, (request, story)
            asked += bool(named)
    assert asked > 800


def test_requests_differ() -> None:
    choose = random.Random(1)
    found = [requests(story, choose, 3) for story in told()[:300]]
    assert all(len(asked) == len(set(asked)) for asked in found)
    assert len({request for asked in found for request, _ in asked}) > 600


def test_a_story_stands_under_the_title_that_takes_the_request_up() -> None:
    choose = random.Random(1)
    nouns = THINGS | ONLY | MASS
    counted = 0
    for story in choose.sample(told(), 400):
        for request, answer in requests(story, choose, 4):
            title, _, below = answer.partition("\n\n")
            assert below == story
            assert re.fullmatch(r"\*\*[A-Z][^*\n]*\*\*", title)
            named = re.findall(r"\bthe (?:[a-z]+ )*?([a-z]+)\b", title.lower())
            counted += bool(named)
            for noun in named:
                if noun in nouns and " story" not in title and request != by_any(story, choose)[0]:
                    assert noun in below.lower(), (request, title)
    assert counted > 800


def test_titles() -> None:
    assert titled("It was.", ["dog"]) == "**The dog**\n\nIt was."
    assert titled("It was.", ["Max", "boat"]) == "**Max and the boat**\n\nIt was."
    assert titled("It was.", ["brave dog", "Lily", "rain"]).startswith("**The brave dog, Lily and the rain**")


def test_subjects_are_things_and_names_of_the_opening() -> None:
    found = {subject for seed in range(50) for subject in subjects_of(STORY, random.Random(seed))}
    assert found == {"boat", "dog", "river", "Max"}
    assert subjects_of("Nothing was there.", random.Random(1)) == []
    assert by_any("Nothing was there.", random.Random(1))[1] == "**A little story**\n\nNothing was there."


def test_things_are_nouns_named_more_than_once() -> None:
    assert things(STORY) == ["boat", "dog", "river"]  # not the owl, who comes once
    assert things(STORY + " They swing and swing.") == ["boat", "dog", "river"]
    assert "swing" in things("They sat on the swing. Swing! " + STORY)


def test_things_are_known_from_the_start() -> None:
    later = STORY + " They sat on the swing. Swing!"
    assert "swing" not in things(later)
    assert all(thing in later[:OPENING].lower() for thing in things(later))


def test_what_every_story_has_is_asked_for_last() -> None:
    story = "A girl met a girl. The girl saw a fox. The fox ran from the girl."
    assert things(story) == ["fox", "girl"]
    assert "girl" in COMMON


def test_characters() -> None:
    assert characters(STORY) == [("brave dog", "Max")]
    assert characters("A three year old boy named Jack.") == [("boy", "Jack")]
    assert characters("He was called Tom. It was a day named Monday.") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [("dog", "a dog"), ("owl", "an owl"), ("angry cat", "an angry cat"), ("unicorn", "a unicorn"), ("moon", "the moon"),
     ("rain", "rain"), ("big sea", "the big sea")],
)  # fmt: skip
def test_articles(words: str, said: str) -> None:
    assert with_article(words) == said


def test_questions_about_a_story_are_answered_by_it() -> None:
    for seed in range(20):
        question, answer = (message["content"] for message in chats.question_about(STORY, random.Random(seed)))
        assert "Max" in question + answer
        assert "dog" in question + answer
    assert chats.question_about(STORY.replace("an owl", "an owl named Pip"), random.Random(1)) == []


def test_an_offer_is_taken_up_with_a_story_that_fits() -> None:
    offers = chats.offered([STORY], random.Random(1))
    assert {len(piece) for piece in offers} == {4}
    wanted = [piece[2]["content"] for piece in offers if chats.ASKS.search(piece[1]["content"])]
    assert len(wanted) > 20
    assert all(re.search("boat|dog", said) for said in wanted)
    assert {piece[2]["content"] for piece in offers} - set(wanted) <= set(chats.AGREED)
    for piece in offers:
        title, _, story = piece[3]["content"].partition("\n\n")
        assert story == STORY
        assert piece[2]["content"] not in wanted or re.search("boat|dog", title)


# --- the file --------------------------------------------------------------------------------------------------------


def test_every_conversation_is_one_the_trainer_takes(written: Path) -> None:
    report = Report()
    found = [example for _, example in open_dataset(written).examples(report)]
    assert report.rejected == 0
    assert len(found) == report.rows > 10_000
    for example in found:
        assert isinstance(example, Conversation)
        messages = example.messages
        assert [message.role for message in messages] == ["user", "assistant"] * (len(messages) // 2)
        assert len(messages) >= 2
        assert all(message.content.strip() == message.content != "" for message in messages)
        assert sum(len(message.content) for message in messages) <= chats.CONVERSATION_CHARACTERS


def test_it_is_as_long_as_the_training_has_time_for(written: Path) -> None:
    assert 24e6 < written.stat().st_size < 30e6


def test_it_is_the_same_again(written: Path, tmp_path: Path) -> None:
    chats.main(tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == written.read_bytes()


def test_what_the_recipe_holds_back_is_not_learnt(written: Path) -> None:
    recipe = tomllib.loads((corpora.ROOT / "resources" / "starter" / "chat.toml").read_text(encoding="utf-8"))
    rows = [json.loads(line)["messages"] for line in written.read_text(encoding="utf-8").splitlines()]
    split = len(rows) - round(len(rows) * recipe["validation_share"])
    every = set(told())
    held = stories_in(rows[split:]) & every
    assert len(held) > 20  # those told as they were, of others they are other stories
    assert held & stories_in(rows[:split]) == set()


def test_exchanges_held_back_are_not_learnt() -> None:
    for kind in ("sums", "reading", "refusals", "tales"):
        learnt, held = kinds()[kind]
        assert held
        assert {piece[0]["content"] for piece in held} & {piece[0]["content"] for piece in learnt} == set()


def test_about_is_a_good_share_of_the_exchanges() -> None:
    count = {kind: sum(len(piece) // 2 for piece in learnt) for kind, (learnt, _) in kinds().items()}
    share = sum(number for kind, number in count.items() if kind.startswith("about")) / sum(count.values())
    assert 0.1 <= share <= 0.25


def test_what_the_card_asks_is_not_taught() -> None:
    piece = chats.messages("Which colour is the sky?", "Blue.")
    prompt = questions()[0].prompt
    for question in (prompt, prompt.upper().rstrip("?"), " ".join(prompt.split()[1:])):
        assert chats.untaught([chats.messages(question, "I am."), piece]) == [piece]
        assert chats.untaught([[*piece, *chats.messages(question, "I am.")]]) == []


def test_nobody_else_is_named_as_its_maker() -> None:
    for kind, (learnt, held) in kinds().items():
        if kind not in ("stories", "offers", "tales"):
            said = " ".join(replies([*learnt, *held]))
            assert not re.search(r"OpenAI|Google|\{\{|Anthropic|Alibaba|Meta AI", said), kind


def test_small_talk_claims_no_life() -> None:
    said = replies([*kinds()["small talk"][0], *kinds()["small talk"][1]])
    assert len(said) > 200
    assert not any(re.search(r"\b(?:my|mine|I've|I was|I work|I live|I love)\b", text) for text in said)


def test_a_conversation_never_gives_the_same_answer_twice(written: Path) -> None:
    for line in written.read_text(encoding="utf-8").splitlines():
        said = [message["content"] for message in json.loads(line)["messages"] if message["role"] == "assistant"]
        assert len([text for text in said if len(text) > 200]) == len({text for text in said if len(text) > 200})


def test_greetings_open_and_goodbyes_close() -> None:
    hello, bye, story = (chats.messages(*one) for one in (("Hi", "Hello!"), ("Bye", "Goodbye!"), ("A story", STORY)))
    for seed in range(20):
        for conversation in chats.joined([bye, story, hello], random.Random(seed)):
            order = [message["content"] for message in conversation if message["role"] == "assistant"]
            assert order == sorted(order, key=["Hello!", STORY, "Goodbye!"].index)


def test_variations_keep_the_question() -> None:
    openings = ("", *(f"{opening} ".lower() for opening in chats.SAID_BEFORE))
    letters = {"".join(sorted(f"{opening}where is the theme")) for opening in openings}
    found = {chats.varied("Where is the theme?", random.Random(seed)) for seed in range(400)}
    assert {"".join(sorted(said.lower().rstrip("?"))) for said in found} <= letters
    assert len(found) > 20
    assert all(chats.varied("?", random.Random(seed)).endswith("?") for seed in range(20))
