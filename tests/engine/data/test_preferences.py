"""Pairs: the chosen ones first, then the rejected in the same order, and only what continues the prompt is learnt."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.chat.messages import Message
from engine.data.encode import Encode, TemplateEncode, encoder
from engine.data.examples import Preference
from engine.data.items import NO_LOSS
from engine.data.preferences import PreferenceData
from engine.data.report import Report
from engine.errors import EngineError
from engine.gpt.tokenizer import CHAT_TEMPLATE, Tokenizer

TOKENIZER = Tokenizer.train(["user assistant system hello there how are you today ok ok fine"] * 3, 300)
ENCODE = encoder(TOKENIZER)


def pair(chosen: str, rejected: str, question: str = "how?") -> Preference:
    prompt = (Message("user", "hi"), Message("assistant", "hello"), Message("user", question))
    return Preference(prompt, (Message("assistant", chosen),), (Message("assistant", rejected),))


def encoded(
    pairs: list[Preference], length: int = 200, share: float = 0.0, encode: Encode = ENCODE
) -> tuple[PreferenceData, Report]:
    report = Report()
    return PreferenceData.encode(pairs, encode, length, share, report), report


def learnt(labels: np.ndarray) -> list[str]:
    return [TOKENIZER.decode(label for label in row if label != NO_LOSS) for row in labels.tolist()]


def test_chosen_then_rejected_and_only_the_continuation_is_learnt() -> None:
    rendered = TemplateEncode(TOKENIZER, CHAT_TEMPLATE)
    for encode in (ENCODE, rendered):
        data, report = encoded([pair(f"good {n}", f"bad reply {n}") for n in range(5)], encode=encode)
        assert report.sentences() == []
        ids, labels = data.training().batch(np.array([3, 1]))
        assert ids.shape == labels.shape == (4, int(data.training().lengths[[1, 3]].max()) - 1)
        texts = ["good 3", "good 1", "bad reply 3", "bad reply 1"]
        assert learnt(labels) == [text + "<|im_end|>" for text in texts]
        for row, text in zip(ids.tolist(), texts, strict=True):
            assert TOKENIZER.decode(row).count(text) == 1
            assert "<|im_start|>assistant\nhello<|im_end|>" in TOKENIZER.decode(row)
    rendered.close()


def test_a_continuation_of_several_turns() -> None:
    more = (Message("assistant", "one"), Message("user", "and?"), Message("assistant", "two"))
    data, _ = encoded([Preference((Message("user", "hi"),), more, (Message("assistant", "none"),))])
    assert learnt(data.training().batch([0])[1]) == ["one<|im_end|>two<|im_end|>", "none<|im_end|>"]


def test_pairs_that_cannot_be_learnt_from_are_counted() -> None:
    long = pair("a" * 150, "b")
    data, report = encoded([pair("same", "same"), pair("", "b"), long, pair("a", "b")], length=100)
    assert len(data.training()) == 1
    assert (report.alike, report.unlearnt, report.too_long_pairs) == (1, 1, 1)
    assert len(report.sentences()) == 3
    with pytest.raises(EngineError) as caught:
        encoded([pair("same", "same")])
    assert caught.value.code == "data_no_conversation"


def test_a_template_that_refuses_one_side_leaves_out_the_pair() -> None:
    picky = TemplateEncode(
        TOKENIZER,
        "{% for m in messages %}{% if m.content == 'no' %}{{ raise_exception('I will not') }}{% endif %}"
        "<|im_start|>{{ m.content }}<|im_end|>{% endfor %}",
    )
    data, report = encoded([pair("a", "no"), pair("a", "b")], encode=picky)
    assert len(data.training()) == 1
    assert [reason.startswith("I will not") for reason in report.unwritten] == [True]
    picky.close()


def test_a_whole_pair_is_held_back(tmp_path: Path) -> None:
    data, _ = encoded([pair(f"good {n}", f"bad {n}") for n in range(20)], share=0.1)
    assert (len(data.training()), len(data.held_back()), data.split) == (18, 2, 18)
    data.save(tmp_path)
    again = PreferenceData.load(tmp_path, data.split)
    for before, after in ((data.training(), again.training()), (data.held_back(), again.held_back())):
        assert all(np.array_equal(a, b) for a, b in zip(before.batch([1, 0]), after.batch([1, 0]), strict=True))
    assert learnt(again.held_back().batch([1])[1]) == ["good 19<|im_end|>", "bad 19<|im_end|>"]


def test_real_pairs(data: Callable[..., Path]) -> None:
    rows = json.loads(next(data("preference-basic").glob("*.json")).read_text("utf-8"))
    pairs = [
        Preference(
            (Message("user", row["instruction"]),),
            (Message("assistant", row["chosen"]),),
            (Message("assistant", row["rejected"]),),
        )
        for row in rows[:200]
    ]
    found, report = encoded(pairs, length=600)
    left_out = report.alike + report.unlearnt + report.too_long_pairs
    assert len(found.training()) + left_out == 200
