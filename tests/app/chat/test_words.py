"""The small pure parts of the chat page: history, titles, footers, parameters."""

from __future__ import annotations

from typing import Any

import pytest

from app.chat.footer import CUT, ending, figures, outcome, with_earlier
from app.chat.history import TITLE_LENGTH, title_of, to_prompt
from app.chat.parameters import Parameters
from app.chat.phase import Phase, phase_words
from engine.chat.messages import Message
from engine.paths import resource
from engine.runtime.base import Sampling


def user(text: str) -> Message:
    return Message("user", text)


def reply(text: str) -> Message:
    return Message("assistant", text, (1, 2), "f00d")


# --- history ---------------------------------------------------------------------------------------------------------


def test_turns_are_kept_as_they_are_with_their_tokens() -> None:
    turns = [user("a"), reply("b"), user("c")]
    assert to_prompt(turns) == turns


def test_questions_without_an_answer_are_asked_together() -> None:
    assert to_prompt([user("a"), user("b"), reply("x"), user("c")]) == [user("a\n\nb"), reply("x"), user("c")]


def test_of_replies_in_a_row_the_last_counts() -> None:
    assert to_prompt([user("a"), reply("old"), reply("new"), user("b")]) == [user("a"), reply("new"), user("b")]


def test_a_reply_without_a_word_is_left_out() -> None:
    assert to_prompt([user("a"), reply(""), user("b")]) == [user("a\n\nb")]


# --- titles ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("hello", "hello"),
        ("  two\n\nlines\t here ", "two lines here"),
        ("<img src=//h/s>", "<img src=//h/s>"),
        ("nul\0 bell\a right\u202eleft", "nul bell right left"),
        ("x" * 100, "x" * TITLE_LENGTH + "…"),
        ("\U0001f98a" * 60, "\U0001f98a" * TITLE_LENGTH + "…"),
    ],
)
def test_title(text: str, title: str) -> None:
    assert title_of(text) == title


def test_a_long_title_ends_between_words() -> None:
    title = title_of("Please explain to me, in a few simple words, how a seed becomes a tree")
    assert title == "Please explain to me, in a few simple words, how…"


# --- footers ---------------------------------------------------------------------------------------------------------

STATS = {"output_tokens": 412, "output_seconds": 33.5, "first_token_seconds": 0.81, "reason": "stop"}


@pytest.mark.parametrize(
    ("stats", "line"),
    [
        (STATS, "12.3 tok/s · 412 tokens · 0.8 s to first token"),
        ({}, ""),
        (None, ""),
        ({"output_tokens": 0, "output_seconds": 0, "first_token_seconds": None}, "0 tokens"),
        (
            {"output_tokens": 10_000, "output_seconds": 2, "first_token_seconds": 0.004},
            "5,000 tok/s · 10,000 tokens · 0.00 s to first token",
        ),
        ({"output_tokens": "many", "output_seconds": [], "first_token_seconds": True}, ""),
    ],
)
def test_figures(stats: dict[str, Any] | None, line: str) -> None:
    assert figures(stats) == line


@pytest.mark.parametrize(
    ("state", "stats", "words"),
    [
        ("done", STATS, ""),
        ("done", None, ""),
        ("done", {**STATS, "reason": "length"}, "Length limit reached"),
        ("cancelled", STATS, "Stopped by you"),
        ("interrupted", None, "Interrupted"),
        ("failed", {"reason": "length"}, "Cut short by an error"),
    ],
)
def test_how_a_reply_ended_is_said_where_it_is_worth_a_word(
    state: str, stats: dict[str, Any] | None, words: str
) -> None:
    icon, said = ending(outcome(state, stats))
    assert said == words
    assert bool(icon) == bool(words)
    assert not icon or (resource("icons") / f"{icon}.svg").exists()


def test_every_way_to_end_looks_different() -> None:
    assert len({ending(outcome) for outcome in CUT}) == len(CUT)
    assert len({phase_words(phase, 7) for phase in Phase}) == len(Phase)


def test_the_figures_of_a_continued_reply_are_those_of_the_whole() -> None:
    rest = {"output_tokens": 10, "output_seconds": 1.0, "first_token_seconds": 0.1, "reason": "stop"}
    whole = with_earlier(rest, {**STATS, "reason": "length"})
    assert whole == {"output_tokens": 422, "output_seconds": 34.5, "first_token_seconds": 0.81, "reason": "stop"}
    assert with_earlier(rest, None) == rest
    assert with_earlier({}, STATS) == {"first_token_seconds": 0.81}


# --- parameters ------------------------------------------------------------------------------------------------------


def test_parameters_come_back_as_they_were_kept() -> None:
    kept = Parameters("Be brief.", Sampling(0.0, 0, 1.0, 0.0, 1.2, 32, 9), 100, 2048)
    assert Parameters.from_json(kept.system, kept.to_json()) == kept


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"unknown": 1},
        {"temperature": "hot", "top_k": 1.5, "top_p": None, "min_p": -1, "seed": 1.5, "repetition_penalty": True},
        {"temperature": float("nan"), "max_tokens": 0, "context": "big"},
        {"max_tokens": -3, "context": True},
    ],
)
def test_what_does_not_fit_becomes_the_default(data: dict[str, Any] | None) -> None:
    assert Parameters.from_json(None, data) == Parameters()
