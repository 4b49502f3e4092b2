"""Which of many titles answers what was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fuzzy import score


def best(typed: str, *titles: str) -> str:
    points = {title: score(typed, title) for title in titles}
    found = {title: value for title, value in points.items() if value is not None}
    return max(found, key=lambda title: found[title])


@pytest.mark.parametrize(
    ("typed", "first", "then"),
    [
        ("new", "New chat", "Renew a plan"),  # at the start
        ("chat", "New chat", "Choose a hat"),  # together
        ("nc", "New chat", "Bouncy castle"),  # where words begin
        ("theme", "Theme: Dark", "The metre"),
        ("find", "Find next", "Find in this chat"),  # the shorter one
        ("dark theme", "Theme: Dark", "Dark matters of the emu"),  # words in any order
        ("STORY", "story", "history"),
        ("é", "école", "marché"),
    ],
)
def test_the_better_answer_comes_first(typed: str, first: str, then: str) -> None:
    assert best(typed, then, first) == first


@pytest.mark.parametrize(
    ("typed", "title"), [("xyz", "New chat"), ("tahc", "chat"), ("new dog", "New chat"), ("a", "")]
)
def test_what_does_not_fit_is_left_out(typed: str, title: str) -> None:
    assert score(typed, title) is None


def test_nothing_typed_fits_everything() -> None:
    assert score("", "New chat") is not None
    assert score("  ", "") == 0


def test_only_the_beginning_of_an_endless_title_counts() -> None:
    assert score("z", "a" * 100_000 + "z") is None


@given(st.text(max_size=30), st.text(max_size=60))
def test_it_fits_just_when_the_letters_occur_in_order(typed: str, title: str) -> None:
    text = title.casefold()
    if len(text) != len(title):
        return  # some letters fold to two

    def occurs(word: str) -> bool:
        letters = iter(text)
        return all(letter in letters for letter in word)

    assert (score(typed, title) is not None) == all(occurs(word) for word in typed.casefold().split())
