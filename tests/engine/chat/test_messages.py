"""Messages and options, on their way through JSON."""

from __future__ import annotations

import json

import pytest

from engine.chat.messages import ChatOptions, Message, valid_unicode
from engine.errors import EngineError
from engine.runtime.base import Sampling


def test_a_message_survives_json() -> None:
    for message in (Message("user", "hi é\0"), Message("assistant", "x", (1, 2), "f00d"), Message("system", "", ())):
        assert Message.from_json(json.loads(json.dumps(message.to_json()))) == message


@pytest.mark.parametrize(
    "data", [{}, {"role": "tool", "content": ""}, {"role": "user"}, {"role": "user", "content": 1}]
)
def test_what_is_no_message_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a message"):
        Message.from_json(data)


def test_surrogates_become_characters() -> None:
    assert valid_unicode("\ud83d\ude42 \ud800 é \ufeff\0") == "🙂 \ufffd é \ufeff\0"


def test_options_from_json() -> None:
    assert ChatOptions.from_json({}) == ChatOptions()
    options = ChatOptions.from_json({"temperature": 0, "top_k": 5, "seed": None, "max_tokens": 9})
    assert options == ChatOptions(Sampling(temperature=0, top_k=5), 9)
    assert not options.choices
    assert ChatOptions.from_json({"choices": True}).choices


@pytest.mark.parametrize(
    "data",
    [
        {"max_tokens": 0},
        {"max_tokens": 1.5},
        {"temperature": -1},
        {"top_k": "5"},
        {"top_p": 2},
        {"colour": "red"},
        {"choices": 1},
    ],
)
def test_an_option_that_cannot_be_is_named(data: dict[str, object]) -> None:
    with pytest.raises(EngineError) as caught:
        ChatOptions.from_json(data)
    assert caught.value.code == "bad_option"
    assert next(iter(data)) in str(caught.value)
