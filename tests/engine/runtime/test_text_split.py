from __future__ import annotations

import random

import pytest

from engine.runtime.text_split import (
    LONGEST_RUN,
    split_long_runs,
    split_runs_of_bytes,
    uncovered_by,
    without_surrogates,
)


@pytest.mark.parametrize("letter", ["a", "1", " ", "!", "中", "\n", "\u0301", "😀", "_"])
def test_long_runs_are_cut(letter: str) -> None:
    text = letter * (3 * LONGEST_RUN + 5)
    parts = split_long_runs(text)
    assert "".join(parts) == text
    assert [len(part) for part in parts] == [LONGEST_RUN] * 3 + [5]


def test_marks_continue_the_run_of_their_letter() -> None:
    parts = split_long_runs("e\u0301" * LONGEST_RUN)
    assert [len(part) for part in parts] == [LONGEST_RUN, LONGEST_RUN]


@pytest.mark.parametrize("text", ["", "a" * LONGEST_RUN, "ab 12, " * 10_000, "中文，" * 5_000, "a1" * LONGEST_RUN * 3])
def test_ordinary_text_is_one_part(text: str) -> None:
    assert split_long_runs(text) == [text]


def test_nothing_is_lost() -> None:
    draw = random.Random(0)
    for _ in range(50):
        text = "".join(draw.choice("aé1 !\u0301中\n") * draw.choice((1, 3, 700, 5000)) for _ in range(9))
        parts = split_long_runs(text)
        assert "".join(parts) == text
        assert all(parts)


def test_surrogates() -> None:
    assert without_surrogates("a\ud83d\udc00b") == "a\ufffd\ufffdb"
    assert without_surrogates("😀") == "😀"


def test_a_vocabulary_with_all_bytes_covers_everything() -> None:
    assert uncovered_by({b"<0x%02X>" % byte for byte in range(256)}) is None
    assert uncovered_by({bytes([byte]) for byte in range(256)}) is None


def test_what_a_vocabulary_does_not_cover() -> None:
    uncovered = uncovered_by({b"a", b"\xe2\x96\x81", b"<0xC3>", b"<0xA9>"})
    assert uncovered is not None
    assert [letter for letter in "a éèb\0" if uncovered(letter)] == ["è", "b", "\0"]


def test_runs_of_characters_that_are_in_no_token_are_cut_within() -> None:
    merged = frozenset("ab ")
    text = "ab" * LONGEST_RUN + "\n" * (LONGEST_RUN + 3) + "a" + "\n" * LONGEST_RUN
    parts = split_runs_of_bytes(text, merged)
    assert "".join(parts) == text
    assert parts[1:] == ["\n" * 3 + "a" + "\n" * LONGEST_RUN]
    assert split_runs_of_bytes("ab " * 3 * LONGEST_RUN, merged) == ["ab " * 3 * LONGEST_RUN]
