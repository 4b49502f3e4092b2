"""Events survive the wire, whatever they hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import events
from engine.events import (
    Check,
    Event,
    Failed,
    Finished,
    Fit,
    HubRepo,
    Log,
    Measured,
    Metric,
    Model,
    Progress,
    Sample,
    Server,
    Started,
    TextDelta,
    ThinkingDelta,
    TokenChoice,
    TokenSample,
    Waiting,
    from_json,
    to_line,
)
from engine.runtime.base import RuntimeInfo

EXAMPLES: list[Event] = [
    HubRepo("org/name", {"licence": "mit"}),
    Started("train", {"run": "runs/1"}),
    Progress(3, 10, "tokens", "reading"),
    Waiting(),
    Server("desk", "ollama", "http://127.0.0.1:11434", None, {"reach": "machine"}),
    ThinkingDelta("Hm, 🌱"),
    TextDelta("Grüße 🌱\n\u2028"),
    TokenChoice("the", 0.5, (("a", 0.25), ("an", 0.125)), 7),
    Fit(9, {"weights": 4}, 20, 5, 50, 1.5, 300.0, {"recompute": [False, "there is room"]}),
    Metric(3, {"loss": 1.5}),
    Sample(3, "Once upon a time"),
    Measured("decode", "Seedling", "tokens/s", 2.0, 0.5, [1.0, 2.0, 3.0], {"bare loop": 0.98}),
    TokenSample(1, "chosen", [{"text": "Hi", "trained": True}], 1, 1),
    Log("warning", "slow"),
    Model("starter", "/models/starter.gguf", "gguf", "llama", True, None, {"size_bytes": 1}),
    Check("disk", "warning", "1 GB free", "Free some space."),
    Finished("stop", {"tokens": [1, 2, 3], "stop": None}),
    Failed("disk_full", {"place": "/full"}, "detail"),
]


def test_every_kind_has_an_example() -> None:
    assert {type(event) for event in EXAMPLES} == set(events.KINDS.values())


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_from_the_wire(event: Event) -> None:
    assert from_json(json.loads(to_line(event))) == event
    assert from_json(event.to_json()) == event


def test_the_wire_is_one_ascii_line_with_the_id_first() -> None:
    line = to_line(TextDelta("ä\n\u2028\ud800"), id=7)
    assert line == b'{"id": 7, "event": "TextDelta", "text": "\\u00e4\\n\\u2028\\ud800"}\n'


@given(st.text())
def test_any_text_comes_back(text: str) -> None:
    assert from_json(json.loads(to_line(TextDelta(text)))) == TextDelta(text)


@pytest.mark.parametrize(
    ("value", "on_the_wire"),
    [
        (float("nan"), None),
        (float("-inf"), None),
        (np.float32("nan"), None),
        (np.float32(1.5), 1.5),
        (np.int64(3), 3),
        (True, True),
        (b"\xff\x00A", "\ufffd\x00A"),
        ((1, (2, float("inf"))), [1, [2, None]]),
        ({3: {"x": float("nan")}}, {"3": {"x": None}}),
        (Path("a"), "a"),
    ],
)
def test_what_json_has_not_becomes_the_nearest_it_has(value: Any, on_the_wire: Any) -> None:
    line = to_line(Finished("done", {"value": value}))
    assert json.loads(line, parse_constant=pytest.fail)["stats"] == {"value": on_the_wire}


def test_a_dataclass_within_an_event_becomes_an_object() -> None:
    info = RuntimeInfo("n", "a", "gpt", 1, 2, 3, 4, 5, "f00d", None, "", "", False)
    assert json.loads(to_line(Finished("loaded", {"info": info})))["stats"]["info"]["fingerprint"] == "f00d"


def test_a_newer_field_is_ignored_and_an_older_one_takes_its_default() -> None:
    assert from_json({"event": "Progress", "done": 1, "total": 2, "colour": "red"}) == Progress(1, 2)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"event": "Martian"},
        {"event": ["Finished"]},
        {"event": None},
        {"event": "Event"},
        {"event": "TextDelta"},
        {"event": "TokenChoice", "token": "a", "probability": 1.0, "start": 0},
        {"event": "TokenChoice", "token": "a", "probability": 1.0, "start": 0, "alternatives": [["a"]]},
        {"event": "TokenChoice", "token": "a", "probability": 1.0, "start": 0, "alternatives": 3},
        [],
        None,
        "Finished",
    ],
)
def test_anything_else_is_refused(data: Any) -> None:
    with pytest.raises(ValueError):
        from_json(data)
