"""Chunks of a reply: what is said, thought and counted in them, whatever else they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from engine.errors import EngineError
from engine.events import TextDelta, ThinkingDelta
from engine.providers.base import Ended, Provider, Usage
from engine.providers.openai_reply import Reading

HERE = Provider("here", "compatible", "http://127.0.0.1:1")


def chunk(finish: Any = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def read(chunks: Sequence[Any], continued: bool = False) -> tuple[str, str, Ended]:
    """What was thought and said, in events that all hold some of it, and the end."""
    reading = Reading(HERE, "small", continued)
    *events, ended = [event for found in chunks for event in reading.chunk(found)] + list(reading.end())
    assert isinstance(ended, Ended)
    said = {TextDelta: "", ThinkingDelta: ""}
    for event in events:
        assert isinstance(event, TextDelta | ThinkingDelta)
        assert event.text
        said[type(event)] += event.text
    return said[ThinkingDelta], said[TextDelta], ended


def pieces_of(text: str, size: int) -> list[dict[str, Any]]:
    return [chunk(content=text[at : at + size]) for at in range(0, len(text), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    ("written", "thought", "said"),
    [
        ("<think>\nWell. 1 < 2\n</think>\n\nHello.", "Well. 1 < 2\n", "Hello."),
        ("\n\n<think>Well.</think>Hello.", "Well.", "Hello."),
        ("<think></think>Hello.", "", "Hello."),
        ("<think>and then nothing </thin", "and then nothing </thin", ""),
        ("Hello. <think>is a tag</think>", "", "Hello. <think>is a tag</think>"),
        ("<thinker> said", "", "<thinker> said"),
        ("  indented", "", "  indented"),
        ("<thi", "", "<thi"),
        ("<think>a</think>b</think>c<think>d", "a", "b</think>c<think>d"),
        ("", "", ""),
    ],
)
def test_tags_of_thinking_at_the_beginning_are_told_from_the_reply(
    size: int, written: str, thought: str, said: str
) -> None:
    assert read([*pieces_of(written, size), chunk("stop")])[:2] == (thought, said)


def test_tags_in_a_reply_that_is_gone_on_with_are_text() -> None:
    pieces = [*pieces_of("<think> is how it begins", 4), chunk("stop")]
    assert read(pieces, continued=True)[:2] == ("", "<think> is how it begins")


def test_a_character_in_two_halves_comes_whole() -> None:
    """JSON writes 😀 as two escapes, which tokens may tear apart."""
    reading = Reading(HERE, "small")
    texts = [
        event.text
        for piece in ("Oh \ud83d", "\ude00 yes", "\ud83d")
        for event in reading.chunk(chunk(content=piece))
        if isinstance(event, TextDelta)
    ]
    assert texts == ["Oh ", "😀 yes"]
    list(reading.chunk(chunk("stop")))
    assert list(reading.end()) == [TextDelta("\ufffd"), Ended("stop")]


def test_what_is_thought_is_said_once_though_it_comes_by_two_names() -> None:
    """vLLM's `DeltaMessage` copies `reasoning` to `reasoning_content`."""
    assert read([chunk(reasoning="Hm.", reasoning_content="Hm."), chunk("stop")])[0] == "Hm."


def test_thinking_and_text_may_be_parts_of_a_list() -> None:
    """docs.mistral.ai, "Reasoning": `content` of Magistral."""
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}, None, {"text": 3}]}
    parts = [thinking, {"type": "text", "text": "Hi."}, {"type": "reference"}, 7, None]
    assert read([chunk(content=parts), chunk("stop", content="")])[:2] == ("Hm.", "Hi.")


@pytest.mark.parametrize(
    "strange",
    [
        {},
        {"choices": None},
        {"choices": []},
        {"choices": "abc"},
        {"choices": [None]},
        {"choices": [["delta"]]},
        {"choices": {"0": 1}},
        {"choices": [{"delta": None}]},
        {"choices": [{"delta": {"content": 7, "reasoning": ["x"], "refusal": {}}}]},
        {"choices": [{"delta": {"content": None}, "finish_reason": 3}]},
        {"choices": [], "usage": "many", "model": 4, "timings": []},
        {"choices": [], "usage": {"prompt_tokens": -5, "completion_tokens": 1e300}},
        {"choices": [], "usage": {"prompt_tokens": True, "completion_tokens": float("nan")}},
        {"choices": [], "usage": {"prompt_tokens": 10**400, "completion_tokens": "7"}},
        {"choices": [], "timings": {"prompt_ms": -1.0, "predicted_ms": float("inf")}},
    ],
)
def test_values_of_wrong_types_are_as_good_as_absent(strange: Any) -> None:
    assert read([strange, chunk("stop", content="Hi.")]) == ("", "Hi.", Ended("stop", Usage(), None))


@pytest.mark.parametrize("strange", [None, 3, "text", [], [{"choices": []}]])
def test_what_is_no_object_cannot_be_understood(strange: Any) -> None:
    with pytest.raises(EngineError) as caught:
        read([strange])
    assert caught.value.code == "provider_strange"


@pytest.mark.parametrize(
    ("finish", "reason"),
    [("stop", "stop"), ("length", "length"), ("content_filter", "refused"), ("tool_calls", "stop"), ("else", "stop")],
)
def test_why_it_ended(finish: str, reason: str) -> None:
    assert read([chunk(finish)])[2].reason == reason


@pytest.mark.parametrize("finish", [None, "abort", "error"])
def test_a_reply_without_a_proper_end_was_cut(finish: str | None) -> None:
    """SGLang says `abort`, OpenRouter `error`."""
    with pytest.raises(EngineError) as caught:
        read([chunk(finish, content="Hel")])
    assert caught.value.code == "provider_cut"


def test_a_refusal_is_text_and_the_reason() -> None:
    """OpenAI's `refusal` comes in the place of `content`."""
    _, said, ended = read([chunk(refusal="I cannot "), chunk(refusal="do that."), chunk("stop")])
    assert said == "I cannot do that."
    assert ended.reason == "refused"
