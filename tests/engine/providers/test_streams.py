"""What providers send: cut at every byte, broken, deep, and of the wrong kinds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.providers import streams

Reader = Callable[[httpx2.Response], Iterator[dict[str, Any]]]


class _Pieces(httpx2.SyncByteStream):
    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)


def read(reader: Reader, *pieces: bytes) -> list[dict[str, Any]]:
    stream = _Pieces(list(pieces))
    return list(reader(httpx2.Response(200, stream=stream, extensions={"provider": "box"})))


def test_a_web_page_is_no_stream_of_events() -> None:
    page = httpx2.Response(200, html="<p>It works!</p>", extensions={"provider": "box"})
    with pytest.raises(EngineError, match="box answered what cannot be understood"):
        list(streams.server_sent(page))


EVENTS = (
    b": a comment\r\n"
    b'data: {"a": "\xc3\xa4"}\r\n\r\n'
    b'event: x\nid: 1\ndata:{"b":\ndata: 2}\n\n'
    b"data:\n\n"
    b"\n\n"
    b'data: {"c": 3}\r\r'
    b'error: {"message": "m"}\n\n'
    b'data: {"d": 4}\n\n'
    b"data: [DONE]\n\n"
    b'data: {"after": 1}\n\n'
)
READ = [{"a": "ä"}, {"b": 2}, {"c": 3}, {"error": {"message": "m"}}, {"d": 4}]


def test_events_are_the_same_wherever_they_are_cut() -> None:
    assert read(streams.server_sent, EVENTS) == READ
    for cut in range(len(EVENTS)):
        assert read(streams.server_sent, EVENTS[:cut], EVENTS[cut:]) == READ
    assert read(streams.server_sent, *(bytes([byte]) for byte in EVENTS)) == READ


LINES = b'{"a": "\xc3\xa4"}\r\n\n  \n{"b": 2}\n{"done": true}\n'


def test_lines_are_the_same_wherever_they_are_cut() -> None:
    for cut in range(len(LINES)):
        assert read(streams.json_lines, LINES[:cut], LINES[cut:]) == [{"a": "ä"}, {"b": 2}, {"done": True}]


@pytest.mark.parametrize(
    ("reader", "whole"), [(streams.server_sent, b'data: {"a": "xy"}\n\n'), (streams.json_lines, b'{"a": "xy"}\n')]
)
def test_what_is_cut_off_is_left_out(reader: Reader, whole: bytes) -> None:
    """That it is cut is for the dialect to see, which knows how a reply ends."""
    for cut in range(1, len(whole)):
        assert read(reader, whole, whole[:cut]) in ([{"a": "xy"}], [{"a": "xy"}, {"a": "xy"}])
    assert read(reader, whole, whole.rstrip()) == [{"a": "xy"}, {"a": "xy"}]  # only its end is missing
    assert read(reader, whole, whole.rstrip()[:-1]) == [{"a": "xy"}]
    assert read(reader) == []


DEEP = b'{"a":' * 65 + b"1" + b"}" * 65
STRANGE = [
    b"no",
    b"[1]",
    b"1",
    b"null",
    b'"x"',
    b"{",
    b'{"a": }',
    b"[" * 100_000,
    DEEP,
    b'{"a": 1}x',
    b'{"n": %s}' % (b"9" * 5000),
]


@pytest.mark.parametrize("content", STRANGE, ids=range(len(STRANGE)))
def test_what_is_no_object_is_a_sentence(content: bytes) -> None:
    for reader, said in ((streams.server_sent, b"data: %s\n\n"), (streams.json_lines, b"%s\n{}\n")):
        with pytest.raises(EngineError, match="box answered what cannot be understood") as raised:
            read(reader, said % content)
        assert raised.value.code == "provider_strange"


def test_brackets_in_texts_are_not_depth() -> None:
    assert streams.parsed(json.dumps({"a": '"[{\\' * 1000})) == {"a": '"[{\\' * 1000}
    assert streams.parsed(json.dumps([[1]] * 1000)) == [[1]] * 1000
    for depth in (streams.DEEPEST, streams.DEEPEST + 1):
        text = "[" * depth + "]" * depth
        if depth > streams.DEEPEST:
            with pytest.raises(ValueError, match="deep"):
                streams.parsed(text)
        else:
            streams.parsed(text)


def test_an_event_of_many_lines_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LARGEST_EVENT", 1000)
    with pytest.raises(EngineError) as raised:
        read(streams.server_sent, b"data: 1,\n" * 1000)
    assert raised.value.code == "provider_too_much"


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)
STEPS = st.lists(st.sampled_from("abc") | st.integers(-3, 3), max_size=3)


@settings(max_examples=300, deadline=None)
@given(ANY, STEPS)
def test_readers_give_what_they_promise_or_nothing(data: Any, path: list[str | int]) -> None:
    number, whole = streams.number(data, *path), streams.whole(data, *path)
    assert number is None or number * 0 == 0
    assert whole is None or (type(whole) is int and whole >= 0)
    assert isinstance(streams.text(data, *path), str | None)
    assert isinstance(streams.flag(data, *path), bool | None)
    assert isinstance(streams.items(data, *path), list)
    assert isinstance(streams.part(data, *path), dict)


def test_readers() -> None:
    data = streams.parsed('{"a": [{"t": "x", "n": 2.0, "b": true, "i": NaN, "h": -1, "big": 1e400, "l": "\\ud800"}]}')
    assert streams.text(data, "a", 0, "t") == "x"
    assert (streams.number(data, "a", 0, "n"), streams.whole(data, "a", 0, "n")) == (2.0, 2)
    assert streams.flag(data, "a", 0, "b") is True
    assert (streams.number(data, "a", 0, "b"), streams.text(data, "a", 0, "n")) == (None, None)
    assert [streams.number(data, "a", 0, name) for name in ("i", "big", "t", "none")] == [None] * 4
    assert streams.whole(data, "a", 0, "h") is None
    assert streams.number({"n": 10**400}, "n") is None
    assert streams.text(data, "a", 0, "l") == "\ufffd"  # half a pair cannot be written anywhere
    assert streams.text(streams.parsed('{"t": "\\ud83d\\ude00"}'), "t") == "😀"
    assert streams.items(data, "a")[0] == streams.part(data, "a", 0)
    assert streams.value(data, "a", 5, "t") is None
