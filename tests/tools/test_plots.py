"""Stories from plots: whole, about what they are asked for, and not told twice alike."""

from __future__ import annotations

import random
import re

import pytest

from engine.evaluation.card import known_words
from engine.evaluation.scoring import untitled, wrong_story
from tools.starter import plots
from tools.starter.plots import Plot


def told(count: int) -> list[tuple[str, str]]:
    choose = random.Random(1)
    return [plots.invented(choose) for _ in range(count)]


@pytest.mark.parametrize("number", range(len(plots.plots())))
def test_every_plot_can_be_told_and_asked_for(number: int) -> None:
    plot, choose = plots.plots()[number], random.Random(number)
    assert plot.asks
    assert len(plot.lines) >= 5
    for _ in range(20):
        told_of = plots.cast(choose)
        story = plots.tell(plot, told_of, choose)
        for text in (story, *(plots.fill(ask, told_of) for ask in plot.asks)):
            assert not re.search(r"[{}\[\]|_]", text)
        assert not re.search(r"(?:^|[.!?]) [a-z]", story)
        assert not re.search(r"\b[Aa] [aeio]|\b[Aa]n [^aeiou]", story)


def test_what_the_title_names_is_in_the_story() -> None:
    known = known_words()
    for _, story in told(400):
        title = re.match(r"\*\*(.*)\*\*\n\n", story)
        assert title
        named = re.findall(r"\b(?:[Tt]he) ([a-z]+)\b(?=$| and|,)", title[1])
        assert [reason for reason in wrong_story(story, named, True, known) if "moon" not in reason] == []


def test_two_stories_are_not_alike() -> None:
    stories = [untitled(story) for _, story in told(400)]
    assert len(set(stories)) == len(stories)


def test_a_story_speaks_of_its_own_cast_alone() -> None:
    plot = Plot(
        ("{a hero} and {an old thing}",), ("{a hero} {in place}. {he} [ran|ran] {to place} with {an old thing}.",)
    )
    cast = {"hero": "owl", "thing": "boat", "place": "lake", "in": "by", "he": "she"}
    assert plots.tell(plot, cast, random.Random(1)) == "An owl by the lake. She ran to the lake with an old boat."
    assert plots.fill(plot.asks[0], cast) == "an owl and an old boat"


def test_nobody_plays_two_parts() -> None:
    choose = random.Random(2)
    for _ in range(200):
        cast = plots.cast(choose)
        parts = [cast[slot] for slot in ("hero", "friend", "royal", "maker", *plots.SLOTS, "place", "name", "cname")]
        assert len(set(parts)) == len(parts)
