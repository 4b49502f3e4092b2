"""Where in a reply each token's bytes begin, however tokens cut it up."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from engine.chat.thinking import ThoughtSplitter
from engine.chat.writing import Said, Writing
from engine.events import TextDelta, ThinkingDelta, TokenChoice
from engine.runtime.base import Token

WORDS = {1: "one", 2: "two"}


def written(pieces: Sequence[bytes], inside: bool = False, before: bytes = b"", asked: bool = True) -> list[Said]:
    writing = Writing(ThoughtSplitter(inside), WORDS.__getitem__ if asked else None)
    writing.begin(before)
    tokens = [Token(number, piece, probability=0.5, alternatives=((1, 0.25),)) for number, piece in enumerate(pieces)]
    events = [event for token in tokens for event in writing.add(token)]
    return [*events, *writing.close()]


def places(pieces: Sequence[bytes], inside: bool = False, before: bytes = b"") -> list[tuple[str, int]]:
    events = written(pieces, inside, before)
    return [(event.token, event.start) for event in events if isinstance(event, TokenChoice)]


def reply_of(events: Sequence[Said]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def test_a_choice_comes_before_its_text() -> None:
    one, another = (TokenChoice(text, 0.5, (("one", 0.25),), start) for text, start in (("Hi", 0), ("!", 2)))
    assert written([b"Hi", b"!"]) == [one, TextDelta("Hi"), another, TextDelta("!")]


def test_nothing_is_told_where_nobody_asks() -> None:
    assert written([b"Hi"], asked=False) == [TextDelta("Hi")]


def test_tokens_of_one_character_start_where_it_does() -> None:
    assert places([b"a", b"\xf0\x9f", b"\x99", b"\x82b", b"c"]) == [
        ("a", 0), ("\ufffd", 1), ("\ufffd", 1), ("\ufffdb", 1), ("c", 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pieces", "starts"),
    [
        ([b"\xf0\x9f", b"a"], [0, 1]),  # the first is shown as one U+FFFD
        ([b"\xf0\x9f", b"\xff", b"a"], [0, 1, 2]),
        ([b"\xf0\x9f", b"\xe2\x82", b"\xac"], [0, 1, 1]),
        ([b"\xff\xff", b"a"], [0, 2]),
        ([b"a\xf0", b"", b"\x9f\x99\x82", b"", b"b"], [0, 1, 1, 2, 2]),
        ([b"\xef\xbf", b"\xbd", b"a"], [0, 0, 1]),  # U+FFFD itself
    ],
)
def test_bytes_that_are_no_character_count_as_what_they_are_shown_as(pieces: list[bytes], starts: list[int]) -> None:
    assert [start for _, start in places(pieces)] == starts


def test_a_thought_has_no_choices_and_the_reply_begins_at_zero() -> None:
    pieces = [b" <th", b"ink>", b"hm \xf0\x9f", b"\x99\x82</thi", b"nk>", b"\n", b"\n ", b"Yes", b" sir"]
    assert places(pieces) == [("Yes", 0), (" sir", 3)]
    assert places([b"hm", b"</think>", b"\n\n", b"Yes"], inside=True) == [("Yes", 0)]


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([b"<think>a</think>\n\nYes", b"!"], [("<think>a</think>\n\nYes", 0), ("!", 3)]),
        ([b"<think>", b"a</think>", b"\n\n Yes", b"!"], [("\n\n Yes", 0), ("!", 3)]),
        ([b"<think>", b"</think>", b" \xf0\x9f", b"\x99", b"\x82!"], [(" \ufffd", 0), ("\ufffd", 0), ("\ufffd!", 0)]),
        ([b"<think>", b"a", b"</think>", b"\xf0\x9f", b"\x99\x82"], [("\ufffd", 0), ("\ufffd\ufffd", 0)]),
    ],
)
def test_a_token_of_which_a_byte_belongs_to_the_reply_is_told_of(
    pieces: list[bytes], expected: list[tuple[str, int]]
) -> None:
    assert places(pieces) == expected


@pytest.mark.parametrize("pieces", [[b"<think>a", b"b"], [b"<think>", b"a</think>", b"\n", b"\n"], [b"<think>\xf0"]])
def test_a_thought_alone_has_none(pieces: list[bytes]) -> None:
    assert places(pieces) == []


def test_white_space_that_might_come_before_a_thought_is_told_of_once_it_is_the_reply() -> None:
    assert places([b"\n", b" ", b"<", b"b>"]) == [("\n", 0), (" ", 1), ("<", 2), ("b>", 3)]
    assert places([b"\n", b" "]) == [("\n", 0), (" ", 1)]
    assert places([b"\n", b"<thin"]) == [("\n", 0), ("<thin", 1)]


def test_a_reply_that_goes_on_counts_from_its_beginning() -> None:
    assert places([b"\x82", b"!"], before=b"a\xf0\x9f\x99") == [("\ufffd", 1), ("!", 2)]
    assert places([b"!"], before=b"<think>hm</think>\n\nYes") == [("!", 3)]
    assert places([b" more</think>", b"Yes"], before=b"<think>hm") == [("Yes", 0)]


@pytest.mark.trial(sample=300, full=10_000)
def test_starts_are_those_of_the_bytes(trials: range) -> None:
    """However a reply is cut up, with a thought before it or without, and whatever its bytes are."""
    for seed in trials:
        chance = random.Random(seed)
        text = "".join(chance.choices("aé你🙂👩‍👩‍👧‍👦\n \ufffd", k=chance.randrange(1, 9))).lstrip() or "x"
        raw = text.encode() + chance.randbytes(chance.choice([0, 0, 1, 4]))
        thought = b"<think>h\xf0\x9f\x99\x82m</think>\n\n" if seed % 3 == 0 else b""
        pieces, left = [], thought + raw
        while left:
            size = chance.choice([1, 1, 2, 3, 8])
            pieces.append(left[:size])
            left = left[size:]
        events = written(pieces)
        reply = raw.decode("utf-8", "replace")
        assert reply_of(events) == reply
        found = [event for event in events if isinstance(event, TokenChoice)]
        # what Python makes of all bytes up to and with a token's first one ends with the character it belongs to
        expected, at = [], 0
        for piece in pieces:
            first = max(at - len(thought), 0)
            if at + len(piece) > len(thought):
                expected.append(len(raw[: first + 1].decode("utf-8", "replace")) - 1)
            at += len(piece)
        assert [choice.start for choice in found] == expected, (seed, pieces)
        assert all(isinstance(event, TextDelta | ThinkingDelta | TokenChoice) for event in events)


def test_without_looking_for_cut_characters_that_trial_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Writing, "_cut", False)
    with pytest.raises(AssertionError):
        test_starts_are_those_of_the_bytes(range(30))
