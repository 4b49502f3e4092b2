"""What is shown of a dataset is what a run would learn: the same tokens, the same loss, the same lengths."""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator

import pytest

from engine.chat.messages import Message
from engine.data.conversations import ConversationData
from engine.data.encode import Encode, TemplateEncode, encoder, talk
from engine.data.examples import Conversation, Document, Example, Labelled, MultipleChoice, Preference
from engine.data.report import Report
from engine.data.samples import Lengths, drawn, lengths, marked, samples
from engine.gpt.tokenizer import Tokenizer
from engine.phrases import Phrase

TOKENIZER = Tokenizer.train(["user assistant system hello there how are you today ok ok fine"] * 3, 300)
TALK = (Message("user", "How are you?"), Message("assistant", "Fine.\n\nYou 🌱?"), Message("user", "Bye"))


@pytest.fixture(params=["direct", "rendered"])
def encode(request: pytest.FixtureRequest) -> Iterator[Encode]:
    assert TOKENIZER.template is not None
    encode = encoder(TOKENIZER) if request.param == "direct" else TemplateEncode(TOKENIZER, TOKENIZER.template)
    yield encode
    encode.close()


def show(example: Example, encode: Encode, colour: bool = False) -> list[str]:
    return [marked(sample.segments, colour) for sample in samples(example, TOKENIZER, encode)]


def test_what_is_learnt_is_marked(encode: Encode) -> None:
    assert show(Conversation(TALK), encode) == [
        "<|im_start|>user\nHow are you?<|im_end|>\n<|im_start|>assistant\n⟦Fine.\n\nYou 🌱?<|im_end|>⟧\n"
    ]
    (coloured,) = show(Conversation(TALK), encode, colour=True)
    assert coloured.endswith("assistant\n\x1b[7mFine.\x1b[27m\n\n\x1b[7mYou 🌱?<|im_end|>\x1b[27m\n")


def test_what_the_data_does_not_want_learnt_is_not(encode: Encode) -> None:
    twice = TALK[:2] * 2
    (text,) = show(Conversation(twice, (True, False, True, True)), encode)
    assert text.count("⟦") == 1
    assert text.endswith("⟦Fine.\n\nYou 🌱?<|im_end|>⟧\n")


def test_both_sides_of_a_preference(encode: Encode) -> None:
    pair = Preference(TALK, (Message("assistant", "Bye!"),), (Message("assistant", "No"),))
    found = samples(pair, TOKENIZER, encode)
    assert [sample.name for sample in found] == ["chosen", "rejected"]
    assert [[s.text for s in sample.segments if s.trained] for sample in found] == [
        ["Bye!<|im_end|>"],
        ["No<|im_end|>"],
    ]


def test_texts(encode: Encode) -> None:
    assert show(Document("hello there"), encode) == ["⟦hello there<|endoftext|>⟧"]
    (sample,) = samples(Labelled("hello", "spam"), TOKENIZER, encode)
    assert (sample.name, sample.trained) == ("spam", 1)
    assert marked(sample.segments, colour=False).endswith("⟧")


def test_what_cannot_be_trained_on_says_why(encode: Encode) -> None:
    for example in (
        Conversation((Message("user", "hi"), Message("assistant", " "))),
        Labelled("", "spam"),
        MultipleChoice("?", ("a", "b"), 0),
    ):
        (sample,) = samples(example, TOKENIZER, encode)
        assert isinstance(sample.refused, Phrase)
        assert marked(sample.segments, colour=False) == ""


def test_a_terminal_is_not_obeyed(encode: Encode) -> None:
    (text,) = show(Conversation((Message("user", "\x1b[2J\r\x07"), Message("assistant", "\x9b31mred"))), encode)
    assert "\x1b" not in text
    assert "\r" not in text
    assert "\x9b" not in text
    assert text.count("\ufffd") == 4


def test_what_is_shown_is_what_a_run_learns(encode: Encode) -> None:
    (sample,) = samples(Conversation(TALK), TOKENIZER, encode)
    data = ConversationData.encode([talk(TALK, "replies")], encode, 100, 0, Report())
    assert sample.tokens == len(data.ids)
    assert sample.trained == int(data.rows.loss.sum())
    assert "".join(segment.text for segment in sample.segments) == TOKENIZER.decode(data.ids.tolist())


def conversations(count: int) -> list[Conversation]:
    chance = random.Random(4)
    return [
        Conversation((Message("user", "hi"), Message("assistant", "a" * chance.randrange(1, 400))))
        for _ in range(count)
    ]


def measure(rows: list[Conversation], count: int | None, encode: Encode) -> Lengths:
    chosen, total = drawn(rows, count, seed=1)
    return whole(lengths(chosen, total, TOKENIZER, encode, max_length=300))


def whole(measuring: Generator[int, None, Lengths]) -> Lengths:
    while True:
        try:
            next(measuring)
        except StopIteration as end:
            return end.value


def test_lengths_of_all_rows_and_of_some(encode: Encode) -> None:
    rows = conversations(3000)
    exact = measure(rows, None, encode)
    wanted = sorted(sample.tokens for row in rows for sample in samples(row, TOKENIZER, encode))[:: 3000 - 1]
    assert (exact.exact, exact.rows, exact.measured, exact.refused) == (True, 3000, 3000, 0)
    assert [exact.quantiles[0], exact.quantiles[-1]] == wanted
    some = measure(rows, 500, encode)
    assert (some.exact, some.rows, some.measured) == (False, 3000, 500)
    assert abs(some.total / exact.total - 1) < 0.1
    assert exact.too_long is not None
    assert some.too_long is not None
    assert abs(some.too_long - exact.too_long) < 0.07
    assert some == measure(rows, 500, encode), "the same seed draws the same rows"


def test_rows_that_cannot_be_trained_on_are_counted_apart(encode: Encode) -> None:
    silent = Conversation((Message("user", "hi"), Message("assistant", " ")))
    found = whole(lengths([silent, *conversations(3)], 4, TOKENIZER, encode))
    assert (found.measured, found.refused) == (4, 1)
    nothing = whole(lengths([silent], 1, TOKENIZER, encode))
    assert (nothing.refused, nothing.total) == (1, 0)


@pytest.mark.trial(sample=20, full=500)
def test_rows_are_drawn_evenly_and_in_order(trials: range) -> None:
    counts = [0] * 50
    for seed in range(40 * len(trials)):
        chosen, total = drawn(iter(range(50)), 10, seed)
        assert total == 50
        assert len(chosen) == 10
        assert chosen == sorted(set(chosen))
        for row in chosen:
            counts[row] += 1
    expected = 40 * len(trials) / 5
    assert all(abs(count - expected) < 6 * expected**0.5 for count in counts)
    assert drawn(range(5), 10) == ([0, 1, 2, 3, 4], 5)
