"""A story told again of others is the same story, in sound English."""

from __future__ import annotations

import random
import re

from tools.starter import recast as module
from tools.starter.recast import BOYS, CLASSES, GIRLS, plural, recast

STORY = (
    "Once there was a girl named Lily. Lily had a cat. The cat saw an apple, and two cats saw it too. "
    '"Cat!" said Lily. Tim came by on an old bike.'
)


def tellings() -> list[str]:
    return [recast(STORY, random.Random(seed)) for seed in range(200)]


def test_now_and_then_it_stays_as_it_was() -> None:
    same = tellings().count(STORY)
    assert 0.5 * (1 - module.SHARE) * 200 < same < 2 * (1 - module.SHARE) * 200


def test_names_change_to_free_ones_of_the_same_kind() -> None:
    for told in tellings():
        girl = re.search(r"girl named (\w+)", told)
        boy = re.search(r"(\w+) came by", told)
        assert girl is not None
        assert boy is not None
        assert girl[1] in GIRLS
        assert boy[1] in BOYS
        assert told.count(girl[1]) == STORY.count("Lily")


def test_things_change_within_their_class_everywhere() -> None:
    animals = CLASSES[0]
    for told in tellings():
        animal = re.search(r"had an? (\w+)\.", told)
        assert animal is not None
        assert animal[1] in animals
        assert f"two {plural(animal[1])} saw" in told
        assert f'"{animal[1].capitalize()}!"' in told
        assert animal[1] == "cat" or not re.search(r"\bcats?\b", told.lower())


def test_articles_fit() -> None:
    wrong = re.compile(r"\b(?:a [aeiou]|an [^aeiou])", re.IGNORECASE)
    assert [told for told in tellings() if wrong.search(told)] == []


def test_nothing_takes_the_place_of_what_is_there() -> None:
    story = "A dog and a cat and a bird met a fox."
    for seed in range(100):
        told = re.findall(r"\ban? (\w+)", recast(story, random.Random(seed)))
        assert len(set(told)) == 3 or len(set(told)) == 4
        assert len(told) == len(set(told))


def test_it_is_the_same_again() -> None:
    assert recast(STORY, random.Random(3)) == recast(STORY, random.Random(3))


def test_plurals() -> None:
    assert [plural(noun) for noun in ("fox", "cherry", "monkey", "bush", "leaf", "dog")] == [
        "foxes", "cherries", "monkeys", "bushes", "leaves", "dogs",
    ]  # fmt: skip
